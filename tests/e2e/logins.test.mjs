// Logging in and out: passwords as systems write them, and which session ends.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startServer } from "./server.mjs";

const server = await startServer({ after }, { demo: true });
const email = "admin@example.com";
const password = "correct horse battery staple";
await server.cli(["user", "add", "--email", email, "--staff", "--password-stdin"],
                 { input: `${password}\n` });

async function post(path, headers, body) {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body ?? {}),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const login = (address, secret) => post("/auth/login", {}, { email: address, password: secret });

const me = (headers) => server.graphql("tokens", null, { query: "{ me { id } }" }, headers);

test("a password is the same however a system writes what is typed", async () => {
  const typed = "Z\u00fcrichsee im Fr\u00fchling";
  for (const [email, form] of [["mac@example.com", "NFD"], ["linux@example.com", "NFC"]]) {
    await server.cli(["user", "add", "--email", email, "--password-stdin"],
                     { input: `${typed.normalize(form)}\n` });
    for (const other of ["NFC", "NFD"]) {
      assert.equal((await login(email, typed.normalize(other))).status, 200, `${form} ${other}`);
    }
    assert.equal((await login(email, "Zurichsee im Fruhling")).status, 401);
  }
});

test("a JWT ends its own session alone", async () => {
  const [first, second] = await Promise.all(
    [0, 1].map(async () => JSON.parse((await login(email, password)).text).token));
  const left = await post("/auth/logout", { Authorization: `Bearer ${first}` });
  assert.equal(left.status, 204);
  assert.equal(left.headers.get("set-cookie"), null);
  assert.equal((await me({ Authorization: `Bearer ${first}` })).status, 401);
  assert.equal((await me({ Authorization: `Bearer ${second}` })).status, 200);
  assert.equal((await post("/auth/logout", { Authorization: `Bearer ${first}` })).status, 401);
  assert.equal((await post("/auth/logout", { Authorization: `Token ${await server.token()}` })).status,
               401);
  // A JWT is not renewed: that takes the session.
  assert.equal((await post("/auth/refresh", { Authorization: `Bearer ${second}` })).status, 401);
  // With a session that holds, the JWT does not count.
  const entered = await login(email, password);
  const { csrfToken } = JSON.parse(entered.text);
  assert.equal((await post("/auth/logout", { Authorization: `Bearer ${first}`,
    Cookie: entered.headers.get("set-cookie").split(";")[0], "X-CSRF-Token": csrfToken })).status, 204);
  assert.equal((await me({ Authorization: `Bearer ${second}` })).status, 200);
});

test("an answer with a new secret is never compressed, one without is", async () => {
  const { token } = JSON.parse((await login(email, password)).text);
  const bearer = { Authorization: `Bearer ${token}`, "Accept-Encoding": "gzip" };
  const description = "x".repeat(1_000);
  const create = `mutation ($d: String!) {
    ${["a", "b", "c"].map((name) => `${name}: createToken(input: { description: $d }) {
      unredactedToken token { description } }`).join("\n")} }`;
  const made = await server.graphql("tokens", null,
                                    { query: create, variables: { d: description } }, bearer);
  assert.equal(made.body.data.c.token.description, description);
  assert.equal(made.headers.get("content-encoding"), null);
  const list = await server.graphql("tokens", null, { query: "{ tokens { description } }" }, bearer);
  assert.equal(list.body.data.tokens.length, 3);
  assert.equal(list.headers.get("content-encoding"), "gzip");
});

test("the access log names people at /auth and in the portal", async (t) => {
  const one = await startServer(t, { store: server.store, cwd: server.cwd });
  const ask = async (target, init) => {
    const response = await fetch(one.url + target, init);
    const id = response.headers.get("x-request-id");
    let entry;
    while (!(entry = one.logs.find((each) => each.requestId === id))) {
      await sleep(20);
    }
    const { identity } = entry;
    return { identity, headers: response.headers, text: await response.text() };
  };
  const login = (secret) => ask("/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: secret }),
  });
  const entered = await login(password);
  const user = entered.identity;
  assert.match(user, /^user:[0-9a-f-]{36}$/);
  const headers = {
    Cookie: entered.headers.get("set-cookie").split(";")[0],
    "X-CSRF-Token": JSON.parse(entered.text).csrfToken,
  };
  assert.equal((await ask("/portal/api/companies", { headers })).identity, user);
  assert.equal((await ask("/portal/api/companies/none", { headers })).identity, user);
  assert.equal((await ask("/auth/refresh", { method: "POST", headers })).identity, user);
  assert.equal((await ask("/auth/logout", { method: "POST", headers })).identity, user);
  // A wrong password proves nothing, nor does a session that ended.
  assert.equal((await login("wrong")).identity, "");
  assert.equal((await ask("/portal/api/companies", { headers })).identity, "");
});

test("where a session lacks its CSRF token the answer says what to send", async () => {
  const entered = await login(email, password);
  const { token, csrfToken } = JSON.parse(entered.text);
  const Cookie = entered.headers.get("set-cookie").split(";")[0];
  const jwt = { Authorization: `Bearer ${token}` };
  const hint = 'Send the session cookie together with "X-CSRF-Token: <csrfToken>".';
  const companies = async (headers) => {
    const got = await fetch(`${server.url}/portal/api/companies`, { headers });
    return { status: got.status, headers: got.headers, text: await got.text() };
  };
  const said = ({ status, headers, text }) =>
    [status, JSON.parse(text).errors[0].message, headers.get("x-hint")];
  for (const headers of [{}, { Cookie }, { Cookie, "X-CSRF-Token": "x" }, { "X-CSRF-Token": csrfToken }]) {
    for (const sent of [headers, { ...headers, ...jwt }]) {
      assert.deepEqual(said(await post("/auth/refresh", sent)), [401, "no session", hint]);
      assert.deepEqual(said(await companies(sent)), [401, "no session", hint]);
    }
    assert.deepEqual(said(await post("/auth/logout", headers)), [401, "no session", hint]);
    const tokens = await me(headers);
    assert.deepEqual([tokens.status, tokens.body.errors[0].message, tokens.headers.get("x-hint")],
                     [401, "no Authorization header", headers.Cookie ? hint : null]);
  }
  const both = { Cookie, "X-CSRF-Token": csrfToken };
  assert.equal((await post("/auth/logout", both)).status, 204);
  // What has ended is not mended by a CSRF token.
  assert.deepEqual(said(await post("/auth/refresh", both)), [401, "token is no longer valid", null]);
});
