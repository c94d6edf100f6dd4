// Credentials that may be used from some networks, or for some endpoints, alone.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startServer } from "./server.mjs";

const server = await startServer({ after }, { demo: true });
const company = server.credential.companyId;

async function generateToken(to, { clientId, clientSecret }, headers = {}) {
  const response = await fetch(`${to.url}/api/public/api/v1/tokens/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({
      query: "mutation ($input: GenerateTokenInput!) { generateToken(input: $input) " +
        "{ unredactedToken } }",
      variables: { input: { clientId, clientSecret } },
    }),
  });
  return response.json();
}

test("a credential held to networks and endpoints", async () => {
  const made = await server.command(["credential", "create", "--company", company,
    "--endpoint", "catalog", "--network", "127.0.0.0/8"]);
  const token = (await generateToken(server, made)).data.generateToken.unredactedToken;
  const status = async (name) =>
    (await server.graphql(name, token, { query: "{ __typename }" })).status;
  assert.equal(await status("catalog"), 200);
  assert.equal(await status("program-progress"), 403);
  await server.command(["credential", "restrict", made.id, "--network", "192.0.2.0/24"]);
  assert.equal(await status("catalog"), 403);
  const { errors } = await generateToken(server, made);
  assert.equal(errors[0].message, "invalid client credentials");
  const listed = (await server.command(["credential", "list"])).find(({ id }) => id === made.id);
  assert.deepEqual(listed.networks, ["192.0.2.0/24"]);
  assert.deepEqual(listed.endpoints, []);
});

test("from other networks a credential's own allowance is not used up", async (t) => {
  const behindProxy = await startServer(t, { store: server.store, cwd: server.cwd,
    args: ["--trusted-proxy", "127.0.0.1", "--rate-limit", "5"] });
  const made = await server.command(["credential", "create", "--company", company,
    "--network", "192.0.2.0/24"]);
  const secrets = `${made.clientId}:${made.clientSecret}`;
  const send = (path, address, headers) => fetch(behindProxy.url + path,
    { headers: { "X-Forwarded-For": address, ...headers } });
  const catalog = "/api/public/api/v1/catalog/graphql";
  const { data } = await generateToken(behindProxy, made, { "X-Forwarded-For": "192.0.2.1" });
  const token = data.generateToken.unredactedToken;
  const ways = [[`${catalog}?query=%7B__typename%7D`, { Authorization: `Token ${token}` }],
    ["/data/v1/tables", { Authorization: `Token ${token}` }],
    ["/data/v1/tables", { Authorization: `Basic ${Buffer.from(secrets).toString("base64")}` }]];
  for (const [i, [path, headers]] of ways.entries()) {
    // The owner's request comes first, so that the caller is known where it is looked up.
    assert.equal((await send(path, "192.0.2.1", headers)).status, 200);
    const statuses = [];
    for (let round = 0; round < 7; ++round) {
      statuses.push((await send(path, `203.0.113.${i}`, headers)).status);
    }
    assert.deepEqual(statuses, [403, 403, 403, 403, 403, 429, 429], path);
  }
  const last = await send(ways[0][0], "192.0.2.1", ways[0][1]);
  assert.equal(last.status, 200);
  assert.equal(last.headers.get("x-ratelimit-remaining"), "1");

  // Whose credential it was is in the log and in the trail.
  await behindProxy.stop();
  const refused = behindProxy.logs.filter(({ status }) => status === 403 || status === 429);
  assert.equal(refused.length, 21);
  for (const { identity } of refused) {
    assert.equal(identity, `credential:${made.id}`);
  }
  const trail = await server.command(["audit", "--refused", "--actor", made.id]);
  assert.deepEqual(trail.map(({ actorKind, attempts }) => [actorKind, attempts]),
                   [["credential", 7]]);
});
