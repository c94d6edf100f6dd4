// The seven workloads against the server, and against the peer on the same data: requests a second
// and ratios, with their bounds. The servers run on one core, wrk and PostgreSQL on another.
//
//   node run.mjs --binary PATH [--learners 20000] [--seconds 3] [--rounds 3] [--dir DIR]
//     [--workloads P50,MIX] [--connections 32] [--compared 40] [--no-peer] [--no-memory]
//     [--stores sqlite,postgres] [--cluster PROGRAM | --postgres postgresql://OWNER@HOST/DB]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";

import { measure, path } from "./measure.mjs";
import { listQuery, makeRequests } from "./requests.mjs";
import { startSides, stopAll, waitUntilLoaded } from "./sides.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({ options: {
  binary: { type: "string" },
  learners: { type: "string", default: "20000" },
  seconds: { type: "string", default: "3" },
  rounds: { type: "string", default: "3" },
  connections: { type: "string", default: "32" },
  workloads: { type: "string", default: "P50,P100d,PSMALL,PCOUNT,PSEARCH,CAT,MIX" },
  dir: { type: "string", default: join(here, "../../../build/bench/workloads") },
  stores: { type: "string", default: "sqlite" },
  postgres: { type: "string" },
  cluster: { type: "string",
    default: fileURLToPath(new URL("../../../build/bench/tests/e2e/postgres_cluster",
      import.meta.url)) },
  "no-peer": { type: "boolean", default: false },
  "no-memory": { type: "boolean", default: false },
  compared: { type: "string", default: "40" },
} });
const options = { ...values, stores: values.stores.split(","), withPeer: !values["no-peer"],
  withMemory: !values["no-memory"] };
// What the ratio to the peer on the same store must reach.
const bounds = {
  tables: { P50: 2, P100d: 1.3, PSMALL: 2, PCOUNT: 1, PSEARCH: 1, CAT: 2, MIX: 1.2 },
  "memory, SQLite": { P50: 11, P100d: 16, PSMALL: 8, PCOUNT: 45, PSEARCH: 45, CAT: 14, MIX: 15 },
  "memory, PostgreSQL": { P50: 6, P100d: 8, PSMALL: 4, PCOUNT: 10, PSEARCH: 15, MIX: 8 },
};

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

// Some 400 cursors and 3,000 people spread over the list, as this side writes cursors.
async function survey(side) {
  const fields = "userEmail userFirstName userLastName programKey learningPlanId updatedAt";
  const page = async (input, selection) => (await ask(side, { endpoint: "program-progress",
    query: listQuery(fields, selection), variables: { input } })).programProgress;
  const { totalCount } = await page({ first: 1 }, "totalCount");
  const first = Math.min(1_000, Math.ceil(totalCount / 400));
  const cursors = [];
  const rows = [];
  for (let after; ;) {
    const { pageInfo, edges } = await page({ first, after },
      "pageInfo { hasNextPage endCursor }");
    rows.push(...edges.filter((_, i) => i % Math.ceil(first / 8) === 0).map((edge) => edge.node));
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage) {
      break;
    }
    cursors.push(after);
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

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function ratioText(name, side, rate, peerRate) {
  const bound = (bounds[side.kind] ?? bounds[`${side.kind}, ${side.store}`])[name];
  const ratio = rate / peerRate;
  const verdict = bound === undefined ? "no bound"
    : `bound ${bound}${ratio < bound ? ", missed" : ""}`;
  return ` = ${ratio.toFixed(2)} of the peer's (${verdict})`;
}

// Measures one workload on all sides in turns and prints a line for each; how many requests failed.
async function measureAll(name, sides, requests) {
  const results = sides.map(() => []);
  const { dir, connections, seconds } = options;
  for (let round = 0; round < Number(options.rounds); ++round) {
    for (const [i, side] of sides.entries()) {
      if (round === 0) {
        // What is compiled at first use.
        await measure(side, requests[i][name], { dir, connections, seconds: 1 });
      }
      results[i].push(await measure(side, requests[i][name], { dir, connections, seconds }));
    }
  }
  const rates = results.map((each) => median(each.map(({ rate }) => rate)));
  let failures = 0;
  for (const [i, side] of sides.entries()) {
    const failed = results[i].reduce((sum, each) => sum + each.failed, 0);
    failures += failed;
    const peer = sides.findIndex((each) => each.kind === "peer" && each.store === side.store);
    console.log(`${name.padEnd(8)}${side.name.padEnd(36)}${rates[i].toFixed(0).padStart(7)}/s` +
      `  p99 ${median(results[i].map(({ p99 }) => p99)).toFixed(1).padStart(7)} ms` +
      (failed > 0 ? `  ${failed} FAILED` : "") +
      (peer >= 0 && peer !== i ? ratioText(name, side, rates[i], rates[peer]) : ""));
  }
  return failures;
}

async function main() {
  mkdirSync(options.dir, { recursive: true });
  const sides = await startSides(options);
  const requests = [];
  for (const side of sides) {
    requests.push(makeRequests(await survey(side)));
    if (side.kind === "memory") {
      // Of each list some, so that all are loaded.
      for (const request of requests.at(-1).MIX.filter((_, i) => i % 10 === 0)) {
        await ask(side, request);
      }
      await waitUntilLoaded(side);
    }
  }
  let failures = 0;
  for (const name of options.workloads.split(",")) {
    for (let i = 1; i < sides.length; ++i) {
      await compare(name, sides[0], sides[i], requests[0][name], requests[i][name]);
    }
    if (options.seconds === "0") {
      console.log(`${name.padEnd(8)}the same answers from ${sides.length} servers`);
    } else {
      failures += await measureAll(name, sides, requests);
    }
  }
  if (failures > 0) {
    throw new Error(`${failures} requests failed`);
  }
}

try {
  await main();
} finally {
  await stopAll();
}
