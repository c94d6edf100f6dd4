// Every limit of a request: at the bound it is answered, one past it is refused by a message that
// names it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { exchange, RawConnection, requestText } from "./raw.mjs";
import { startServer } from "./server.mjs";

// Short times, so that the tests of time need not wait long; the other limits are the defaults.
const headTimeout = 400;
const server = await startServer({ after }, {
  demo: true,
  args: ["--head-timeout-ms", `${headTimeout}`, "--body-timeout-ms", "500",
    "--idle-timeout-ms", "600", "--threads", "1"],
});
const token = await server.token();
const path = "/api/public/api/v1/program-progress/graphql";
const headers = { "Content-Type": "application/json", Authorization: `Token ${token}` };
const query = "{ __typename }";
const body = JSON.stringify({ query });

const repeat = (count, text) => Array(count).fill(text).join(" ");

// The message of the one error of an answer to a document.
async function refusal(endpoint, document, code, variables) {
  const { status, body: { errors, data } } =
    await server.graphql(endpoint, token, { query: document, variables });
  assert.equal(status, 200);
  assert.equal(data, undefined);
  assert.equal(errors.length, 1, JSON.stringify(errors));
  assert.equal(errors[0].extensions.code, code);
  assert.ok(errors[0].locations.length > 0);
  return errors[0].message;
}

async function accepted(endpoint, document, variables) {
  const { status, body: answer } =
    await server.graphql(endpoint, token, { query: document, variables });
  assert.equal(status, 200);
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
}

test("body: 256 KiB", async (t) => {
  const bytesMax = 256 * 1024;
  for (const [bytes, status] of [[bytesMax, 200], [bytesMax + 1, 413]]) {
    const padded = body + " ".repeat(bytes - body.length);
    const response = await exchange(t, server.port, requestText("POST", path, headers, padded));
    assert.equal(response.status, status);
    const chunked = { ...headers, "Transfer-Encoding": "chunked" };
    const bytesSent = requestText("POST", path, chunked,
                                  `${bytes.toString(16)}\r\n${padded}\r\n0\r\n\r\n`);
    assert.equal((await exchange(t, server.port, bytesSent)).status, status);
  }
});

test("headers: 16 KiB", async (t) => {
  const bytesMax = 16 * 1024;
  for (const [bytes, status] of [[bytesMax, 200], [bytesMax + 1, 431]]) {
    const short = requestText("POST", path, { ...headers, "X-Pad": "" }, body);
    const pad = "x".repeat(bytes - (short.length - body.length));
    const response = await exchange(
      t, server.port, requestText("POST", path, { ...headers, "X-Pad": pad }, body));
    assert.equal(response.status, status);
    assert.match(response.headers["x-request-id"], /^[0-9a-f]{32}$/);
    if (status === 431) {
      assert.match(JSON.parse(response.body).errors[0].message, /head/);
    }
  }
});

test("headers: 64 KiB, and a head that never ends, are 431", async (t) => {
  const huge = requestText("POST", path, { ...headers, "X-Pad": "x".repeat(65536) }, body);
  assert.equal((await exchange(t, server.port, huge)).status, 431);
  const endless = "GET / HTTP/1.1\r\n" + "X-Pad: y\r\n".repeat(5000);
  assert.equal((await exchange(t, server.port, endless)).status, 431);
});

test("header fields: 100", async (t) => {
  for (const [count, status] of [[100, 200], [101, 431]]) {
    // Host, Content-Type, Authorization and Content-Length are four of them.
    const more = Object.fromEntries(Array.from({ length: count - 4 }, (_, i) => [`X-${i}`, "1"]));
    const response = await exchange(t, server.port,
                                    requestText("POST", path, { ...headers, ...more }, body));
    assert.equal(response.status, status);
  }
});

test("tokens of a document: 10,000", async () => {
  // The list's parts are tokens, and all else of the document is 20.
  const document = (count) => "{ programProgress(input: {filter: {userIds: ["
    + `${repeat(count - 20, '"a"')}]}}) { totalCount } }`;
  await accepted("program-progress", document(10_000));
  const message = await refusal("program-progress", document(10_001), "LIMIT_EXCEEDED");
  assert.match(message, /10,?000.*token|token.*10,?000/i);
});

test("selection depth: 15", async () => {
  // catalog, learningPlans and the field in the last steps are three levels.
  const document = (depth) => "{ catalog { learningPlans "
    + `${"{ steps ".repeat(depth - 3)}{ label }${" }".repeat(depth - 3)} } }`;
  await accepted("catalog", document(15));
  const message = await refusal("catalog", document(16), "LIMIT_EXCEEDED");
  assert.match(message, /depth.*15|15.*depth/i);
});

test("selection depth counts what fragments add", async () => {
  const document = (depth) => "query { catalog { learningPlans { ...A } } } "
    + `fragment A on CatalogLearningPlan ${"{ steps ".repeat(depth - 3)}{ label }`
    + " }".repeat(depth - 3);
  await accepted("catalog", document(15));
  assert.match(await refusal("catalog", document(16), "LIMIT_EXCEEDED"), /depth/i);
});

test("nesting: 200, in a document", async () => {
  // The selection set, the arguments' object and its field's list are around the lists.
  const document = (depth) =>
    `{ programProgress(input: {query: ${"[".repeat(depth)}${"]".repeat(depth)}}) { totalCount } }`;
  const { body: answer } =
    await server.graphql("program-progress", token, { query: document(190) });
  assert.equal(answer.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  const message = await refusal("program-progress", document(201), "LIMIT_EXCEEDED");
  assert.match(message, /nest.*200|200.*nest/i);
});

test("nesting: 200, in JSON", async () => {
  const variables = (depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const send = (depth) => fetch(server.url + path, {
    method: "POST",
    headers,
    // The request's object and that of the variables are two of the levels.
    body: `{"query":"{ __typename }","variables":{"a":${variables(depth - 2)}}}`,
  });
  assert.equal((await send(200)).status, 200);
  const refused = await send(201);
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).errors[0].message, /200/);
});

test("aliases: 100", async () => {
  const document = (count) => "{ programProgress { pageInfo { "
    + `${Array.from({ length: count }, (_, i) => `a${i}: hasNextPage`).join(" ")} } } }`;
  await accepted("program-progress", document(100));
  const message = await refusal("program-progress", document(101), "LIMIT_EXCEEDED");
  assert.match(message, /100.*alias|alias.*100/i);
});

test("root fields: 50", async () => {
  const document = (count) => `{ ${repeat(count, "__typename")} }`;
  await accepted("program-progress", document(50));
  const message = await refusal("program-progress", document(51), "LIMIT_EXCEEDED");
  assert.match(message, /50.*root field|root field.*50/i);
});

test("fragment expansions: a document that doubles itself is refused", async () => {
  const levels = 20;
  const fragments = Array.from({ length: levels }, (_, i) =>
    `fragment F${i} on PageInfo { ...F${i + 1} ...F${i + 1} }`).join(" ");
  const document = `{ programProgress { pageInfo { ...F0 } } } ${fragments} `
    + `fragment F${levels} on PageInfo { hasNextPage }`;
  const { status, body: answer } =
    await server.graphql("program-progress", token, { query: document });
  assert.equal(status, 200);
  // Each fragment is visited once where it is merged, so the document may as well be answered.
  if (answer.errors) {
    assert.equal(answer.errors[0].extensions.code, "LIMIT_EXCEEDED");
    assert.match(answer.errors[0].message, /10,?000/);
  }
});

test("comparisons of field merging: a document of many equal fields is refused", async () => {
  const document = `{ programProgress { pageInfo { ${repeat(500, "hasNextPage")} } } }`;
  const message = await refusal("program-progress", document, "LIMIT_EXCEEDED");
  assert.match(message, /10,?000/);
});

test("a head that is not complete in time is 408", async (t) => {
  for (const part of ["P", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: x\r\n"]) {
    const response = await exchange(t, server.port, part);
    assert.equal(response?.status, 408, part);
    assert.equal(response.closes, true);
  }
});

test("a head that comes byte by byte gets no more time for it", async (t) => {
  const connection = await RawConnection.open(t, server.port);
  const drip = setInterval(() => connection.send("x"), 50);
  t.after(() => clearInterval(drip));
  assert.equal((await connection.response())?.status, 408);
});

test("a body that is not complete in time is 408", async (t) => {
  const whole = requestText("POST", path, headers, body);
  assert.equal((await exchange(t, server.port, whole.slice(0, -1)))?.status, 408);
  const chunked = requestText("POST", path, { ...headers, "Transfer-Encoding": "chunked" },
                              "5\r\nab");
  assert.equal((await exchange(t, server.port, chunked))?.status, 408);
});

test("an idle connection is closed without a word", async (t) => {
  const silent = await RawConnection.open(t, server.port);
  assert.equal(await silent.response(), null);
  const used = await RawConnection.open(t, server.port);
  used.send(requestText("GET", "/healthz"));
  assert.equal((await used.response()).status, 200);
  assert.equal(await used.response(), null);
});

test("more connections than allowed are told 503 and when to come back", async (t) => {
  const small = await startServer(t, { args: ["--connections", "2"] });
  const open = [];
  for (let i = 0; i < 2; ++i) {
    open.push(await RawConnection.open(t, small.port));
    open[i].send(requestText("GET", "/healthz"));
    assert.equal((await open[i].response()).status, 200);
  }
  const refused = await exchange(t, small.port, requestText("GET", "/healthz"));
  assert.equal(refused.status, 503);
  assert.match(refused.headers["retry-after"], /^\d+$/);
});

test("the values of all filter lists of a request are bounded together", async (t) => {
  const small = await startServer(t, { store: server.store, args: ["--filter-values", "5"] });
  const ask = async (endpoint, document) =>
    (await small.graphql(endpoint, token, { query: document })).body;
  const lists = (keys) => `{
    a: programProgress(input: {filter: {programType: [NANODEGREE, COURSE], programKeys: ["x"]}})
      { totalCount }
    b: programProgress(input: {filter: {programKeys: ${JSON.stringify(keys)}}}) { totalCount } }`;
  assert.equal((await ask("program-progress", lists(["x", "y"]))).errors, undefined);
  assert.deepEqual((await ask("program-progress", lists(["x", "y", "x"]))).errors, [{
    message: 'With "filter.programKeys" the filter lists of the request hold 6 values; the limit ' +
      '"filter-values" of this server is 5. Ask for fewer at a time.',
    locations: [{ line: 4, column: 5 }],
    path: ["b"],
    extensions: { code: "BAD_USER_INPUT" },
  }]);
  const attempts = `{ assessmentProgress(input: {filter: {
    assessmentIds: ["1", "2", "3"], assessmentStatus: ["a", "b", "c"]}}) { totalCount } }`;
  assert.match((await ask("assessment-progress", attempts)).errors[0].message, /filter-values/);
});

test("each limit can be set, and holds as set", async (t) => {
  const small = await startServer(t, {
    store: server.store,
    args: ["--body-bytes", "1000", "--head-bytes", "500", "--aliases", "1", "--root-fields", "2",
      "--document-tokens", "20", "--selection-depth", "3", "--nesting", "6",
      "--response-bytes", "100"],
  });
  const ask = async (document) =>
    (await small.graphql("program-progress", token, { query: document })).body.errors[0];
  assert.equal((await small.graphql("catalog", token, { query: " ".repeat(1000) })).status, 413);
  const big = { "X-Pad": "x".repeat(500) };
  assert.equal((await small.graphql("catalog", token, { query }, big)).status, 431);
  for (const [document, code] of [
    ["{ a: __typename b: __typename }", "LIMIT_EXCEEDED"],
    ["{ __typename __typename __typename }", "LIMIT_EXCEEDED"],
    ["{ programProgress { edges { node { userId } } } }", "LIMIT_EXCEEDED"],
    [`{ programProgress { pageInfo { ${repeat(20, "hasNextPage")} } } }`, "LIMIT_EXCEEDED"],
    ["{ programProgress(input: {query: [[[[1]]]]}) { totalCount } }", "LIMIT_EXCEEDED"],
  ]) {
    assert.equal((await ask(document)).extensions.code, code, document);
  }
  const large = await ask("{ programProgress { edges { cursor } } }");
  assert.match(large.message, /response-bytes/);
  const more = await startServer(t, {
    store: server.store,
    args: ["--aliases", "200", "--root-fields", "200", "--selection-depth", "30"],
  });
  const aliases = Array.from({ length: 150 }, (_, i) => `a${i}: __typename`).join(" ");
  const steps = `{ catalog { learningPlans ${"{ steps ".repeat(20)}{ label }${" }".repeat(20)} } }`;
  for (const [endpoint, document] of [["program-progress", `{ ${aliases} }`], ["catalog", steps]]) {
    const { body: answer } = await more.graphql(endpoint, token, { query: document });
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  }
});
