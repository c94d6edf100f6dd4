// What an operator configures around the API: reloads, bounds of connections, metrics on an address
// of their own, other web origins, TLS, the log.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect } from "node:tls";

import { binary, cleanEnvironment } from "./cli.mjs";
import { RawConnection, exchange, requestText } from "./raw.mjs";
import { startServer } from "./server.mjs";
import { holdTable, onPostgres, servedAs } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const directory = makeDirectory({ after });
const server = await startServer({ after }, { demo: true });
const token = await server.token();
const path = "/api/public/api/v1/catalog/graphql";
const body = JSON.stringify({ query: "{ __typename }" });
const headers = { "Content-Type": "application/json", Authorization: `Token ${token}` };

// Another server on the same store.
function another(t, args) {
  return startServer(t, { store: server.store, cwd: server.cwd, args });
}

function post(url, target = path, more = {}) {
  return fetch(url + target, { method: "POST", headers: { ...headers, ...more }, body });
}

// Waits until the log has a line that fits.
async function logged(one, fits) {
  for (let i = 0; i < 200; ++i) {
    const line = one.logs.find(fits);
    if (line) {
      return line;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no such line in ${JSON.stringify(one.logs)}`);
}

function makeCertificate(name) {
  const files = { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
    "-nodes", "-days", "2", "-subj", `/CN=${name}`, "-keyout", files.key, "-out", files.cert],
  { stdio: "ignore" });
  return files;
}

test("a slash at the end of a path changes nothing", async () => {
  assert.deepEqual(await (await post(server.url, `${path}/`)).json(),
                   { data: { __typename: "Query" } });
  assert.equal((await post(server.url, `${path}//`)).status, 404);
  for (const one of ["/healthz/", "/readyz/", "/metrics/"]) {
    assert.equal((await fetch(server.url + one)).status, 200, one);
  }
  const login = await fetch(`${server.url}/auth/login/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "ada@example.com", password: "wrong" }),
  });
  assert.equal(login.status, 401);
  for (const one of ["tables/", "tables/users/schema/", "tables/users.csv/", "changes/"]) {
    assert.equal((await fetch(`${server.url}/data/v1/${one}`, { headers })).status, 200, one);
  }
  // The log knows the path by its name, and strangers' paths not at all.
  await logged(server, (line) => line.path === path && line.status === 200);
  const strange = await fetch(`${server.url}/unheard-of/`);
  const line = await logged(server, ({ requestId }) =>
    requestId === strange.headers.get("x-request-id"));
  assert.equal(line.path, "(other)");
});

test("health and metrics are read: another method is 405 and names those", async () => {
  for (const one of ["/healthz", "/readyz", "/metrics"]) {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const response = await fetch(server.url + one, { method });
      assert.equal(response.status, 405, `${method} ${one}`);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
      assert.equal((await response.json()).errors.length, 1);
    }
  }
});

test("scripts of a named origin may read answers, others may not", async (t) => {
  const one = await another(t, ["--cors-origin", "https://a.example,https://b.example:8443"]);
  for (const origin of ["https://a.example", "https://b.example:8443"]) {
    const response = await post(one.url, path, { Origin: origin });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), origin);
    assert.match(response.headers.get("access-control-expose-headers"), /X-Request-Id/);
    assert.match(response.headers.get("vary"), /Origin/);
    assert.equal(response.headers.get("access-control-allow-credentials"), null);
  }
  const refused = await post(one.url, path,
                             { Origin: "https://a.example", Authorization: "Token x" });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("access-control-allow-origin"), "https://a.example");
  const other = await post(one.url, path, { Origin: "https://evil.example" });
  assert.equal(other.headers.get("access-control-allow-origin"), null);
  assert.match(other.headers.get("vary"), /Origin/);

  const preflight = (origin) => fetch(one.url + path, {
    method: "OPTIONS",
    headers: { Origin: origin, "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type" },
  });
  const allowed = await preflight("https://a.example");
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://a.example");
  assert.equal(allowed.headers.get("access-control-allow-methods"), "GET, POST");
  assert.equal(allowed.headers.get("access-control-allow-headers"), "authorization,content-type");
  const denied = await preflight("https://evil.example");
  assert.equal(denied.status, 405);
  assert.equal(denied.headers.get("access-control-allow-origin"), null);
});

test("without --cors-origin no origin is allowed", async () => {
  const response = await post(server.url, path, { Origin: "https://a.example" });
  assert.equal(response.headers.get("access-control-allow-origin"), null);
  assert.doesNotMatch(response.headers.get("vary"), /Origin/);
});

test("--metrics-listen takes /metrics off the public address", async (t) => {
  const one = await another(t, ["--metrics-listen", "127.0.0.1:0"]);
  const [, metrics] = await one.printed(/^metrics at (\S+)$/);
  assert.equal((await fetch(`${one.url}/metrics`)).status, 404);
  assert.equal((await fetch(`${one.url}/readyz`)).status, 200);
  const response = await fetch(metrics);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^matricula_store_up 1$/m);
  const base = metrics.replace("/metrics", "");
  assert.equal((await fetch(`${base}/readyz`)).status, 200);
  assert.equal((await fetch(`${base}/healthz`)).status, 200);
  assert.equal((await post(base)).status, 404);
});

test("a server ends with 0 while its metrics wait for a store that hangs",
     { skip: !onPostgres && "SQLite does not hang" }, async (t) => {
  const one = await another(t, ["--metrics-listen", "127.0.0.1:0"]);
  const [, metrics] = await one.printed(/^metrics at (\S+)$/);
  const release = await holdTable(server.store, "schema_migrations");
  const asked = await RawConnection.open(t, Number(new URL(metrics).port));
  asked.send(requestText("GET", "/metrics"));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const ended = one.stop();
  await logged(one, ({ message }) => message === "stopped");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await release();
  assert.deepEqual(await ended, { status: 0, signal: null });
});

test("/metrics has the process, the build, and refusals by status", async () => {
  await post(server.url, path, { Authorization: "Token nobody" });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  assert.ok(value("process_resident_memory_bytes") > 1e6);
  assert.ok(value("process_cpu_seconds_total") >= 0);
  assert.ok(value("process_open_fds") > 3);
  assert.ok(value("process_max_fds") > value("process_open_fds"));
  assert.ok(Math.abs(value("process_start_time_seconds") - Date.now() / 1000) < 600);
  assert.match(text, /^matricula_build_info\{version="[^"]+"\} 1$/m);
  const refused = (status) =>
    value(`matricula_requests_refused_total\\{endpoint="catalog",status="${status}"\\}`);
  assert.ok(refused(401) > 0);
  assert.equal(refused(429), 0);
});

test("an address has a bound of connections, and others are not touched", async (t) => {
  const one = await another(t, ["--connections-per-address", "3"]);
  const held = [];
  for (let i = 0; i < 3; ++i) {
    held.push(await RawConnection.open(t, one.port));
    held[i].send(requestText("GET", "/healthz"));
    assert.equal((await held[i].response()).status, 200);
  }
  const beyond = await (await RawConnection.open(t, one.port)).response();
  assert.equal(beyond.status, 503);
  assert.equal(beyond.headers["retry-after"], "1");
  assert.deepEqual(JSON.parse(beyond.body), { errors: [{ message:
    'Your address has too many connections: 3, the limit "connections-per-address" of this server.',
  }] });
  held[0].socket.destroy();
  for (let i = 0; i < 100; ++i) {
    const response = await exchange(t, one.port, requestText("GET", "/healthz"));
    if (response?.status === 200) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail("the place of a closed connection is not given back");
});

test("health and metrics that one address asks for without end hold up no other", async (t) => {
  const one = await another(t, ["--threads", "1", "--connections-per-address", "30"]);
  const pipelined = 200;
  const flood = [];
  for (let i = 0; i < 30; ++i) {
    const connection = await RawConnection.open(t, one.port);
    const target = ["/metrics", "/readyz", "/healthz"][i % 3];
    connection.send(requestText("GET", target).repeat(pipelined));
    flood.push(connection);
  }
  // It is held to the bound of its address like any other.
  const beyond = await exchange(t, one.port, requestText("GET", "/healthz"));
  assert.equal(beyond.status, 503);
  const other = await RawConnection.open(t, one.port, "127.0.0.2");
  for (const target of ["/healthz", "/readyz", "/metrics", "/healthz", "/docs"]) {
    other.send(requestText("GET", target));
    assert.equal((await other.response()).status, 200, target);
  }
  let left = 0;
  for (const connection of flood) {
    connection.socket.destroy();
    for (let i = 0; i < pipelined; ++i) {
      left += await connection.response() === null ? 1 : 0;
    }
  }
  assert.ok(left > 0, "the other was answered while the flood went on");
});

test("with few descriptors connections are bounded and the store stays there", async (t) => {
  const child = spawn("prlimit", ["--nofile=200:200", binary, "serve", "--store", servedAs(server.store),
    "--listen", "127.0.0.1:0", "--rate-limit", "0"],
  { cwd: server.cwd, env: cleanEnvironment(server.env), stdio: ["ignore", "pipe", "pipe"] });
  t.after(async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  });
  child.stderr.resume();
  const [line] = await once(child.stdout, "data");
  const port = Number(/:(\d+)$/m.exec(line.toString())[1]);
  const first = await RawConnection.open(t, port);
  for (let i = 0; i < 250; ++i) {
    await RawConnection.open(t, port);
  }
  first.send(requestText("GET", "/readyz"));
  assert.deepEqual(JSON.parse((await first.response()).body), { status: "ready" });
});

test("a body that is too large is refused while the client still sends", async (t) => {
  const connection = await RawConnection.open(t, server.port);
  const length = 20_000_000;
  connection.send(requestText("POST", path, { ...headers, "Content-Length": length }));
  for (let sent = 0; sent < length; sent += 1_000_000) {
    connection.send("x".repeat(1_000_000));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const response = await connection.response();
  assert.equal(response.status, 413);
  assert.deepEqual(JSON.parse(response.body), { errors: [{ message: "The request body is too large: "
    + 'more than 262144 bytes, the limit "body-bytes" of this server.' }] });
});

test("SIGHUP takes the new certificate for new connections and keeps the old one when it is bad",
     async (t) => {
  const [one, two] = ["one.example", "two.example"].map(makeCertificate);
  const live = { cert: join(directory, "live.pem"), key: join(directory, "live.key") };
  const use = (cert, key) => {
    copyFileSync(cert, live.cert);
    copyFileSync(key, live.key);
    chmodSync(live.key, 0o600);
  };
  use(one.cert, one.key);
  const secure = await another(t, ["--tls-cert", live.cert, "--tls-key", live.key]);
  const subject = async () => {
    const socket = connect({ port: secure.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };
  const held = connect({ port: secure.port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(held, "secureConnect");
  assert.equal(await subject(), "one.example");

  use(two.cert, two.key);
  secure.child.kill("SIGHUP");
  await logged(secure, ({ message }) => message === "read again");
  assert.equal(await subject(), "two.example");

  use(one.cert, two.key);
  secure.child.kill("SIGHUP");
  const line = await logged(secure, ({ level }) => level === "error");
  assert.equal(line.message, "could not be read again; what was in use before stays in use");
  assert.equal(line.what, "TLS files");
  assert.equal(line.error, `The TLS key "${live.key}" does not belong to the certificate `
    + `"${live.cert}". Give the private key of that certificate.`);
  assert.equal(await subject(), "two.example");

  held.write(requestText("GET", "/healthz", { Connection: "close" }));
  const [answer] = await once(held, "data");
  assert.match(answer.toString(), /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answer.toString(), /\r\nStrict-Transport-Security: max-age=31536000\r\n/);
  const call = request({ port: secure.port, path: "/healthz", rejectUnauthorized: false });
  call.end();
  const [response] = await once(call, "response");
  assert.equal(response.headers["strict-transport-security"], "max-age=31536000");
  response.resume();
  const plain = await fetch(`${server.url}/healthz`);
  assert.equal(plain.headers.get("strict-transport-security"), null);
});

test("SIGHUP reads trusted documents and an issuer's keys again", async (t) => {
  const documents = join(directory, "documents.json");
  const jwks = join(directory, "jwks.json");
  const pairs = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
  const publish = ({ publicKey }) =>
    writeFileSync(jwks, JSON.stringify({ keys: [publicKey.export({ format: "jwk" })] }));
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = ({ privateKey }) => {
    const text = `${part({ alg: "EdDSA" })}.${part({ iss: "idp", aud: ["us"],
      email: "admin@example.com", exp: Date.now() / 1000 + 60.5 })}`;
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
  };
  writeFileSync(documents, JSON.stringify({ old: "{ __typename }" }));
  publish(pairs[0]);
  await server.userToken();
  const one = await another(t, ["--trusted-documents", documents, "--jwks", jwks, "--jwt-issuer",
    "idp", "--jwt-audience", "us"]);
  const byId = async (documentId) =>
    (await one.graphql("catalog", token, { documentId })).body.errors?.[0].extensions.code ?? "ok";
  const me = async (pair) => (await one.graphql("tokens", null, { query: "{ me { email } }" },
    { Authorization: `Bearer ${jwt(pair)}` })).status;
  assert.deepEqual([await byId("old"), await byId("new")], ["ok", "NOT_FOUND"]);
  assert.deepEqual([await me(pairs[0]), await me(pairs[1])], [200, 401]);

  writeFileSync(documents, JSON.stringify({ new: "{ __typename }" }));
  publish(pairs[1]);
  one.child.kill("SIGHUP");
  await logged(one, ({ what }) => what === "trusted documents");
  for (let i = 0; i < 100 && await me(pairs[1]) !== 200; ++i) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual([await byId("old"), await byId("new")], ["NOT_FOUND", "ok"]);
  assert.deepEqual([await me(pairs[0]), await me(pairs[1])], [401, 200]);

  writeFileSync(documents, "{");
  writeFileSync(jwks, "{");
  one.child.kill("SIGHUP");
  const line = await logged(one, ({ level, what }) => level === "error" && what);
  assert.match(line.error, /documents\.json/);
  await logged(one, ({ message }) => /^the JWK set could not be read/.test(message));
  assert.equal(await byId("new"), "ok");
  assert.equal(await me(pairs[1]), 200);

  // What a mount makes of a file that is missing.
  rmSync(documents);
  mkdirSync(documents);
  one.child.kill("SIGHUP");
  await logged(one, ({ error }) => error === `${documents} is not a regular file.`);
  assert.equal(await byId("new"), "ok");
});

test("an Authorization that is not for the endpoint is answered with a hint", async () => {
  const hint = async (name, Authorization) => {
    const { status, headers: got } = await server.graphql(name, null, { query: "{ __typename }" },
      Authorization ? { Authorization } : {});
    assert.equal(status, 401);
    return got.get("x-hint");
  };
  const asToken = 'Send an API token as "Authorization: Token <token>"; Bearer is for JWTs, at the '
    + "tokens endpoint.";
  const without = "generateToken is called without Authorization";
  const asJwt = `${without}; for the rest, send a person's JWT as "Authorization: Bearer <JWT>". `
    + "API tokens are for the data endpoints.";
  assert.equal(await hint("catalog", `Bearer ${token}`), asToken);
  assert.equal(await hint("catalog", token), asToken);
  assert.equal(await hint("catalog", undefined), asToken);
  assert.equal(await hint("catalog", "token unknown"), null);
  assert.equal(await hint("tokens", `Token ${token}`), asJwt);
  assert.equal(await hint("tokens", `Basic ${btoa("udcl_0:udcs_0")}`), asJwt);
  assert.equal(await hint("tokens", `Bearer ${token}`), `${without}.`);
  assert.equal(await hint("tokens", undefined), null);
});

test("a line of the access log has numbers, the client and who it was counted for", async (t) => {
  const one = await another(t, []);
  const response = await post(one.url);
  const requestId = response.headers.get("x-request-id");
  await response.text();
  const line = await logged(one, (entry) => entry.requestId === requestId);
  assert.equal(line.status, 200);
  assert.equal(typeof line.durationUs, "number");
  assert.equal(typeof line.bytes, "number");
  assert.equal(line.client, "127.0.0.1");
  assert.match(line.identity, /^token:[0-9a-f-]{36}$/);
  assert.equal(JSON.stringify(one.logs).includes(token), false);
});
