// How a server begins and ends, and what becomes of the requests it has by then.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { binary, cleanEnvironment, matricula, runProgram } from "./cli.mjs";
import { exchange, RawConnection, requestText } from "./raw.mjs";
import { startServer } from "./server.mjs";
import { holdWriters, onPostgres, runSql } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const path = "/api/public/api/v1/program-progress/graphql";

// The servers of this file come one after the other and share a store.
const first = await startServer({ after }, { demo: true });
const { store } = first;
const token = await first.token();
await first.stop();

// A server and the bytes of a request that a worker thread has to answer.
async function busyServer(t, args = []) {
  const server = await startServer(t, { store, args });
  const headers = { "Content-Type": "application/json", Authorization: `Token ${token}` };
  const body = JSON.stringify({
    query: '{ programProgress(input: {query: "ann"}) { totalCount } }',
  });
  return { server, bytes: requestText("POST", path, headers, body) };
}

test("SIGTERM: every request that was sent is answered, then it ends with 0", async (t) => {
  const { server, bytes } = await busyServer(t, ["--threads", "2", "--workers", "2"]);
  const connections = [];
  for (let i = 0; i < 40; ++i) {
    connections.push(await RawConnection.open(t, server.port));
  }
  const perConnection = 3;
  for (const connection of connections) {
    connection.send(bytes.repeat(perConnection));
  }
  // One answer shows that the requests have arrived.
  const first = await connections.at(-1).response();
  assert.equal(first.status, 200);
  const ended = server.stop();
  let answered = 1;
  for (const connection of connections) {
    for (let response; (response = await connection.response());) {
      assert.equal(response.status, 200);
      assert.match(response.body, /"totalCount":\d+/);
      ++answered;
    }
  }
  assert.equal(answered, connections.length * perConnection);
  assert.deepEqual(await ended, { status: 0, signal: null });
});

test("SIGTERM: a request that has begun to arrive is answered, new ones are not", async (t) => {
  const { server, bytes } = await busyServer(t);
  const begun = await RawConnection.open(t, server.port);
  begun.send(bytes.slice(0, 30));
  const idle = await RawConnection.open(t, server.port);
  idle.send(requestText("GET", "/healthz"));
  assert.equal((await idle.response()).status, 200);
  const ended = server.stop();
  await idle.untilClosed();
  const refused = await RawConnection.open(t, server.port).then(() => null, (error) => error.code);
  assert.equal(refused, "ECONNREFUSED");
  server.child.kill("SIGHUP");  // what reloads services does not know that this one drains
  begun.send(bytes.slice(30));
  const response = await begun.response();
  assert.equal(response.status, 200);
  assert.equal(response.headers.connection, "close");
  assert.deepEqual(await ended, { status: 0, signal: null });
});

test("SIGTERM: what takes longer than --drain-timeout-ms is cut", async (t) => {
  const { server, bytes } = await busyServer(t, ["--drain-timeout-ms", "200"]);
  const begun = await RawConnection.open(t, server.port);
  begun.send(bytes.slice(0, 30));
  await exchange(t, server.port, requestText("GET", "/healthz"));
  assert.deepEqual(await server.stop(), { status: 0, signal: null });
});

test("SIGHUP does not end a server that waits for its store, SIGTERM does", async (t) => {
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--store",
    "postgresql://nobody@127.0.0.1:1/none", "--store-wait-ms", "60000"],
  { cwd: makeDirectory(t), env: cleanEnvironment(), stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  await once(child.stderr, "data");
  child.kill("SIGHUP");
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(child.exitCode ?? child.signalCode, null);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});

test("SIGTERM: it does not wait for a program that holds up all writers", async (t) => {
  const { server, bytes } = await busyServer(t);
  const connection = await RawConnection.open(t, server.port);
  const release = await holdWriters(store);
  t.after(release);
  connection.send(bytes);  // a use that is to be written
  assert.equal((await connection.response()).status, 200);
  await exchange(t, server.port, requestText("POST", path, { Authorization: "Token none" }, "{}"));
  const begun = Date.now();
  assert.deepEqual(await server.stop(), { status: 0, signal: null });
  assert.ok(Date.now() - begun < 9000, `${Date.now() - begun} ms`);
  assert.ok(server.logs.some(({ message }) => /they are lost/.test(message)));
});

test("a second SIGTERM ends it at once", async (t) => {
  const { server, bytes } = await busyServer(t);
  const begun = await RawConnection.open(t, server.port);
  begun.send(bytes.slice(0, 30));
  const idle = await RawConnection.open(t, server.port);
  idle.send(requestText("GET", "/healthz"));
  assert.equal((await idle.response()).status, 200);
  server.stop();
  await idle.untilClosed();
  assert.deepEqual(await server.stop(), { status: null, signal: "SIGTERM" });
});

test("SIGINT drains like SIGTERM, and readyz says so meanwhile", async (t) => {
  const { server, bytes } = await busyServer(t);
  const begun = await RawConnection.open(t, server.port);
  begun.send(`${bytes.slice(0, 30)}`);
  const watcher = await RawConnection.open(t, server.port);
  watcher.send(requestText("GET", "/readyz").slice(0, 10));
  await exchange(t, server.port, requestText("GET", "/healthz"));
  const ended = server.stop("SIGINT");
  while (!server.logs.some(({ message }) => message === "draining")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  watcher.send(requestText("GET", "/readyz").slice(10));
  const response = await watcher.response();
  assert.equal(response.status, 503);
  assert.deepEqual(JSON.parse(response.body), { status: "draining" });
  begun.socket.destroy();
  assert.deepEqual(await ended, { status: 0, signal: null });
});

test("a port in use is one clear message and status 1", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  const address = `127.0.0.1:${taken.address().port}`;
  const done = await matricula(["serve", "--listen", address], { cwd: makeDirectory(t) });
  assert.equal(done.status, 1);
  assert.equal(done.stdout, "");
  assert.ok(done.stderr.includes(`Cannot listen on ${address}: the port is in use.`), done.stderr);
});

test("a port that another matricula has is in use too", async (t) => {
  const server = await startServer(t);
  const done = await matricula(["serve", "--listen", `127.0.0.1:${server.port}`],
                               { cwd: makeDirectory(t) });
  assert.equal(done.status, 1);
  assert.match(done.stderr, /port is in use/);
});

const hasIpv6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === "::1");
test("IPv6 addresses stand in brackets", { skip: !hasIpv6 }, async (t) => {
  const server = await startServer(t, { args: ["--listen", "[::1]:0"] });
  assert.match(server.url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
});

// A certificate for localhost that signs itself: paths of the PEM files.
async function certificate(directory) {
  const cert = join(directory, "cert.pem");
  const key = join(directory, "key.pem");
  const made = await runProgram("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt",
    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
  assert.equal(made.status, 0, made.stderr);
  return { cert, key };
}

test("TLS with a certificate of one's own", async (t) => {
  const directory = makeDirectory(t);
  const { cert, key } = await certificate(directory);
  const server = await startServer(t, {
    store, cwd: directory, args: ["--tls-cert", cert, "--tls-key", key],
  });
  assert.match(server.url, /^https:/);
  const body = JSON.stringify({ query: "{ programProgress { totalCount } }" });
  const answer = await new Promise((resolve, reject) => {
    const call = request({
      // Where the name leads, to ::1 or 127.0.0.1, differs between machines.
      host: "127.0.0.1", servername: "localhost", port: server.port, path, method: "POST",
      ca: readFileSync(cert),
      headers: { "Content-Type": "application/json", Authorization: `Token ${token}` },
    }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ response, text }));
    });
    call.on("error", reject);
    call.end(body);
  });
  assert.equal(answer.response.statusCode, 200);
  assert.match(answer.response.headers["x-request-id"], /^[0-9a-f]{32}$/);
  assert.ok(JSON.parse(answer.text).data.programProgress.totalCount > 0);
  // Plain HTTP at a TLS port is no way in.
  const plain = await exchange(t, server.port, requestText("GET", "/healthz"));
  assert.equal(plain, null);
  assert.deepEqual(await server.stop(), { status: 0, signal: null });
});

test("TLS files that are missing, broken or alone are refused at the start", async (t) => {
  const directory = makeDirectory(t);
  const { cert, key } = await certificate(directory);
  for (const [args, status, says] of [
    [["--tls-cert", cert], 2, /--tls-key/],
    [["--tls-cert", join(directory, "none.pem"), "--tls-key", key], 1, /none\.pem/],
    [["--tls-cert", key, "--tls-key", key], 1, /key\.pem/],
  ]) {
    const done = await matricula(["serve", "--listen", "127.0.0.1:0", ...args],
                                 { cwd: directory });
    assert.equal(done.status, status, done.stderr);
    assert.match(done.stderr, says);
    assert.equal(done.stdout, "");
  }
});

test("SIGTERM: it does not delete all that is old first", async (t) => {
  const count = 60_000;
  const id = onPostgres ? "decode(lpad(to_hex(n), 32, '0'), 'hex')"
                        : "CAST(printf('%016d', n) AS BLOB)";
  await runSql(store, `
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    INSERT INTO api_tokens(id, digest, redacted, description, created_by, created_at, updated_at,
                           expires_at, credential_id)
      SELECT ${id}, ${id}, '', '', c.created_by, 0, 0, 1, c.id FROM numbers
        CROSS JOIN (SELECT id, created_by FROM client_credentials LIMIT 1) AS c;`);
  const left = async () =>
    Number(await runSql(store, "SELECT count(*) FROM api_tokens WHERE expires_at = 1"));
  const { server } = await busyServer(t);
  while (await left() === count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const begun = Date.now();
  assert.deepEqual(await server.stop(), { status: 0, signal: null });
  assert.ok(Date.now() - begun < 5000, `${Date.now() - begun} ms`);
  const rest = await left();
  assert.ok(rest > 0 && rest < count, `${rest} of ${count}`);
});

test("requests whose client has gone are no refusals of a busy server", async (t) => {
  const server = await startServer(t, { demo: true,
    args: ["--workers", "1", "--read-model-bytes", "0"] });
  const headers = { Authorization: `Token ${await server.token()}`,
    "Content-Type": "application/json" };
  const query = `{ programProgress(input: { query: "a", first: 1000, orderBy: LAST_ACTIVE }) {
    totalCount edges { node { userEmail programTitle } } } }`;
  const url = `${server.url}/api/public/api/v1/program-progress/graphql`;
  const refused = async (status) => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const name = `matricula_requests_refused_total{endpoint="program-progress",status="${status}"}`;
    return Number(text.split("\n").find((line) => line.startsWith(name)).split(" ")[1]);
  };
  for (let round = 0; round < 50 && (await refused(499)) === 0; ++round) {
    const gone = new AbortController();
    const asked = Array.from({ length: 40 }, () =>
      fetch(url, { method: "POST", headers, body: JSON.stringify({ query }), signal: gone.signal })
        .then((answer) => answer.text(), () => null));
    await new Promise((resolve) => setTimeout(resolve, 20));
    gone.abort();
    await Promise.all(asked);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(await refused(499) > 0);
  assert.equal(await refused(503), 0);
});
