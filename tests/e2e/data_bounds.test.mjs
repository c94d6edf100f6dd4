// The data API under readers that are slow, or many, and with little room on disk.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";

import { succeed } from "./cli.mjs";
import { ask as send, errorOf, lines } from "./data_api.mjs";
import { startServer } from "./server.mjs";
import { onPostgres } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const hooks = { after };
const directory = makeDirectory(hooks);
const data = join(directory, "data");
await succeed(["generate", "--out", data, "--seed", "9", "--learners", "9000", "--companies", "1",
  "--as-of", "2026-01-31T00:00:00Z", "--quiet"]);
const server = await startServer(hooks, { data });
const [{ id: company }] = lines(readFileSync(join(data, "companies.ndjson"), "utf8"));
const token = await server.token(company);

const ask = (path, options = {}) => send(`${server.url}/data/v1/${path}`,
  { ...options, headers: { Authorization: `Token ${token}`, ...options.headers } });

// A reader that takes the beginning of an answer and then nothing: {first, rest()}; rest() reads
// on, and gives the whole answer as text when the connection ends.
function slowReader(path) {
  return new Promise((resolve, reject) => {
    const parts = [];
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(`GET /data/v1/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `Authorization: Token ${token}\r\n\r\n`);
    });
    const ended = new Promise((done) => socket.on("close", done));
    socket.on("error", reject);
    socket.on("data", (part) => parts.push(part));
    socket.once("data", () => {
      socket.pause();
      resolve({
        first: parts[0].toString(),
        close: () => socket.destroy(),
        rest: async () => {
          socket.resume();
          await ended;
          return Buffer.concat(parts).toString("latin1");
        },
      });
    });
  });
}

// The body of a chunked answer, or of one with a length.
function bodyOf(answer) {
  const end = answer.indexOf("\r\n\r\n") + 4;
  const body = answer.slice(end);
  if (!/transfer-encoding: chunked/i.test(answer.slice(0, end))) {
    return body;
  }
  let text = "";
  for (let at = 0; ;) {
    const line = body.indexOf("\r\n", at);
    const size = parseInt(body.slice(at, line), 16);
    if (size === 0) {
      return text;
    }
    text += body.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}

function residentKib() {
  const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]);
}

test("slow readers see one state and hold back neither log nor memory", async () => {
  const before = await ask("tables/program_progress.ndjson?compression=none");
  const rows = lines(before.text);
  assert.ok(before.bytes.length > 8_000_000, `${before.bytes.length}`);
  const memory = residentKib();
  const readers = await Promise.all(Array.from({ length: 20 }, () =>
    slowReader("tables/program_progress.ndjson?compression=none")));
  const path = join(directory, "program_progress.ndjson");
  for (let round = 0; round < 3; ++round) {
    writeFileSync(path, rows.map((row) =>
      `${JSON.stringify({ ...row, learnerHours: round, updatedAt: undefined })}\n`).join(""));
    await server.command(["import", path, "--quiet"]);
  }
  // Three writes of the whole table; a log that a reader holds back keeps all of them.
  const log = server.store.replace("sqlite:", "") + "-wal";
  if (!onPostgres && existsSync(log)) {
    assert.ok(statSync(log).size < 2 * before.bytes.length, `${statSync(log).size} bytes`);
  }
  assert.ok(residentKib() - memory < 150_000, `${residentKib() - memory} KiB more`);
  const fresh = await ask("tables/program_progress.ndjson?compression=none");
  assert.notEqual(fresh.headers.etag, before.headers.etag);
  for (const reader of readers.slice(2)) {
    reader.close();
  }
  for (const reader of readers.slice(0, 2)) {
    assert.equal(Buffer.from(bodyOf(await reader.rest()), "latin1").toString(), before.text);
  }
});

test("many readers at once get the same file", async () => {
  const paths = Array.from({ length: 12 }, () => "tables/program_progress.csv");
  const answers = await Promise.all(paths.map((path) => ask(path)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
});

test("more files than a company may have made at once are refused until one is complete", async () => {
  const columns = ["userId", "programKey", "enrollmentStatus", "enrolledAt", "learnerHours",
    "completionPercentage", "programVersion", "programType"];
  const answers = await Promise.all(columns.map((column) =>
    ask(`tables/program_progress.parquet?columns=companyId,${column}`)));
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.includes(200));
  assert.ok(statuses.every((status) => status === 200 || status === 429), statuses.join());
  for (const answer of answers.filter(({ status }) => status === 429)) {
    assert.ok(Number(answer.headers["retry-after"]) >= 1);
    assert.match(errorOf(answer).message, /^2 files of this company are being made/);
  }
  assert.equal((await ask("tables/program_progress.parquet?columns=companyId,userId")).status, 200);
});

test("without room on disk the answer is 503, and small files come all the same", async (t) => {
  const small = await startServer(t, { store: server.store, args: ["--spool-bytes", "8388608"] });
  const headers = { Authorization: `Token ${await small.token(company)}` };
  const get = (path) => send(`${small.url}/data/v1/${path}`, { headers });
  // Cut off where its beginning was sent already.
  await assert.rejects(async () => {
    const answer = await get("tables/program_progress.ndjson");
    assert.equal(answer.status, 503);
    assert.equal(answer.headers["retry-after"], "1");
    throw new Error(errorOf(answer).code);
  }, /UNAVAILABLE|aborted|hang up|ECONNRESET/);
  assert.equal((await get("tables/companies.csv")).status, 200);
  assert.equal((await get("tables/program_progress.ndjson?compression=zstd")).status, 200);
  const feed = await get("changes?limit=100000");
  assert.equal(errorOf(feed).status, 503);
  assert.equal((await get("changes?limit=1000")).status, 200);
});
