import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";

import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const hooks = { after };
const data = makeDirectory(hooks);
writeFileSync(join(data, "companies.ndjson"),
              '{"id":"1","slug":"acme","name":"Acme"}\n{"id":"2","slug":"globex","name":"Globex"}\n');
const server = await startServer(hooks, { data, args: ["--rate-limit", "30"] });
const secret = "correct horse battery staple";
for (const [email, ...roles] of [["ada@acme.example", "--admin-of", "1"],
                                 ["bob@globex.example", "--admin-of", "2"]]) {
  await server.command(["user", "add", "--email", email, "--password-stdin", ...roles],
                       { input: `${secret}\n` });
}

// {Cookie, "X-CSRF-Token"} of a new session.
async function session(email) {
  const answer = await fetch(`${server.url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: secret }),
  });
  return {
    Cookie: answer.headers.get("Set-Cookie").split(";")[0],
    "X-CSRF-Token": (await answer.json()).csrfToken,
  };
}

async function get(path, headers, method = "GET") {
  const answer = await fetch(`${server.url}/portal/api${path}`, { method, headers });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

test("the portal's data needs the cookie and its CSRF token together", async () => {
  const both = await session("ada@acme.example");
  assert.equal((await get("/companies/acme", both)).status, 200);
  for (const part of [{}, { Cookie: both.Cookie }, { "X-CSRF-Token": both["X-CSRF-Token"] },
                      { ...both, "X-CSRF-Token": "0".repeat(64) }]) {
    const refused = await get("/companies/acme", part);
    assert.equal(refused.status, 401);
    assert.deepEqual(Object.keys(refused.body), ["errors"]);
  }
  const token = await server.token("1");
  assert.equal((await get("/companies/acme", { Authorization: `Token ${token}` })).status, 401);
  assert.equal((await get("/companies/acme", both, "POST")).status, 405);
  assert.match((await get("/companies", both)).headers.get("Cache-Control"), /no-store/);
});

test("admins see what reads their company and end that alone", async () => {
  const ada = await session("ada@acme.example");
  const made = await server.command(["token", "create", "--company", "1", "--company", "2",
                                     "--description", "acme and globex"]);
  const { tokens } = (await get("/companies/acme/tokens", ada)).body;
  const shown = tokens.find(({ id }) => id === made.id);
  assert.deepEqual(shown, {
    id: made.id,
    redactedToken: `${made.token.slice(0, 4)}****${made.token.slice(-4)}`,
    description: "",
    createdBy: "operator",
    createdAt: shown.createdAt,
    expiresAt: made.expiresAt,
    lastUsedAt: null,
    scopes: ["COMPANY"],
  });
  const shared = await server.command(["credential", "create", "--company", "1", "--company", "2"]);
  const answer = await fetch(
    `${server.url}/portal/api/companies/acme/credentials/${shared.id}/withdraw`,
    { method: "POST", headers: ada });
  assert.equal(answer.status, 204);
  const listed = await server.command(["credential", "list"]);
  assert.deepEqual(listed.find(({ id }) => id === shared.id).companyIds, ["2"]);
});

test("a credential is made with restrictions, which hold; its use is told by endpoint", async () => {
  const ada = await session("ada@acme.example");
  const send = (path, body) =>
    fetch(`${server.url}/portal/api/companies/acme/credentials${path}`, {
      method: "POST",
      headers: { ...ada, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const made = await send("", { description: "Nightly", endpoints: ["catalog", "program-progress"] });
  assert.equal(made.status, 200);
  assert.equal(made.headers.get("Cache-Control"), "no-store");
  const { clientId, clientSecret, id, companyIds } = await made.json();
  assert.deepEqual(companyIds, ["1"]);
  const { body } = await server.graphql("tokens", null, {
    query: `mutation($input: GenerateTokenInput!) { generateToken(input: $input) { unredactedToken } }`,
    variables: { input: { clientId, clientSecret } },
  });
  const token = body.data.generateToken.unredactedToken;
  const status = async (endpoint) =>
    (await server.graphql(endpoint, token, { query: "{ __typename }" })).status;
  assert.deepEqual(
    [await status("catalog"), await status("program-progress"), await status("assessment-progress")],
    [200, 200, 403]);
  // With id and secret, at the data API; tables show more than the credential's endpoints do.
  const pair = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const tables = await fetch(`${server.url}/data/v1/tables`,
    { headers: { Authorization: `Basic ${pair}` } });
  assert.equal(tables.status, 403);
  const wrong = await send(`/${id}/restrictions`, { networks: ["192.0.2.1/24"], endpoints: [] });
  assert.equal(wrong.status, 400);
  assert.match((await wrong.json()).errors[0].message, /^"192\.0\.2\.1\/24" has bits behind its prefix; the network is 192\.0\.2\.0\/24\.$/);
  const narrower = { networks: ["192.0.2.0/24"], endpoints: [] };
  assert.equal((await send(`/${id}/restrictions`, narrower)).status, 204);
  assert.equal(await status("catalog"), 403);
  // Use is written down within some seconds.
  let company;
  for (let i = 0; i < 10 && !(company?.usage.sources.length > 0); ++i) {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    company = (await get("/companies/acme", ada)).body;
  }
  assert.deepEqual(company.restrictions, [{ id, networks: ["192.0.2.0/24"], endpoints: [] }]);
  const named = { kind: "credential", id, name: "Nightly", refused: 0 };
  // What came from another network is not the credential's.
  assert.deepEqual(company.usage.sources.map(({ endpoint, ...rest }) => [endpoint, rest]), [
    ["assessment-progress", { ...named, answered: 1 }],
    ["catalog", { ...named, answered: 1 }],
    ["data", { ...named, answered: 1 }],
    ["program-progress", { ...named, answered: 1 }],
  ]);
  assert.equal(company.usage.days.at(-1).answered + company.usage.days.at(-2).answered, 4);
});

test("a body of another type or with a misspelled member makes and lifts nothing", async () => {
  const ada = await session("ada@acme.example");
  const credential = await server.command(
    ["credential", "create", "--company", "1", "--endpoint", "catalog"]);
  const send = async (path, body, type) => {
    const answer = await fetch(`${server.url}/portal/api/companies/acme/credentials${path}`, {
      method: "POST", headers: { ...ada, ...(type ? { "Content-Type": type } : {}) },
      body: Buffer.from(body),
    });
    return [answer.status, answer.status === 204 ? "" : (await answer.json()).errors[0].message];
  };
  const restrict = `/${credential.id}/restrictions`;
  for (const type of ["text/plain", "application/x-www-form-urlencoded", undefined]) {
    assert.equal((await send("", "{}", type))[0], 415);
    assert.equal((await send(restrict, '{"networks":[],"endpoints":[]}', type))[0], 415);
  }
  const json = "application/json";
  assert.deepEqual(await send("", '{"network":["10.0.0.0/8"]}', json),
    [400, 'Unknown member "network"; there are description, companyIds, networks, endpoints.']);
  assert.deepEqual(await send(restrict, '{"endpoint":["catalog"]}', json),
    [400, 'Unknown member "endpoint"; there are networks, endpoints.']);
  assert.deepEqual(await send(restrict, "{}", json), [400,
    'The body has no "networks": send both "networks" and "endpoints", [] for no restriction.']);
  const { body } = await get("/companies/acme", ada);
  assert.deepEqual(body.restrictions.find(({ id }) => id === credential.id),
    { id: credential.id, networks: [], endpoints: ["catalog"] });
});

test("an admin sees nothing of another company", async () => {
  const bob = await session("bob@globex.example");
  await server.command(["credential", "create", "--company", "2"]);
  const absent = await get("/companies/nowhere", bob);
  const foreign = await get("/companies/acme", bob);
  assert.equal(absent.status, 404);
  assert.deepEqual([foreign.status, foreign.body], [absent.status, absent.body]);
  assert.equal((await get("/companies/acme/audit", bob)).status, 404);
  assert.deepEqual((await get("/companies", bob)).body,
                   { companies: [{ id: "2", slug: "globex", name: "Globex" }], more: false });
  const trail = (await get("/companies/globex/audit", bob)).body;
  assert.equal(trail.rows[0].action, "credential.create");
  assert.equal((await get("/companies/globex", bob)).body.limits.requests, 30);
});

test("the server searches the trail and the tokens of a company", async () => {
  const bob = await session("bob@globex.example");
  const made = await server.command(["credential", "create", "--company", "2", "--description",
                                     "Nächtlich"]);
  const token = await server.command(["token", "create", "--company", "2", "--description", "Probe"]);
  const words = encodeURIComponent("NÄCHTLICH created");
  const found = (await get(`/companies/globex/audit?q=${words}`, bob)).body;
  assert.deepEqual(found.rows.map(({ target, actionText }) => [target, actionText]),
                   [[made.id, "Created a credential"]]);
  assert.equal(found.next, null);
  const part = (await get("/companies/globex/audit?rows=1", bob)).body;
  assert.deepEqual(part.rows.map(({ target }) => target), [token.id]);
  const next = (await get(`/companies/globex/audit?rows=1&before=${part.next}`, bob)).body;
  assert.deepEqual(next.rows.map(({ target }) => target), [made.id]);
  const refused = (await get("/companies/globex/audit?refused=true", bob)).body;
  assert.deepEqual(refused.rows, []);
  assert.ok(refused.examined >= 2);
  const wrong = await get("/companies/globex/audit?rows=0", bob);
  assert.equal(wrong.status, 400);
  assert.match(wrong.body.errors[0].message, /^rows must be an integer from 1 to 5000/);
  for (const text of ["probe", token.id]) {
    const { tokens } = (await get(`/companies/globex/tokens?q=${text}`, bob)).body;
    assert.deepEqual(tokens.map(({ id }) => id), [token.id]);
  }
});

test("the portal's data is charged to the person's allowance", async () => {
  const ada = await session("ada@acme.example");
  let answer = await get("/companies", ada);
  let remaining = Number(answer.headers.get("X-RateLimit-Remaining"));
  while (answer.status === 200) {
    answer = await get("/companies", ada);
    if (answer.status === 200) {
      assert.equal(Number(answer.headers.get("X-RateLimit-Remaining")), --remaining);
    }
  }
  assert.equal(remaining, 0);
  assert.equal(answer.status, 429);
  assert.match(answer.headers.get("Retry-After"), /^([1-9]|[1-5]\d|60)$/);
});
