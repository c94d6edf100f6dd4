// Token exchange, logins and revocations go on while one large file is imported: on PostgreSQL as
// if it were not, on SQLite within the time that writers wait.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { holdRecords, onPostgres } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const cwd = makeDirectory({ after });
const data = join(cwd, "data");
await succeed(["generate", "--out", data, "--learners", "10000", "--companies", "1", "--quiet"]);
const file = join(data, "program_progress.ndjson");
const records = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
const company = records[0].companyId;
const server = await startServer({ after }, { cwd, args: ["--rate-limit", "0"] });
for (const entity of ["companies", "contracts", "users", "programs", "learning_plans"]) {
  await importFile(join(data, `${entity}.ndjson`));
}
const credential = await server.command(["credential", "create", "--company", company]);
const person = { email: "admin@example.com", password: "correct horse battery staple" };
await server.command(["user", "add", "--email", person.email, "--admin-of", company,
  "--password-stdin"], { input: `${person.password}\n` });

async function importFile(path) {
  const { status, stderr } = await server.cli(["import", "--quiet", path]);
  assert.equal(status, 0, stderr);
}

async function exchange() {
  const { body } = await server.graphql("tokens", undefined, {
    query: "mutation ($input: GenerateTokenInput!) { generateToken(input: $input) "
      + "{ unredactedToken token { id } } }",
    variables: { input: { clientId: credential.clientId, clientSecret: credential.clientSecret } },
  });
  assert.match(body.data?.generateToken.unredactedToken ?? JSON.stringify(body), /^\w+$/);
  return body.data.generateToken.token.id;
}

const post = (path, headers, body) => fetch(`${server.url}${path}`, {
  method: "POST", headers: { "Content-Type": "application/json", ...headers }, body,
});

// Logs in, revokes a token, and logs out.
async function visit() {
  const id = await exchange();
  const login = await post("/auth/login", {}, JSON.stringify(person));
  assert.equal(login.status, 200);
  const { token, csrfToken } = await login.json();
  const { body } = await server.graphql("tokens", undefined, {
    query: `mutation { revokeToken(tokenId: "${id}") }`,
  }, { Authorization: `Bearer ${token}` });
  assert.deepEqual(body, { data: { revokeToken: true } });
  const cookie = login.headers.get("set-cookie").split(";")[0];
  const logout = await post("/auth/logout", { cookie, "X-CSRF-Token": csrfToken });
  assert.equal(logout.status, 204);
}

// Imports the records while others come and go: how often, and the longest that one step waited.
async function longestWaitDuring(lines) {
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
  let done = false;
  let longest = 0;
  let count = 0;
  const timed = async (step) => {
    while (!done) {
      const start = performance.now();
      await step();
      longest = Math.max(longest, performance.now() - start);
      ++count;
      await sleep(20);
    }
  };
  const others = Promise.all([timed(exchange), timed(visit)]);
  await Promise.all([importFile(file).finally(() => { done = true; }), others]);
  return { longest, count };
}

// On PostgreSQL the others do not wait for the import at all: what is left is a machine that is
// busy with it.
const waitMax = onPostgres ? 3_000 : 10_000;

test("token exchange, logins and revocations succeed during the import of one large file",
     async (t) => {
       const load = await longestWaitDuring(records);
       // Every row, in columns of half of the table's indexes.
       const changes = await longestWaitDuring(records.map((record) => ({
         ...record,
         learnerHours: record.learnerHours + 1,
         completionPercentage: (record.completionPercentage + 13) % 100,
         projectsRequiredCompleted: record.projectsRequiredCompleted + 1,
         updatedAt: undefined,
       })));
       t.diagnostic(`${records.length} records: the longest wait ${load.longest.toFixed(0)} ms at the `
         + `first load, ${changes.longest.toFixed(0)} ms when every row changed; `
         + `${load.count + changes.count} steps of others`);
       assert.ok(load.count >= 2 && changes.count >= 2);
       assert.ok(load.longest < waitMax && changes.longest < waitMax);
     });

test("access is given and taken away while somebody else writes records",
     { skip: !onPostgres && "an SQLite store has one writer" }, async () => {
       const release = await holdRecords(server.store);
       await visit();
       const made = await server.command(["token", "create", "--company", company]);
       await server.command(["token", "revoke", made.id]);
       const other = await server.command(["credential", "create", "--company", company]);
       await server.command(["credential", "rotate", other.id]);
       await server.command(["credential", "revoke", other.id]);
       await server.command(["limits", "set", "--company", company, "--requests", "7"]);
       await server.command(["user", "set-roles", "--email", person.email]);
       await server.command(["user", "set-password", "--email", person.email, "--password-stdin"],
                            { input: "another long password\n" });
       // A person is a record: whoever adds one waits, and is told so.
       const added = await server.cli(["user", "add", "--email", "b@example.com",
         "--password-stdin"], { input: "another long password\n" });
       assert.equal(added.status, 1);
       assert.match(added.stderr, /The store is busy/);
       await release();
     });
