// The files of an SQLite store: ones that are empty, damaged or removed under a running server.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { matricula, runProgram, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { sqliteOnly } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const files = { skip: sqliteOnly("a store in PostgreSQL is no file") };

// A new store, as its file.
async function makeStore(cwd, name = "m.db") {
  await succeed(["migrate", "--store", `sqlite:${name}`, "--quiet"], { cwd });
  return join(cwd, name);
}

test("a file of 0 bytes is a store for the commands that make one", files, async (t) => {
  const cwd = makeDirectory(t);
  const file = join(cwd, "m.db");
  writeFileSync(file, "");
  for (const args of [
    ["serve", "--listen", "127.0.0.1:0"], ["check"], ["backup", "copy.db"], ["export", "out"], ["user", "list"],
    ["user", "add", "--email", "a@example.com", "--password-stdin"], ["token", "list"],
  ]) {
    const done = await matricula([...args, "--store", "sqlite:m.db"], { cwd, input: "correct horse battery\n" });
    assert.equal(done.status, 1, args.join(" "));
    assert.ok(done.stderr.includes(`The file ${file} is empty: there is no store in it. Restore a backup, or make a ` +
                                   "new store in its place with `matricula migrate`."), done.stderr);
    assert.equal(statSync(file).size, 0, args.join(" "));
  }
  writeFileSync(join(cwd, "companies.ndjson"), '{"id":"1","slug":"one","name":"One"}\n');
  await succeed(["import", "companies.ndjson", "--store", "sqlite:m.db", "--quiet"], { cwd });
  await succeed(["check", "--store", "sqlite:m.db"], { cwd });
});

test("a bad backup is refused by its name, and the store stays", files, async (t) => {
  const cwd = makeDirectory(t);
  const file = await makeStore(cwd);
  await succeed(["backup", "good.db", "--store", "sqlite:m.db", "--quiet"], { cwd });
  const length = statSync(join(cwd, "good.db")).size;
  const before = readFileSync(file);
  const refused = async (change, pattern) => {
    copyFileSync(join(cwd, "good.db"), join(cwd, "bad.db"));
    await change(join(cwd, "bad.db"));
    const done = await matricula(["restore", "bad.db", "--store", "sqlite:m.db"], { cwd });
    assert.equal(done.status, 1);
    assert.match(done.stderr, pattern);
    assert.match(done.stderr, /bad\.db/);
    assert.doesNotMatch(done.stderr, /restore-/);
    assert.deepEqual(readFileSync(file), before);
  };
  const sql = (text) => (path) => runProgram("python3", ["-c",
    "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2])", path, text]);
  await refused((path) => truncateSync(path, length - 4096), /is cut off, with \d+ bytes of \d+\. Nothing was changed\./);
  await refused((path) => truncateSync(path, 0), /no SQLite database/);
  await refused((path) => writeFileSync(path, "x".repeat(5000)), /no SQLite database/);
  await refused(sql("PRAGMA application_id=7"), /a database of another program/);
  await refused(sql("PRAGMA user_version=900"), /a newer version.*900.*Restore it with that version/);
  await refused(sql("DROP TABLE api_tokens"), /cannot be restored: .*api_tokens.*Nothing was changed\./);
  await succeed(["restore", "good.db", "--store", "sqlite:m.db", "--quiet"], { cwd });
});

for (const ending of ["-wal", "-shm"]) {
  test(`without ${ending} nothing is acknowledged, and what was before is kept`, files, async (t) => {
    const server = await startServer(t, { demo: true });
    const file = server.store.replace("sqlite:", "");
    const generate = () => server.graphql("tokens", undefined, {
      query: `mutation { generateToken(input: {clientId: "${server.credential.clientId}", clientSecret: "${
        server.credential.clientSecret}"}) { unredactedToken } }`,
    });
    const kept = (await generate()).body.data.generateToken.unredactedToken;
    rmSync(file + ending);
    const done = await server.cli(["user", "list"]);
    assert.equal(done.status, 1, done.stdout);
    const refused = await generate();
    assert.equal(refused.body.errors[0].message, "The store cannot be written until it is opened again.");
    assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
    assert.deepEqual(await server.stop(), { status: 0, signal: null });
    const checked = await server.cli(["check"]);
    assert.equal(checked.status, 0, checked.stderr);
    const again = await startServer(t, { demo: true, cwd: server.cwd, store: server.store });
    const answer = await again.graphql("program-progress", kept, { query: "{ __typename }" });
    assert.equal(answer.body.data.__typename, "Query");
  });
}
