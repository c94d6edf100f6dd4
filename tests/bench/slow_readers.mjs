// A large table read by many slow readers at once, while another company's records change and are
// asked for: what the server keeps in memory, how long the store's log grows, and the p99 of a light
// query beside what it is alone, by turns, with their bounds.
//
//   node slow_readers.mjs --binary PATH [--learners 460000] [--readers 50] [--rate 10000]
//     [--seconds 30] [--dir DIR]
//
// 460,000 learners have a million rows of program progress. Needs nothing but Node.js.
import { spawn } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { closeConnections, defaultDir, median, openStore, p99Of, say, smallCompany, startServer }
  from "./large_and_small.mjs";

const { values } = parseArgs({ options: {
  binary: { type: "string" },
  learners: { type: "string", default: "460000" },
  readers: { type: "string", default: "50" },
  rate: { type: "string", default: "10000" },
  seconds: { type: "string", default: "30" },
  dir: { type: "string", default: defaultDir },
} });
const { binary, dir, learners } = values;
const [readers, rate, seconds] = [values.readers, values.rate, values.seconds].map(Number);
const rounds = 5;
const settleMs = 2_000;  // until what the kernel buffers for new readers is full
const bounds = { ratio: 1.5, memory: 32 * 1024, log: 16 * 1024 * 1024 };

// What is the server's own in memory, in KiB.
function residentKib(child) {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)[1]);
}

// A reader at `rate` bytes a second; end() gives what it read in a second and whether it was cut off.
function slowReader(url, token) {
  let [bytes, closed] = [0, false];
  const began = performance.now();
  const socket = connect({ port: Number(url.port), host: url.hostname, highWaterMark: rate });
  socket.write("GET /data/v1/tables/program_progress.ndjson?compression=none HTTP/1.1\r\n" +
    `Host: localhost\r\nAuthorization: Token ${token}\r\n\r\n`);
  socket.on("close", () => { closed = true; });
  socket.on("error", () => {});
  const timer = setInterval(() => {
    const part = socket.read(Math.min(rate, socket.readableLength) || undefined);
    bytes += part?.length ?? 0;
  }, 1_000);
  return { end: () => {
    clearInterval(timer);
    socket.destroy();
    return { rate: bytes / ((performance.now() - began) / 1_000), closed };
  } };
}

// The length of the large table's file, when it is complete: HEAD waits for that.
function fileLength(url, token) {
  return new Promise((resolve, reject) => {
    request(new URL("/data/v1/tables/program_progress.ndjson?compression=none", url),
      { method: "HEAD", headers: { Authorization: `Token ${token}` } },
      (answer) => { answer.resume(); resolve(Number(answer.headers["content-length"])); })
      .on("error", reject).end();
  });
}

// Changes the small company's records again and again; {stop()}.
function keepWriting(address) {
  const path = join(dir, "program_progress.ndjson");
  let going = true;
  let writes = 0;
  const ended = (async () => {
    while (going) {
      writeFileSync(path, smallCompany(++writes)["program_progress.ndjson"]);
      const child = spawn(binary, ["import", path, "--store", address, "--quiet"], { stdio: "ignore" });
      await new Promise((resolve) => { child.on("close", resolve); });
      await sleep(500);
    }
  })();
  return { stop: async () => { going = false; await ended; return writes; } };
}

const { address, id, newToken } = openStore(binary, dir, learners);
const [ofLarge, ofSmall] = [newToken(id), newToken("beside")];
const { child, url } = await startServer(binary, address, "--spool-dir", dir);
try {
  const writer = keepWriting(address);
  await p99Of(url, ofSmall, 3);
  const startReaders = () => Array.from({ length: readers }, () => slowReader(url, ofLarge));

  const first = startReaders();
  const began = performance.now();
  const complete = fileLength(url, ofLarge).then((length) =>
    `a file of ${(length / 1e6).toFixed(0)} MB is complete after ` +
    `${((performance.now() - began) / 1_000).toFixed(1)} s`);
  const making = await p99Of(url, ofSmall, 5);
  console.log(`${await complete}, while p99 was ${making.toFixed(2)} ms`);
  const read = first.map((reader) => reader.end());

  const [memory, log, alone, beside] = [[residentKib(child)], [0], [], []];
  const sampler = setInterval(() => {
    memory.push(residentKib(child));
    log.push(statSync(`${address.slice("sqlite:".length)}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  }, 250);
  for (let round = 0; round < rounds; ++round) {
    alone.push(await p99Of(url, ofSmall, seconds / rounds));
    const all = startReaders();
    await sleep(settleMs);
    beside.push(await p99Of(url, ofSmall, seconds / rounds));
    read.push(...all.map((reader) => reader.end()));
  }
  clearInterval(sampler);
  const writes = await writer.stop();

  const rates = read.map((each) => each.rate);
  console.log(`${readers} readers, ${read.filter(({ closed }) => closed).length} cut off, got ` +
    `${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)} bytes a second; ` +
    `${writes} imports meanwhile`);
  const grown = Math.max(...memory) - memory[0];
  say("memory of the server's own, KiB", `${memory[0]}, at most ${grown} more`, bounds.memory,
      grown > bounds.memory);
  say("the store's log, bytes", Math.max(...log), bounds.log, Math.max(...log) > bounds.log);
  const [before, then] = [median(alone), median(beside)];
  say("p99 of a light query, ms", `${before.toFixed(2)} alone, ${then.toFixed(2)} beside = ` +
    (then / before).toFixed(2), bounds.ratio, then / before > bounds.ratio);
} finally {
  closeConnections();
  child.kill();
}
