// The command line: people, credentials, tokens and what their ids are; lists as JSON.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { matricula, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { onPostgres } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

test("people, credentials and tokens answer as JSON", async (t) => {
  const server = await startServer(t, { demo: true });
  const { companyId } = server.credential;
  const token = await server.command(["token", "create", "--company", companyId,
    "--expires-in", "60"]);
  assert.deepEqual(Object.keys(token), ["token", "id", "expiresAt"]);
  assert.match(token.token, /^[0-9a-f]{32}$/);
  const page = () => server.graphql("catalog", token.token, { query: "{ __typename }" });
  assert.equal((await page()).status, 200);
  await server.command(["token", "revoke", token.id]);
  assert.deepEqual(await page().then(({ status, body }) => [status, body.errors[0].message]),
                   [401, "token is no longer valid"]);

  const credential = await server.command(["credential", "create", "--company", companyId,
    "--description", "sync"]);
  assert.deepEqual(Object.keys(credential), ["clientId", "clientSecret", "id"]);
  assert.match(credential.clientId, /^udcl_[0-9a-f]{32}$/);
  const rotated = await server.command(["credential", "rotate", credential.id]);
  assert.notEqual(rotated.clientSecret, credential.clientSecret);
  await server.command(["credential", "revoke", credential.id]);
  const listed = await server.command(["credential", "list"]);
  assert.ok(listed.some(({ id, revokedAt }) => id === credential.id && revokedAt));

  const add = ["user", "add", "--email", "Ada@Example.com", "--first-name", "Ada", "--staff",
    "--password-stdin"];
  const added = await server.command(add, { input: "a long password of hers\n" });
  assert.equal(added.email.toLowerCase(), "ada@example.com");
  const twice = await server.cli(["user", "add", "--email", "ADA@example.COM",
    "--password-stdin"], { input: "another long password\n" });
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, /user set-password/);
  const missing = await server.cli(["user", "set-password", "--email", "no@example.com",
    "--password-stdin"], { input: "another long password\n" });
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /no@example\.com/);
  // The address is looked at before a password is asked for.
  for (const [args, status, said] of [[["add", "--email", "ADA@example.COM"], 1, /user set-password/],
    [["add", "--email", "no address"], 2, /"no address" is not an e-mail address such as ada@example\.com/],
    [["set-password", "--email", "no@example.com"], 1, /no@example\.com/]]) {
    const early = await server.cli(["user", ...args]);
    assert.equal(early.status, status);
    assert.match(early.stderr, said);
  }
});

test("an id that one command prints is one that the next takes: slugs and client ids too",
     async (t) => {
  const server = await startServer(t, { demo: true });
  const [company] = await server.command(["company", "list"]);
  assert.deepEqual(Object.keys(company), ["id", "slug", "name"]);
  for (const name of [company.id, company.slug]) {
    const { clientId, id } = await server.command(["credential", "create", "--company", name]);
    await server.command(["limits", "set", "--credential", clientId, "--requests", "0100"]);
    assert.deepEqual(
      (await server.command(["limits", "list"])).map(({ id: of, limit }) => [of, limit]),
      [[id, 100]]);
    await server.command(["limits", "clear", "--credential", id]);
    await server.command(["limits", "set", "--company", name, "--requests", "5"]);
    await server.command(["limits", "clear", "--company", name]);
    for (const [requests, said] of [["5", "5 requests in 60 seconds"], ["0", "no limit"]]) {
      const set = await server.cli(["limits", "set", "--company", name, "--requests", requests]);
      assert.equal(set.stderr, `${company.id}: ${said}\n`);
    }
    await server.command(["limits", "clear", "--company", name]);
    await server.command(["credential", "restrict", clientId, "--endpoint", "catalog"]);
    for (const [option, value, said] of [["--endpoint", "nope", /there are catalog, program-progress, /],
      ["--network", "10.0.0.1/8", /the network is 10\.0\.0\.0\/8/]]) {
      const wrong = await server.cli(["credential", "restrict", clientId, option, value]);
      assert.equal(wrong.status, 2, wrong.stderr);
      assert.match(wrong.stderr, said);
    }
    await server.command(["credential", "rotate", clientId]);
    await server.command(["credential", "revoke", clientId]);
    const [line] = await server.command(["audit", "--target", clientId, "--rows", "1",
      "--company", name]);
    assert.deepEqual([line.action, line.target], ["credential.revoke", id]);
    const token = await server.command(["token", "create", "--company", name]);
    const listed = await server.command(["token", "list", "--company", name]);
    assert.ok(listed.some(({ id: one }) => one === token.id));
    assert.ok((await server.command(["credential", "list", "--company", name])).length > 0);
    await server.command(["user", "set-roles", "--email", "admin@demo.example", "--admin-of",
      name]);
    await succeed(["export", "--company", name, `out-${name}`, "--store", server.store],
                  { cwd: server.cwd });
  }
});

test("a mistyped id is named, with the command that lists the right ones", async (t) => {
  const server = await startServer(t, { demo: true });
  const id = "00000000-0000-4000-8000-000000000000";
  for (const [command, pattern] of [
    [["token", "create", "--company", "nope"], /"nope": no company .*`matricula company list`/],
    [["credential", "create", "--company", "nope"], /"nope": no company .*`matricula company list`/],
    [["user", "set-roles", "--email", "admin@demo.example", "--admin-of", "nope"],
     /"nope": no company .*`matricula company list`/],
    [["export", "--company", "nope", "out"], /"nope": no company .*`matricula company list`/],
    [["token", "list", "--company", "nope"], /"nope": no company/],
    [["credential", "list", "--company", "nope"], /"nope": no company/],
    [["limits", "set", "--company", "nope", "--requests", "1"], /"nope": no company/],
    [["audit", "--company", "nope"], /"nope": no company/],
    [["token", "revoke", id], /000000": no API token .*`matricula token list`/],
    [["token", "revoke", "nope"], /"nope": no API token .*`matricula token list`/],
    [["token", "uses", id], /000000": no API token/],
    [["credential", "revoke", id], /000000": no client credential .*`matricula credential list`/],
    [["credential", "rotate", "udcl_nope"], /"udcl_nope": no client credential/],
    [["credential", "restrict", "nope"], /"nope": no client credential/],
    [["limits", "set", "--credential", id, "--requests", "1"], /000000": no client credential/],
  ]) {
    const done = await server.cli(command);
    assert.equal(done.status, 1, command.join(" "));
    assert.match(done.stderr, pattern);
    assert.doesNotMatch(done.stderr, /not authorized/);
  }
});

test("a list is one array with --json, an object a line with --ndjson and without either",
     async (t) => {
  const server = await startServer(t, { demo: true });
  for (let i = 0; i < 2; ++i) {
    await server.command(["token", "create", "--company", server.credential.companyId]);
  }
  const out = async (...options) =>
    succeed(["token", "list", "--store", server.store, ...options],
            { cwd: server.cwd, env: server.env });
  const array = JSON.parse(await out("--json"));
  assert.equal(array.length, 3);
  for (const options of [[], ["--ndjson"], ["--json", "--ndjson"]]) {
    const lines = (await out(...options)).trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line)), array);
  }
  assert.equal(await succeed(["limits", "list", "--json", "--store", server.store],
                             { cwd: server.cwd, env: server.env }), "[]\n");
  const files = await server.command(["generate", "--out", "data", "--learners", "1"]);
  assert.deepEqual(Object.keys(files[0]), ["path", "records"]);
  assert.ok((await server.command(["export", "out"])).every(({ path }) => path.startsWith("out/")));
});

test("what names nothing makes nothing", { skip: onPostgres }, async (t) => {
  const cwd = makeDirectory(t);
  writeFileSync(join(cwd, "other.txt"), "");
  for (const [args, status] of [
    [["import", "/nope"], 1], [["import", "other.txt"], 1], [["import", "."], 1],
    [["token", "list"], 1], [["credential", "create", "--company", "1"], 1], [["audit"], 1],
    [["company", "list"], 1], [["check", "--store", "matricula.db"], 2],
    [["import", "other.txt", "--store", "sqlite3:matricula.db"], 2],
    [["migrate", "--store", "MYSQL://localhost/matricula.db"], 2],
  ]) {
    const done = await matricula(args, { cwd });
    assert.equal(done.status, status, `${args.join(" ")}: ${done.stderr}`);
    assert.equal(existsSync(join(cwd, "matricula.db")), false, args.join(" "));
    assert.equal(existsSync(join(cwd, "matricula.db-keys")), false, args.join(" "));
  }
});

test("sqlite:// as a URL has it", { skip: onPostgres }, async (t) => {
  const cwd = makeDirectory(t);
  await succeed(["migrate", "--store", "sqlite://relative.db"], { cwd });
  assert.equal(existsSync(join(cwd, "relative.db")), true);
  await succeed(["migrate", "--store", `sqlite://${join(cwd, "absolute.db")}`], { cwd });
  assert.equal(existsSync(join(cwd, "absolute.db")), true);
});

test("numbers are decimal in the environment and in the settings file too", async (t) => {
  const cwd = makeDirectory(t);
  const refused = async (env) => {
    const done = await matricula(["serve", "--store", "sqlite:none/a.db"], { cwd, env });
    assert.equal(done.status, 2, done.stderr);
    return done.stderr;
  };
  assert.match(await refused({ MATRICULA_THREADS: "0x10" }), /0x10 is not a decimal number from 0/);
  for (const [text, pattern] of [
    ["threads = 0x10", /matricula\.toml:1: threads must be .*decimal/],
    ["threads = 1.5", /matricula\.toml:1: threads must be .*decimal/],
    ['threads = "0x10"', /0x10 is not a decimal number from 0 to 1024/],
    ["threads = 1025", /1025 is not a decimal number from 0 to 1024/],
    ['cors-origin = []\nlisten = "127.0.0.1:99999"', /a port is a number from 0 to 65535/],
    ['tls-cert = ""', /matricula\.toml: tls-cert: the value is empty/],
  ]) {
    writeFileSync(join(cwd, "matricula.toml"), `${text}\n`);
    assert.match(await refused({}), pattern);
  }
});

test("a flag is also set by the variable of its opposite", async (t) => {
  for (const [value, status] of [["true", 404], ["false", 200]]) {
    const server = await startServer(t, { demo: true, env: { MATRICULA_NO_PLAYGROUND: value } });
    assert.equal((await fetch(`${server.url}/playground`)).status, status);
  }
  const done = await matricula(["serve"], { env: { MATRICULA_NO_ACCESS_LOG: "perhaps" } });
  assert.equal(done.status, 2);
  assert.match(done.stderr, /MATRICULA_NO_ACCESS_LOG: write true or false/);
});

test("--expires-in takes a hundred years and not a second more", async (t) => {
  const server = await startServer(t, { demo: true });
  const company = server.credential.companyId;
  const { expiresAt } = await server.command(["token", "create", "--company", company,
    "--expires-in", "3155760000"]);
  assert.equal(Number(expiresAt.slice(0, 4)) - new Date().getFullYear(), 100);
  for (const seconds of ["3155760001", "9223372036854775807", "18446744073709551616"]) {
    const done = await server.cli(["token", "create", "--company", company,
      "--expires-in", seconds]);
    assert.equal(done.status, 2);
    assert.match(done.stderr, /from 1 to 3155760000/);
  }
});
