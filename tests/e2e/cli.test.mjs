// The command line: help, statuses, settings, and what every command says of bad input.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync }
  from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { answer, binary, matricula, runProgram, succeed } from "./cli.mjs";
import { startServer } from "./server.mjs";
import { emptyDatabase, onPostgres, sqliteOnly } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const commands = [[], ["help"], ["version"], ["company"], ["company", "list"], ["limits"],
  ["limits", "set"], ["audit"], ["copy"], ["token", "uses"], ["credential", "restrict"], ["serve"], ["import"], ["export"], ["generate"], ["schema"], ["check"],
  ["migrate"], ["backup"], ["user"], ["user", "add"], ["user", "set-password"],
  ["user", "set-roles"], ["user", "list"], ["user", "remove"], ["credential"],
  ["credential", "create"], ["credential", "list"], ["credential", "rotate"],
  ["credential", "revoke"], ["token"], ["token", "create"], ["token", "list"], ["token", "revoke"]];

test("--help works everywhere, on standard output, with status 0", async (t) => {
  const cwd = makeDirectory(t);
  for (const command of commands) {
    const done = await matricula([...command, "--help"], { cwd });
    assert.equal(done.status, 0, command.join(" "));
    assert.match(done.stdout, /Usage: matricula/);
    assert.equal(done.stderr, "");
  }
});

// Fails the test unless the command ends with `status`, prints nothing on standard output, and
// says what the patterns want on standard error.
async function refused(args, status, patterns, options) {
  const done = await matricula(args, options);
  assert.equal(done.status, status, `${args.join(" ")}: ${done.stderr}`);
  assert.equal(done.stdout, "");
  for (const pattern of patterns) {
    assert.match(done.stderr, pattern);
  }
}

test("wrong usage is status 2 and names what was wrong", async (t) => {
  const cwd = makeDirectory(t);
  for (const [args, pattern] of [
    [[], /: a command is required;/],
    [["nonsense"], /no command nonsense/],
    [["serve", "--bogus"], /--bogus/],
    [["serve", "--listen", "nonsense"], /nonsense.*127\.0\.0\.1:8080/],
    [["serve", "--listen", "127.0.0.1:99999"], /99999/],
    [["serve", "--listen", "localhost:0"], /localhost.*not an IP address/],
    [["serve", "--threads", "-1"], /--threads/],
    [["serve", "--threads", "many"], /--threads.*many/],
    [["serve", "--request-timeout-ms", "0"], /--request-timeout-ms.*0.*1 to/],
    [["serve", "--body-bytes", "0"], /--body-bytes.*0.*1 to/],
    [["serve", "--connections", "0"], /--connections/],
    [["serve", "--nesting", "100000"], /--nesting/],
    [["serve", "--log-level", "loud"], /--log-level.*loud/],
    [["import"], /PATH is required/],
    [["export"], /DIR is required/],
    [["export", "--format", "sqlite", "--flat", "out"], /--flat: not with --format sqlite.*_flat/],
    [["generate"], /--out is required/],
    [["generate", "--out", "x", "--learners", "0"], /--learners.*0.*1 to/],
    [["generate", "--out", "x", "--learners", "-1"], /--learners.*-1/],
    [["generate", "--out", "x", "--companies", "10001"], /--companies.*10001/],
    [["generate", "--out", "x", "--seed", "x"], /--seed/],
    [["schema"], /DOMAIN is required/],
    [["schema", "nope"], /nope.*catalog/],
    [["backup"], /FILE is required/],
    [["user"], /: a command is required;/],
    [["user", "add"], /--email is required/],
    [["token", "create"], /--company is required/],
    [["token", "create", "--company", "1", "--expires-in", "0"], /--expires-in/],
    [["token", "revoke"], /ID is required/],
    [["credential", "create"], /--company is required/],
    [["check", "--store", "sqlite:"], /no path/],
    [["token", "create", "--company", "1", "--expires-in"], /--expires-in needs a value/],
    [["check", "--store", "sqlite:///m.db?mode=ro"], /question mark.*sqlite:FILE/],
    [["copy", "--from", "sqlite:a.db", "--to", "b.db"], /--to.*sqlite:FILE.*postgresql:\/\//],
    [["check", "--store", "mysql://localhost/x"], /mysql:.*sqlite:FILE.*postgresql:\/\//],
  ]) {
    await refused(args, 2, [pattern], { cwd });
  }
  assert.deepEqual(readdirSync(cwd).filter((name) => !name.startsWith("matricula.db")), []);
});

test("serve finds bad settings before it makes anything", async (t) => {
  const cwd = makeDirectory(t);
  writeFileSync(join(cwd, "broken"), "{");
  const listen = ["--listen", "127.0.0.1:0"];
  const issuer = ["--jwt-issuer", "https://id.example", "--jwt-audience", "us"];
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  for (const [args, status, pattern] of [
    [["--listen", "localhost:0"], 2, /localhost.*not an IP address/],
    [["--listen", "192.0.2.1:0"], 1, /does not have that address/],
    [["--listen", `127.0.0.1:${taken.address().port}`], 1, /the port is in use/],
    [[...listen, "--metrics-listen", "localhost:0"], 2, /localhost.*not an IP address/],
    [[...listen, "--metrics-listen", "nonsense"], 2, /--metrics-listen/],
    [[...listen, "--jwks", "keys.json"], 2, /--jwt-issuer.*--jwt-audience/],
    [[...listen, "--jwks", "keys.json", "--jwt-issuer", "x"], 2, /--jwt-audience/],
    [[...listen, "--jwks", "absent.json", ...issuer], 1, /absent\.json/],
    [[...listen, "--jwks", "broken", ...issuer], 1, /JWK|JSON/],
    [[...listen, "--cors-origin", "*"], 2, /\*/],
    [[...listen, "--trusted-proxy", "nowhere"], 2, /--trusted-proxy nowhere/],
    [[...listen, "--trusted-proxy", "10.0.0.1/8"], 2, /--trusted-proxy 10\.0\.0\.1\/8: .*write 10\.0\.0\.0\/8/],
    [[...listen, "--trusted-documents", "absent.json"], 1, /absent\.json/],
    [[...listen, "--trusted-documents", "broken"], 1, /broken: is not JSON/],
    [[...listen, "--tls-cert", "broken", "--tls-key", "broken"], 1, /"broken"/],
    [[...listen, "--spool-dir", "absent"], 1, /absent/],
  ]) {
    await refused(["serve", ...args], status, [pattern], { cwd });
  }
  assert.deepEqual(readdirSync(cwd), ["broken"]);
});

test("a file of text may begin with a byte order mark", async (t) => {
  const cwd = makeDirectory(t);
  const mark = "\uFEFF";
  const write = (name, text) => writeFileSync(join(cwd, name), mark + text);
  write("companies.ndjson", '{"id":"c","slug":"c","name":"C"}\n');
  write("feed.ndjson", '{"_table":"companies","_sequence":1,"id":"c","slug":"c","name":"D"}\n');
  write("documents.json", '{"names":"{ __typename }"}');
  write("matricula.toml", 'store = "sqlite:m.db"\ntrusted-documents = ["documents.json"]\n');
  await succeed(["import", "companies.ndjson", "--quiet"], { cwd });
  await succeed(["import", "--changes", "feed.ndjson", "--quiet"], { cwd });
  const [company] = [await answer(["company", "list"], { cwd })].flat();
  assert.equal(company.name, "D");
  const { token } = await answer(["token", "create", "--company", "c"], { cwd });
  write("m.db-keys", readFileSync(join(cwd, "m.db-keys"), "utf8"));
  chmodSync(join(cwd, "m.db-keys"), 0o600);
  const server = await startServer(t, { store: `sqlite:${join(cwd, "m.db")}`, cwd });
  const { body } = await server.graphql("catalog", token, { documentId: "names" });
  assert.deepEqual(body, { data: { __typename: "Query" } });
});

test("the version is that of the project", async () => {
  assert.match(await succeed(["--version"]), /^matricula \d+\.\d+\.\d+\n$/);
});

test("what the system refuses is named and ends nothing", async (t) => {
  const cwd = makeDirectory(t);
  const limited = (limit, command) => runProgram("bash",
    ["-c", `ulimit ${limit}; exec "$0" ${command}`, binary], { cwd });
  const tooLarge = await limited("-f 20", "generate --learners 2000 --out data");
  assert.equal(tooLarge.status, 1);
  assert.match(tooLarge.stderr, /users\.ndjson cannot be written/);
  const scratch = await matricula(["serve", "--demo", "--store", "sqlite:d.db", "--listen", "127.0.0.1:0"],
                                  { cwd, env: { TMPDIR: "/nowhere" } });
  assert.equal(scratch.status, 1);
  assert.match(scratch.stderr, /No temporary directory can be made.*TMPDIR/);
  // Neither there nor not there, as in a directory that may not be entered.
  symlinkSync("matricula.toml", join(cwd, "matricula.toml"));
  assert.equal((await matricula(["version"], { cwd })).status, 0);
  // Threads have stacks that hold what may be nested, whatever the limit.
  await succeed(["migrate", "--store", "sqlite:n.db", "--quiet"], { cwd });
  const depth = 198;
  const body = `{"query":"{__typename}","variables":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;
  const answered = await limited("-s 256", `serve --store sqlite:n.db --listen 127.0.0.1:0 >out & \
    until grep -q listening out; do sleep 0.05; done; \
    curl -s -o /dev/null -w "%{http_code}" -H "Content-Type: application/json" --data-binary '${body}' \
      "$(sed "s/listening on //" out)/api/public/api/v1/tokens/graphql"; kill %1; wait`);
  assert.equal(answered.stdout, "401", answered.stderr);
});

test("schema prints the definition that a coordinate names", async () => {
  assert.match(await succeed(["schema", "catalog", "Query.catalog(contractId:)"]), /contractId: ID\n$/);
  assert.match(await succeed(["schema", "catalog", "@skip"]), /directive @skip\(/);
  for (const [coordinate, status, pattern] of [
    ["Query.nothing", 1, /no Query\.nothing in the schema of catalog/],
    ["Nothing.name", 1, /"Nothing" to be defined as a type/],
    ["Query catalog", 2, /Invalid character.*Query\.field/],
  ]) {
    await refused(["schema", "catalog", coordinate], status, [pattern]);
  }
});

test("schema prints the SDL of each domain", async () => {
  for (const [domain, type] of [["tokens", "NewToken"], ["catalog", "CompanyCatalog"],
    ["program-progress", "ProgramProgressRecord"],
    ["assessment-progress", "AssessmentProgressRecord"],
    ["learning-plan-progress", "LearningPlanProgressRecord"]]) {
    assert.match(await succeed(["schema", domain]), new RegExp(`type ${type} `));
  }
});

test("settings: the command line wins over the environment, that over the file", async (t) => {
  const cwd = makeDirectory(t);
  for (const name of ["file", "env", "line"]) {
    await succeed(["migrate", "--quiet", "--store", `sqlite:${name}.db`], { cwd });
  }
  writeFileSync(join(cwd, "matricula.toml"),
                '# settings\nstore = "sqlite:file.db"\nthreads = 1\nquiet = false\njson = true\n');
  const env = { MATRICULA_STORE: "sqlite:env.db" };
  const used = async (args, options) =>
    JSON.parse((await matricula(["migrate", ...args], { cwd, ...options })).stdout).store;
  assert.equal(await used([]), "sqlite:file.db");
  assert.equal(await used([], { env }), "sqlite:env.db");
  assert.equal(await used(["--store", "sqlite:line.db"], { env }), "sqlite:line.db");
  // An empty variable sets nothing.
  assert.equal(await used([], { env: { MATRICULA_STORE: "" } }), "sqlite:file.db");
});

test("settings: --config and MATRICULA_CONFIG name another file", async (t) => {
  const cwd = makeDirectory(t);
  await succeed(["migrate", "--quiet", "--store", "sqlite:other.db"], { cwd });
  writeFileSync(join(cwd, "other.toml"), 'store = "sqlite:other.db"\n');
  writeFileSync(join(cwd, "matricula.toml"), 'store = "sqlite:none.db"\n');
  const env = { MATRICULA_CONFIG: "other.toml" };
  const { schemaVersion, ...rest } = await answer(["check"], { cwd, env });
  assert.deepEqual(rest, { ok: true, problems: [] });
  assert.equal((await answer(["migrate"], { cwd, env })).schemaVersion, schemaVersion);
  assert.match((await matricula(["check"], { cwd, env })).stderr,
               new RegExp(`schema ${schemaVersion} \\(current\\), in good order`));
  assert.equal((await answer(["check", "--config", "other.toml"], { cwd })).ok, true);
  await refused(["check"], 1, [/none\.db/], { cwd });
  await refused(["check", "--config", "absent.toml"], 2, [/absent\.toml/], { cwd });
  await refused(["check"], 2, [/absent\.toml/], { cwd, env: { MATRICULA_CONFIG: "absent.toml" } });
});

test("settings: every option of serve can stand in the file and in the environment", async (t) => {
  const cwd = makeDirectory(t);
  writeFileSync(join(cwd, "matricula.toml"), [
    'rate-limit = 7', 'threads = 1', 'access-log = false', 'body-bytes = 1000', ""].join("\n"));
  const server = await startServer(t, {
    cwd, demo: true, env: { MATRICULA_RATE_LIMIT: "9", MATRICULA_SUGGESTIONS: "false" },
    args: ["--rate-limit", "8"],
  });
  const token = await server.token();
  const line = await server.graphql("catalog", token, { query: "{ catalogue }" });
  assert.equal(line.headers.get("x-ratelimit-limit"), "8");
  assert.equal(line.body.errors[0].message, 'Cannot query field "catalogue" on type "Query".');
  assert.equal((await server.graphql("catalog", token, { query: " ".repeat(1000) })).status, 413);
  assert.equal(server.logs.some(({ message }) => message === "request"), false);
});

test("settings: a repeatable option is a list in the file and has commas in the environment",
     async (t) => {
  const cwd = makeDirectory(t);
  await succeed(["migrate", "--quiet"], { cwd });
  let exports = 0;
  const tables = async (args, options) => {
    const directory = `out${exports++}`;
    await succeed(["export", "--quiet", directory, ...args], { cwd, ...options });
    return readdirSync(join(cwd, directory)).map((name) => name.split(".")[0]).sort();
  };
  const both = ["companies", "users"];
  assert.deepEqual(await tables(["--table", "users", "--table", "companies"]), both);
  assert.deepEqual(await tables(["--table", "users,companies"]), both);
  assert.deepEqual(await tables([], { env: { MATRICULA_TABLE: "users, companies" } }), both);
  for (const value of ['["users", "companies"]', '"users,companies"']) {
    writeFileSync(join(cwd, "matricula.toml"), `table = ${value}\n`);
    assert.deepEqual(await tables([]), both);
    // A table that is named on the command line is the only one.
    assert.deepEqual(await tables(["--table", "contracts"]), ["contracts"]);
  }
  await refused(["export", "out"], 2, [/there is no table|not a table/],
                { cwd, env: { MATRICULA_TABLE: "users,none" } });
  writeFileSync(join(cwd, "matricula.toml"),
                'cors-origin = ["https://a.example", "https://b.example"]\n');
  const server = await startServer(t, { cwd, demo: true });
  for (const [Origin, allowed] of [["https://b.example", true], ["https://c.example", false]]) {
    const { headers } = await fetch(server.endpoint("catalog"), { headers: { Origin } });
    assert.equal(headers.get("access-control-allow-origin"), allowed ? Origin : null);
  }
});

test("settings: a bad file is named with its line", async (t) => {
  const cwd = makeDirectory(t);
  for (const [text, pattern] of [
    ["bogus = 1\n", /matricula\.toml:1:.*"bogus"/],
    ['store = "sqlite:a.db"\nthreads = [\n', /matricula\.toml:\d+:/],
    ["[serve]\nthreads = 1\n", /matricula\.toml:1: settings have no sections: remove \[serve\], and keep/],
    ["help = true\n", /"help"/],
    ['store = "\xff"\n', /matricula\.toml:1/],
  ]) {
    writeFileSync(join(cwd, "matricula.toml"), text, "latin1");
    await refused(["check"], 2, [pattern], { cwd });
    assert.equal((await matricula(["check", "--help"], { cwd })).status, 0);
  }
  writeFileSync(join(cwd, "matricula.toml"), 'threads = "many"\n');
  await refused(["serve"], 2, [/matricula\.toml: threads: many is not a decimal/], { cwd });
  // It is an option of another command than this one.
  await refused(["check"], 1, [/There is no store/], { cwd });
});

test("settings: a variable is looked at by commands that have its option", async (t) => {
  const cwd = makeDirectory(t);
  await succeed(["migrate", "--quiet"], { cwd });
  const env = { MATRICULA_THREADS: "many", MATRICULA_LEARNERS: "-1", MATRICULA_FORMAT: "x" };
  await succeed(["company", "list"], { cwd, env });
  await succeed(["token", "list"], { cwd, env });
  await refused(["serve"], 2, [/: MATRICULA_THREADS: many is not/], { cwd, env });
  await refused(["serve", "--threads=1x"], 2, [/: --threads: 1x is not/], { cwd, env });
  await refused(["generate", "--out", "x"], 2, [/MATRICULA_LEARNERS: -1/], { cwd, env });
});

const files = sqliteOnly("a store in PostgreSQL is no file");
test("a store that cannot be used is named, with the remedy", { skip: files }, async (t) => {
  const cwd = makeDirectory(t);
  const file = (name) => join(cwd, name);
  writeFileSync(file("text.db"), "no database\n".repeat(100));
  writeFileSync(file("short.db"), "x");
  mkdirSync(file("directory.db"));
  await succeed(["migrate", "--quiet", "--store", "sqlite:good.db"], { cwd });
  writeFileSync(file("cut.db"), readFileSync(file("good.db")));
  truncateSync(file("cut.db"), 20_000);
  for (const [name, status, pattern] of [
    ["absent.db", 1, /There is no store at .*absent\.db.*matricula migrate/],
    ["text.db", 1, /text\.db is not a Matricula store.*Name another/],
    ["short.db", 1, /short\.db is not a Matricula store/],
    ["directory.db", 2, /directory\.db is a directory/],
    ["nowhere/a.db", 1, /directory .*nowhere does not exist/],
    ["cut.db", 1, /cut\.db.*damaged.*backup/],
  ]) {
    for (const command of [["check"], ["export", "out"], ["backup", "copy.db"]]) {
      await refused([...command, "--store", `sqlite:${name}`], status, [pattern], { cwd });
    }
    assert.equal(existsSync(file("out")), false);
    assert.equal(existsSync(file("copy.db")), false);
  }
  await refused(["serve", "--listen", "127.0.0.1:0", "--store", "sqlite:text.db"], 1,
                [/text\.db is not a Matricula store/], { cwd });
  assert.equal(readFileSync(file("text.db"), "utf8"), "no database\n".repeat(100));
});

test("a database of another program, and one of a newer version", { skip: files }, async (t) => {
  const cwd = makeDirectory(t);
  const sql = async (file, text) => {
    const done = await runProgram("python3", ["-c",
      "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2])",
      join(cwd, file), text]);
    assert.equal(done.status, 0, done.stderr);
  };
  await sql("other.db", "CREATE TABLE t(a)");
  await succeed(["migrate", "--quiet", "--store", "sqlite:newer.db"], { cwd });
  await sql("newer.db", "INSERT INTO schema_migrations SELECT max(number)+1,'later',0 "
    + "FROM schema_migrations");
  for (const command of [["check"], ["migrate"], ["serve", "--listen", "127.0.0.1:0"]]) {
    await refused([...command, "--store", "sqlite:other.db"], 1, [/database of another program/],
                  { cwd });
    await refused([...command, "--store", "sqlite:newer.db"], 1, [/newer/], { cwd });
  }
});

const unreadable = files || process.getuid?.() === 0;
test("a file without permission is refused", { skip: unreadable }, async (t) => {
  const cwd = makeDirectory(t);
  await succeed(["migrate", "--quiet"], { cwd });
  chmodSync(join(cwd, "matricula.db"), 0);
  await refused(["check"], 1, [/no permission/], { cwd });
});

const copies = sqliteOnly("a store in PostgreSQL is copied by PostgreSQL's tools");
test("backup copies while a server runs, never over a file; check and migrate agree",
     { skip: copies }, async (t) => {
  const server = await startServer(t, { demo: true });
  const copy = join(server.cwd, "copy.db");
  assert.deepEqual(await server.command(["backup", copy]), { path: copy });
  const left = `${copy}.partial-Ab3x9Z`;
  writeFileSync(left, "");
  const again = await server.cli(["backup", copy]);
  assert.ok(again.stderr.includes(`${left}: not finished`), again.stderr);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /copy\.db exists/);
  const { cwd } = server;
  const store = `sqlite:${copy}`;
  assert.deepEqual((await answer(["check", "--store", store], { cwd })).problems, []);
  assert.equal((await answer(["migrate", "--store", store], { cwd })).store, store);
  const exported = async (place, name) => {
    await succeed(["export", name, "--quiet", "--store", place], { cwd });
    return readFileSync(join(cwd, name, "program_progress.ndjson"), "utf8");
  };
  assert.equal(await exported(store, "a"), await exported(server.store, "b"));
  const nowhere = await server.cli(["backup", join(cwd, "no/such/copy.db")]);
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.stderr, /no\/such/);
});

test("backup of a store in PostgreSQL names PostgreSQL's tools, and these do",
     { skip: !onPostgres }, async (t) => {
  const server = await startServer(t, { demo: true });
  const { cwd } = server;
  const copy = join(cwd, "copy");
  const refused = await server.cli(["backup", copy]);
  assert.equal(refused.status, 2);
  const [, options] = /`pg_dump (.*) --file=\S+copy \.\.\.`.*pg_basebackup/.exec(refused.stderr);
  execFileSync("pg_dump", [...options.split(" "), "--file", copy, server.store]);
  const restored = await emptyDatabase();
  execFileSync("pg_restore", ["--exit-on-error", "--dbname", restored, copy]);
  assert.deepEqual((await answer(["check", "--store", restored], { cwd })).problems, []);
  const exported = async (store, name) => {
    await succeed(["export", name, "--quiet", "--store", store], { cwd });
    return readFileSync(join(cwd, name, "program_progress.ndjson"), "utf8");
  };
  assert.equal(await exported(restored, "a"), await exported(server.store, "b"));
});
