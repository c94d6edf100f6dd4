// Standard descriptors that are closed, full, or whose reader is gone or does not read: the work is
// done, and output that is lost is exit status 1.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { answer, binary, cleanEnvironment, matricula, runProgram, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { keyFileOf, makeStoreDirectory, onPostgres } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

// `matricula ARGS... REDIRECTIONS` in a shell.
function redirected(args, redirections, options) {
  return runProgram("sh", ["-c", `"$0" "$@" ${redirections}`, binary, ...args], options);
}

// A directory with data/ and a store of it that the commands find by themselves.
async function makeWorld(t) {
  const cwd = await makeStoreDirectory(t);
  await succeed(["generate", "--quiet", "--out", "data", "--learners", "50"], { cwd });
  await succeed(["import", "--quiet", "data"], { cwd });
  const [company] = await answer(["company", "list"], { cwd });
  // Lists that are empty have no output that could be lost.
  const revoked = await answer(["credential", "create", "--company", company.id], { cwd });
  await answer(["credential", "revoke", revoked.id], { cwd });
  await answer(["user", "add", "--email", "ada@example.com", "--password-stdin"],
               { cwd, input: "a long password" });
  return { cwd, company: company.id };
}

const secretCommands = (company) => [
  ["token", "create", "--company", company],
  ["credential", "create", "--company", company],
];

const withOutput = (company) => [
  ["--help"], ["--version"], ["version"], ["help", "token"], ["token", "create", "--help"],
  ["schema", "catalog"], ["schema", "catalog", "Query"], ["check", "--json"], ["migrate", "--json"],
  ["company", "list"], ["token", "list", "--json"], ["credential", "list", "--ndjson"],
  ["user", "list", "--json"], ["limits", "list", "--json"], ["audit"],
  ["import", "--json", "data"], ["export", "--json", "lost"],
  ["generate", "--json", "--out", "lost-data", "--learners", "1"],
  ...secretCommands(company).map((command) => [...command, "--json"]),
];

test("output that cannot be written is exit status 1 of every command", async (t) => {
  const { cwd, company } = await makeWorld(t);
  for (const [redirection, reason] of [
    [">/dev/full", "No space left on device"],
    [">&-", "Bad file descriptor"],
    ["1</dev/null", "Bad file descriptor"],
  ]) {
    for (const command of withOutput(company)) {
      await runProgram("rm", ["-rf", "lost", "lost-data"], { cwd });
      const done = await redirected(command, redirection, { cwd });
      const name = `${command.join(" ")} ${redirection}`;
      assert.equal(done.status, 1, `${name}: ${done.stderr}`);
      assert.match(done.stderr, new RegExp(`cannot write to standard output: ${reason}`), name);
    }
  }
});

test("a reader that goes away is an error with status 1, not the end by a signal", async (t) => {
  const { cwd } = await makeWorld(t);
  for (const command of [["schema", "catalog"], ["audit"], ["--help"]]) {
    const done = await runProgram("bash", ["-c",
      'exec 3> >(true); wait $!; "$0" "$@" >&3; echo $? >&2',
      binary, ...command], { cwd });
    assert.match(done.stderr, /cannot write to standard output: Broken pipe\n1\n$/);
  }
});

test("messages that cannot be written change nothing", async (t) => {
  const { cwd, company } = await makeWorld(t);
  for (const redirection of ["2>/dev/full", "2>&-", "2</dev/null"]) {
    await runProgram("rm", ["-rf", "out", "more"], { cwd });
    for (const command of [
      ["import", "data"], ["check"], ["export", "out"], ["migrate"],
      ["generate", "--out", "more", "--learners", "1"],
      ["limits", "set", "--company", company, "--requests", "5"],
    ]) {
      const done = await redirected(command, redirection, { cwd });
      assert.equal(done.status, 0, `${command.join(" ")} ${redirection}`);
    }
    assert.equal((await redirected(["check", "--nonsense"], redirection, { cwd })).status, 2);
    assert.equal((await redirected(["import", "/nope"], redirection, { cwd })).status, 1);
    assert.deepEqual((await answer(["check"], { cwd })).problems, []);
  }
});

test("descriptors that are closed do not become files of the store", { skip: onPostgres },
     async (t) => {
  const data = await makeWorld(t);
  for (const redirection of ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-"]) {
    const cwd = makeDirectory(t);
    const done = await redirected(["import", join(data.cwd, "data")], redirection, { cwd });
    assert.equal(done.status, 0, redirection);
    assert.deepEqual((await answer(["check"], { cwd })).problems, []);
    assert.equal(/rows/.test(readFileSync(join(cwd, "matricula.db-lock"), "latin1")), false);
  }
});

test("a secret that cannot be shown does not stay in force", async (t) => {
  const { cwd, company } = await makeWorld(t);
  const live = async (group) =>
    (await answer([group, "list"], { cwd })).filter(({ revokedAt }) => !revokedAt).length;
  for (const [redirection, options] of [
    [">/dev/full", ["--json"]], [">&-", ["--ndjson"]], ["2>/dev/full", []], ["2>&-", []],
  ]) {
    for (const command of secretCommands(company)) {
      const done = await redirected([...command, ...options], redirection, { cwd });
      assert.equal(done.status, 1, `${command.join(" ")} ${redirection}`);
      if (redirection.startsWith(">")) {
        assert.match(done.stderr, /was made and could not be shown .*; it is revoked\n/);
      }
      assert.equal(await live(command[0]), 0);
    }
  }
  const { id } = await answer(["credential", "create", "--company", company], { cwd });
  const rotated = await redirected(["credential", "rotate", id, "--json"], ">/dev/full", { cwd });
  assert.equal(rotated.status, 1);
  assert.match(rotated.stderr, new RegExp(`matricula credential rotate ${id}`));
  assert.equal(await live("credential"), 1);
});

test("a log whose reader does not read costs lines, never an answer, and SIGTERM ends the server",
     async (t) => {
  const server = await startServer(t, { demo: true });
  const token = await server.token();
  const store = server.store.replace("matricula_owner@", "matricula_app@");
  // The pipe of standard error is not read: this process does not listen to it.
  const child = spawn(binary,
    ["serve", "--store", store, "--listen", "127.0.0.1:0", "--rate-limit", "0", "--threads", "1",
      "--log-queue-bytes", "4096"],
    { cwd: server.cwd, stdio: ["ignore", "pipe", "pipe"],
      env: cleanEnvironment({ MATRICULA_KEY_FILE: keyFileOf(server.store) }) });
  t.after(() => child.kill("SIGKILL"));
  child.stderr.pause();
  const ended = new Promise((resolve) => child.on("exit", (status) => resolve(status)));
  const [line] = await once(child.stdout, "data");
  const url = /listening on (\S+)/.exec(String(line))[1];
  for (let i = 0; i < 1_200; ++i) {
    const response = await fetch(`${url}/api/public/api/v1/catalog/graphql`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Token ${token}` },
      body: '{"query":"{__typename}"}',
      signal: AbortSignal.timeout(10_000),
    });
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  }
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  child.kill("SIGTERM");
  assert.equal(await Promise.race([ended, sleep(10_000, "still there")]), 0);
});

test("serve: what it prints and cannot be written ends it with 1, and no secret stays in force",
     async (t) => {
  const cwd = await makeStoreDirectory(t);
  const args = ["serve", "--demo", "--listen", "127.0.0.1:0"];
  const done = await redirected(args, ">/dev/full", { cwd });
  assert.equal(done.status, 1);
  assert.match(done.stderr, /cannot write to standard output: No space left on device/);
  for (const group of ["token", "credential"]) {
    const lines = await answer([group, "list"], { cwd });
    assert.ok(lines.every(({ revokedAt }) => revokedAt));
  }
});

test("serve: a closed standard output is no error; the demo then makes no secrets", async (t) => {
  const cwd = await makeStoreDirectory(t);
  const child = spawn("sh", ["-c", 'exec "$0" serve --demo --listen 127.0.0.1:0 >&-', binary],
    { cwd, env: cleanEnvironment(), stdio: ["ignore", "ignore", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  const ended = new Promise((resolve) => child.on("exit", (status) => resolve(status)));
  for (let i = 0; i < 200; ++i) {
    const listed = await matricula(["company", "list", "--json"], { cwd });
    if (listed.status === 0 && listed.stdout.length > 3) {
      break;
    }
    await sleep(100);
  }
  await sleep(1_000);
  assert.deepEqual(await answer(["credential", "list"], { cwd }), []);
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
  if (!onPostgres) {
    assert.equal(existsSync(join(cwd, "matricula.db")), true);
    assert.deepEqual((await answer(["check"], { cwd })).problems, []);
  }
});

function sleep(milliseconds, value) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}
