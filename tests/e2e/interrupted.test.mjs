// What Ctrl-C and other signals leave of commands that write files: nothing.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { binary, cleanEnvironment, matricula, succeed } from "./cli.mjs";
import { makeStoreDirectory, sqliteOnly } from "./store.mjs";

const cwd = await makeStoreDirectory({ after });
await succeed(["generate", "--out", "data", "--learners", "3000", "--quiet"], { cwd });
await succeed(["import", "data", "--quiet"], { cwd });

// Starts a command and sends it the signal as soon as `hasBegun`; what it ended with. Without
// turns of the event loop, so that the command does not get ahead.
async function interrupt(args, signal, hasBegun) {
  const child = spawn(binary, args, { cwd, env: cleanEnvironment(), stdio: "ignore" });
  assert.ok(child.pid, "the command cannot be started");
  const until = Date.now() + 20_000;
  while (!hasBegun() && Date.now() < until) {}
  child.kill(signal);
  return once(child, "exit");
}

function names(directory) {
  return existsSync(directory) ? readdirSync(directory) : [];
}

for (const [format, signal] of [["ndjson", "SIGINT"], ["parquet", "SIGTERM"], ["sqlite", "SIGHUP"]]) {
  test(`an export of ${format} that ${signal} ends leaves nothing`, async () => {
    const out = join(cwd, format);
    const begun = () => names(out).some((name) => name.endsWith(".tmp"));
    assert.deepEqual(await interrupt(["export", "--format", format, out, "--quiet"], signal, begun),
                     [null, signal]);
    assert.equal(existsSync(out), false);
    // A directory that was there stays, with what is in it.
    mkdirSync(out);
    writeFileSync(join(out, "mine"), "");
    assert.deepEqual(await interrupt(["export", "--format", format, out, "--quiet"], signal, begun),
                     [null, signal]);
    assert.deepEqual(names(out), ["mine"]);
  });
}

test("generated files are there all or not at all", async () => {
  const out = join(cwd, "generated");
  assert.deepEqual(
    await interrupt(["generate", "--out", out, "--learners", "3000", "--quiet"], "SIGINT",
                    () => existsSync(join(out, "users.ndjson"))),
    [null, "SIGINT"]);
  assert.equal(existsSync(out), false);
});

const files = sqliteOnly("a store in PostgreSQL is no file");
test("backup and restore that are interrupted leave nothing", { skip: files }, async () => {
  const begun = (ending) => () => names(cwd).some((name) => name.includes(ending));
  assert.deepEqual(await interrupt(["backup", "copy.db", "--quiet"], "SIGINT", begun(".partial-")),
                   [null, "SIGINT"]);
  assert.deepEqual(names(cwd).filter((name) => name.startsWith("copy.db")), []);
  await succeed(["backup", "whole.db", "--quiet"], { cwd });
  const before = names(cwd);
  assert.deepEqual(await interrupt(["restore", "whole.db", "--quiet"], "SIGTERM", begun(".restore-")),
                   [null, "SIGTERM"]);
  assert.deepEqual(names(cwd), before);
  await succeed(["check"], { cwd });
});

test("under nohup an export goes on", async () => {
  const out = join(cwd, "nohup");
  const child = spawn("nohup", [binary, "export", out, "--quiet"],
                      { cwd, env: cleanEnvironment(), stdio: "ignore" });
  while (!names(out).some((name) => name.endsWith(".tmp"))) {}
  child.kill("SIGHUP");
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.equal(names(out).length, 11);
});

test("what a killed export left is named by the next one", async () => {
  const out = join(cwd, "killed");
  await interrupt(["export", out, "--quiet"], "SIGKILL",
                  () => names(out).some((name) => name.endsWith(".tmp")));
  const [left] = names(out);
  assert.match(left, /\.ndjson\.[A-Za-z0-9]{6}\.tmp$/);
  const again = await matricula(["export", "killed", "--quiet"], { cwd });
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stderr, /^killed\/[a-z_]+\.ndjson\.[A-Za-z0-9]{6}\.tmp: not finished; remove it unless an export is writing it now\n/);
  assert.equal(names(out).filter((name) => name.endsWith(".ndjson")).length, 11);
});
