// What a light query of one company waits while another company sends heavy ones without end: its
// p99 beside the p99 alone, with the bound.
//
//   node fairness.mjs --binary PATH [--learners 20000] [--seconds 5] [--connections 32] [--dir DIR]
//     [--stores sqlite,postgres] [--cluster PROGRAM | --postgres postgresql://OWNER@HOST/DB]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { measure } from "./measure.mjs";
import { listQuery } from "./requests.mjs";
import { memoryBytes, openStores, stopAll } from "./sides.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({ options: {
  binary: { type: "string" },
  learners: { type: "string", default: "20000" },
  seconds: { type: "string", default: "5" },
  connections: { type: "string", default: "32" },
  dir: { type: "string", default: join(here, "../../../build/bench/workloads") },
  stores: { type: "string", default: "sqlite,postgres" },
  postgres: { type: "string" },
  cluster: { type: "string",
    default: join(here, "../../../build/bench/tests/e2e/postgres_cluster") },
} });
const options = { ...values, companies: "2", stores: values.stores.split(",") };
const bound = 2;

const progress = (input, selection, fields = "userEmail programKey") =>
  ({ endpoint: "program-progress", query: listQuery(fields, selection), variables: { input } });
const light = [progress({ first: 5 }, "")];
// Searches for one letter, counted, and large pages.
const heavy = [..."aeionrst"].flatMap((letter) => [
  progress({ query: letter, first: 1_000 }, "totalCount"),
  progress({ first: 1_000, orderBy: "LAST_ACTIVE", filter: { programType: ["COURSE", "PART"],
    enrollmentStatus: ["ENROLLED", "GRADUATED"] } }, "totalCount pageInfo { hasPreviousPage }"),
]);

// The requests of `heavy` that failed, and p99 of the light ones alone and beside them, in ms.
// `memory` is how many bytes of lists the server may keep.
async function compare(store, kind, memory) {
  const side = await store.serve(kind, memory);
  const other = { ...side, token: store.newToken(store.companies[1]) };
  const { dir, seconds } = options;
  const one = { dir, seconds, connections: 1 };
  await measure(other, light, one);
  const alone = await measure(other, light, one);
  const flood = measure(side, heavy, { dir, connections: options.connections,
    seconds: Number(seconds) + 2, yields: true });
  await sleep(1_000);
  const beside = await measure(other, light, one);
  return { alone: alone.p99, beside: beside.p99, failed: beside.failed,
    failedHeavy: (await flood).failed };
}

try {
  mkdirSync(options.dir, { recursive: true });
  for (const store of await openStores(options, `fairness-${options.learners}.db`)) {
    await store.fill();
    for (const [kind, memory] of [["tables", 0], ["memory", memoryBytes]]) {
      const { alone, beside, failed, failedHeavy } = await compare(store, kind, memory);
      const ratio = beside / alone;
      console.log(`${store.name.padEnd(11)}from ${kind}: p99 of a light query ` +
        `${alone.toFixed(2)} ms alone, ${beside.toFixed(2)} ms beside ${options.connections} ` +
        `connections of another company's heavy ones = ${ratio.toFixed(2)} (bound ${bound}` +
        `${ratio > bound ? ", missed" : ""}); ${failed} of them failed, ${failedHeavy} of the ` +
        "heavy ones");
    }
  }
} finally {
  await stopAll();
}
