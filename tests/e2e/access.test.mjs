// Who is let in: every row of the table of refusals, logins, and the command line while a server
// runs.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { statSync } from "node:fs";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { startServer } from "./server.mjs";

const server = await startServer({ after }, { demo: true, args: ["--rate-limit", "100"] });
const company = server.credential.companyId;
const password = "correct horse battery staple";

function unauthenticated(message) {
  return { errors: [{ message, extensions: { code: "UNAUTHENTICATED" } }] };
}

function notAuthorized(key) {
  return {
    data: null,
    errors: [
      { message: "not authorized", path: [key], extensions: { code: "UNAUTHORIZED" } },
    ],
  };
}

// POST with any headers: {status, headers, text}.
async function post(path, headers, body) {
  const response = await fetch(server.url + path, { method: "POST", headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function login(email, secret) {
  return post("/auth/login", { "Content-Type": "application/json" },
              JSON.stringify({ email, password: secret }));
}

// What a browser would send back of Set-Cookie.
function cookieOf(answer) {
  return answer.headers.get("set-cookie").split(";")[0];
}

async function generateToken(input) {
  return server.graphql("tokens", null, {
    query: "mutation ($input: GenerateTokenInput!) { generateToken(input: $input) " +
      "{ unredactedToken expiresIn } }",
    variables: { input },
  });
}

await server.cli(["user", "add", "--email", "admin@example.com", "--admin-of", company,
  "--password-stdin"], { input: `${password}\n` });

test("no header, an unknown token, another scheme: 401", async () => {
  const request = { query: "{ catalog { companyId } }" };
  const unknown = "0".repeat(32);
  for (const [headers, message] of [
    [{}, "no Authorization header"],
    [{ Authorization: `Token ${unknown}` }, "token not found"],
    [{ Authorization: `Bearer ${unknown}` }, "token not found"],
    [{ Authorization: `Basic ${unknown}` }, "token not found"],
    [{ Authorization: "Token" }, "token not found"],
    [{ Authorization: `Bearer ${await server.token()}` }, "token not found"],
  ]) {
    const { status, headers: got, body } = await server.graphql("catalog", null, request, headers);
    assert.equal(status, 401);
    assert.deepEqual(body, unauthenticated(message));
    assert.equal(got.get("www-authenticate"), "Token");
    assert.equal(got.get("x-ratelimit-limit"), "100");
  }
});

test("a revoked token is refused from the next request on, whoever revoked it", async () => {
  const made = await server.command(["token", "create", "--company", company]);
  const ask = () => server.graphql("catalog", made.token, { query: "{ __typename }" });
  assert.equal((await ask()).status, 200);
  await server.command(["token", "revoke", made.id]);
  const { status, body } = await ask();
  assert.equal(status, 401);
  assert.deepEqual(body, unauthenticated("token is no longer valid"));
});

test("an expired token is no longer valid", async () => {
  const made = await server.command(["token", "create", "--company", company, "--expires-in", "1"]);
  await new Promise((done) => setTimeout(done, 1_100));
  const { status, body } = await server.graphql("catalog", made.token, { query: "{ __typename }" });
  assert.equal(status, 401);
  assert.deepEqual(body, unauthenticated("token is no longer valid"));
});

test("a company that the token does not cover: 403 at the first root field", async () => {
  const token = await server.token();
  for (const query of ["{ mine: catalog { companyId } }", "{ mine: __typename }"]) {
    const { status, body } =
      await server.graphql("catalog", token, { query }, { "X-Company-Id": "another" });
    assert.equal(status, 403);
    assert.deepEqual(body, notAuthorized("mine"));
  }
});

test("client credentials: what is wrong with them is not told", async () => {
  const { clientId, clientSecret } = server.credential;
  for (const input of [
    { clientId: "udcl_" + "0".repeat(32), clientSecret },
    { clientId, clientSecret: clientSecret.slice(0, -1) + (clientSecret.endsWith("x") ? "y" : "x") },
    { clientId, clientSecret, companyId: "another" },
  ]) {
    const { status, body } = await generateToken(input);
    assert.equal(status, 200);
    assert.equal(body.data, null);
    assert.equal(body.errors[0].message, "invalid client credentials");
    assert.deepEqual(body.errors[0].path, ["generateToken"]);
    assert.equal(body.errors[0].extensions.code, "UNAUTHORIZED");
  }
  const made = await generateToken({ clientId, clientSecret });
  assert.equal(made.body.data.generateToken.expiresIn, 3600);
  assert.match(made.body.data.generateToken.unredactedToken, /^[0-9a-f]{32}$/);
  assert.equal(made.headers.get("cache-control"), "no-store");
});

test("a login, its cookie, its renewal and its end", async () => {
  const entered = await login("Admin@Example.com", password);
  assert.equal(entered.status, 200);
  const { token, expiresIn, csrfToken } = JSON.parse(entered.text);
  assert.equal(expiresIn, 900);
  assert.equal(entered.headers.get("cache-control"), "no-store");
  assert.match(entered.headers.get("set-cookie"),
    /^matricula_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  const cookie = cookieOf(entered);

  const me = async (headers) =>
    server.graphql("tokens", null, { query: "{ me { email isStaff adminOf { id } } }" }, headers);
  const expected = { me: { email: "admin@example.com", isStaff: false, adminOf: [{ id: company }] } };
  assert.deepEqual((await me({ Authorization: `Bearer ${token}` })).body.data, expected);
  assert.deepEqual((await me({ Cookie: cookie, "X-CSRF-Token": csrfToken })).body.data, expected);
  assert.equal((await me({ Cookie: cookie })).status, 401);
  assert.equal((await me({ Cookie: cookie, "X-CSRF-Token": "x" })).status, 401);
  // A browser sends cookies of other paths and of other hosts of the domain along; four are tried.
  const stale = `matricula_session=${"x".repeat(43)}; `;
  for (const [several, status] of [[`${stale.repeat(2)}${cookie}; ${stale}`, 200],
    [stale.repeat(4) + cookie, 401]]) {
    const headers = { Cookie: several, "X-CSRF-Token": csrfToken, "Sec-Fetch-Site": "same-origin" };
    assert.equal((await post("/auth/refresh", headers)).status, status, several);
    assert.equal((await fetch(`${server.url}/data/v1/tables`, { headers })).status, status, several);
  }

  assert.equal((await post("/auth/refresh", { Cookie: cookie })).status, 401);
  const renewed = await post("/auth/refresh", { Cookie: cookie, "X-CSRF-Token": csrfToken });
  assert.equal(renewed.status, 200);
  assert.equal(JSON.parse(renewed.text).csrfToken, csrfToken);
  assert.equal(renewed.headers.get("x-ratelimit-limit"), "100");

  const left = await post("/auth/logout", { Cookie: cookie, "X-CSRF-Token": csrfToken });
  assert.equal(left.status, 204);
  assert.match(left.headers.get("set-cookie"), /^matricula_session=; Path=\/; Max-Age=0;/);
  for (const jwt of [token, JSON.parse(renewed.text).token]) {
    const { status, body } = await me({ Authorization: `Bearer ${jwt}` });
    assert.equal(status, 401);
    assert.deepEqual(body, unauthenticated("token is no longer valid"));
  }
});

test("what is wrong with a login is not told, and guessing ends", async () => {
  for (let i = 0; i < 10; ++i) {
    const { status, text, headers } = await login("nobody@example.com", `guess ${i}`);
    assert.equal(status, 401);
    assert.equal(JSON.parse(text).errors[0].message, "invalid e-mail or password");
    assert.equal(headers.get("www-authenticate"), "Bearer");
  }
  const { status, text, headers } = await login("nobody@example.com", "guess 10");
  assert.equal(status, 429);
  assert.equal(text, '{"error":{"message":"Rate limit exceeded. Please try again later.",' +
    '"code":"RATE_LIMIT_EXCEEDED"}}');
  assert.ok(headers.get("retry-after") >= 1 && headers.get("retry-after") <= 60);
  assert.equal(headers.get("x-ratelimit-remaining"), "0");
  const other = await login("admin@example.com", "wrong password");
  assert.equal(other.status, 401);
  assert.equal(JSON.parse(other.text).errors[0].message, "invalid e-mail or password");
  assert.equal((await login("admin@example.com", password)).status, 200);
});

test("roles act at once; a removed person is out", async () => {
  await server.cli(["user", "add", "--email", "leaving@example.com", "--staff",
    "--password-stdin"], { input: password });
  const { token } = JSON.parse((await login("leaving@example.com", password)).text);
  const headers = { Authorization: `Bearer ${token}` };
  const ask = () => server.graphql("tokens", null, { query: "{ me { isStaff } }" }, headers);
  assert.deepEqual((await ask()).body, { data: { me: { isStaff: true } } });
  await server.command(["user", "set-roles", "--email", "leaving@example.com"]);
  assert.deepEqual((await ask()).body, { data: { me: { isStaff: false } } });
  const listed = await server.command(["user", "list"]);
  assert.ok(listed.some(({ email }) => email === "leaving@example.com"));
  await server.command(["user", "remove", "--email", "leaving@example.com"]);
  assert.equal((await ask()).status, 401);
});

test("roles that are taken away end what they gave", async () => {
  await server.cli(["user", "add", "--email", "former@example.com", "--admin-of", company,
    "--password-stdin"], { input: password });
  const { token: jwt } = JSON.parse((await login("former@example.com", password)).text);
  const create = async (input) => (await server.graphql("tokens", null, {
    query: "mutation ($input: CreateTokenInput!) { createToken(input: $input) " +
      "{ unredactedToken expiresIn } }",
    variables: { input },
  }, { Authorization: `Bearer ${jwt}` })).body;
  const made = (await create({ description: "", companyId: company })).data.createToken;
  assert.equal(made.expiresIn, 90 * 86_400);
  const ask = () => server.graphql("catalog", made.unredactedToken, { query: "{ __typename }" });
  assert.equal((await ask()).status, 200);
  await server.command(["user", "set-roles", "--email", "former@example.com"]);
  assert.deepEqual((await ask()).body, unauthenticated("token is no longer valid"));
  const refused = await create({ description: "" });
  assert.equal(refused.errors[0].message, "not authorized");
  await server.command(["user", "remove", "--email", "former@example.com"]);
});

test("live tokens of a user have a limit, which the error names", async (t) => {
  const small = await startServer(t, {
    store: server.store, cwd: server.cwd, args: ["--tokens-per-user", "2", "--token-days", "7"] });
  const entered = await fetch(`${small.url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "admin@example.com", password }),
  });
  const { token: jwt } = await entered.json();
  const create = async () => (await small.graphql("tokens", null, {
    query: "mutation { createToken(input: {description: \"\"}) { expiresIn } }",
  }, { Authorization: `Bearer ${jwt}` })).body;
  for (let i = 0; i < 2; ++i) {
    assert.equal((await create()).data.createToken.expiresIn, 7 * 86_400);
  }
  assert.deepEqual((await create()).errors[0], {
    message: "You have 2 live tokens, the limit \"tokens-per-user\" of this server: revoke one, " +
      "or wait until one expires.",
    locations: [{ line: 1, column: 12 }],
    path: ["createToken"],
    extensions: { code: "BAD_USER_INPUT" },
  });
});

test("the trail tells of effects and of refused attempts, and is filtered", async () => {
  const made = await server.command(["token", "create", "--company", company]);
  const [created] = [await server.command(["audit", "--target", made.id])].flat();
  assert.equal(created.action, "token.create");
  assert.equal(created.actorKind, "operator");
  assert.deepEqual(created.companies, [company]);
  // Refused attempts are written within a second, those that repeat them after some more.
  let refused = [];
  const attempts = () => refused.reduce((sum, row) => sum + row.attempts, 0);
  for (let i = 0; i < 100 && attempts() < 11; ++i) {
    await new Promise((done) => setTimeout(done, 100));
    refused = [await server.command(["audit", "--action", "user.login", "--refused"])].flat();
  }
  assert.ok(attempts() >= 11);
  assert.ok(refused.length < attempts());
  assert.ok(refused.every((row) => row.refused && row.address === "127.0.0.1"));
  const mine = [await server.command(["audit", "--company", company, "--rows", "5"])].flat();
  assert.ok(mine.length > 0 && mine.every(({ companies }) => companies.includes(company)));
  assert.deepEqual(await server.command(["audit", "--until", "2020-01-01"]), []);
  assert.equal((await server.cli(["audit", "--since", "yesterday"])).status, 2);
  for (const since of ["2026-01-01", "2026-01-01t00:00:00z", "2026-01-01 00:00:00Z"]) {
    assert.equal((await server.cli(["audit", "--since", since])).status, 0, since);
  }
});

test("old lines of the trail are deleted by command", async () => {
  const before = [await server.command(["audit"])].flat().length;
  assert.ok(before > 0);
  assert.deepEqual(await server.command(["audit", "prune", "--audit-days", "1"]), { deleted: 0 });
  assert.ok([await server.command(["audit"])].flat().length >= before);
  const none = await server.cli(["audit", "prune", "--audit-days", "0"]);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /--audit-days/);
});

test("a token is made to expire unless never is asked for", async () => {
  const days = (made) => Math.round((new Date(made.expiresAt) - Date.now()) / 86_400_000);
  const create = (...args) => server.command(["token", "create", "--company", company, ...args]);
  assert.equal(days(await create()), 90);
  assert.equal(days(await create("--expires-in", "86400")), 1);
  assert.equal((await create("--never-expires")).expiresAt, null);
  const both = await server.cli(["token", "create", "--company", company, "--expires-in", "1",
                                 "--never-expires"]);
  assert.equal(both.status, 2);
});

test("limits of a company hold from the next request on", async () => {
  const token = await server.token();
  const limit = async () => (await server.graphql("catalog", token, { query: "{ __typename }" }))
    .headers.get("x-ratelimit-limit");
  assert.equal(await limit(), "100");
  await server.command(["limits", "set", "--company", company, "--requests", "500"]);
  assert.equal(await limit(), "500");
  assert.deepEqual([await server.command(["limits", "list"])].flat(),
    [{ subject: "company", id: company, limit: 500 }]);
  await server.command(["limits", "set", "--company", company, "--requests", "0"]);
  assert.equal(await limit(), null);
  await server.command(["limits", "clear", "--company", company]);
  assert.equal(await limit(), "100");
});

test("the key file is its owner's alone, and another is refused in one line", async (t) => {
  assert.equal(statSync(server.keyFile).mode & 0o777, 0o600);
  const other = await startServer(t);
  const wrong = await server.cli(["token", "list", "--key-file", other.keyFile]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /^matricula: The key file .* does not belong to the store .*\.\n$/);
});

test("a cookie that another site makes a browser send does not count", async () => {
  const entered = await login("admin@example.com", password);
  const { csrfToken } = JSON.parse(entered.text);
  const both = { Cookie: cookieOf(entered), "X-CSRF-Token": csrfToken };
  const site = (name) => ({ "Sec-Fetch-Site": name });
  const { port } = new URL(server.url);
  // What only reads needs Sec-Fetch-Site; where that is absent, Origin has to be the server's own.
  for (const [field, status, read] of [[site("same-origin"), 200, 200], [site("none"), 200, 200],
    [site("cross-site"), 401, 401], [site("same-site"), 401, 401], [{ Origin: server.url }, 200, 401],
    ...["https://evil.example", "null", `http://localhost:${port}`, "http://127.0.0.1"]
      .map((Origin) => [{ Origin }, 401, 401])]) {
    const headers = { ...both, ...field };
    const name = JSON.stringify(field);
    const { status: asked } = await server.graphql("tokens", null, { query: "{ me { id } }" }, headers);
    assert.equal(asked, status, name);
    assert.equal((await post("/auth/refresh", headers)).status, status, name);
    const get = async (path) => (await fetch(server.url + path, { headers })).status;
    assert.equal(await get("/portal/api/companies"), status, name);
    assert.equal(await get("/data/v1/tables"), read, name);
  }
});

test("behind a trusted proxy that speaks TLS, the cookie is for TLS alone", async (t) => {
  const behind = await startServer(t, {
    store: server.store, args: ["--trusted-proxy", "127.0.0.1"], cwd: server.cwd });
  const response = await fetch(`${behind.url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Forwarded-Proto": "https" },
    body: JSON.stringify({ email: "admin@example.com", password }),
  });
  assert.match(response.headers.get("set-cookie"),
    /^__Host-matricula_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/);
  const headers = { Cookie: response.headers.get("set-cookie").split(";")[0],
    "X-CSRF-Token": (await response.json()).csrfToken, "X-Forwarded-Proto": "https" };
  for (const [Origin, status] of [[behind.url.replace("http:", "https:"), 200], [behind.url, 401]]) {
    const { status: got } = await fetch(`${behind.url}/auth/refresh`,
      { method: "POST", headers: { ...headers, Origin } });
    assert.equal(got, status, Origin);
  }
});

test("JWTs of an identity provider whose keys are at a URL", async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const jwks = JSON.stringify(
    { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "EdDSA" }] });
  const provider = createServer((request, response) => response.end(jwks));
  await new Promise((ready) => provider.listen(0, "127.0.0.1", ready));
  t.after(() => provider.close());
  const trusting = await startServer(t, {
    store: server.store,
    cwd: server.cwd,
    args: ["--jwks", `http://127.0.0.1:${provider.address().port}/jwks`, "--jwt-issuer", "idp",
      "--jwt-audience", "us"],
  });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: "idp", aud: "us", email: "admin@example.com", exp: now + 60 };
  const jwt = (claims, header = {}) => {
    const text = `${part({ alg: "EdDSA", kid: "one", ...header })}.${part({ ...good, ...claims })}`;
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
  };
  const ask = async (token) => {
    const { status, body } = await trusting.graphql("tokens", null, { query: "{ me { email } }" },
      { Authorization: `Bearer ${token}` });
    return [status, body.errors ? body.errors[0].message : body.data.me.email];
  };
  assert.deepEqual(await ask(jwt({})), [200, "admin@example.com"]);
  const unknown = [401, "token not found"];
  for (const [claims, header] of [
    [{}, { alg: "none" }], [{}, { alg: "HS256" }], [{}, { alg: "ES256" }], [{}, { kid: "two" }],
    [{}, { kid: "../../etc/passwd" }], [{}, { crit: ["x"] }], [{ aud: "them" }], [{ iss: "evil" }],
    [{ email: "nobody@example.com" }], [{ exp: undefined }], [{ nbf: now + 3600 }],
  ]) {
    assert.deepEqual(await ask(jwt(claims, header)), unknown, JSON.stringify([claims, header]));
  }
  assert.deepEqual(await ask(jwt({ exp: now })), [401, "token is no longer valid"]);
  const [head, body] = jwt({}).split(".");
  assert.deepEqual(await ask(`${head}.${body}.`), unknown);
  assert.deepEqual(await ask(`${part({ alg: "none" })}.${body}.`), unknown);
  assert.deepEqual(await ask(`${head}.${body}.${"A".repeat(8_000)}`), unknown);
  const huge = await trusting.graphql("tokens", null, { query: "{ me { email } }" },
    { Authorization: `Bearer ${"A".repeat(1_000_000)}` }).catch(() => ({ status: 431 }));
  assert.equal(huge.status, 431);
  // Before and after, it serves.
  assert.deepEqual(await ask(jwt({})), [200, "admin@example.com"]);
});
