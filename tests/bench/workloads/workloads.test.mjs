// The workloads can be measured: the servers start on both stores, every one gives the same answers,
// and wrk gets through. The store is tiny, and what is measured is not looked at. Lists are not
// loaded into memory, since that waits for an idle machine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const dir = mkdtempSync(join(tmpdir(), "matricula-workloads-"));
after(() => rmSync(dir, { recursive: true, force: true }));
const names = ["P50", "P100d", "PSMALL", "PCOUNT", "PSEARCH", "CAT", "MIX"];

function run(...args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("run.mjs", import.meta.url)),
      "--binary", process.env.MATRICULA_E2E_BINARY, "--cluster", process.env.MATRICULA_E2E_CLUSTER,
      "--dir", dir, "--learners", "200", "--compared", "4", "--no-memory", ...args]);
    let output = "";
    child.stdout.on("data", (text) => { output += text; });
    child.stderr.on("data", (text) => { output += text; });
    child.on("close", (status) => resolve({ status, output }));
  });
}

// What the peer is made of asks for a later Node.js than other tests do, and is built here.
const isMissing = Number(process.versions.node.split(".")[0]) < 20 ? "the peer needs Node.js 20"
  : !existsSync(new URL("node_modules/better-sqlite3/build", import.meta.url)) && "no better-sqlite3";

test("every workload has the same answers from the server and from the peer", { skip: isMissing },
  async () => {
    const { status, output } = await run("--stores", "sqlite,postgres", "--seconds", "0");
    assert.equal(status, 0, output);
    for (const name of names) {
      assert.match(output, new RegExp(`^${name} +the same answers from 4 servers$`, "m"));
    }
  });

test("a run measures requests a second and compares them with the peer's", { skip: isMissing },
  async () => {
    const { status, output } = await run("--workloads", "PSMALL", "--seconds", "1", "--rounds", "1",
      "--connections", "2");
    assert.equal(status, 0, output);
    assert.match(output, /^PSMALL +Matricula, SQLite, from tables +[1-9]\d*\/s .* = \d+\.\d\d of the peer's/m);
    assert.match(output, /^PSMALL +Mercurius, SQLite +[1-9]\d*\/s/m);
  });
