// Who may ask what: every row of the contract's table of refusals, against the running server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { after, test } from "node:test";

import { succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const cwd = makeDirectory({ after });
const data = join(cwd, "data");
await succeed(["generate", "--out", data, "--learners", "60", "--companies", "2", "--quiet"]);
const records = (name) => readFileSync(join(data, `${name}.ndjson`), "utf8").trim().split("\n")
  .map((line) => JSON.parse(line));
const [one, two] = records("companies").map(({ id }) => id);

const server = await startServer({ after }, { data, cwd });
const token = await server.token(one);
const both = (await server.command(["token", "create", "--company", one, "--company", two])).token;
const staff = await server.userToken(one, "staff@example.com");
await server.command(["user", "set-roles", "--email", "staff@example.com", "--staff"]);

// Sends a query with any value of Authorization.
async function send(name, authorization, query, headers = {}) {
  const all = { "Content-Type": "application/json", ...headers };
  if (authorization) {
    all.Authorization = authorization;
  }
  const response = await fetch(server.endpoint(name), {
    method: "POST", headers: all, body: JSON.stringify({ query }),
  });
  return [response.status, await response.json(), response.headers];
}

function notAuthorized(...path) {
  return {
    data: null,
    errors: [{ message: "not authorized", path, extensions: { code: "UNAUTHORIZED" } }],
  };
}

const query = "{ __typename }";
const dataEndpoints = ["catalog", "program-progress", "assessment-progress",
  "learning-plan-progress"];

test("no Authorization header is 401", async () => {
  for (const name of [...dataEndpoints, "tokens"]) {
    const [status, body, headers] = await send(name, null, query);
    assert.equal(status, 401, name);
    assert.equal(body.errors[0].message, "no Authorization header");
    assert.match(headers.get("x-request-id"), /^[0-9a-f]{32}$/);
    assert.equal(headers.get("www-authenticate"), name === "tokens" ? "Bearer" : "Token");
  }
});

test("an unknown token and a wrong scheme are 401", async () => {
  for (const authorization of ["Token unknown", `Token ${"0".repeat(32)}`, `Bearer ${token}`,
    `Basic ${token}`, token, `Token ${token} x`]) {
    const [status, body] = await send("catalog", authorization, query);
    assert.equal(status, 401, authorization);
    assert.equal(body.errors[0].message, "token not found");
  }
});

test("an expired or revoked token is 401", async () => {
  const revoked = await server.command(["token", "create", "--company", one]);
  await server.command(["token", "revoke", revoked.id]);
  const short = await server.command(["token", "create", "--company", one, "--expires-in", "1"]);
  await delay(Math.max(0, Date.parse(short.expiresAt) - Date.now()) + 20);
  for (const made of [revoked, short]) {
    const [status, body] = await send("catalog", `Token ${made.token}`, query);
    assert.equal(status, 401);
    assert.equal(body.errors[0].message, "token is no longer valid");
  }
});

test("a token without the scope is 403, at the first root field's response key", async () => {
  const [, made] = await send("tokens", `Bearer ${staff}`,
                              'mutation { createToken(input: {description: "none"}) '
                              + "{ unredactedToken } }");
  const bare = made.data.createToken.unredactedToken;
  for (const name of dataEndpoints) {
    const [status, body] = await send(name, `Token ${bare}`, "{ first: __typename second: __typename }");
    assert.equal(status, 403);
    assert.deepEqual(body, notAuthorized("first"));
  }
});

test("another company's plan and one that does not exist look the same", async () => {
  const plan = records("learning_plans").find(({ companyId }) => companyId === two)?.id;
  const ask = (id) => send("learning-plan-progress", `Token ${token}`,
                           `{ learningPlanProgress(input: {planId: "${id}"}) { totalCount } }`);
  const contract = records("contracts").find(({ companyId }) => companyId === two).id;
  const cover = (id) => send("catalog", `Token ${token}`, `{ catalog(contractId: "${id}") { companyId } }`);
  for (const [answers, path] of [
    [[await ask(plan ?? "another"), await ask("nothing")], "learningPlanProgress"],
    [[await cover(contract), await cover("nothing")], "catalog"],
  ]) {
    for (const [status, body] of answers) {
      assert.equal(status, 200);
      assert.equal(body.data, null);
      assert.equal(body.errors[0].message, "not authorized");
      assert.deepEqual(body.errors[0].path, [path]);
      assert.equal(body.errors[0].extensions.code, "UNAUTHORIZED");
    }
    assert.deepEqual(answers[0][1], answers[1][1]);
  }
});

test("generateToken refuses what is wrong, all in one way", async () => {
  const credential = await server.command(["credential", "create", "--company", one]);
  const revoked = await server.command(["credential", "create", "--company", one]);
  await server.command(["credential", "revoke", revoked.id]);
  const many = await server.command(["credential", "create", "--company", one, "--company", two]);
  const generate = (clientId, clientSecret, companyId) => send("tokens", null,
    `mutation { generateToken(input: {clientId: "${clientId}", clientSecret: "${clientSecret}"`
    + `${companyId ? `, companyId: "${companyId}"` : ""}}) { unredactedToken expiresIn } }`);
  for (const attempt of [
    [credential.clientId, "wrong"],
    ["udcl_00000000000000000000000000000000", credential.clientSecret],
    [revoked.clientId, revoked.clientSecret],
    [credential.clientId, credential.clientSecret, two],
  ]) {
    const [status, body] = await generate(...attempt);
    assert.equal(status, 200);
    assert.equal(body.errors[0].message, "invalid client credentials");
    assert.deepEqual(body.errors[0].path, ["generateToken"]);
    assert.equal(body.errors[0].extensions.code, "UNAUTHORIZED");
  }
  const [status, body] = await generate(many.clientId, many.clientSecret);
  assert.equal(status, 200);
  assert.match(body.errors[0].message, /companyId/);
  assert.equal(body.errors[0].extensions.code, "BAD_USER_INPUT");
  const [, made] = await generate(many.clientId, many.clientSecret, two);
  assert.equal(made.data.generateToken.expiresIn, 3600);
  const fresh = `Token ${made.data.generateToken.unredactedToken}`;
  const [, page] = await send("catalog", fresh, "{ catalog { companyId } }");
  assert.equal(page.data.catalog.companyId, two);
});

test("a token of several companies needs X-Company-Id, and one that it covers", async () => {
  const document = "{ catalog { companyId } }";
  const [status, body] = await send("catalog", `Token ${both}`, document);
  assert.equal(status, 200);
  assert.equal(body.errors[0].extensions.code, "BAD_USER_INPUT");
  assert.match(body.errors[0].message, /X-Company-Id/);
  for (const company of [one, two]) {
    const [, page] = await send("catalog", `Token ${both}`, document, { "X-Company-Id": company });
    assert.equal(page.data.catalog.companyId, company);
  }
  for (const [authorization, company] of [[both, "nobody"], [token, two]]) {
    const refused = await send("catalog", `Token ${authorization}`, document,
                               { "X-Company-Id": company });
    assert.deepEqual(refused.slice(0, 2), [403, notAuthorized("catalog")]);
  }
});

test("over the rate limit: 429 with its own body, and a valid token is not held to account",
     async (t) => {
  const limited = await startServer(t, { store: server.store, cwd, args: ["--rate-limit", "3"] });
  const ask = (authorization) => limited.graphql("catalog", authorization, { query });
  for (const remaining of ["2", "1", "0"]) {
    const { status, headers } = await ask("unknown");
    assert.equal(status, 401);
    assert.equal(headers.get("x-ratelimit-limit"), "3");
    assert.equal(headers.get("x-ratelimit-remaining"), remaining);
  }
  const refused = await ask("unknown");
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("x-ratelimit-remaining"), "0");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60);
  assert.deepEqual(refused.body, {
    error: {
      message: "Rate limit exceeded. Please try again later.", code: "RATE_LIMIT_EXCEEDED",
    },
  });
  assert.equal((await ask(token)).status, 200);
  const off = await server.graphql("catalog", token, { query });
  assert.equal(off.headers.get("x-ratelimit-limit"), null);
});
