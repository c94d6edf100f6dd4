// The data API: who may read, for which company, and how often.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ask as send, basic, errorOf } from "./data_api.mjs";
import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const hooks = { after };
const data = makeDirectory(hooks);
const [ours, theirs, others] = ["acme", "globex", "initech"];
writeFileSync(join(data, "companies.ndjson"), [ours, theirs, others]
  .map((id) => `${JSON.stringify({ id, slug: id, name: id })}\n`).join(""));
const server = await startServer(hooks, { data });
const token = await server.token(ours);

// A request with our token unless `headers` bring another Authorization, or an undefined one.
function ask(path, { method, headers = {} } = {}) {
  const all = { Authorization: `Token ${token}`, ...headers };
  return send(`${server.url}/data/v1/${path}`, {
    method,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  });
}

test("tokens, credentials and their schemes open it, others do not", async () => {
  const pair = await server.command(["credential", "create", "--company", ours]);
  for (const value of [`Token ${token}`, `Bearer ${token}`, `token ${token}`,
                       basic(pair.clientId, pair.clientSecret)]) {
    const answer = await ask("tables", { headers: { Authorization: value } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(JSON.parse(answer.text).companyId, ours);
  }
  const cases = [
    [undefined, "no Authorization header"],
    ["Token 00000000000000000000000000000000", "token not found"],
    ["Digest abc", "token not found"],
    ["Bearer abc", "token not found"],
    [basic(pair.clientId, `${pair.clientSecret}x`), "invalid client credentials"],
    [basic("udcl_0", pair.clientSecret), "invalid client credentials"],
    ["Basic !", "invalid client credentials"],
    ["Basic", "token not found"],
  ];
  for (const [value, message] of cases) {
    const answer = await ask("tables/users.csv", { headers: { Authorization: value } });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers["www-authenticate"], 'Basic realm="Matricula"');
    assert.equal(JSON.parse(answer.text).errors[0].message, message);
  }
  const made = await server.command(["token", "create", "--company", ours]);
  await server.command(["token", "revoke", made.id]);
  const ended = await ask("changes", { headers: { Authorization: `Bearer ${made.token}` } });
  assert.equal(ended.status, 401);
  assert.equal(JSON.parse(ended.text).errors[0].message, "token is no longer valid");
});

test("a logged-in admin may read by JWT, or by the cookie where the browser vouches", async () => {
  const jwt = await server.userToken(ours, "reader@example.com");
  const byJwt = await ask("tables", { headers: { Authorization: `Bearer ${jwt}` } });
  assert.equal(JSON.parse(byJwt.text).companyId, ours);
  const login = await fetch(`${server.url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "reader@example.com", password: "correct horse battery staple" }),
  });
  const Cookie = login.headers.get("Set-Cookie").split(";")[0];
  const byCookie = (site) => ask("tables/companies.csv", {
    headers: { Authorization: undefined, Cookie, ...(site ? { "Sec-Fetch-Site": site } : {}) },
  });
  assert.equal((await byCookie("same-origin")).status, 200);
  assert.equal((await byCookie("none")).status, 200);
  for (const site of [undefined, "same-site", "cross-site"]) {
    const refused = await byCookie(site);
    assert.equal(refused.status, 401);
    assert.equal(JSON.parse(refused.text).errors[0].message, "no Authorization header");
  }
  const other = await ask(`tables?company=${theirs}`, { headers: { Authorization: `Bearer ${jwt}` } });
  assert.deepEqual(errorOf(other), { status: 403, code: "UNAUTHORIZED", message: "not authorized" });
});

test("of several companies one is chosen, by header or parameter", async () => {
  const made = await server.command(["token", "create", "--company", ours, "--company", theirs]);
  const Authorization = `Token ${made.token}`;
  const chosen = async (query, headers = {}) => {
    const answer = await ask(`tables${query}`, { headers: { Authorization, ...headers } });
    return answer.status === 200 ? JSON.parse(answer.text).companyId : errorOf(answer);
  };
  const choose = { status: 400, code: "BAD_USER_INPUT",
    message: "You may read several companies: name one in the header X-Company-Id or by ?company=." };
  const differ = { status: 400, code: "BAD_USER_INPUT",
    message: "The request names two companies; name one, in the header X-Company-Id or by ?company=." };
  const refused = { status: 403, code: "UNAUTHORIZED", message: "not authorized" };
  assert.deepEqual(await chosen(""), choose);
  assert.equal(await chosen(`?company=${theirs}`), theirs);
  assert.equal(await chosen("", { "X-Company-Id": ours }), ours);
  assert.equal(await chosen(`?company=${ours}`, { "X-Company-Id": ours }), ours);
  assert.deepEqual(await chosen(`?company=${ours}`, { "X-Company-Id": theirs }), differ);
  assert.deepEqual(await chosen(`?company=${others}`), refused);
  assert.deepEqual(await chosen("?company=none"), refused);
  // The link to the next page names the company that the header chose.
  const page = await ask("changes?limit=1", { headers: { Authorization, "X-Company-Id": ours } });
  const [, next] = /^<(.*)>; rel="next"$/.exec(page.headers.link);
  assert.equal(new URL(next, server.url).searchParams.get("company"), ours);
  for (const headers of [{}, { "X-Company-Id": ours }]) {
    const followed = await ask(next.replace("/data/v1/", ""), { headers: { Authorization, ...headers } });
    assert.equal(followed.status, 200, followed.text);
  }
  const none = await ask("tables", { headers: { "X-Company-Id": theirs } });
  assert.deepEqual(errorOf(none), refused);
});

test("a credential held to some endpoints reads only where all four are among them", async () => {
  const status = async (...endpoints) => {
    const made = await server.command(["credential", "create", "--company", ours,
      ...endpoints.flatMap((name) => ["--endpoint", name])]);
    return (await ask("tables", {
      headers: { Authorization: basic(made.clientId, made.clientSecret) },
    })).status;
  };
  assert.equal(await status("catalog", "program-progress"), 403);
  assert.equal(await status("catalog", "program-progress", "assessment-progress",
    "learning-plan-progress"), 200);
});

test("each request counts once, and the 429 is that of every endpoint", async (t) => {
  const limited = await startServer(t, { store: server.store, args: ["--rate-limit", "4"] });
  const made = await limited.token(ours);
  const get = (headers) => send(`${limited.url}/data/v1/tables/companies.ndjson`, { headers });
  const Authorization = `Token ${made}`;
  for (const left of ["3", "2", "1", "0"]) {
    const answer = await get({ Authorization });
    assert.equal(answer.headers["x-ratelimit-limit"], "4");
    assert.equal(answer.headers["x-ratelimit-remaining"], left);
  }
  const refused = await get({ Authorization });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers["retry-after"]) >= 1);
  assert.deepEqual(JSON.parse(refused.text), { error: {
    message: "Rate limit exceeded. Please try again later.", code: "RATE_LIMIT_EXCEEDED" } });
  // Wrong pairs are the address's.
  const pair = await limited.command(["credential", "create", "--company", ours]);
  const wrong = { Authorization: basic(pair.clientId, `udcs_${"0".repeat(36)}`) };
  for (let i = 0; i < 4; ++i) {
    assert.equal((await get(wrong)).status, 401);
  }
  assert.equal((await get(wrong)).status, 429);
  assert.equal((await get({ Authorization: basic(pair.clientId, pair.clientSecret) })).status, 200);
});
