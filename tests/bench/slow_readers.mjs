// A large table read by many slow readers at once, while another company's records change and are
// asked for: what the server keeps in memory, how long the store's log grows, and the p99 of a light
// query beside what it is alone, by turns, with their bounds.
//
//   node slow_readers.mjs --binary PATH [--learners 460000] [--readers 50] [--rate 10000]
//     [--seconds 30] [--dir DIR]
//
// 460,000 learners have a million rows of program progress. Needs nothing but Node.js.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: {
  binary: { type: "string" },
  learners: { type: "string", default: "460000" },
  readers: { type: "string", default: "50" },
  rate: { type: "string", default: "10000" },
  seconds: { type: "string", default: "30" },
  dir: { type: "string",
    default: fileURLToPath(new URL("../../build/bench/slow_readers", import.meta.url)) },
} });
const { binary, dir, learners } = values;
const [readers, rate, seconds] = [values.readers, values.rate, values.seconds].map(Number);
const rounds = 5;
const settleMs = 2_000;  // until what the kernel buffers for new readers is full
const bounds = { ratio: 1.5, memory: 32 * 1024, log: 16 * 1024 * 1024 };

const run = (...args) => execFileSync(binary, args, { encoding: "utf8", maxBuffer: 1 << 26 });

// The records of a small company, `hours` of which each learner has.
function smallCompany(hours) {
  const people = Array.from({ length: 40 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`);
  const lines = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join("");
  return {
    "companies.ndjson": lines([{ id: "beside", slug: "beside", name: "Beside" }]),
    "users.ndjson": lines(people.map((id, i) => ({ id, email: `p${i}@beside.example`, firstName: "P",
      lastName: `${i}` }))),
    "program_progress.ndjson": lines(people.map((userId) => ({ companyId: "beside", userId,
      programKey: "cd1", programVersion: "1", programType: "COURSE", enrollmentStatus: "ENROLLED",
      enrolledAt: "2026-01-01T00:00:00Z", learnerHours: hours, completionPercentage: 1,
      projectsRequiredTotal: 1, projectsRequiredCompleted: 0, onTrackStatus: "ON_TRACK" }))),
  };
}

// A store with a large company and a small one.
function fill() {
  mkdirSync(join(dir, "small"), { recursive: true });
  const store = `sqlite:${join(dir, `store-${learners}.db`)}`;
  const large = join(dir, `large-${learners}`);
  const done = join(dir, `filled-${learners}`);
  if (!existsSync(done)) {
    run("generate", "--out", large, "--companies", "1", "--learners", learners, "--quiet");
    run("import", large, "--store", store, "--quiet");
    for (const [name, text] of Object.entries(smallCompany(0))) {
      writeFileSync(join(dir, "small", name), text);
    }
    run("import", join(dir, "small"), "--store", store, "--quiet");
    writeFileSync(done, "");
  }
  const { id } = JSON.parse(readFileSync(join(large, "companies.ndjson"), "utf8"));
  return { store, id };
}

function startServer(store) {
  const child = spawn(binary, ["serve", "--store", store, "--listen", "127.0.0.1:0", "--rate-limit", "0",
    "--log-level", "warning", "--spool-dir", dir], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /^listening on (\S+)$/.exec(line);
      if (match) {
        resolve({ child, url: new URL(match[1]) });
      }
    });
  });
}

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

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
function askLight(url, token, after) {
  const body = JSON.stringify({ query: `{ programProgress(input: {first: 5, orderBy: UPDATED_AT,
    filter: {updatedAt: {from: "2020-01-01T00:00:${String(after % 60).padStart(2, "0")}Z"}}})
    { edges { node { userEmail programKey } } } }` });
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request(new URL("/api/public/api/v1/program-progress/graphql", url), { method: "POST",
      agent, headers: { "Content-Type": "application/json", Authorization: `Token ${token}` } },
    (answer) => {
      answer.resume();
      answer.on("end", () => answer.statusCode === 200 ? resolve(performance.now() - began)
        : reject(new Error(`${answer.statusCode}`)));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

// The p99 of light queries, one at a time at 200 a second, in ms.
async function p99(url, token, time) {
  const until = performance.now() + time * 1_000;
  const waits = [];
  while (performance.now() < until) {
    waits.push(await askLight(url, token, waits.length));
    await sleep(4);
  }
  return waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)];
}

// Changes the small company's records again and again; {stop()}.
function keepWriting(store) {
  const path = join(dir, "program_progress.ndjson");
  let going = true;
  let writes = 0;
  const ended = (async () => {
    while (going) {
      writeFileSync(path, smallCompany(++writes)["program_progress.ndjson"]);
      const child = spawn(binary, ["import", path, "--store", store, "--quiet"], { stdio: "ignore" });
      await new Promise((resolve) => { child.on("close", resolve); });
      await sleep(500);
    }
  })();
  return { stop: async () => { going = false; await ended; return writes; } };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function say(what, value, bound, isMissed) {
  console.log(`${what}: ${value} (bound ${bound}${isMissed ? ", missed" : ""})`);
}

const { store, id } = fill();
const token = (company) => JSON.parse(run("token", "create", "--store", store, "--company", company,
  "--json")).token;
const [ofLarge, ofSmall] = [token(id), token("beside")];
const { child, url } = await startServer(store);
try {
  const writer = keepWriting(store);
  await p99(url, ofSmall, 3);
  const startReaders = () => Array.from({ length: readers }, () => slowReader(url, ofLarge));

  const first = startReaders();
  const began = performance.now();
  const complete = fileLength(url, ofLarge).then((length) =>
    `a file of ${(length / 1e6).toFixed(0)} MB is complete after ` +
    `${((performance.now() - began) / 1_000).toFixed(1)} s`);
  const making = await p99(url, ofSmall, 5);
  console.log(`${await complete}, while p99 was ${making.toFixed(2)} ms`);
  const read = first.map((reader) => reader.end());

  const [memory, log, alone, beside] = [[residentKib(child)], [0], [], []];
  const sampler = setInterval(() => {
    memory.push(residentKib(child));
    log.push(statSync(`${store.slice("sqlite:".length)}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  }, 250);
  for (let round = 0; round < rounds; ++round) {
    alone.push(await p99(url, ofSmall, seconds / rounds));
    const all = startReaders();
    await sleep(settleMs);
    beside.push(await p99(url, ofSmall, seconds / rounds));
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
  agent.destroy();
  child.kill();
}
