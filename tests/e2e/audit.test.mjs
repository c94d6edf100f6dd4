// The server audit of the npm package `graphql-http`: every statement of the specification "GraphQL
// over HTTP", on every endpoint.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { auditServer } from "graphql-http";

import { endpoints, startServer } from "./server.mjs";

const auditsExpected = 61;

const server = await startServer({ after }, { demo: true });
for (const name of endpoints) {
  test(`${name} passes every audit`, async () => {
    const authorization = await server.authorization(name);
    const results = await auditServer({
      url: server.endpoint(name),
      fetchFn: (url, init = {}) =>
        fetch(url, { ...init, headers: { ...init.headers, Authorization: authorization } }),
    });
    assert.equal(results.length, auditsExpected);
    const not = results.filter(({ status }) => status !== "ok")
      .map(({ id, name: statement, status, reason }) => `${status} ${id} ${statement}: ${reason}`);
    assert.deepEqual(not, []);
  });
}
