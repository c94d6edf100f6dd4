import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { answer, binary, cleanEnvironment, matricula, succeed } from "./cli.mjs";
import { keyFileOf, newStore, servedAs, settingsOf } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

export const endpoints = [
  "tokens",
  "catalog",
  "program-progress",
  "assessment-progress",
  "learning-plan-progress",
];

// A `matricula serve` that runs. Everything it prints is kept: `output` (lines of standard output)
// and `logs` (objects, one a line of standard error; text that is not JSON as {text}).
class Server {
  output = [];
  logs = [];

  constructor(child, store, cwd, env) {
    this.child = child;
    this.store = store;
    this.cwd = cwd;
    this.env = env;
    this.ended = once(child, "close").then(([status, signal]) => ({ status, signal }));
    this.lines = createInterface({ input: child.stdout });
    this.lines.on("line", (line) => this.output.push(line));
    createInterface({ input: child.stderr }).on("line", (line) => this.logs.push(parseLog(line)));
  }

  // Resolves to its URL when it takes requests, or rejects with what it said instead.
  async listening() {
    this.url = (await this.printed(/^listening on (\S+)$/))[1];
    this.port = Number(new URL(this.url).port);
    return this.url;
  }

  // The match of the first line on standard output that fits the pattern, waiting for it. Rejects
  // when the program ends without printing one.
  async printed(pattern) {
    while (true) {
      const match = this.output.map((line) => pattern.exec(line)).find(Boolean);
      if (match) {
        return match;
      }
      const more = await Promise.race([once(this.lines, "line"), this.ended]);
      if (!Array.isArray(more)) {
        const said = this.logs.map((entry) => entry.text ?? JSON.stringify(entry)).join("\n");
        throw new Error(`matricula serve ended with ${more.status ?? more.signal}:\n${said}`);
      }
    }
  }

  // Ends what still asks the server, before the server itself is ended: functions.
  clients = [];

  get keyFile() {
    return keyFileOf(this.store);
  }

  // The address of one of `endpoints`.
  endpoint(name) {
    return `${this.url}/api/public/api/v1/${name}/graphql`;
  }

  // A command of the same program on the same store: {status, stdout, stderr}.
  cli(args, options = {}) {
    return matricula([...args, "--store", this.store],
                     { cwd: this.cwd, ...options, env: { ...this.env, ...options.env } });
  }

  // The answer of a command with --json; a failure rejects.
  command(args, options = {}) {
    return answer([...args, "--store", this.store],
                  { cwd: this.cwd, ...options, env: { ...this.env, ...options.env } });
  }

  // A new API token for a company (by default the demo's), as its text.
  async token(company = this.credential?.companyId) {
    return (await this.command(["token", "create", "--company", company])).token;
  }

  // Makes a person who administers a company (by default the demo's), logs in, and gives the JWT.
  async userToken(company = this.credential?.companyId, email = "admin@example.com") {
    const password = "correct horse battery staple";
    await this.command(["user", "add", "--email", email, "--admin-of", company,
      "--password-stdin"], { input: `${password}\n` });
    const response = await fetch(`${this.url}/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    return (await response.json()).token;
  }

  // A value of Authorization that opens an endpoint for a company.
  async authorization(name, company) {
    return name === "tokens"
      ? `Bearer ${await this.userToken(company)}`
      : `Token ${await this.token(company)}`;
  }

  // Sends a GraphQL request and gives {status, headers, body}, the body parsed.
  async graphql(name, token, request, headers = {}) {
    const response = await fetch(this.endpoint(name), {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(token ? { Authorization: `Token ${token}` } : {}),
        ...headers,
      },
      body: JSON.stringify(request),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: await response.json(),
    };
  }

  // Sends a signal, by default the one that drains, and gives {status, signal} of its end.
  stop(signal = "SIGTERM") {
    this.child.kill(signal);
    return this.ended;
  }
}

function parseLog(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { text: line };
  }
}

// {companyId, clientId, clientSecret, curl} as `serve --demo` prints them.
async function demoCredential(server) {
  return {
    companyId: (await server.printed(/^Demo company (\S+)\./))[1],
    clientId: (await server.printed(/^ +clientId +(\S+)$/))[1],
    clientSecret: (await server.printed(/^ +clientSecret +(\S+)$/))[1],
    curl: (await server.printed(/^(curl .*)$/))[1],
  };
}

// Starts the program on a free port over a store of its own, and ends it with the
// test, whatever happens. Options:
//   demo   fill the store with the demo's company; `credential` then has what it printed
//   data   import this directory first
//   store  a store that is there already, in place of a new one
//   args   further options of `serve`; env: its environment; cwd: where it runs
// Rate limits are off, and the address is a free port of 127.0.0.1, unless `args` say otherwise.
export async function startServer(t, { demo = false, data, store, args = [], env = {}, cwd } = {}) {
  const directory = cwd ?? makeDirectory(t);
  const place = store ?? await newStore(directory);
  const settings = { ...settingsOf(place), ...env };
  if (data) {
    await succeed(["import", data, "--store", place, "--quiet"], { cwd: directory, env: settings });
  }
  // The demo's data are imported, which only the owner of a store may.
  const served = demo ? place : servedAs(place);
  const defaults = { "--listen": "127.0.0.1:0", "--rate-limit": "0" };
  const unless = Object.entries(defaults).filter(([option]) => !args.includes(option)).flat();
  const child = spawn(
    binary, ["serve", "--store", served, ...(demo ? ["--demo"] : []), ...unless, ...args],
    { cwd: directory, env: cleanEnvironment(settings), stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  const server = new Server(child, place, directory, settings);
  t.after(async () => {
    for (const close of server.clients) {
      await close();
    }
    kill();
    await server.ended;
    process.off("exit", kill);
  });
  await server.listening();
  if (demo) {
    server.credential = await demoCredential(server);
  }
  return server;
}
