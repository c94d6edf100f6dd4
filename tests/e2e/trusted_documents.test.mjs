// Documents that an operator vouches for, named by id: appendix "Persisted Documents" of GraphQL
// over HTTP.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { matricula } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { servedAs } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const firstPage = "query Page($n: Int) { programProgress(input: {first: $n}) { edges { cursor } } }";
const typename = "{ __typename }";
const generate = "mutation G($input: GenerateTokenInput!) { generateToken(input: $input) "
  + "{ unredactedToken } }";
const sha256 = (text) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

const directory = makeDirectory({ after });
const file = join(directory, "documents.json");
writeFileSync(file, JSON.stringify({
  "first-page": firstPage, [sha256(typename)]: typename, generate,
}));
const more = join(directory, "more.json");
writeFileSync(more, JSON.stringify({ plans: "{ catalog { learningPlans { id } } }" }));

const server = await startServer({ after }, {
  demo: true, cwd: directory, args: ["--trusted-documents", file, "--trusted-documents", more],
});
const token = await server.token();
const ask = (request, name = "program-progress", headers = {}) =>
  server.graphql(name, token, request, headers);

test("a documentId stands for its document, with variables and operationName", async () => {
  const request = { documentId: "first-page", operationName: "Page", variables: { n: 2 } };
  const { status, body } = await ask(request);
  assert.equal(status, 200);
  assert.equal(body.data.programProgress.edges.length, 2);
  assert.equal((await ask({ ...request, variables: { n: 0 } })).body.errors[0].extensions.code,
               "BAD_USER_INPUT");
});

test("every document is known by its hash too", async () => {
  const { body } = await ask({ documentId: sha256(firstPage), variables: { n: 1 } });
  assert.equal(body.data.programProgress.edges.length, 1);
  assert.deepEqual((await ask({ documentId: sha256(typename) })).body,
                   { data: { __typename: "Query" } });
});

test("documentId by GET; a mutation stays a matter of POST", async () => {
  const parameters = new URLSearchParams({ documentId: "first-page", variables: '{"n":3}' });
  const response = await fetch(`${server.endpoint("program-progress")}?${parameters}`,
                               { headers: { Authorization: `Token ${token}` } });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).data.programProgress.edges.length, 3);
  const { clientId, clientSecret } = server.credential;
  const variables = { input: { clientId, clientSecret } };
  const mutation = new URLSearchParams({
    documentId: "generate", variables: JSON.stringify(variables),
  });
  assert.equal((await fetch(`${server.endpoint("tokens")}?${mutation}`)).status, 405);
  const posted = await server.graphql("tokens", null, { documentId: "generate", variables });
  assert.match(posted.body.data.generateToken.unredactedToken, /^[0-9a-f]{32}$/);
});

test("an unknown id is one GraphQL error: elsewhere valid, of another case, or automatic",
     async () => {
  for (const request of [
    { documentId: "nothing" },
    { documentId: "First-Page" },
    { documentId: "plans" },
    { documentId: "" },
    { documentId: sha256("{ a: __typename }") },
  ]) {
    const { status, body } = await ask(request);
    assert.equal(status, 200);
    assert.equal(body.errors.length, 1);
    assert.equal(body.errors[0].extensions.code, "NOT_FOUND");
    assert.match(body.errors[0].message, /documentId/);
    assert.equal("data" in body, false);
    const modern = await ask(request, "program-progress",
                             { Accept: "application/graphql-response+json" });
    assert.equal(modern.status, 400);
  }
  assert.equal((await ask({ documentId: "plans" }, "catalog")).body.errors, undefined);
});

test("no document is learnt from a request", async () => {
  const query = "{ b: __typename }";
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query).slice(7) } };
  assert.deepEqual((await ask({ query, extensions })).body, { data: { b: "Query" } });
  assert.equal((await ask({ documentId: sha256(query) })).body.errors[0].extensions.code,
               "NOT_FOUND");
  assert.equal((await ask({ extensions })).body.errors[0].message, "PersistedQueryNotSupported");
});

test("documentId of a wrong type, or together with query, is 400", async () => {
  assert.equal((await ask({ documentId: 7 })).status, 400);
  const both = await ask({ documentId: "first-page", query: typename });
  assert.equal(both.status, 400);
  assert.match(both.body.errors[0].message, /"query" and "documentId"/);
  assert.equal((await ask({ documentId: null, query: typename })).status, 200);
});

test("--trusted-documents-only refuses every other document, on every endpoint", async (t) => {
  const strict = await startServer(t, {
    store: server.store, cwd: directory,
    args: ["--trusted-documents", file, "--trusted-documents-only"],
  });
  for (const name of ["program-progress", "catalog"]) {
    // The text of a trusted document is no better than another.
    const { status, body } = await strict.graphql(name, token, { query: typename });
    assert.equal(status, 200);
    assert.equal(body.errors[0].extensions.code, "BAD_USER_INPUT");
    assert.match(body.errors[0].message, /trusted documents only.*documentId/);
    const known = await strict.graphql(name, token, { documentId: sha256(typename) });
    assert.deepEqual(known.body, { data: { __typename: "Query" } });
  }
  const guess = await strict.graphql("tokens", null, { query: generate, variables: {} });
  assert.match(guess.body.errors[0].message, /trusted documents only/);
  assert.equal((await strict.graphql("catalog", null, { query: typename })).status, 401);
});

test("without a list, every id is unknown", async (t) => {
  const plain = await startServer(t, { store: server.store, cwd: directory });
  const { body } = await plain.graphql("catalog", token, { documentId: "first-page" });
  assert.equal(body.errors[0].extensions.code, "NOT_FOUND");
});

test("a list that cannot be used stops the start and names file and id", async () => {
  const path = join(directory, "bad.json");
  for (const [text, patterns] of [
    ["{", [/bad\.json: is not JSON/]],
    ["[]", [/bad\.json: must be a JSON object/]],
    ['{"a":1}', [/bad\.json: .*"a".*text/]],
    ['{"":"{ __typename }"}', [/bad\.json: .*id/]],
    ['{"a":"{ __typename }","a":"{ __typename }"}', [/bad\.json: is not JSON/]],
    ['{"a":"{ __typename"}', [/bad\.json: .*"a"/, /catalog: 1:13: Syntax Error/]],
    ['{"a":"{ nothing }"}', [/bad\.json: .*"a" is valid at no endpoint/,
      /program-progress: 1:3: Cannot query field "nothing" on type "Query"\./]],
    [`{"${sha256("x")}":"{ __typename }"}`,
      [new RegExp(`bad\\.json: .*${sha256("x")}.*${sha256(typename)}`)]],
    [`{"first-page":"${typename}"}`, [/bad\.json: .*"first-page".*documents\.json/]],
  ]) {
    writeFileSync(path, text);
    const done = await matricula(["serve", "--listen", "127.0.0.1:0", "--store", servedAs(server.store),
      "--trusted-documents", file, "--trusted-documents", path],
                                 { cwd: directory, env: server.env });
    assert.equal(done.status, 1, done.stderr);
    assert.equal(done.stdout, "");
    for (const pattern of patterns) {
      assert.match(done.stderr, pattern);
    }
  }
  for (const [args, status, pattern] of [
    [["--trusted-documents", "absent.json"], 1, /absent\.json cannot be read/],
    [["--trusted-documents-only"], 2, /--trusted-documents FILE/],
  ]) {
    const done = await matricula(["serve", "--listen", "127.0.0.1:0", "--store", servedAs(server.store),
      ...args], { cwd: directory, env: server.env });
    assert.equal(done.status, status);
    assert.match(done.stderr, pattern);
  }
});
