// What a newcomer sees first: `serve --demo` and the line it prints.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { runProgram } from "./cli.mjs";
import { startServer } from "./server.mjs";

const server = await startServer({ after }, { demo: true });

test("the printed curl line works as it stands", async () => {
  const done = await runProgram("sh", ["-c", server.credential.curl]);
  assert.equal(done.status, 0, done.stderr);
  const { data } = JSON.parse(done.stdout);
  assert.equal(data.programProgress.edges.length, 3);
  assert.ok(data.programProgress.totalCount > 3);
  assert.equal(data.programProgress.pageInfo.hasNextPage, true);
  assert.match(data.programProgress.edges[0].node.userEmail, /@/);
});

test("the credential answers with a token that reads data", async () => {
  const { clientId, clientSecret } = server.credential;
  const made = await server.graphql("tokens", null, {
    query: `mutation ($input: GenerateTokenInput!) {
      generateToken(input: $input) { unredactedToken }
    }`,
    variables: { input: { clientId, clientSecret } },
  });
  const token = made.body.data.generateToken.unredactedToken;
  const page = await server.graphql("catalog", token, {
    query: "{ __typename }",
  });
  assert.deepEqual(page.body, { data: { __typename: "Query" } });
});

test("every endpoint answers, and healthz and readyz say so", async () => {
  for (const path of ["healthz", "readyz"]) {
    const response = await fetch(`${server.url}/${path}`);
    assert.equal(response.status, 200, path);
  }
  const token = await server.token();
  for (const name of ["catalog", "program-progress", "assessment-progress",
    "learning-plan-progress"]) {
    const { status, body } = await server.graphql(name, token, { query: "{ __typename }" });
    assert.equal(status, 200, name);
    assert.deepEqual(body, { data: { __typename: "Query" } }, name);
  }
});

test("SIGTERM ends it with status 0", async () => {
  assert.deepEqual(await server.stop(), { status: 0, signal: null });
});
