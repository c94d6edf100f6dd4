// Settings of the environment and of matricula.toml that are there for all commands, and what
// messages call them.

import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { answer, matricula, succeed } from "./cli.mjs";
import { makeDirectory } from "./workdir.mjs";

// A directory with a store that has one company, and a way to write its settings file.
async function workplace(t) {
  const cwd = makeDirectory(t);
  writeFileSync(join(cwd, "companies.ndjson"),
                '{"id":"4821","slug":"acme","name":"Acme"}\n');
  await succeed(["import", "--quiet", "companies.ndjson"], { cwd });
  return { cwd, settings: (...lines) => writeFileSync(join(cwd, "matricula.toml"), `${lines.join("\n")}\n`) };
}

// Fails the test unless the command ends with `status` and says on standard error what the pattern
// wants.
async function refused(args, status, pattern, options) {
  const done = await matricula(args, options);
  assert.equal(done.status, status, `${args.join(" ")}: ${done.stderr}`);
  assert.match(done.stderr, pattern);
}

test("of a limit's company and credential the one on the command line counts", async (t) => {
  const { cwd, settings } = await workplace(t);
  const { id } = await answer(["credential", "create", "--company", "acme"], { cwd });
  const set = ["limits", "set", "--requests", "5"];
  const env = { MATRICULA_COMPANY: "acme" };
  await succeed([...set, "--credential", id], { cwd, env });
  await refused([...set, "--credential", id, "--company", "acme"], 2,
                /give one of --company and --credential/, { cwd });
  settings(`credential = "${id}"`);
  await succeed(["limits", "clear"], { cwd });
  await succeed(set, { cwd, env });
  assert.match(await succeed(["limits", "list", "--ndjson"], { cwd }), /"4821"/);
  settings('company = "acme"', 'credential = "x"');
  await refused(set, 2, /give one of/, { cwd });
  await refused(["limits", "clear"], 2, /give one of/, { cwd, env: { ...env, MATRICULA_CREDENTIAL: id } });
});

test("of a token's two expiries the one on the command line counts", async (t) => {
  const { cwd, settings } = await workplace(t);
  const create = async (args, env) =>
    (await answer(["token", "create", "--company", "4821", ...args], { cwd, env })).expiresAt;
  assert.notEqual(await create(["--expires-in", "60"], { MATRICULA_NEVER_EXPIRES: "1" }), null);
  settings("expires-in = 60");
  assert.equal(await create(["--never-expires"]), null);
  assert.equal(await create([], { MATRICULA_NEVER_EXPIRES: "1" }), null);
  await refused(["token", "create", "--company", "4821", "--never-expires", "--expires-in", "60"], 2,
                /give one of --never-expires and --expires-in/, { cwd });
  settings("expires-in = 60", "never-expires = true");
  await refused(["token", "create", "--company", "4821"], 2, /give one of/, { cwd });
});

test("--json on the command line is an array, whatever the environment prefers", async (t) => {
  const { cwd } = await workplace(t);
  const printed = async (args, env) => succeed(["company", "list", ...args], { cwd, env });
  const line = await printed(["--ndjson"]);
  const array = `[${line.trimEnd()}]\n`;
  assert.equal(await printed(["--json"], { MATRICULA_NDJSON: "1" }), array);
  assert.equal(await printed(["--ndjson"], { MATRICULA_JSON: "1" }), line);
  assert.equal(await printed(["--json", "--ndjson"]), line);
});

test("settings of feeds and of flat files do not stop what the command line says", async (t) => {
  const { cwd, settings } = await workplace(t);
  settings("flat = true", "skip-invalid = true", 'company = "acme"', 'changes = "none.ndjson"');
  await succeed(["export", "--quiet", "--format", "sqlite", "a"], { cwd });
  assert.deepEqual(readdirSync(join(cwd, "a")), ["matricula.sqlite"]);
  await succeed(["import", "--quiet", "companies.ndjson"], { cwd });
  writeFileSync(join(cwd, "feed.ndjson"), "");
  const feed = await matricula(["import", "--changes", "feed.ndjson"], { cwd });
  assert.doesNotMatch(feed.stderr, /--skip-invalid beside/);
  await refused(["import"], 2, /no --?skip-invalid|no matricula\.toml: skip-invalid/, { cwd });
  settings('format = "sqlite"');
  await succeed(["export", "--quiet", "--flat", "b"], { cwd });
  assert.equal(existsSync(join(cwd, "b", "companies.ndjson")), true);
  await refused(["export", "--flat", "--format", "sqlite", "c"], 2, /--flat: not with --format/, { cwd });
  await refused(["import", "--company", "acme", "companies.ndjson"], 2, /--company names/, { cwd });
});

test("messages name the variable or the file that a value comes from", async (t) => {
  const { cwd, settings } = await workplace(t);
  for (const [args, name, value, pattern] of [
    [["serve"], "listen", "foo", / foo: not an address/],
    [["serve"], "metrics-listen", "foo", / foo: not an address/],
    [["serve"], "trusted-proxy", "foo", / foo: not a network/],
    [["serve"], "cors-origin", "foo", / foo: not a web origin/],
    [["serve"], "tls-cert", "c.pem", / and --tls-key belong together/],
    [["serve"], "tls-key", "k.pem", / belong together/],
    [["serve"], "jwks", "j.json", / needs the issuer/],
    [["audit"], "since", "foo", / foo: not a time/],
    [["export", "out"], "format", "foo", / foo: not a format/],
    [["export", "out"], "table", "foo", / foo: not a table/],
    [["generate", "--out", "g"], "as-of", "foo", / foo: not a time/],
  ]) {
    const variable = `MATRICULA_${name.toUpperCase().replaceAll("-", "_")}`;
    settings(`${name} = "${value}"`);
    await refused(args, 2, new RegExp(`matricula\\.toml: ${name}${pattern.source}`), { cwd });
    settings();
    await refused(args, 2, new RegExp(`: (--tls-cert and )?${variable}${pattern.source}`),
                  { cwd, env: { [variable]: value } });
    await refused([...args, `--${name}`, value], 2, new RegExp(`: (--tls-cert and )?--${name}${pattern.source}`), { cwd });
  }
  settings('company = ["a", "b"]');
  await refused(["export", "out"], 2, /: matricula\.toml: company has 2 values; give it one/, { cwd });
});

test("messages on misspelt settings name the nearest", async (t) => {
  const { cwd, settings } = await workplace(t);
  for (const [line, said] of [
    ["rate_limit = 5", /:1: there is no setting "rate_limit"\. Did you mean "rate-limit"\?/],
    ["thraeds = 5", /"thraeds"\. Did you mean "threads"/],
    ["quite_another_thing = 5", /"quite_another_thing"\. `matricula/],
    ["[a]\n[b.c]\n[[d]]", /:1: settings have no sections: remove \[a\] and \[b\] and \[\[d\]\], and keep/],
    ["serve = { threads = 1 }", /:1: serve must be a text/],
  ]) {
    settings(line);
    await refused(["check"], 2, said, { cwd });
  }
  settings();
  await refused(["schema", "catalgo"], 2, /no such domain.*Did you mean "catalog"\?/, { cwd });
});
