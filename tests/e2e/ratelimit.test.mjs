// Rate limits as clients see them: exact under parallel connections, and by the address that a
// trusted proxy names.

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { test } from "node:test";

import { startServer } from "./server.mjs";

const query = JSON.stringify({ query: "{ __typename }" });

// A POST over a connection of `agent`: {status, headers}.
function ask(server, agent, headers) {
  return new Promise((resolve, reject) => {
    const sent = request(server.endpoint("catalog"), {
      method: "POST",
      agent,
      headers: { "Content-Type": "application/json", ...headers },
    }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    sent.on("error", reject);
    sent.end(query);
  });
}

test("64 connections get exactly 100 answers, with 99 to 0 left, each once", async (t) => {
  const server = await startServer(t, { demo: true, args: ["--rate-limit", "100"] });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  t.after(() => agent.destroy());
  const headers = { Authorization: `Token ${await server.token()}` };
  const answers = await Promise.all(
    Array.from({ length: 320 }, () => ask(server, agent, headers)));
  const left = answers.filter(({ status }) => status === 200)
    .map(({ headers: got }) => Number(got["x-ratelimit-remaining"]))
    .sort((a, b) => b - a);
  assert.deepEqual(left, Array.from({ length: 100 }, (_, i) => 99 - i));
  const refused = answers.filter(({ status }) => status === 429);
  assert.equal(refused.length, 220);
  for (const { headers: got } of refused) {
    assert.equal(got["x-ratelimit-remaining"], "0");
    assert.ok(got["retry-after"] >= 1 && got["retry-after"] <= 60);
  }
});

test("a request that is refused for its many mutations does not count", async (t) => {
  const server = await startServer(t, { demo: true, args: ["--rate-limit", "12"] });
  const [{ id: company }] = await server.command(["company", "list"]);
  const person = { email: "limits@example.com", password: "correct horse battery staple" };
  await server.command(["user", "add", "--email", person.email, "--admin-of", company,
    "--password-stdin"], { input: `${person.password}\n` });
  const login = await fetch(`${server.url}/auth/login`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(person),
  });
  const authorization = { Authorization: `Bearer ${(await login.json()).token}` };
  const send = async (text) => {
    const { status, headers } =
      await server.graphql("tokens", null, { query: text }, authorization);
    return [status, headers.get("x-ratelimit-remaining")];
  };
  const mutations = (count) => `mutation { ${Array.from({ length: count }, (_, i) =>
    `a${i}: revokeToken(tokenId: "00000000-0000-4000-8000-00000000000${i}")`).join(" ")} }`;
  for (let left = 11; left >= 7; --left) {
    assert.deepEqual(await send("{ me { id } }"), [200, String(left)]);
  }
  for (let i = 0; i < 4; ++i) {
    assert.deepEqual(await send(mutations(10)), [429, "0"]);
  }
  assert.deepEqual(await send("{ me { id } }"), [200, "6"]);
  assert.deepEqual(await send(mutations(6)), [200, "0"]);
  assert.deepEqual(await send(mutations(2)), [429, "0"]);
});

test("a valid token is never refused for what others did from its address", async (t) => {
  const server = await startServer(t, { demo: true, args: ["--rate-limit", "5"] });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const statuses = [];
  for (let i = 0; i < 7; ++i) {
    statuses.push((await ask(server, agent, {})).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429]);
  const headers = { Authorization: `Token ${await server.token()}` };
  assert.equal((await ask(server, agent, headers)).status, 200);
});

test("an address counts as a trusted proxy tells it; others may tell what they like", async (t) => {
  const trusting = await startServer(t, {
    args: ["--rate-limit", "2", "--trusted-proxy", "127.0.0.0/8,::1", "--rate-limit-fields",
      "true"],
  });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const status = async (server, list) =>
    (await ask(server, agent, { "X-Forwarded-For": list })).status;
  assert.equal(await status(trusting, "192.0.2.1"), 401);
  assert.equal(await status(trusting, "203.0.113.5, 192.0.2.1"), 401);
  assert.equal(await status(trusting, "203.0.113.6, 192.0.2.1"), 429);
  assert.equal(await status(trusting, "192.0.2.2"), 401);
  // An IPv6 client has a whole /64.
  assert.equal(await status(trusting, "2001:db8::1"), 401);
  assert.equal(await status(trusting, "2001:db8::2:3"), 401);
  assert.equal(await status(trusting, "2001:db8::4"), 429);
  assert.equal(await status(trusting, "2001:db8:0:1::4"), 401);
  const { headers } = await ask(trusting, agent, { "X-Forwarded-For": "192.0.2.9" });
  assert.equal(headers["ratelimit-policy"], '"default";q=2;w=60');
  assert.equal(headers.ratelimit, '"default";r=1');

  const strict = await startServer(t, { args: ["--rate-limit", "2"] });
  assert.equal(await status(strict, "192.0.2.1"), 401);
  assert.equal(await status(strict, "192.0.2.2"), 401);
  assert.equal(await status(strict, "192.0.2.3"), 429);
  const { headers: plain } = await ask(strict, agent, {});
  assert.equal(plain.ratelimit, undefined);
});

test("answers for which nothing is charged say what is left as well", async (t) => {
  const server = await startServer(t, { args: ["--rate-limit", "100"] });
  const send = async (path, method, headers, body) => {
    const answer = await fetch(server.url + path, { method, headers, body });
    return [answer.status, answer.headers.get("x-ratelimit-limit"),
      answer.headers.get("x-ratelimit-remaining")];
  };
  const json = { "Content-Type": "application/json" };
  const query = '{"query":"{ __typename }"}';
  const html = { ...json, Accept: "text/html" };
  for (const name of ["catalog", "tokens"]) {
    const path = `/api/public/api/v1/${name}/graphql`;
    assert.deepEqual(await send(path, "POST", html, query), [406, "100", "100"]);
    assert.deepEqual(await send(path, "POST", { "Content-Type": "text/plain" }, query),
      [415, "100", "100"]);
    assert.deepEqual(await send(path, "PUT", json, query), [405, "100", "100"]);
  }
  assert.deepEqual(await send("/auth/login", "POST", json, '{"email":"a@x"}'), [400, "100", "100"]);
  assert.deepEqual(await send("/auth/login", "POST", {}, "{}"), [415, "100", "100"]);
  assert.deepEqual(await send("/auth/logout", "GET", {}), [405, "100", "100"]);
});

test("0 turns limits off, and the headers with them", async (t) => {
  const server = await startServer(t, { demo: true });
  const company = server.credential.companyId;
  await server.command(["limits", "set", "--company", company, "--requests", "1"]);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const known = { Authorization: `Token ${await server.token()}` };
  for (const headers of [known, known, {}, {}]) {
    const { status, headers: got } = await ask(server, agent, headers);
    assert.notEqual(status, 429);
    assert.equal(got["x-ratelimit-limit"], undefined);
    assert.equal(got["x-ratelimit-remaining"], undefined);
  }
});

test("wrong settings are refused before anything starts", async (t) => {
  const server = await startServer(t);
  for (const args of [["--trusted-proxy", "10.0.0.1/8"], ["--rate-limit", "5000000"],
    ["--jwks", "keys.json"]]) {
    const { status } = await server.cli(
      ["serve", "--allow-privileged-role", "--listen", "127.0.0.1:0", ...args]);
    assert.equal(status, 2, args.join(" "));
  }
});

test("answers that need no caller name the allowance of the address", async (t) => {
  const Origin = "https://reports.example";
  const asks = [
    ["catalog", { headers: { Accept: "text/html" }, redirect: "manual" }, 303],
    ["catalog", { method: "OPTIONS", headers: { Origin, "Access-Control-Request-Method": "POST" } }, 204],
    ["auth", { method: "OPTIONS", headers: { Origin, "Access-Control-Request-Method": "POST" } }, 204],
  ];
  for (const [limit, limits] of [["7", ["7", "7"]], ["0", [null, null]]]) {
    const server = await startServer(t, { demo: true, args: ["--rate-limit", limit, "--cors-origin", Origin] });
    for (const [path, options, status] of asks) {
      const answer = await fetch(path === "auth" ? `${server.url}/auth/login` : server.endpoint(path), options);
      assert.equal(answer.status, status);
      assert.deepEqual(["x-ratelimit-limit", "x-ratelimit-remaining"].map((name) => answer.headers.get(name)),
                       limits, `${path} ${options.method}`);
    }
  }
});
