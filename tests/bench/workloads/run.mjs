// The seven workloads against the server, and against the peer on the same data: requests a second
// and ratios. The server runs on one core, wrk on another.
//
//   node run.mjs --binary PATH [--learners 20000] [--seconds 3] [--rounds 3] [--dir DIR]
//     [--workloads P50,MIX] [--connections 32] [--postgres postgresql://OWNER@HOST/DB] [--no-peer]
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";

import { listQuery, makeRequests } from "./requests.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values: options } = parseArgs({ options: {
  binary: { type: "string" },
  learners: { type: "string", default: "20000" },
  seconds: { type: "string", default: "3" },
  rounds: { type: "string", default: "3" },
  connections: { type: "string", default: "32" },
  workloads: { type: "string", default: "P50,P100d,PSMALL,PCOUNT,PSEARCH,CAT,MIX" },
  dir: { type: "string", default: join(here, "../../../build/bench/workloads") },
  postgres: { type: "string" },
  "no-peer": { type: "boolean", default: false },
  compared: { type: "string", default: "40" },
} });
const path = (endpoint) => `/api/public/api/v1/${endpoint}/graphql`;
const children = [];

function run(...args) {
  const done = spawnSync(options.binary, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) {
    throw new Error(`matricula ${args.join(" ")}: ${done.stderr}`);
  }
  return done.stdout;
}

// Fills a store where there is none, and makes a token for its company.
function prepare(store, data) {
  if (!existsSync(data)) {
    run("generate", "--out", data, "--companies", "1", "--learners", options.learners);
  }
  run("import", "--store", store, data);
  return JSON.parse(readFileSync(join(data, "companies.ndjson"), "utf8").split("\n")[0]).id;
}

// Starts a program on core 0 and waits for its line.
async function start(pattern, command, ...args) {
  const child = spawn("taskset", ["-c", "0", command, ...args],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NODE_ENV: "production" } });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const match = pattern.exec(line);
    if (match) {
      child.stdout.resume();
      return { child, url: match[1] };
    }
  }
  throw new Error(`${command} ended`);
}

async function ask(side, { endpoint, query, variables }) {
  const response = await fetch(side.url + path(endpoint), {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Token ${side.token}` },
    body: JSON.stringify({ query, variables }),
  });
  const body = await response.json();
  if (response.status !== 200 || body.errors) {
    throw new Error(`${side.name}: ${response.status} ${JSON.stringify(body).slice(0, 400)}`);
  }
  return body.data;
}

// Cursors and values that requests are made of, as this side writes cursors.
async function survey(side) {
  const cursors = [];
  const rows = [];
  let after;
  for (;;) {
    const data = await ask(side, { endpoint: "program-progress",
      query: listQuery("userEmail userFirstName userLastName programKey learningPlanId updatedAt",
        "pageInfo { hasNextPage endCursor }"),
      variables: { input: { first: 100, after } } });
    const { pageInfo, edges } = data.programProgress;
    rows.push(...edges.slice(0, 5).map((edge) => edge.node));
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage) {
      break;
    }
    cursors.push(after);
    if (cursors.length >= 600) {
      break;
    }
  }
  const each = (name) => [...new Set(rows.map((row) => row[name]))].filter(Boolean).sort();
  return { cursors, programs: each("programKey"), plans: each("learningPlanId"),
    dates: each("updatedAt"), seed: 7, people: rows.map((row) => (
      { email: row.userEmail, first: row.userFirstName, last: row.userLastName })) };
}

const withoutCursors = (data) => JSON.parse(JSON.stringify(data, (key, value) =>
  (key === "endCursor" ? undefined : value)));

async function compare(name, ours, theirs, first, second) {
  const step = Math.max(1, Math.floor(first.length / Number(options.compared)));
  for (let i = 0; i < first.length; i += step) {
    const [a, b] = await Promise.all([ask(ours, first[i]), ask(theirs, second[i])]);
    if (!isDeepStrictEqual(withoutCursors(a), withoutCursors(b))) {
      throw new Error(`${name}: ${ours.name} and ${theirs.name} differ: ` +
        JSON.stringify(first[i].variables));
    }
  }
}

// One run of wrk: requests a second, failed ones, p99 in ms.
function measure(side, file) {
  const done = spawnSync("taskset", ["-c", "1", "wrk", "-t1", `-c${options.connections}`,
    `-d${options.seconds}s`, "--timeout", "15s", "-s", join(here, "wrk.lua"), side.url],
  { encoding: "utf8", env: { ...process.env, WORKLOAD_FILE: file, WORKLOAD_TOKEN: side.token } });
  const match = /^result (\d+) (\d+) (\d+) (\d+)$/m.exec(done.stdout);
  if (!match) {
    throw new Error(`wrk: ${done.stdout}${done.stderr}`);
  }
  const [requests, micros, failed, p99] = match.slice(1).map(Number);
  return { rate: (requests - failed) / (micros / 1e6), failed, p99: p99 / 1000 };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function serve(name, store) {
  const company = prepare(store, join(options.dir, `data-${options.learners}`));
  const made = JSON.parse(run("token", "create", "--store", store, "--company", company,
    "--description", "workloads", "--json"));
  const side = await start(/^listening on (\S+)$/, options.binary, "serve", "--store", store,
    "--listen", "127.0.0.1:0", "--rate-limit", "0", "--threads", "1", "--log-level", "warning");
  return { name, token: made.token, company, ...side };
}

async function main() {
  mkdirSync(options.dir, { recursive: true });
  const file = join(options.dir, `store-${options.learners}.db`);
  const sides = [];
  const sqlite = await serve("Matricula, SQLite", `sqlite:${file}`);
  sides.push(sqlite);
  if (options.postgres) {
    sides.push(await serve("Matricula, PostgreSQL", options.postgres));
  }
  if (!options["no-peer"]) {
    const port = 20_000 + (process.pid % 20_000);
    const peer = await start(/^(listening)$/, process.execPath, join(here, "peer.mjs"), file,
      sqlite.company, String(port));
    sides.push({ name: "Mercurius, SQLite", token: "x", child: peer.child,
      url: `http://127.0.0.1:${port}` });
  }
  const requests = [];
  for (const side of sides) {
    requests.push(makeRequests(await survey(side)));
  }
  const table = [];
  for (const name of options.workloads.split(",")) {
    for (let i = 1; i < sides.length; ++i) {
      await compare(name, sides[0], sides[i], requests[0][name], requests[i][name]);
    }
    const rates = sides.map(() => []);
    const failed = sides.map(() => 0);
    for (let round = 0; round < Number(options.rounds); ++round) {
      for (const [i, side] of sides.entries()) {
        const list = join(options.dir, "requests.tsv");
        writeFileSync(list, requests[i][name].map(({ endpoint, query, variables }) =>
          `${path(endpoint)}\t${JSON.stringify({ query, variables })}\n`).join(""));
        const result = measure(side, list);
        rates[i].push(result.rate);
        failed[i] += result.failed;
      }
    }
    const medians = rates.map(median);
    table.push({ name, medians, failed });
    console.log([name.padEnd(8), ...sides.map((side, i) => {
      const ratio = medians[i] / medians.at(-1);
      return `${side.name} ${medians[i].toFixed(0)}/s${failed[i] ? ` (${failed[i]} failed)` : ""}` +
        (i + 1 < sides.length && !options["no-peer"] ? ` = ${ratio.toFixed(2)}x` : "");
    })].join("  "));
  }
}

try {
  await main();
} finally {
  for (const child of children) {
    child.kill("SIGTERM");
  }
  rmSync(join(options.dir, "requests.tsv"), { force: true });
}
