// Data in and out: what import takes, what it says of what it does not, and what export gives back.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

import { binary, cleanEnvironment, matricula, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { makeStoreDirectory } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const shared = makeDirectory({ after });
const generated = join(shared, "generated");
const size = ["--learners", "1500", "--companies", "2", "--quiet"];
const asOf = ["--as-of", "2026-01-31T00:00:00Z"];
await succeed(["generate", "--out", generated, "--seed", "7", ...size, ...asOf]);

// The bytes of every file of a directory, by name.
function contents(directory) {
  return Object.fromEntries(readdirSync(directory).sort()
    .map((name) => [name, readFileSync(join(directory, name), "utf8")]));
}

function rows(directory, name) {
  return contents(directory)[`${name}.ndjson`].split("\n").filter(Boolean).map(JSON.parse);
}

// `matricula import PATH...` in `cwd`: {status, report, stderr}.
async function imported(cwd, paths, ...options) {
  const done = await matricula(["import", ...paths, "--json", "--quiet", ...options], { cwd });
  return { ...done, report: done.stdout && JSON.parse(done.stdout) };
}

async function exported(cwd, name) {
  await succeed(["export", name, "--quiet"], { cwd });
  return contents(join(cwd, name));
}

test("the same seed gives the same bytes, another seed others", async (t) => {
  const cwd = makeDirectory(t);
  await succeed(["generate", "--out", "a", "--seed", "7", ...size, ...asOf], { cwd });
  await succeed(["generate", "--out", "b", "--seed", "8", ...size, ...asOf], { cwd });
  assert.deepEqual(contents(join(cwd, "a")), contents(generated));
  assert.notDeepEqual(contents(join(cwd, "b")), contents(generated));
  const again = await matricula(["generate", "--out", "a"], { cwd });
  assert.equal(again.status, 1);
  assert.match(again.stderr, /a\/.*is there already/);
  const never = await matricula(["generate", "--out", "c", "--as-of", "yesterday"], { cwd });
  assert.equal(never.status, 2);
  assert.match(never.stderr, /--as-of yesterday/);
});

test("generate, import, export, import, export: the same bytes; importing twice changes nothing",
     async (t) => {
  const cwd = await makeStoreDirectory(t);
  const first = await imported(cwd, [generated]);
  assert.equal(first.status, 0, first.stderr);
  assert.equal(first.report.rejected, 0);
  assert.equal(first.report.complete, true);
  const bytes = await exported(cwd, "first");
  assert.deepEqual(bytes, contents(generated));
  const twice = await imported(cwd, [generated]);
  assert.ok(twice.report.files.every(({ changed, deleted }) => changed === 0 && deleted === 0));
  assert.deepEqual(await exported(cwd, "second"), bytes);
  const other = await makeStoreDirectory(t);
  assert.equal((await imported(other, [join(cwd, "first")])).status, 0);
  assert.deepEqual(await exported(other, "third"), bytes);
});

test("copy into a file gives the same bytes and another epoch", async (t) => {
  const cwd = await makeStoreDirectory(t);
  await imported(cwd, [generated]);
  const bytes = await exported(cwd, "original");
  const settings = readdirSync(cwd).includes("matricula.toml")
    ? readFileSync(join(cwd, "matricula.toml"), "utf8") : 'store = "sqlite:matricula.db"';
  const [, store] = /^store = "(.*)"$/m.exec(settings);
  const target = makeDirectory(t);
  const to = `sqlite:${join(target, "copy.db")}`;
  await succeed(["copy", "--from", store, "--to", to, "--quiet"], { cwd });
  await succeed(["check", "--store", to], { cwd: target });
  await succeed(["export", "copied", "--store", to, "--quiet"], { cwd: target });
  assert.deepEqual(contents(join(target, "copied")), bytes);
  const again = await matricula(["copy", "--from", store, "--to", to, "--quiet"], { cwd });
  assert.equal(again.status, 1);
  assert.match(again.stderr, /Copy into an empty store/);
});

test("export of one company holds that company alone", async (t) => {
  const cwd = await makeStoreDirectory(t);
  await imported(cwd, [generated]);
  const [{ id }] = rows(generated, "companies");
  await succeed(["export", "one", "--company", id, "--quiet"], { cwd });
  assert.deepEqual(rows(join(cwd, "one"), "companies").map((company) => company.id), [id]);
  const progress = rows(join(cwd, "one"), "program_progress");
  const expected = rows(generated, "program_progress").filter(({ companyId }) => companyId === id);
  assert.ok(progress.length > 0);
  assert.equal(progress.length, expected.length);
  const nobody = await matricula(["export", "none", "--company", "nobody"], { cwd });
  assert.equal(nobody.status, 1);
  assert.match(nobody.stderr, /"nobody"/);
  const over = await matricula(["export", "one"], { cwd });
  assert.equal(over.status, 1);
  assert.match(over.stderr, /one/);
});

// A Zstandard frame (RFC 8878) that holds the bytes as they are.
function zstdFrame(bytes) {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[4] = 0xa0; // one segment, its size in four bytes
  head.writeUInt32LE(bytes.length, 5);
  head.writeUIntLE((bytes.length << 3) | 1, 9, 3); // one block, raw, the last
  return Buffer.concat([head, bytes]);
}

test("gzip and Zstandard files are read, damaged ones named", async (t) => {
  const cwd = await makeStoreDirectory(t);
  const packed = join(cwd, "packed");
  cpSync(generated, packed, { recursive: true });
  const companies = readFileSync(join(generated, "companies.ndjson"));
  const users = readFileSync(join(generated, "users.ndjson"));
  mkdirSync(join(cwd, "small"));
  writeFileSync(join(cwd, "small/companies.ndjson.zst"), zstdFrame(companies));
  writeFileSync(join(cwd, "small/users.ndjson.gz"), gzipSync(users));
  const done = await imported(cwd, ["small"]);
  assert.equal(done.status, 0, done.stderr);
  const bytes = await exported(cwd, "out");
  assert.equal(bytes["companies.ndjson"].length, companies.length);
  assert.equal(bytes["users.ndjson"].split("\n").length, users.toString().split("\n").length);
  for (const [name, text] of [
    ["users.ndjson.gz", "plain"],
    ["users.ndjson.zst", "plain"],
    ["users.ndjson.gz", gzipSync(users).subarray(0, -20)],
    ["users.ndjson.zst", zstdFrame(users.subarray(0, 1000)).subarray(0, -20)],
  ]) {
    writeFileSync(join(cwd, name), text);
    const broken = await imported(cwd, [name]);
    assert.equal(broken.status, 1, name);
    assert.ok(broken.stderr.includes(name), broken.stderr);
  }
  assert.deepEqual(await exported(cwd, "after"), bytes);
});

const badLines = Buffer.concat([
  Buffer.from([
    '{"id":"1","slug":"one","name":"One"}',
    '{"id":"2","slug":"two"',
    '{"id":"3"}',
    '{"id":"4","slug":"four","name":"Four","bogus":1}',
    '{"id":5,"slug":"five","name":"Five"}',
    "[1]",
    '{"id":"7","slug":"one","name":"Seven"}',
    '{"id":"8","id":"8","slug":"eight","name":"Eight"}',
    ""].join("\n")),
  Buffer.from('{"id":"9","slug":"nine","name":"\xff"}\n', "latin1"),
  Buffer.from('{"id":"10","slug":"ten","name":"Ten"}'),
]);

test("bad lines are FILE:LINE: reason; nothing of the file is kept, status 1", async (t) => {
  const cwd = await makeStoreDirectory(t);
  writeFileSync(join(cwd, "companies.ndjson"), badLines);
  writeFileSync(join(cwd, "contracts.ndjson"), '{"id":"c","companyId":"1","name":"C"}\n');
  const done = await imported(cwd, ["companies.ndjson", "contracts.ndjson"]);
  assert.equal(done.status, 1);
  for (const [line, reason] of [[2, "JSON"], [3, "slug"], [4, "bogus"], [5, "id"], [6, "object"],
    [7, "one"], [8, ""], [9, "UTF-8"]]) {
    assert.match(done.stderr, new RegExp(`^companies\\.ndjson:${line}: .*${reason}`, "m"));
  }
  assert.doesNotMatch(done.stderr, /^companies\.ndjson:(1|10):/m);
  assert.match(done.stderr, /--skip-invalid/);
  assert.match(done.stderr, /contracts\.ndjson: not begun/);
  assert.equal(done.report.complete, false);
  assert.deepEqual(rows(join(cwd, "."), "contracts").length, 1);
  assert.equal((await exported(cwd, "out"))["companies.ndjson"], "");
});

test("--skip-invalid keeps what is valid and ends with 3", async (t) => {
  const cwd = await makeStoreDirectory(t);
  writeFileSync(join(cwd, "companies.ndjson"), badLines);
  const done = await imported(cwd, ["companies.ndjson"], "--skip-invalid");
  assert.equal(done.status, 3);
  assert.equal(done.report.rejected, 8);
  assert.equal(done.report.complete, true);
  assert.deepEqual(Object.keys(await exported(cwd, "out")).includes("companies.ndjson"), true);
  assert.deepEqual(rows(join(cwd, "out"), "companies").map(({ id }) => id).sort(), ["1", "10"]);
});

test("what came before a bad file stays", async (t) => {
  const cwd = await makeStoreDirectory(t);
  mkdirSync(join(cwd, "in"));
  const write = (name, text) => writeFileSync(join(cwd, "in", `${name}.ndjson`), `${text}\n`);
  write("companies", '{"id":"1","slug":"one","name":"One"}');
  write("contracts", '{"id":"c","companyId":"nobody","name":"C"}');
  write("assessments", '{"id":"a"}');
  const done = await imported(cwd, ["in"]);
  assert.equal(done.status, 1);
  assert.match(done.stderr, /contracts\.ndjson:1: .*companyId.*"nobody"/);
  assert.match(done.stderr, /assessments\.ndjson: not begun/);
  await exported(cwd, "out");
  assert.equal(rows(join(cwd, "out"), "companies").length, 1);
});

test("records are replaced by key and deleted, unless others refer to them", async (t) => {
  const cwd = await makeStoreDirectory(t);
  const lines = async (name, ...records) => {
    writeFileSync(join(cwd, `${name}.ndjson`),
                  records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    return imported(cwd, [`${name}.ndjson`]);
  };
  await lines("companies", { id: "1", slug: "one", name: "One" },
              { id: "2", slug: "two", name: "Two" });
  await lines("contracts", { id: "c", companyId: "1", name: "C" });
  const renamed = await lines("companies", { id: "2", slug: "two", name: "Deux" });
  assert.deepEqual(renamed.report.files[0],
                   { ...renamed.report.files[0], changed: 1, unchanged: 0, deleted: 0 });
  const refused = await lines("companies", { _delete: true, id: "1" });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /^companies\.ndjson:1: .*refer/m);
  const deleted = await lines("companies", { _delete: true, id: "2" });
  assert.equal(deleted.report.files[0].deleted, 1);
  await lines("contracts", { _delete: true, id: "c" });
  assert.equal((await lines("companies", { _delete: true, id: "1" })).status, 0);
  assert.equal((await exported(cwd, "out"))["companies.ndjson"], "");
});

test("paths that are no import files are refused before anything is read", async (t) => {
  const cwd = await makeStoreDirectory(t);
  writeFileSync(join(cwd, "people.ndjson"), "{}\n");
  for (const [path, says] of [["absent", /absent/], ["people.ndjson", /people\.ndjson.*users/s]]) {
    const done = await imported(cwd, [path]);
    assert.equal(done.status, 1);
    assert.match(done.stderr, says);
  }
});

test("a server sees an import with its next request, and pages give every row once", async (t) => {
  const server = await startServer(t, { data: generated });
  const records = rows(generated, "program_progress");
  const companies = rows(generated, "companies");
  for (const { id } of companies) {
    const token = await server.token(id);
    const keys = [];
    let after_ = null;
    do {
      const { body } = await server.graphql("program-progress", token, {
        query: `query ($after: String) {
          programProgress(input: {first: 1000, after: $after}) {
            totalCount
            pageInfo { hasNextPage endCursor }
            edges { node { userId programKey } }
          }
        }`,
        variables: { after: after_ },
      });
      const { edges, pageInfo } = body.data.programProgress;
      keys.push(...edges.map(({ node }) => `${node.userId} ${node.programKey}`));
      after_ = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after_);
    const expected = records.filter(({ companyId }) => companyId === id)
      .map(({ userId, programKey }) => `${userId} ${programKey}`);
    assert.ok(expected.length > 0);
    assert.deepEqual(keys.sort(), expected.sort());
  }
  const token = await server.token(companies[0].id);
  const ask = async (userId) => (await server.graphql("program-progress", token, {
    query: `{ programProgress(input: {filter: {userIds: ["${userId}"]}}) { totalCount } }`,
  })).body.data.programProgress.totalCount;
  const userId = "00000000-0000-4000-8000-000000000001";
  assert.equal(await ask(userId), 0);
  const model = records.find(({ companyId }) => companyId === companies[0].id);
  writeFileSync(join(server.cwd, "users.ndjson"), `${JSON.stringify({
    id: userId, email: "late@example.com", firstName: "Late", lastName: "Comer" })}\n`);
  writeFileSync(join(server.cwd, "program_progress.ndjson"),
                `${JSON.stringify({ ...model, userId })}\n`);
  await server.command(["import", "users.ndjson", "program_progress.ndjson"]);
  assert.equal(await ask(userId), 1);
});

test("kill -9 during an import leaves whole files or nothing of them", async (t) => {
  const cwd = await makeStoreDirectory(t);
  await succeed(["migrate", "--quiet"], { cwd });
  const child = spawn(binary, ["import", generated],
                      { cwd, env: cleanEnvironment(), stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  // The users are in; the file after them is on its way or about to be.
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes("users.ndjson")) {
      break;
    }
  }
  child.kill("SIGKILL");
  await new Promise((resolve) => child.on("close", resolve));
  const checked = JSON.parse(await succeed(["check", "--json"], { cwd }));
  assert.deepEqual(checked.problems, []);
  const bytes = await exported(cwd, "out");
  for (const [name, text] of Object.entries(contents(generated))) {
    const count = (of) => of.split("\n").filter(Boolean).length;
    assert.ok([0, count(text)].includes(count(bytes[name])), name);
  }
  assert.equal((await imported(cwd, [generated])).status, 0);
  await exported(cwd, "after");
  assert.equal(rows(join(cwd, "after"), "program_progress").length,
               rows(generated, "program_progress").length);
});
