// The servers that are measured, each on core 0: ours from tables and from memory, and the peer, on
// a store in SQLite and on one in PostgreSQL.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { connectionOf, preparePeer } from "./peer_store.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
// What a server that answers from memory may keep of lists.
export const memoryBytes = 2_000_000_000;
const children = [];

// Those that were started last first: a server before its store.
export async function stopAll() {
  for (const child of children.reverse()) {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
  }
}

// What runs a command on one core, where there is more than one.
export function onCore(core, command, args) {
  return availableParallelism() > 1 ? ["taskset", ["-c", `${core}`, command, ...args]]
    : [command, args];
}

// Starts a program and waits for the line that has its address.
async function start(pattern, core, command, args, env = {}) {
  const child = spawn(...onCore(core, command, args), { stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production", ...env } });
  children.push(child);
  child.stdin.write("\n");
  for await (const line of createInterface({ input: child.stdout })) {
    const match = pattern.exec(line);
    if (match) {
      child.stdout.resume();
      return match[1];
    }
  }
  throw new Error(`${command} ended`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// A store with the data of one company, and how commands reach it.
class Store {
  constructor(options, name, address) {
    this.options = options;
    this.name = name;
    this.address = address;
    this.env = name === "SQLite" ? {} : { MATRICULA_KEY_FILE: join(options.dir, "keys-postgres") };
  }

  run(...args) {
    const done = spawnSync(this.options.binary, args, { encoding: "utf8", maxBuffer: 1 << 28,
      env: { ...process.env, ...this.env } });
    if (done.status !== 0) {
      throw new Error(`matricula ${args.join(" ")}: ${done.stderr}`);
    }
    return done.stdout;
  }

  // Fills it where it was not.
  async fill() {
    const { dir, learners, companies = "1" } = this.options;
    const data = join(dir, `data-${learners}-${companies}`);
    if (!existsSync(data)) {
      this.run("generate", "--out", data, "--companies", companies, "--learners", learners, "--quiet");
    }
    this.companies = readFileSync(join(data, "companies.ndjson"), "utf8").trim().split("\n")
      .map((line) => JSON.parse(line).id);
    const filled = `${this.address.slice("sqlite:".length)}.filled`;
    if (this.name === "SQLite" && existsSync(filled)) {
      return;
    }
    if (this.address.includes("//matricula_owner@")) {
      this.run("migrate", "--store", this.address, "--app-role", "matricula_app", "--quiet");
    }
    this.run("import", "--store", this.address, data, "--quiet");
    if (this.name === "SQLite") {
      writeFileSync(filled, "");
    } else {
      await this.vacuum();
    }
  }

  // As autovacuum leaves a store that has been there for a while.
  async vacuum() {
    const { default: pg } = await import("pg");
    const client = new pg.Client(connectionOf(this.address));
    await client.connect();
    await client.query("VACUUM (ANALYZE)");
    await client.end();
  }

  newToken(company) {
    return JSON.parse(this.run("token", "create", "--store", this.address, "--company", company,
      "--description", "workloads", "--json")).token;
  }

  // Ours; `memory` is how many bytes of lists it may keep.
  async serve(kind, memory) {
    const token = this.newToken(this.companies[0]);
    const served = this.address.replace("//matricula_owner@", "//matricula_app@");
    const url = await start(/^listening on (\S+)$/, 0, this.options.binary, ["serve", "--store",
      served, "--listen", "127.0.0.1:0", "--rate-limit", "0", "--threads", "1",
      "--read-model-bytes", `${memory}`, "--log-level", "warning"], this.env);
    return { name: `Matricula, ${this.name}, from ${kind}`, kind, store: this.name, url,
      token };
  }

  async servePeer() {
    const address = await preparePeer(this.address.replace(/^sqlite:/, ""));
    const url = await start(/^listening on (\S+)$/, 0, process.execPath,
      [join(here, "peer.mjs"), address, this.companies[0], `${await freePort()}`]);
    return { name: `Mercurius, ${this.name}`, kind: "peer", store: this.name, url, token: "x" };
  }
}

// The sides of one store, the peer last.
async function sidesOf(store, { withPeer, withMemory }) {
  await store.fill();
  const sides = [await store.serve("tables", 0)];
  if (withMemory) {
    sides.push(await store.serve("memory", memoryBytes));
  }
  if (withPeer) {
    sides.push(await store.servePeer());
  }
  return sides;
}

// The stores that are asked for. PostgreSQL is on the core of those who ask.
export async function openStores(options, files) {
  const stores = [];
  if (options.stores.includes("sqlite")) {
    stores.push(new Store(options, "SQLite", `sqlite:${join(options.dir, files)}`));
  }
  if (options.stores.includes("postgres")) {
    const address = options.postgres ?? await start(/^(postgresql:\S+)$/, 1, options.cluster, []);
    stores.push(new Store(options, "PostgreSQL", address));
  }
  return stores;
}

export async function startSides(options) {
  const sides = [];
  for (const store of await openStores(options, `store-${options.learners}.db`)) {
    sides.push(...await sidesOf(store, options));
  }
  return sides;
}

// Until all that was asked for is there to be served from memory.
export async function waitUntilLoaded(side) {
  for (let i = 0; i < 3_000; ++i) {
    const text = await (await fetch(`${side.url}/metrics`)).text();
    if (!/^matricula_read_model_companies 0$/m.test(text) &&
        /^matricula_read_model_waiting 0$/m.test(text)) {
      return;
    }
    await sleep(100);
  }
  throw new Error(`${side.name}: not all was loaded in five minutes`);
}
