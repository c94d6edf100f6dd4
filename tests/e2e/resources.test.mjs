// What the system does not give: files that may not grow, threads.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { binary, runProgram } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { makeStoreDirectory } from "./store.mjs";

// Runs the program with a limit of the shell.
function limited(limit, args, options) {
  return runProgram("sh", ["-c", `ulimit ${limit} && exec "$0" "$@"`, binary, ...args], options);
}

test("a file that may not grow is an error that names it, and ends no command", async (t) => {
  const cwd = await makeStoreDirectory(t);
  const made = await limited("-f 200", ["generate", "--out", "data", "--learners", "2000",
    "--companies", "1", "--quiet"], { cwd });
  assert.deepEqual([made.status, made.signal], [1, null]);
  assert.match(made.stderr, /^matricula: data\/users\.ndjson cannot be written/);
  assert.ok(!readdirSync(join(cwd, "data")).includes("program_progress.ndjson"));
});

test("a file that may not grow ends one download and not the server", async (t) => {
  const server = await startServer(t, { demo: true });
  const headers = { Authorization: `Token ${await server.token()}` };
  const read = async (table) => {
    const response = await fetch(`${server.url}/data/v1/tables/${table}.ndjson`, { headers });
    return [response.status, (await response.text()).length];
  };
  assert.equal((await read("contracts"))[0], 200);
  execFileSync("prlimit", ["--pid", `${server.child.pid}`, "--fsize=500000:"]);
  // It is sent while it is made, so that its end is missing.
  await assert.rejects(read("program_progress"));
  assert.equal((await read("contracts"))[0], 200);
  execFileSync("prlimit", ["--pid", `${server.child.pid}`, "--fsize=unlimited:"]);
  const [status, bytes] = await read("program_progress");
  assert.equal(status, 200);
  assert.ok(bytes > 500_000);
  const told = server.logs.filter((line) => line.message === "a file could not be made");
  assert.equal(told.length, 1);
  assert.match(JSON.stringify(told[0]), /program_progress/);
});

test("a server that gets too few threads says so before it listens", async (t) => {
  const cwd = await makeStoreDirectory(t);
  await runProgram(binary, ["migrate", "--quiet"], { cwd });
  const { status, signal, stdout, stderr } = await limited("-v 200000", ["serve", "--threads", "1",
    "--workers", "200", "--listen", "127.0.0.1:0", "--allow-privileged-role"], { cwd });
  assert.deepEqual([status, signal, stdout], [1, null, ""]);
  assert.match(stderr, /^matricula: The system starts no more than \d+ of the 234 threads that this /);
  assert.match(stderr, /fewer --threads and --workers/);
});
