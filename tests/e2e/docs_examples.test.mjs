// Every example of the documentation, run against the server as a reader would. MATRICULA_UPDATE_EXAMPLES=1 writes the answers
// of the server into the pages instead of comparing: read the diff before you commit it.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { examplesOf } from "../../web/docs/build/examples.mjs";
import { endpoints, guides, root } from "../../web/docs/build/site.mjs";
import { masked, parseHttp, shape } from "./answers.mjs";
import { binary, runProgram, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const updating = process.env.MATRICULA_UPDATE_EXAMPLES === "1";
const person = { email: "ada@example.com", password: "correct horse battery" };

// The demo's company as it was on the day that the examples show: its times follow the calendar.
const data = join(makeDirectory({ after }), "demo");
const asOf = ["--as-of", "2026-11-25T00:00:00Z"];
await succeed(["generate", "--out", data, "--learners", "2000", "--seed", "1", "--quiet", ...asOf]);

const documents = join(root, "web/docs/examples/documents.json");
const server = await startServer(
  { after },
  { data, args: ["--rate-limit", "100", "--trusted-documents", documents] },
);
const [{ id: company }] = await server.command(["company", "list"]);
server.credential = await newCredential();
await server.cli(
  [
    "user",
    "add",
    "--email",
    person.email,
    "--first-name",
    "Ada",
    "--last-name",
    "Lovelace",
    "--staff",
    "--admin-of",
    company,
    "--password-stdin",
  ],
  { input: person.password },
);
const login = await fetch(`${server.url}/auth/login`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(person),
});
const jwt = (await login.json()).token;

// The words in capitals that a reader replaces by something of their own.
const placeholders = {
  async CLIENT_ID({ credential }) {
    return credential.clientId;
  },
  async CLIENT_SECRET({ credential }) {
    return credential.clientSecret;
  },
  async CREDENTIAL() {
    return (await newCredential()).id;
  },
  async TOKEN_ID(page) {
    return (await (page.token ??= newToken())).id;
  },
  async SCOPE_ID(page) {
    return (await (page.token ??= newToken())).scopes[0].id;
  },
};

function newCredential() {
  return server.command(["credential", "create", "--company", company, "--description", "docs"]);
}

async function newToken() {
  const { body } = await askTokens({
    query: `mutation { createToken(input: {description: "docs", companyId: "${company}"}) {
      token { id scopes { id } }
    } }`,
  });
  return body.data.createToken.token;
}

function askTokens(request) {
  return server.graphql("tokens", null, request, { Authorization: `Bearer ${jwt}` });
}

async function filled(value, page) {
  if (typeof value === "string") {
    return placeholders[value] ? placeholders[value](page) : value;
  }
  if (Array.isArray(value)) {
    return Promise.all(value.map((item) => filled(item, page)));
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const entries = Object.entries(value).map(async ([key, item]) => [key, await filled(item, page)]);
  return Object.fromEntries(await Promise.all(entries));
}

async function runGraphql(example, page) {
  // A token that was revoked or changed by one example is not the next one's.
  page.token = null;
  const request = { query: example.text, variables: await filled(example.variables, page) };
  const answer =
    example.endpoint === "tokens"
      ? await askTokens(request)
      : await server.graphql(example.endpoint, page.environment.TOKEN, request);
  return answer.body;
}

// Runs a script in the page's shell, which keeps its variables and its directory from one script to the next.
async function runScript(example, page) {
  const kept = join(page.directory, ".environment");
  const script =
    example.language === "python"
      ? `. ./.environment\npython3 - <<'PROGRAM'\n${example.text}PROGRAM`
      : `. ./.environment\n${example.text}\nexport -p > .environment`;
  writeFileSync(kept, page.started ? readFileSync(kept) : "");
  page.started = true;
  const done = await runProgram("sh", ["-e", "-c", script], {
    cwd: page.directory,
    env: page.environment,
  });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

function compareHttp(text, expected) {
  const answer = parseHttp(text);
  const shown = parseHttp(expected);
  assert.equal(answer.status, shown.status);
  for (const [name, value] of Object.entries(shown.headers)) {
    if (name === "retry-after") {
      assert.ok(Number(answer.headers[name]) >= 1 && Number(answer.headers[name]) <= 60, name);
    } else {
      assert.equal(answer.headers[name], value, name);
    }
  }
  assert.deepEqual(masked(answer.body), masked(shown.body));
}

// JSON as people lay it out: what fits on a line stands on one.
function layOut(value, indent = "") {
  const flat = JSON.stringify(value, null, 1).replace(/\n */g, " ");
  if (value === null || typeof value !== "object" || indent.length + flat.length <= 76) {
    return flat;
  }
  const inner = `${indent}  `;
  const [open, close, items] = Array.isArray(value)
    ? ["[", "]", value.map((item) => layOut(item, inner))]
    : [
        "{",
        "}",
        Object.entries(value).map(
          ([key, item]) => `${JSON.stringify(key)}: ${layOut(item, inner)}`,
        ),
      ];
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

// The answer of an example as the page would show it.
function written(answer, { language }) {
  if (language !== "json") {
    return answer.trimEnd();
  }
  return layOut(typeof answer === "string" ? JSON.parse(answer) : answer);
}

function compare(answer, { kind, language, text }) {
  if (language === "http") {
    compareHttp(answer, text);
  } else if (language === "text") {
    assert.equal(answer.trimEnd(), text.trimEnd());
  } else {
    const view = kind === "shape" ? shape : masked;
    const value = typeof answer === "string" ? JSON.parse(answer) : answer;
    assert.deepEqual(view(value), view(JSON.parse(text)));
  }
}

// Whether the page has to be rewritten: what only differs as from run to run stays.
function isOutdated(answer, shown) {
  try {
    compare(answer, shown);
    return false;
  } catch {
    return shown.language !== "http";
  }
}

function check(answer, example) {
  if (example.answer) {
    compare(answer, example.answer);
  } else if (example.language === "graphql") {
    assert.deepEqual(answer.errors ?? [], []);
  }
}

async function openPage(t) {
  const directory = makeDirectory(t);
  const bin = join(directory, ".bin");
  mkdirSync(bin);
  symlinkSync(binary, join(bin, "matricula"));
  copyFileSync(join(root, "web/docs/examples/sync.py"), join(directory, "sync.py"));
  const credential = await newCredential();
  const { body } = await server.graphql("tokens", null, {
    query:
      "mutation ($input: GenerateTokenInput!) { generateToken(input: $input) { unredactedToken } }",
    variables: { input: { clientId: credential.clientId, clientSecret: credential.clientSecret } },
  });
  return {
    directory,
    credential,
    environment: {
      PATH: `${bin}:${process.env.PATH}`,
      MATRICULA: server.url,
      MATRICULA_STORE: server.store,
      MATRICULA_KEY_FILE: server.keyFile,
      CLIENT_ID: credential.clientId,
      CLIENT_SECRET: credential.clientSecret,
      TOKEN: body.data.generateToken.unredactedToken,
      EMAIL: person.email,
      PASSWORD: person.password,
    },
  };
}

function update(source, text, answers) {
  const lines = text.split("\n");
  for (const {
    lines: [from, to],
    text: answer,
  } of answers.reverse()) {
    lines.splice(from, to - from, ...answer.split("\n"));
  }
  writeFileSync(join(root, source), lines.join("\n"));
}

for (const { source, written: text } of [
  { source: "README.md", written: readFileSync(join(root, "README.md"), "utf8") },
  ...guides().flatMap(({ pages }) => pages),
  ...endpoints(),
]) {
  const examples = examplesOf(text);
  if (examples.length === 0) {
    continue;
  }
  test(source, async (t) => {
    const page = await openPage(t);
    const updates = [];
    for (const example of examples) {
      const answer =
        example.language === "graphql"
          ? await runGraphql(example, page)
          : await runScript(example, page);
      if (updating && example.answer && isOutdated(answer, example.answer)) {
        updates.push({ lines: example.answer.lines, text: written(answer, example.answer) });
        continue;
      }
      await t.test(`line ${example.line}: ${example.heading}`, () => check(answer, example));
    }
    if (updating) {
      update(source, text, updates);
    }
  });
}
