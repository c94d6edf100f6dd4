// What a light query of a small company waits while a large company's lists are loaded into memory,
// and while many of the large one's rows change: the p99 beside what it is alone, by turns, with the
// bound. Loads and changes are repeated until the slowest of the light queries are many.
//
//   node loading.mjs --binary PATH [--learners 460000] [--changes 100000] [--rounds 5] [--dir DIR]
//
// 460,000 learners have a million rows of program progress. Needs nothing but Node.js.
import { spawn } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { askLight, askWhile, closeConnections, defaultDir, median, openStore, p99, p99Of, say, startServer }
  from "./large_and_small.mjs";

const { values } = parseArgs({ options: {
  binary: { type: "string" },
  learners: { type: "string", default: "460000" },
  changes: { type: "string", default: "100000" },
  rounds: { type: "string", default: "5" },
  dir: { type: "string", default: defaultDir },
} });
const { binary, dir, learners } = values;
const [changes, rounds] = [values.changes, values.rounds].map(Number);
const bound = 1.5;
const aloneSeconds = 4;

async function metric(url, name) {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)[1]);
}

// Until the lists that were asked for are in memory.
async function untilLoaded(url) {
  while (await metric(url, "matricula_read_model_companies") === 0 ||
         await metric(url, "matricula_read_model_waiting") > 0) {
    await sleep(50);
  }
}

// Light queries until `done`: their p99, and how many seconds that was.
async function p99Until(url, token, done) {
  const began = performance.now();
  let going = true;
  done.finally(() => { going = false; });
  const waits = await askWhile(url, token, () => going);
  await done;
  return { p99: p99(waits), seconds: (performance.now() - began) / 1_000 };
}

// The large company's first records, with other hours.
async function writeChanges(large, path, hours) {
  const output = createWriteStream(path);
  let left = changes;
  for await (const line of createInterface({ input:
    createReadStream(join(large, "program_progress.ndjson")) })) {
    output.write(`${JSON.stringify({ ...JSON.parse(line), learnerHours: hours })}\n`);
    if (--left === 0) {
      break;
    }
  }
  await new Promise((resolve) => { output.end(resolve); });
}

// An import in a process of its own, at low priority: it is not the server's work.
function importChanges(address, path) {
  const child = spawn("nice", ["-n", "19", binary, "import", path, "--store", address, "--quiet"],
    { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => child.on("close", (status) =>
    (status === 0 ? resolve() : reject(new Error(`import: status ${status}`)))));
}

function report(what, alone, beside) {
  const [before, then] = [median(alone), median(beside.map((each) => each.p99))];
  say(`p99 of a light query while ${what}, ${median(beside.map((each) => each.seconds)).toFixed(1)} s`,
      `${before.toFixed(2)} ms alone, ${then.toFixed(2)} beside = ${(then / before).toFixed(2)}`, bound,
      then / before > bound);
}

const { address, large, id, newToken } = openStore(binary, dir, learners);
const [ofLarge, ofSmall] = [newToken(id), newToken("beside")];
const [load, change, alone, later] = [[], [], [], []];
for (let round = 0; round < rounds; ++round) {
  const { child, url } = await startServer(binary, address, "--read-model-bytes", "2000000000");
  try {
    await askLight(url, ofSmall, 0);
    await untilLoaded(url);
    await p99Of(url, ofSmall, 1);
    alone.push(await p99Of(url, ofSmall, aloneSeconds));
    await askLight(url, ofLarge, 0);
    load.push(await p99Until(url, ofSmall, untilLoaded(url)));

    const path = join(dir, "program_progress.ndjson");
    await writeChanges(large, path, Date.now() % 1_000_000 / 1_000);
    later.push(await p99Of(url, ofSmall, aloneSeconds));
    change.push(await p99Until(url, ofSmall, importChanges(address, path)));
  } finally {
    closeConnections();
    child.kill();
  }
}
report("a large company is loaded", alone, load);
report(`${changes} of its rows change`, later, change);
