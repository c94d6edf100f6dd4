// Requests as bytes: where one ends and the next begins is never a matter of opinion.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { exchange, RawConnection, requestText } from "./raw.mjs";
import { startServer } from "./server.mjs";

const server = await startServer({ after }, { demo: true });
const path = "/api/public/api/v1/program-progress/graphql";
const headers = {
  "Content-Type": "application/json",
  Authorization: `Token ${await server.token()}`,
};
const body = JSON.stringify({ query: "{ __typename }" });
const good = requestText("POST", path, headers, body);
const answer = '{"data":{"__typename":"Query"}}';

const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
const head = (more, line = `POST ${path} HTTP/1.1`) => `${line}\r\n${lines}${more}\r\n`;
const host = "Host: localhost\r\n";
const chunked = "Transfer-Encoding: chunked\r\n";
const length = `Content-Length: ${body.length}\r\n`;
const hex = body.length.toString(16);
const chunks = `${hex}\r\n${body}\r\n0\r\n\r\n`;

const malformed = {
  "Content-Length and Transfer-Encoding": head(host + length + chunked) + chunks,
  "Transfer-Encoding and Content-Length": head(host + chunked + length) + chunks,
  "Transfer-Encoding: gzip": head(`${host}Transfer-Encoding: gzip\r\n${length}`) + body,
  "Transfer-Encoding: xchunked": head(`${host}Transfer-Encoding: xchunked\r\n${length}`) + body,
  "Transfer-Encoding: gzip, chunked": head(`${host}Transfer-Encoding: gzip, chunked\r\n`) + chunks,
  "Transfer-Encoding twice": head(host + chunked + chunked) + chunks,
  "Transfer-Encoding: identity": head(`${host}Transfer-Encoding: identity\r\n${length}`) + body,
  "Transfer-Encoding in HTTP/1.0":
    head(host + chunked, `POST ${path} HTTP/1.0`) + chunks,
  "two different lengths": head(`${host}${length}Content-Length: 3\r\n`) + body,
  "the same length twice": head(host + length + length) + body,
  "a list of lengths": head(`${host}Content-Length: ${body.length}, ${body.length}\r\n`) + body,
  "a signed length": head(`${host}Content-Length: +${body.length}\r\n`) + body,
  "a negative length": head(`${host}Content-Length: -1\r\n`) + body,
  "a length in hex": head(`${host}Content-Length: 0x${hex}\r\n`) + body,
  "an empty length": head(`${host}Content-Length:\r\n`) + body,
  "white space before the colon": head(`${host}Content-Length : ${body.length}\r\n`) + body,
  "a folded header": head(`${host}${length}X-Folded: a\r\n b\r\n`) + body,
  "bare LF": (head(host + length) + body).replaceAll("\r\n", "\n"),
  "one bare LF": head(`Host: localhost\n${length}`) + body,
  "bare CR": head(`${host}X-A: a\rb\r\n${length}`) + body,
  "NUL in a value": head(`${host}X-A: a\0b\r\n${length}`) + body,
  "NUL in a name": head(`${host}X\0A: b\r\n${length}`) + body,
  "no Host": head(length) + body,
  "two Hosts": head(host + host + length) + body,
  "a Host with a path": head(`Host: a/b\r\n${length}`) + body,
  "a Host with user information": head(`Host: a@b\r\n${length}`) + body,
  "a header without a colon": head(`${host}nonsense\r\n${length}`) + body,
  "a header without a name": head(`${host}: x\r\n${length}`) + body,
  "chunk size 0x2": `${head(host + chunked)}0x2\r\nab\r\n0\r\n\r\n`,
  "chunk size overflow": `${head(host + chunked)}fffffffffffffffff\r\nab\r\n0\r\n\r\n`,
  "a signed chunk size": `${head(host + chunked)}+2\r\nab\r\n0\r\n\r\n`,
  "an empty chunk size": `${head(host + chunked)}\r\nab\r\n0\r\n\r\n`,
  "a chunk that is too short": `${head(host + chunked)}5\r\nab\r\n0\r\n\r\n`,
  "chunk lines with bare LF": `${head(host + chunked)}${hex}\n${body}\n0\n\n`,
  "no HTTP version": `POST ${path}\r\n${lines}${host}${length}\r\n${body}`,
  "two spaces in the request line": head(host + length, `POST  ${path} HTTP/1.1`) + body,
  "a tab in the request line": head(host + length, `POST\t${path} HTTP/1.1`) + body,
  "a raw byte in the target": head(host + length, `POST ${path}?\xff HTTP/1.1`) + body,
  "a fragment in the target": head(host + length, `POST ${path}#a HTTP/1.1`) + body,
  "a target without a slash": head(host + length, "POST nothing HTTP/1.1") + body,
  "TLS at a plain port": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
};
for (const [name, bytes] of Object.entries(malformed)) {
  test(`${name} is 400 and closes`, async (t) => {
    // A request smuggled behind must never be answered.
    const all = Buffer.concat([Buffer.from(bytes, "latin1"), Buffer.from(good)]);
    const connection = await RawConnection.open(t, server.port);
    connection.send(all);
    const response = await connection.response();
    assert.equal(response?.status, 400);
    assert.equal(response.headers.connection, "close");
    assert.match(response.headers["x-request-id"], /^[0-9a-f]{32}$/);
    assert.equal(typeof JSON.parse(response.body).errors[0].message, "string");
    assert.equal(await connection.response(), null);
  });
}

test("HTTP/2.0 in the request line is 505", async (t) => {
  const response = await exchange(t, server.port,
                                  head(host + length, `POST ${path} HTTP/2.0`) + body);
  assert.equal(response.status, 505);
});

test("an expectation we do not know is 417, an encoded body 415", async (t) => {
  const bytes = (more) => requestText("POST", path, { ...headers, ...more }, body);
  assert.equal((await exchange(t, server.port, bytes({ Expect: "200-maybe" }))).status, 417);
  assert.equal((await exchange(t, server.port, bytes({ "Content-Encoding": "gzip" }))).status,
               415);
});

test("a connection is kept, and requests in one write are answered in their order", async (t) => {
  const connection = await RawConnection.open(t, server.port);
  const health = requestText("GET", "/healthz");
  connection.send(good + health + good + requestText("GET", "/no/such/path") + good);
  const statuses = [];
  for (let i = 0; i < 5; ++i) {
    const response = await connection.response();
    statuses.push(response.status);
    if (i % 2 === 0) {
      assert.equal(response.body, answer);
    }
  }
  assert.deepEqual(statuses, [200, 200, 200, 404, 200]);
  connection.send(good);
  assert.equal((await connection.response()).body, answer);
  assert.equal(connection.closed, false);
});

test("answers stay in order when a slow one comes first", async (t) => {
  const connection = await RawConnection.open(t, server.port);
  // Counting goes to a worker thread, the others are answered where they arrive.
  const slow = JSON.stringify({ query: '{ programProgress(input: {query: "an"}) { totalCount } }' });
  connection.send(requestText("POST", path, headers, slow) + good);
  assert.match((await connection.response()).body, /totalCount/);
  assert.equal((await connection.response()).body, answer);
});

test("Connection: close and HTTP/1.0 end the connection after the answer", async (t) => {
  const closing = requestText("POST", path, { ...headers, Connection: "close" }, body);
  const closed = await exchange(t, server.port, closing + good);
  assert.equal(closed.body, answer);
  assert.equal(closed.closes, true);
  const old = await exchange(t, server.port,
                             head(length, `POST ${path} HTTP/1.0`) + body);
  assert.equal(old.body, answer);
  assert.equal(old.closes, true);
});

test("HTTP/1.0 with keep-alive keeps", async (t) => {
  const connection = await RawConnection.open(t, server.port);
  const bytes = head(`${length}Connection: keep-alive\r\n`, `POST ${path} HTTP/1.0`) + body;
  for (let i = 0; i < 2; ++i) {
    connection.send(bytes);
    const response = await connection.response();
    assert.equal(response.body, answer);
    assert.equal(response.headers.connection, "keep-alive");
  }
});

test("a chunked body comes in any pieces, with extensions and trailers", async (t) => {
  const half = body.length >> 1;
  const bytes = `${head(host + chunked)}${half.toString(16)};ext="a;b"\r\n${body.slice(0, half)}\r\n`
    + `${(body.length - half).toString(16).toUpperCase()}\r\n${body.slice(half)}\r\n`
    + "000\r\nX-Trailer: ignored\r\n\r\n";
  const whole = await exchange(t, server.port, bytes);
  assert.equal(whole.body, answer);
  const connection = await RawConnection.open(t, server.port);
  for (const byte of bytes) {
    connection.send(byte);
    await new Promise(setImmediate);
  }
  assert.equal((await connection.response()).body, answer);
  connection.send(good);
  assert.equal((await connection.response()).body, answer);
});

test("a body that was announced by Expect is asked for", async (t) => {
  const connection = await RawConnection.open(t, server.port);
  connection.send(head(`${host}${length}Expect: 100-continue\r\n`));
  const interim = await connection.response();
  assert.equal(interim.status, 100);
  connection.send(body);
  assert.equal((await connection.response()).body, answer);
});

test("a body that is too large is refused before it is sent", async (t) => {
  const response = await exchange(
    t, server.port,
    head(`${host}Content-Length: ${256 * 1024 + 1}\r\nExpect: 100-continue\r\n`));
  assert.equal(response.status, 413);
  assert.equal(response.closes, true);
});

test("empty lines before a request and an absolute target are taken", async (t) => {
  const absolute = requestText("POST", `http://localhost${path}`, headers, body);
  assert.equal((await exchange(t, server.port, `\r\n\r\n${absolute}`)).body, answer);
});

test("OPTIONS * has no endpoint behind it", async (t) => {
  assert.equal((await exchange(t, server.port, requestText("OPTIONS", "*"))).status, 404);
});

test("a client that goes away in the middle of a request harms no other", async (t) => {
  for (const bytes of [good.slice(0, 20), good.slice(0, -5), good]) {
    const connection = await RawConnection.open(t, server.port);
    connection.send(bytes);
    connection.socket.resetAndDestroy();
  }
  assert.equal((await exchange(t, server.port, good)).body, answer);
});
