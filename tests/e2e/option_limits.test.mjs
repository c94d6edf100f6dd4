// Limits that options of `serve` set and that a default server hardly meets: as many as allowed are
// answered, one more is refused by a message that says what the limit is.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startServer } from "./server.mjs";

const server = await startServer({ after }, {
  demo: true,
  args: ["--rate-limit", "0", "--mutations", "3", "--merge-comparisons", "20",
    "--fragment-expansions", "5", "--tokens-per-credential", "2", "--tokens-per-user", "3"],
});
const token = await server.token();
const [{ id: company }] = await server.command(["company", "list"]);
const person = { email: "limits@example.com", password: "correct horse battery staple" };
await server.command(["user", "add", "--email", person.email, "--admin-of", company,
  "--password-stdin"], { input: `${person.password}\n` });

const login = (one, { email, password } = person) => fetch(`${one.url}/auth/login`, {
  method: "POST", headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ email, password }),
});
const jwt = (await (await login(server)).json()).token;

async function asAdmin(query, variables) {
  const { body } = await server.graphql("tokens", null, { query, variables },
                                        { Authorization: `Bearer ${jwt}` });
  return body;
}

async function ask(document) {
  return (await server.graphql("program-progress", token, { query: document })).body;
}

function assertLimit(body, message) {
  assert.deepEqual(body.errors.map((error) => [error.message, error.extensions.code]),
                   [[message, "LIMIT_EXCEEDED"]]);
  assert.equal(body.data, undefined);
}

test("mutations of a request", async () => {
  const document = (count) => `mutation { ${Array.from({ length: count }, (_, i) =>
    `a${i}: revokeToken(tokenId: "00000000-0000-4000-8000-00000000000${i}")`).join(" ")} }`;
  assert.equal((await asAdmin(document(3))).errors[0].message, "not authorized");
  assertLimit(await asAdmin(document(4)),
              'Operation has more than 3 mutations, the limit "mutations" of this server.');
});

test("comparisons of field merging", async () => {
  // n equal fields are compared pair by pair.
  const fields = (count) => `{ ${"__typename ".repeat(count)}}`;
  assert.equal((await ask(fields(6))).errors, undefined);
  assertLimit(await ask(fields(7)), "Merging the fields of the document takes more than 20 "
    + 'comparisons, the limit "merge-comparisons" of this server.');
});

test("parts that fragments expand to", async () => {
  const spreads = (count) => `{ programProgress { ${"...A ".repeat(count)}} }
    fragment A on ProgramProgressConnection { totalCount }`;
  assert.equal((await ask(spreads(5))).errors, undefined);
  assertLimit(await ask(spreads(6)), "Fragments of the document expand to more than 5 parts, the "
    + 'limit "fragment-expansions" of this server.');
});

test("live tokens of a client credential and of a user", async () => {
  const { clientId, clientSecret } =
    await server.command(["credential", "create", "--company", company]);
  const generate = async () => (await server.graphql("tokens", null, {
    query: "mutation ($input: GenerateTokenInput!) { generateToken(input: $input) "
      + "{ token { id } } }",
    variables: { input: { clientId, clientSecret } },
  })).body;
  const create = () => asAdmin(`mutation { createToken(input: {description: "one",
    companyId: "${company}"}) { token { id } } }`);
  for (const [make, most, message] of [
    [generate, 2, "The client credential has 2 live tokens, the limit \"tokens-per-credential\" "
      + "of this server: use a token until it expires, or revoke tokens."],
    [create, 3, "You have 3 live tokens, the limit \"tokens-per-user\" of this server: revoke "
      + "one, or wait until one expires."],
  ]) {
    for (let i = 0; i < most; ++i) {
      assert.equal((await make()).errors, undefined);
    }
    const { errors } = await make();
    assert.deepEqual([errors[0].message, errors[0].extensions.code], [message, "BAD_USER_INPUT"]);
  }
});

test("requests of a company's identities together", async (t) => {
  const small = await startServer(t, {
    store: server.store, args: ["--rate-limit", "3", "--company-rate-limit", "5"],
  });
  const tokens = [];
  for (let i = 0; i < 2; ++i) {
    tokens.push((await server.command(["token", "create", "--company", company])).token);
  }
  const send = (which) =>
    small.graphql("program-progress", tokens[which], { query: "{ __typename }" });
  for (const [which, status] of [[0, 200], [0, 200], [0, 200], [0, 429], [1, 200], [1, 200]]) {
    assert.equal((await send(which)).status, status);
  }
  const refused = await send(1);
  assert.equal(refused.status, 429);
  assert.deepEqual(refused.body, { error: {
    message: "Rate limit exceeded. Please try again later.", code: "RATE_LIMIT_EXCEEDED" } });
  const wait = Number(refused.headers.get("retry-after"));
  assert.ok(wait >= 1 && wait <= 60);
});

test("failed logins of an address and an e-mail address: 10 in 60 seconds", async (t) => {
  const other = await startServer(t, { store: server.store });
  const statuses = [];
  for (let i = 0; i < 11; ++i) {
    statuses.push((await login(other, { ...person, password: "wrong password" })).status);
  }
  assert.deepEqual(statuses, [...Array(10).fill(401), 429]);
  const right = await login(other);
  assert.equal(right.status, 429);
  assert.match(right.headers.get("retry-after"), /^\d+$/);
  assert.equal((await login(other, { email: "b@example.com", password: "x" })).status, 401);
});
