// What is secret stays so: every place that a client can write to gets tokens, secrets, passwords
// and JWTs, and then the bytes of all that the server leaves behind are searched for them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join, relative } from "node:path";
import { test } from "node:test";

import { endpoints, startServer } from "./server.mjs";
import { clusterDirectory, onPostgres } from "./store.mjs";

const company = { id: "c1", slug: "acme", name: "Acme" };
const password = "hunter2-correct-horse-battery";

// Sends bytes as they are; what comes back does not matter.
function sendRaw(server, bytes) {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.end(bytes));
    socket.on("error", resolve);
    socket.on("close", resolve);
    socket.resume();
  });
}

// The secret in each place of a request that a client writes; gives the bodies of the answers.
async function sendEverywhere(server, secret) {
  const bodies = [];
  const send = async (path, init) => {
    const response = await fetch(server.url + path, init);
    bodies.push(await response.text());
  };
  const json = { "Content-Type": "application/json" };
  const query = JSON.stringify({ query: "{ __typename }" });
  for (const name of endpoints) {
    const path = `/api/public/api/v1/${name}/graphql`;
    const post = (headers, body) =>
      send(path, { method: "POST", headers: { ...json, ...headers }, body });
    for (const header of ["Authorization", "X-Company-Id", "X-CSRF-Token", "X-Request-Id",
      "X-Forwarded-For", "User-Agent", "Referer", "Origin"]) {
      await post({ [header]: secret }, query);
    }
    for (const scheme of ["Token", "Bearer", "Basic"]) {
      await post({ Authorization: `${scheme} ${secret}` }, query);
    }
    await post({ Cookie: `matricula_session=${secret}`, "X-CSRF-Token": secret }, query);
    await post({}, JSON.stringify({
      query: `# ${secret}\nquery ($x: String) { __typename }`,
      variables: { x: secret },
      extensions: { x: secret },
    }));
    await send(`${path}?query={__typename}&variables={"x":"${secret}"}&access_token=${secret}`);
    // What is wrong with a text may be told to whoever sent it, so these answers do not count.
    const kept = bodies.length;
    await post({}, `{"query": "${secret}`);
    await post({}, JSON.stringify({ query: `{ x(y: "${secret}") }`, operationName: secret }));
    bodies.length = kept;
  }
  await send("/auth/login", { method: "POST", headers: json,
                              body: JSON.stringify({ email: secret, password: secret }) });
  await send("/auth/login", { method: "POST", headers: json, body: `{"email": ${secret}` });
  await send("/auth/refresh", { method: "POST", headers: { Cookie: `matricula_session=${secret}`,
                                                           "X-CSRF-Token": secret } });
  await server.graphql("tokens", null, {
    query: `mutation ($i: GenerateTokenInput!) { generateToken(input: $i) { expiresIn } }`,
    variables: { i: { clientId: secret, clientSecret: secret, companyId: secret } },
  });
  for (const path of [secret, `auth/${secret}`, `c/${secret}/settings/api-tokens`, `docs/${secret}`,
    `assets/${secret}`, `${secret}/graphql`]) {
    await fetch(`${server.url}/${path}`);
  }
  await sendRaw(server, `GET /${secret} HTTP/1.1\r\nHost: ${secret}\r\n${secret}\r\n\r\n`);
  await sendRaw(server, `${secret} / HTTP/1.1\r\nHost: x\r\n\r\n`);
  await sendRaw(server, `POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n${secret}`);
  return bodies.join("\n");
}

// Signed in as an admin: mutations that are refused, with the secret as every id.
async function sendAsUser(server, jwt, secret) {
  const ask = (query) =>
    server.graphql("tokens", null, { query }, { Authorization: `Bearer ${jwt}` });
  await ask(`{ clientCredentials(companyId: "${secret}") { id } }`);
  await ask(`mutation { revokeToken(tokenId: "${secret}") }`);
  await ask(`mutation { revokeClientCredential(credentialId: "${secret}") }`);
  await ask(`mutation { rotateClientCredential(credentialId: "${secret}") { clientId } }`);
  await ask(`mutation { createToken(input: {description: "", companyId: "${secret}"}) {
    expiresIn } }`);
  await ask(`mutation { createClientCredential(input: {companyIds: ["${secret}"]}) { clientId } }`);
  await ask(`mutation { addTokenScope(input: {tokenId: "${secret}", scopeType: COMPANY,
    scopeKey: "${secret}"}) { id } }`);
  await ask(`mutation { removeTokenScope(tokenId: "${secret}", scopeId: "${secret}") { id } }`);
}

// The files of a directory and of those in it.
function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

// Nothing of a file that is gone by now: a PostgreSQL server makes and drops some at any time.
function bytesOf(file) {
  try {
    return readFileSync(file).toString("latin1");
  } catch (error) {
    assert.equal(error.code, "ENOENT");
    return "";
  }
}

test("no secret is left in a log, an error, a metric, the store or its backup", async (t) => {
  const server = await startServer(t, { args: ["--log-level", "debug"] });
  const data = join(server.cwd, "companies.ndjson");
  writeFileSync(data, JSON.stringify(company));
  await server.cli(["import", data]);

  const credential = await server.command(["credential", "create", "--company", company.id]);
  const token = await server.token(company.id);
  await server.cli(["user", "add", "--email", "admin@example.com", "--admin-of", company.id,
    "--password-stdin"], { input: password });
  const login = await fetch(`${server.url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "admin@example.com", password }),
  });
  const cookie = /=([^;]+);/.exec(login.headers.get("set-cookie"))[1];
  const { token: jwt, csrfToken } = await login.json();
  const generated = await server.graphql("tokens", null, {
    query: "mutation ($i: GenerateTokenInput!) { generateToken(input: $i) { unredactedToken } }",
    variables: { i: { clientId: credential.clientId, clientSecret: credential.clientSecret } },
  });
  const secrets = [credential.clientSecret, token, password, jwt, cookie, csrfToken,
    generated.body.data.generateToken.unredactedToken];
  const answers = [];
  for (const secret of secrets) {
    assert.ok(secret.length >= 16);
    answers.push(await sendEverywhere(server, secret));
    await sendAsUser(server, jwt, secret);
  }
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const backup = join(server.cwd, "backup.db");
  if (onPostgres) {
    execFileSync("pg_dump", ["--enable-row-security", "--file", backup, server.store]);
  } else {
    await server.command(["backup", backup]);
  }

  const left = new Map([["answers", answers.join("\n")], ["metrics", metrics]]);
  // The key file is a secret itself, but holds none of these.
  const places = [server.cwd, ...(onPostgres ? [clusterDirectory(server.store)] : [])];
  const collect = (when) => {
    for (const place of places) {
      for (const file of filesBelow(place)) {
        left.set(`${relative(place, file)} ${when}`, bytesOf(file));
      }
    }
  };
  collect("while it runs");
  const log = onPostgres ? /^data\/pg_wal\/[0-9A-F]{24} / : /^matricula\.db-wal /;
  assert.ok([...left.keys()].some((name) => log.test(name)));
  assert.ok(left.get("backup.db while it runs").includes(credential.clientId));
  assert.deepEqual(await server.stop(), { status: 0, signal: null });
  collect("afterwards");
  left.set("log", JSON.stringify(server.logs) + server.output.join("\n"));
  for (const [place, text] of left) {
    for (const secret of secrets) {
      assert.equal(text.indexOf(secret), -1, `${secret} in ${place}`);
    }
  }
});

test("a crash leaves no core file, which would hold what memory holds", async (t) => {
  const server = await startServer(t);
  execFileSync("prlimit", ["--core=unlimited:unlimited", "--pid", String(server.child.pid)]);
  assert.deepEqual(await server.stop("SIGSEGV"), { status: null, signal: "SIGSEGV" });
  assert.deepEqual(readdirSync(server.cwd).filter((name) => name.startsWith("core")), []);
});
