// What a newcomer sees first: `serve --demo` and the line it prints.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { shape } from "./answers.mjs";
import { matricula, runProgram, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { makeStoreDirectory, onPostgres } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const server = await startServer({ after }, { demo: true });

test("what a killed demo left in the temporary directory is removed by the next one", async (t) => {
  const directory = makeDirectory(t);
  const old = new Date(Date.now() - 3_600_000);
  for (const name of ["matricula-demo-aB3xyZ", "matricula-demo-young1", "matricula-demo-mine", "demo-aB3xyZ",
                      "matricula-demo-locked"]) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "users.ndjson"), "");
    if (!name.includes("young")) {
      utimesSync(join(directory, name), old, old);
    }
  }
  const holder = spawn("flock", [join(directory, "matricula-demo-locked"), "sh", "-c", "echo held; cat"],
                       { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => holder.stdin.end());
  await once(holder.stdout, "data");
  await startServer(t, { demo: true, env: { TMPDIR: directory } });
  assert.deepEqual(readdirSync(directory).sort(),
                   ["demo-aB3xyZ", "matricula-demo-locked", "matricula-demo-mine", "matricula-demo-young1"]);
});

test("the printed curl line works as it stands", async () => {
  const done = await runProgram("sh", ["-c", server.credential.curl]);
  assert.equal(done.status, 0, done.stderr);
  const { data } = JSON.parse(done.stdout);
  assert.equal(data.programProgress.edges.length, 3);
  assert.ok(data.programProgress.totalCount > 3);
  assert.equal(data.programProgress.pageInfo.hasNextPage, true);
  assert.match(data.programProgress.edges[0].node.userEmail, /@/);
});

test("the curl command of the README works as it stands", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, command] = /```sh run\n(curl [^`]+)```/.exec(readme);
  const env = { MATRICULA: server.url, TOKEN: await server.token() };
  const done = await runProgram("sh", ["-c", command], { env });
  assert.equal(done.status, 0, done.stderr);
  const [, shown] = /```json response\n(\{[^`]+)```/.exec(readme);
  assert.deepEqual(shape(JSON.parse(done.stdout)), shape(JSON.parse(shown)));
});

test("the credential answers with a token that reads data", async () => {
  const { clientId, clientSecret } = server.credential;
  const made = await server.graphql("tokens", null, {
    query: `mutation ($input: GenerateTokenInput!) {
      generateToken(input: $input) { unredactedToken }
    }`,
    variables: { input: { clientId, clientSecret } },
  });
  const token = made.body.data.generateToken.unredactedToken;
  const page = await server.graphql("catalog", token, {
    query: "{ __typename }",
  });
  assert.deepEqual(page.body, { data: { __typename: "Query" } });
});

test("every endpoint answers, and healthz and readyz say so", async () => {
  for (const path of ["healthz", "readyz"]) {
    const response = await fetch(`${server.url}/${path}`);
    assert.equal(response.status, 200, path);
  }
  const token = await server.token();
  for (const name of ["catalog", "program-progress", "assessment-progress",
    "learning-plan-progress"]) {
    const { status, body } = await server.graphql(name, token, { query: "{ __typename }" });
    assert.equal(status, 200, name);
    assert.deepEqual(body, { data: { __typename: "Query" } }, name);
  }
});

test("the printed log in works, for an admin of the company", async () => {
  const email = (await server.printed(/^ +email +(\S+)$/))[1];
  const password = (await server.printed(/^ +password +(\S+)$/))[1];
  const response = await fetch(`${server.url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  assert.equal(response.status, 200);
  const [admin] = await server.command(["user", "list"]);
  assert.deepEqual([admin.email, admin.isStaff, admin.adminOf],
                   [email, false, [server.credential.companyId]]);
});

test("lines are short, and the command is that of the program", { skip: onPostgres }, async () => {
  const [, command] = await server.printed(/^ {2}(\S+ token list --store \S+)$/);
  const done = await runProgram("sh", ["-c", command], { cwd: server.cwd });
  assert.equal(done.status, 0, done.stderr);
  assert.ok(server.output.every((line) => line.length <= 300));
});

test("the printed command names the key file where it was named", { skip: onPostgres }, async (t) => {
  const one = await startServer(t, { demo: true, args: ["--key-file", "my keys"] });
  const [, command] = await one.printed(/^ {2}(\S+ token list --store .*)$/);
  assert.match(command, / --key-file 'my keys'$/);
  const done = await runProgram("sh", ["-c", command], { cwd: one.cwd });
  assert.equal(done.status, 0, done.stderr);
});

test("SIGTERM ends it with status 0; the next start has new secrets", async (t) => {
  assert.deepEqual(await server.stop(), { status: 0, signal: null });
  const next = await startServer(t, { demo: true, store: server.store, cwd: server.cwd });
  assert.equal(next.credential.companyId, server.credential.companyId);
  assert.notEqual(next.credential.clientSecret, server.credential.clientSecret);
});

test("a store that the demo did not make is refused, and nothing is made there", async (t) => {
  const cwd = await makeStoreDirectory(t);
  await succeed(["generate", "--quiet", "--out", "data", "--learners", "10"], { cwd });
  await succeed(["import", "--quiet", "data"], { cwd });
  const done = await matricula(["serve", "--demo", "--listen", "127.0.0.1:0"], { cwd });
  assert.equal(done.status, 1);
  assert.equal(done.stdout, "");
  assert.match(done.stderr, /did not make\. Name another store, or serve this one without --demo/);
  for (const group of ["credential", "token", "user"]) {
    assert.equal(await succeed([group, "list"], { cwd }), "");
  }
});
