// What a caller of an endpoint sees of HTTP: methods, media types, bodies, statuses, headers.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { decompress } from "fzstd";

import { exchange, requestText } from "./raw.mjs";
import { endpoints, startServer } from "./server.mjs";

const server = await startServer({ after }, { demo: true });
const token = await server.token();
const path = "/api/public/api/v1/program-progress/graphql";
const json = { "Content-Type": "application/json", Authorization: `Token ${token}` };
const query = "{ __typename }";
const answer = { data: { __typename: "Query" } };

// Sends a request as given and gives {status, headers, body}, the body as text.
async function send(method, target, { headers = {}, body } = {}) {
  const response = await fetch(server.url + target, { method, headers, body, redirect: "manual" });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

function post(body, headers = {}) {
  return send("POST", path, { headers: { ...json, ...headers }, body });
}

function errorMessage(response) {
  const { errors } = JSON.parse(response.body);
  assert.equal(errors.length, 1, response.body);
  return errors[0].message;
}

test("GET takes queries, with variables and operationName as parameters", async () => {
  const parameters = new URLSearchParams({
    query: `query A($i: ProgramProgressInput) { programProgress(input: $i) { edges { cursor } } }
            query B { __typename }`,
    operationName: "A",
    variables: JSON.stringify({ i: { first: 2 } }),
  });
  const response = await send("GET", `${path}?${parameters}`, {
    headers: { Authorization: `Token ${token}` },
  });
  assert.equal(response.status, 200);
  assert.equal(JSON.parse(response.body).data.programProgress.edges.length, 2);
});

test("a client of Apollo that sends a hash first learns that it is to send the document", async () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } };
  const { status, body } = await post(JSON.stringify({ extensions }));
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body), { errors: [{ message: "PersistedQueryNotSupported",
    extensions: { code: "PERSISTED_QUERY_NOT_SUPPORTED" } }] });
  const both = await post(JSON.stringify({ query, extensions }));
  assert.deepEqual(JSON.parse(both.body), answer);
});

test("paths that differ in how letters are written are the same", async (t) => {
  const authorization = { Authorization: `Token ${token}` };
  for (const [target, status] of [
    [`/api/public/api/v1/%70rogram-progress/graphql?query=${encodeURIComponent(query)}`, 200],
    ["/%64ata/v1/%74ables/%70rogram%5Fprogress.csv", 200],
    ["/data/v1/tables/%70rogram%2Dprogress.csv", 404],
    ["/%61uth/login", 405],
    ["/%64ocs/", 200],
    ["/%70layground", 200],
    ["/healthz%2F", 404],
    ["/health%7a", 200],
  ]) {
    const response =
      await exchange(t, server.port, requestText("GET", target, { ...authorization, Connection: "close" }));
    assert.equal(response.status, status, target);
  }
});

test("a mutation by GET is 405 and names POST", async () => {
  const parameters = new URLSearchParams({ query: 'mutation { revokeToken(tokenId: "1") }' });
  const response = await send("GET", `/api/public/api/v1/tokens/graphql?${parameters}`, {
    headers: { Authorization: `Bearer ${await server.userToken()}` },
  });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "POST");
  assert.match(errorMessage(response), /POST/);
});

test("a mutation by GET is 405 where the schema has none, too", async () => {
  for (const domain of ["catalog", "program-progress"]) {
    const response = await send("GET",
      `/api/public/api/v1/${domain}/graphql?query=mutation%20M%20%7B%20__typename%20%7D&operationName=M`,
      { headers: { Authorization: `Token ${token}` } });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "POST");
  }
});

for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
  test(`${method} is 405 on every endpoint, with Allow`, async () => {
    for (const name of endpoints) {
      const response = await send(method, `/api/public/api/v1/${name}/graphql`, { headers: json });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "GET, POST");
      assert.match(errorMessage(response), new RegExp(method));
    }
  });
}

test("HEAD of an endpoint is 405 without a body", async () => {
  const response = await send("HEAD", path, { headers: json });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "GET, POST");
  assert.equal(response.body, "");
});

test("HEAD of a health page has the length of its body and no body", async () => {
  const whole = await send("GET", "/healthz");
  const head = await send("HEAD", "/healthz");
  assert.equal(head.status, 200);
  assert.equal(head.body, "");
  assert.equal(head.headers.get("content-length"), whole.headers.get("content-length"));
});

const accepted = [
  [undefined, "application/json; charset=utf-8"],
  ["*/*", "application/json; charset=utf-8"],
  ["application/*", "application/json; charset=utf-8"],
  ["application/json", "application/json; charset=utf-8"],
  ["application/graphql-response+json", "application/graphql-response+json; charset=utf-8"],
  ["application/graphql-response+json, application/json;q=0.9",
    "application/graphql-response+json; charset=utf-8"],
  ["application/graphql-response+json;q=0.5, application/json", "application/json; charset=utf-8"],
  ["text/html, application/json;q=0.1", "application/json; charset=utf-8"],
  ["application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
    "application/graphql-response+json; charset=utf-8"],
  ["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json; charset=utf-8"],
  ["application/json;q=1.0000", "application/json; charset=utf-8"],
  ["application/json; ;q=0.5", "application/json; charset=utf-8"],
  [", ;q=0", "application/json; charset=utf-8"],
  ["application/graphql-response+json ; q = 0.5", "application/graphql-response+json; charset=utf-8"],
  ["application/json; charset=iso-8859-1", "application/json; charset=utf-8"],
];
for (const [accept, type] of accepted) {
  test(`Accept: ${accept} is answered as ${type}`, async (t) => {
    const body = JSON.stringify({ query });
    const headers = { ...json, ...(accept === undefined ? {} : { Accept: accept }) };
    const response = await exchange(t, server.port, requestText("POST", path, headers, body));
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-type"], type);
    assert.match(response.headers.vary, /\bAccept\b/);
    assert.deepEqual(JSON.parse(response.body), answer);
  });
}

for (const accept of ["text/html", "image/png", "application/json;q=0",
  "application/json; charset=utf-16"]) {
  test(`Accept: ${accept} is 406`, async () => {
    const response = await post(JSON.stringify({ query }), { Accept: accept });
    assert.equal(response.status, 406);
    assert.match(errorMessage(response), /application\/json/);
    assert.match(response.headers.get("vary") ?? "", /\bAccept\b/);
  });
}

test("Accept may stand in several fields", async (t) => {
  const bytes = requestText("POST", path, { ...json, Accept: "text/html\r\nAccept: application/json" },
                            JSON.stringify({ query }));
  assert.equal((await exchange(t, server.port, bytes)).status, 200);
});

for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/graphql",
  "application/json; charset=iso-8859-1", "multipart/form-data; boundary=x", "nonsense"]) {
  test(`Content-Type: ${type} is 415`, async () => {
    const response = await post(JSON.stringify({ query }), { "Content-Type": type });
    assert.equal(response.status, 415);
    assert.match(errorMessage(response), /application\/json/);
  });
}

test("no Content-Type at all is 415", async (t) => {
  const headers = { Authorization: `Token ${token}` };
  const bytes = requestText("POST", path, headers, JSON.stringify({ query }));
  assert.equal((await exchange(t, server.port, bytes)).status, 415);
});

test("a charset of UTF-8 is taken, in any case and in quotes", async () => {
  for (const charset of ["utf-8", "UTF-8", '"utf-8"', "utf8", "", "us-ascii"]) {
    const response = await post(JSON.stringify({ query }),
                                { "Content-Type": `application/json; charset=${charset}` });
    assert.equal(response.status, 200, charset);
  }
});

test("a byte order mark before a body is ignored", async () => {
  const response = await post(`\uFEFF${JSON.stringify({ query })}`);
  assert.deepEqual(JSON.parse(response.body), answer);
});

test("NUL in a document is a syntax error of GraphQL", async () => {
  for (const [document, message, column] of [
    ["\0", "Syntax Error: Unexpected character: U+0000.", 1],
    ["{ __typename }\0", "Syntax Error: Unexpected character: U+0000.", 15],
    ["{ __type\0name }", "Syntax Error: Unexpected character: U+0000.", 9],
  ]) {
    const byBody = await post(JSON.stringify({ query: document }));
    assert.equal(byBody.status, 200);
    const byTarget = await send("GET", `${path}?query=${encodeURIComponent(document)}`,
                                { headers: { Authorization: `Token ${token}` } });
    for (const response of [byBody, byTarget]) {
      assert.deepEqual(JSON.parse(response.body).errors, [{
        message, locations: [{ line: 1, column }], extensions: { code: "GRAPHQL_PARSE_FAILED" },
      }]);
    }
  }
});

test("NUL in a value is a character that equals nothing", async () => {
  const list = `query Q($i: ProgramProgressInput) { programProgress(input: $i) { totalCount } }`;
  const all = "{ programProgress(input: {first: 1}) { edges { node { userEmail } } } }";
  const email = JSON.parse((await post(JSON.stringify({ query: all }))).body)
    .data.programProgress.edges[0].node.userEmail;
  for (const i of [{ query: "\0" }, { query: `${email}\0` }, { filter: { userEmails: ["\0"] } },
    { filter: { userEmails: [`${email}\0`] } }, { filter: { programKeys: ["\0"] } },
    { filter: { userIds: ["\0"] } }, { filter: { learningPlanIds: ["a\0"] } }]) {
    const response = await post(JSON.stringify({ query: list, variables: { i } }));
    assert.deepEqual(JSON.parse(response.body), { data: { programProgress: { totalCount: 0 } } });
  }
  const both = { filter: { userEmails: [email, `${email}\0`] } };
  const one = { filter: { userEmails: [email] } };
  const [left, right] = await Promise.all([both, one].map(
    (i) => post(JSON.stringify({ query: list, variables: { i } }))));
  assert.equal(left.body, right.body);
});

const badBodies = [
  ["", "not JSON"],
  ["{", "not JSON"],
  ['{"query":', "not JSON"],
  ['{"query":"{ __typename }"} x', "not JSON"],
  ['{"query":"{ __typename }","query":"{ a }"}', "not JSON"],
  ['{"query":"\\ud800"}', "not JSON"],
  [Buffer.from('{"query":"\xff"}', "latin1"), "not JSON"],
  [`{"query":"{ __typename }","variables":{"a":${"[".repeat(201)}${"]".repeat(201)}}}`, "200"],
  ['"{ __typename }"', "object"],
  ["null", "object"],
  [JSON.stringify([{ query }]), "batching"],
  ["[]", "batching"],
  ["{}", '"query"'],
  ['{"query":null}', '"query"'],
  ['{"query":7}', '"query"'],
  ['{"query":"{ __typename }","variables":[]}', '"variables"'],
  ['{"query":"{ __typename }","variables":"{}"}', '"variables"'],
  ['{"query":"{ __typename }","operationName":1}', '"operationName"'],
  ['{"query":"{ __typename }","extensions":[]}', '"extensions"'],
];
for (const [body, says] of badBodies) {
  test(`the body ${JSON.stringify(body.toString()).slice(0, 60)} is 400`, async () => {
    for (const accept of ["application/json", "application/graphql-response+json"]) {
      const response = await post(body, { Accept: accept });
      assert.equal(response.status, 400);
      assert.ok(errorMessage(response).includes(says), response.body);
    }
  });
}

test("bad parameters of a GET are 400", async () => {
  for (const [parameters, says] of [
    ["query=%7B__typename%7D&variables=%7B", '"variables"'],
    ["query=%7B__typename%7D&variables=1", '"variables"'],
    ["query=%7B__typename%7D&extensions=x", '"extensions"'],
    ["query=%7B__typename%7D&query=%7B__typename%7D", "repeated"],
    ["query=%ff", "UTF-8"],
    ["operationName=A", '"query"'],
  ]) {
    const response = await send("GET", `${path}?${parameters}`, { headers: json });
    assert.equal(response.status, 400, parameters);
    assert.ok(errorMessage(response).includes(says), response.body);
  }
});

test("errors of a document are 200 as application/json, 400 as graphql-response", async () => {
  for (const [document, code] of [
    ["{ programProgress {} }", "GRAPHQL_PARSE_FAILED"],
    ["{ unknownField }", "GRAPHQL_VALIDATION_FAILED"],
    [`{ ${"a: __typename ".repeat(101)} }`, "LIMIT_EXCEEDED"],
  ]) {
    const legacy = await post(JSON.stringify({ query: document }), { Accept: "application/json" });
    assert.equal(legacy.status, 200, document);
    const modern = await post(JSON.stringify({ query: document }),
                              { Accept: "application/graphql-response+json" });
    assert.equal(modern.status, 400, document);
    const body = JSON.parse(modern.body);
    assert.deepEqual(JSON.parse(legacy.body), body);
    assert.equal("data" in body, false);
    assert.equal(body.errors[0].extensions.code, code);
    assert.ok(body.errors[0].locations.length > 0);
  }
});

test("a browser that opens an endpoint is led to the playground", async () => {
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const response = await send("GET", path, { headers: { Accept: accept } });
  assert.equal(response.status, 303);
  assert.match(response.headers.get("location"), /^\/playground\b/);
  assert.match(response.headers.get("vary"), /\bAccept\b/);
});

test("every response has an X-Request-Id of its own", async () => {
  const seen = new Set();
  for (const [method, target, headers, body] of [
    ["POST", path, json, JSON.stringify({ query })],
    ["POST", path, json, "{"],
    ["POST", path, {}, JSON.stringify({ query })],
    ["POST", path, { "Content-Type": "application/json" }, JSON.stringify({ query })],
    ["DELETE", path, json],
    ["POST", path, { ...json, Accept: "image/png" }, JSON.stringify({ query })],
    ["GET", "/healthz"], ["GET", "/readyz"], ["GET", "/metrics"], ["GET", "/"],
    ["GET", "/docs"], ["GET", "/playground"], ["GET", "/no/such/path"],
    ["POST", "/auth/login", { "Content-Type": "application/json" },
      '{"email":"nobody@example.com","password":"x"}'],
    ["POST", "/auth/refresh"],
    ["GET", "/auth/login"],
  ]) {
    const response = await send(method, target, { headers, body });
    const id = response.headers.get("x-request-id");
    assert.match(id ?? "", /^[0-9a-f]{32}$/, `${method} ${target} ${response.status}`);
    assert.equal(seen.has(id), false);
    seen.add(id);
  }
});

// What comes over the wire, which fetch() would have expanded: {headers, bytes}.
function packedAnswer(document, coding) {
  return new Promise((resolve, reject) => {
    const headers = { ...json, "Accept-Encoding": coding };
    const call = request(server.url + path, { method: "POST", headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    call.on("error", reject);
    call.end(JSON.stringify({ query: document }));
  });
}

test("of codings of equal weight the first one is used", async () => {
  const page = "{ programProgress(input: {first: 50}) { edges { cursor node { userEmail } } } }";
  for (const [wish, coding] of [["gzip, deflate, br, zstd", "gzip"], ["zstd, gzip", "zstd"], ["*", "gzip"],
    ["identity, gzip", undefined], ["gzip;q=.5, zstd;q=0.9", "gzip"]]) {
    assert.equal((await packedAnswer(page, wish)).headers["content-encoding"], coding, wish);
  }
});

test("a page above 2 kB is compressed when asked for, a small answer never", async () => {
  const page = "{ programProgress(input: {first: 50}) { edges { cursor node { userEmail } } } }";
  const plain = JSON.parse((await packedAnswer(page, "identity")).bytes.toString());
  assert.equal(plain.data.programProgress.edges.length, 50);
  for (const [coding, expand] of [
    ["gzip", gunzipSync],
    ["zstd", (bytes) => Buffer.from(decompress(bytes))],
  ]) {
    const packed = await packedAnswer(page, coding);
    assert.equal(packed.headers["content-encoding"], coding);
    assert.match(packed.headers.vary, /Accept-Encoding/);
    assert.deepEqual(JSON.parse(expand(packed.bytes).toString()), plain);
    const small = await packedAnswer(query, coding);
    assert.equal(small.headers["content-encoding"], undefined);
  }
  const other = await packedAnswer(page, "br, deflate");
  assert.equal(other.headers["content-encoding"], undefined);
});

test("a path that is not there is 404 with the form of every error", async () => {
  const response = await send("GET", "/api/public/api/v1/nothing/graphql");
  assert.equal(response.status, 404);
  assert.ok(errorMessage(response).length > 0);
});

test("/metrics counts what was asked", async () => {
  await post(JSON.stringify({ query }));
  const response = await send("GET", "/metrics");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
  const count = /^matricula_requests_total\{endpoint="program-progress",status="2xx"\} (\d+)$/m
    .exec(response.body);
  assert.ok(Number(count[1]) > 0);
});
