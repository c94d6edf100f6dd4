// Lists in memory, which are on unless they are switched off: as new as the store, and compared
// with it by `check --read-model`.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { matricula, runProgram, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { newStore, onPostgres, settingsOf } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const rounds = Number(process.env.READ_MODEL_ROUNDS ?? 20);

// The value of one of the server's metrics, without its common prefix; undefined where it is not there.
async function metric(server, name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`matricula_read_model_${name} `));
  return line && Number(line.split(" ")[1]);
}

const hits = (server) => metric(server, 'reads_total{outcome="hit"}');

async function ask(server, token, document) {
  const { status, body } = await server.graphql("assessment-progress", token, { query: document });
  assert.equal(status, 200);
  assert.equal(body.errors, undefined);
  return body.data.assessmentProgress;
}

// Asks until the list is in memory.
async function load(server, token) {
  for (let i = 0; i < 100 && !(await hits(server)); ++i) {
    await ask(server, token, "{ assessmentProgress(input: {first: 1}) { edges { cursor } } }");
    await sleep(50);
  }
  assert.ok(await hits(server) > 0);
}

// All of them have one time and no result.
function attempt(attemptId, report, status = "done") {
  return JSON.stringify({ attemptId, companyId: "1", assessmentId: "a1", assessmentStatus: status,
                          assessmentReport: report, createdAt: "2025-05-02T09:00:00Z",
                          updatedAt: "2025-05-02T09:00:00Z" });
}

// Data of one company whose attempts have these ids; each of a status of its own where that is asked for.
function makeData(t, ids, ownStatus = false) {
  const directory = makeDirectory(t);
  const write = (name, lines) => writeFileSync(join(directory, `${name}.ndjson`), `${lines.join("\n")}\n`);
  write("companies", ['{"id":"1","slug":"one","name":"One"}']);
  write("assessments", [JSON.stringify({ id: "a1", title: "Test", category: "PRACTICE", isTimed: false,
                                         totalQuestionsInAssessment: 1 })]);
  write("assessment_progress", ids.map((id) => attempt(id, "first", ownStatus ? id.toLowerCase() : "done")));
  return directory;
}

test("lists come from memory by default, and from tables where that is switched off", async (t) => {
  const server = await startServer(t, { data: makeData(t, ["t1", "t2"]) });
  await load(server, await server.token("1"));
  assert.equal(await metric(server, "companies"), 1);
  const off = await startServer(t, { store: server.store, cwd: server.cwd, args: ["--read-model-bytes", "0"] });
  await ask(off, await server.token("1"), "{ assessmentProgress { totalCount } }");
  assert.equal(await metric(off, "companies"), undefined);
});

test("a list that does not fit is counted, and tables answer", async (t) => {
  const { store, cwd } = await startServer(t, { data: makeData(t, ["t1", "t2"]) });
  const small = await startServer(t, { store, cwd, args: ["--read-model-bytes", "1000"] });
  const token = await small.token("1");
  const failures = (reason) => metric(small, `failures_total{reason="${reason}"}`);
  for (let i = 0; i < 100 && !(await failures("too_large")); ++i) {
    const { totalCount } = await ask(small, token, "{ assessmentProgress { totalCount } }");
    assert.equal(totalCount, 2);
    await sleep(50);
  }
  assert.ok(await failures("too_large") > 0);
  assert.equal(await failures("store"), 0);
  assert.equal(await hits(small), 0);
});

test("a list that has outgrown its room leaves it to others, and tables answer", async (t) => {
  const first = await startServer(t, { data: makeData(t, ["t1", "t2"]) });
  const { cwd, env, store } = first;
  await load(first, await first.token("1"));
  // An eighth is for catalogs.
  const room = String(4 * await metric(first, "bytes"));
  const small = await startServer(t, { store, cwd, args: ["--read-model-bytes", room] });
  const token = await small.token("1");
  await load(small, token);
  const file = join(cwd, "assessment_progress.ndjson");
  const count = 3_000;
  writeFileSync(file, `${Array.from({ length: count }, (_, i) => attempt(`more-${i}`, "x".repeat(100))).join("\n")}\n`);
  await succeed(["import", file, "--store", store, "--quiet"], { cwd, env });
  for (let i = 0; i < 100 && await metric(small, "bytes") > 0; ++i) {
    const { totalCount } = await ask(small, token, "{ assessmentProgress { totalCount } }");
    assert.equal(totalCount, count + 2);
    await sleep(50);
  }
  assert.equal(await metric(small, "bytes"), 0);
  assert.ok(await metric(small, 'failures_total{reason="too_large"}') > 0);
});

test("what another process has imported is in the next answer of each node", async (t) => {
  const first = await startServer(t, { data: makeData(t, ["t1"]) });
  const { cwd, env, store } = first;
  const nodes = [first, await startServer(t, { store, cwd }), await startServer(t, { store, cwd })];
  const token = await first.token("1");
  for (const node of nodes) {
    await load(node, token);
  }
  const file = join(cwd, "assessment_progress.ndjson");
  const before = await Promise.all(nodes.map(hits));
  for (let round = 0; round < rounds; ++round) {
    const isThere = round % 5 !== 4;
    writeFileSync(file, `${isThere ? attempt("t1", `round ${round}`) : '{"_delete":true,"attemptId":"t1"}'}\n`);
    await succeed(["import", file, "--store", store, "--quiet"], { cwd, env });
    for (const node of nodes) {
      const { totalCount, edges } =
        await ask(node, token, "{ assessmentProgress { totalCount edges { node { assessmentReport } } } }");
      assert.deepEqual(edges.map((edge) => edge.node.assessmentReport), isThere ? [`round ${round}`] : []);
      assert.equal(totalCount, isThere ? 1 : 0);
    }
  }
  for (const [i, node] of nodes.entries()) {
    assert.ok(await hits(node) >= before[i] + rounds / 2, "from memory");
  }
  assert.equal((await first.command(["check", "--read-model"])).ok, true);
});

// Tables that sort the ids of attempts by the rules of a language, as memory never does.
const sortOtherwise = {
  sqlite: `
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute("PRAGMA writable_schema = ON")
store.execute("UPDATE sqlite_schema SET sql = replace(sql, 'attempt_id TEXT', 'attempt_id TEXT COLLATE NOCASE') WHERE name = 'assessment_progress'")
store.commit()
`,
  postgres: `ALTER TABLE assessment_progress ALTER COLUMN attempt_id TYPE text COLLATE "und-x-icu"`,
};

// What check --read-model finds in such a store of two attempts.
async function problemsOf(t, ownStatus) {
  const cwd = makeDirectory(t);
  const store = await newStore(cwd);
  const env = settingsOf(store);
  await succeed(["migrate", "--store", store, "--quiet"], { cwd, env });
  const changed = onPostgres
    ? await runProgram("psql", ["--no-psqlrc", "--quiet", "-c", sortOtherwise.postgres, store])
    : await runProgram("python3", ["-c", sortOtherwise.sqlite, store.replace("sqlite:", "")]);
  assert.equal(changed.status, 0, changed.stderr);
  const data = makeData(t, ["a1", "B1"], ownStatus);
  await succeed(["import", data, "--store", store, "--quiet"], { cwd, env });
  await succeed(["check", "--store", store], { cwd, env });
  const found = await matricula(["check", "--read-model", "--json", "--store", store], { cwd, env });
  assert.equal(found.status, 1);
  const { ok, problems } = JSON.parse(found.stdout);
  assert.equal(ok, false);
  return problems;
}

test("check --read-model finds the row that is another one in memory", async (t) => {
  // The first order, by status, does not depend on the ids.
  assert.deepEqual(await problemsOf(t, true), ["ASSESSMENT_RESULT", "CREATED_AT", "UPDATED_AT"].map((order) =>
    `assessment_progress of company 1: row 1 in the order ${order} is another one in memory`));
});

test("check --read-model finds rows that are not read in the order that memory has", async (t) => {
  assert.deepEqual(await problemsOf(t, false),
                   ["assessment_progress of company 1: The tables give its rows in another order than memory has."]);
});
