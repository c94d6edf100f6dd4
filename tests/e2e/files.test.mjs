// Tables as files: export in each format, and feeds of changes that import applies.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

import { matricula, runProgram, succeed } from "./cli.mjs";
import { makeStoreDirectory } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const shared = makeDirectory({ after });
const generated = join(shared, "generated");
await succeed(["generate", "--out", generated, "--seed", "11", "--learners", "300", "--companies", "2",
               "--as-of", "2026-01-31T00:00:00Z", "--quiet"]);
const tables = readdirSync(generated).map((name) => name.replace(".ndjson", "")).sort();
const order = ["companies", "contracts", "users", "programs", "contract_programs", "assessments",
               "contract_assessments", "learning_plans", "program_progress", "assessment_progress",
               "learning_plan_progress"];

function rows(...path) {
  return readFileSync(join(...path), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

const [{ id: company }, { id: other }] = rows(generated, "companies.ndjson");

// A directory with a store that has the generated data.
async function filledStore(t) {
  const cwd = await makeStoreDirectory(t);
  await succeed(["import", generated, "--quiet"], { cwd });
  return cwd;
}

async function contentsOf(cwd, name, ...options) {
  await succeed(["export", name, "--quiet", ...options], { cwd });
  return Object.fromEntries(
    order.map((table) => [table, readFileSync(join(cwd, name, `${table}.ndjson`), "utf8")]));
}

// What a program in Python prints, as JSON.
async function python(cwd, program) {
  const done = await runProgram("python3", ["-c", program], { cwd });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}

test("CSV and Parquet have a file for each table, CSV read by Python is the NDJSON", async (t) => {
  const cwd = await filledStore(t);
  const contents = await contentsOf(cwd, "ndjson");
  for (const format of ["csv", "parquet"]) {
    const report = JSON.parse(
      await succeed(["export", format, "--format", format, "--json", "--quiet"], { cwd }));
    assert.deepEqual(report.map(({ path }) => path), order.map((table) => `${format}/${table}.${format}`));
    assert.deepEqual(readdirSync(join(cwd, format)).sort(), tables.map((table) => `${table}.${format}`));
    for (const [i, table] of order.entries()) {
      assert.equal(report[i].records, contents[table].split("\n").length - 1, table);
    }
  }
  for (const table of order) {
    const read = await python(cwd, `import csv, json
print(json.dumps(list(csv.DictReader(open("csv/${table}.csv", newline="", encoding="utf-8")))))`);
    const expected = contents[table].split("\n").filter(Boolean).map((line) => JSON.parse(line));
    assert.equal(read.length, expected.length);
    for (const [i, row] of read.entries()) {
      for (const [name, text] of Object.entries(row)) {
        const value = expected[i][name] ?? "";
        assert.equal(text, typeof value === "object" ? JSON.stringify(value) : `${value}`, `${table}.${name}`);
      }
    }
  }
});

test("SQLite is one file whose keys hold and whose views show names and titles", async (t) => {
  const cwd = await filledStore(t);
  const report = JSON.parse(
    await succeed(["export", "out", "--format", "sqlite", "--company", company, "--json", "--quiet"], { cwd }));
  assert.deepEqual(readdirSync(join(cwd, "out")), ["matricula.sqlite"]);
  await succeed(["export", "flat", "--flat", "--company", company, "--quiet"], { cwd });
  assert.deepEqual(report.map(({ path }) => path), ["out/matricula.sqlite"]);
  const read = await python(cwd, `import json, sqlite3
db = sqlite3.connect("out/matricula.sqlite")
db.row_factory = sqlite3.Row
all = lambda sql: [dict(row) for row in db.execute(sql)]
print(json.dumps({
    "broken": len(db.execute("PRAGMA foreign_key_check").fetchall()),
    "program_progress": all("SELECT * FROM program_progress_flat ORDER BY companyId, userId, programKey"),
    "assessment_progress": all("SELECT * FROM assessment_progress_flat ORDER BY companyId, attemptId"),
    "learning_plan_progress": all("SELECT * FROM learning_plan_progress_flat ORDER BY companyId, planId, userId"),
}))`);
  assert.equal(read.broken, 0);
  for (const table of order.slice(-3)) {
    const expected = rows(cwd, "flat", `${table}.ndjson`);
    assert.ok(expected.length > 0, table);
    assert.deepEqual(
      read[table].map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))),
      expected, table);
  }
});

test("--table takes tables one by one, --flat adds to progress alone", async (t) => {
  const cwd = await filledStore(t);
  await succeed(["export", "--table", "users", "--table", "program_progress", "out", "--flat", "--quiet"], { cwd });
  assert.deepEqual(readdirSync(join(cwd, "out")).sort(), ["program_progress.ndjson", "users.ndjson"]);
  const [first] = rows(cwd, "out", "program_progress.ndjson");
  const person = rows(generated, "users.ndjson").find(({ id }) => id === first.userId);
  assert.deepEqual([first.userEmail, first.userFirstName, first.userLastName],
                   [person.email, person.firstName, person.lastName]);
  assert.deepEqual(Object.keys(rows(cwd, "out", "users.ndjson")[0]), ["id", "email", "firstName", "lastName"]);
});

test("SQLite without a table that a view needs says so", async (t) => {
  const cwd = await filledStore(t);
  const notes = async (directory, tables, ...options) => {
    const done = await matricula(["export", directory, "--format", "sqlite", ...options,
                                  ...tables.flatMap((table) => ["--table", table])], { cwd });
    assert.equal(done.status, 0, done.stderr);
    return done.stderr.split("\n").filter((line) => line.startsWith("matricula.sqlite: "));
  };
  assert.deepEqual(await notes("some", ["program_progress", "assessment_progress", "users"]), [
    "matricula.sqlite: has no view program_progress_flat, which also needs --table programs",
    "matricula.sqlite: has no view assessment_progress_flat, which also needs --table assessments"]);
  assert.deepEqual(await notes("one", ["program_progress"]), [
    "matricula.sqlite: has no view program_progress_flat, which also needs --table users --table programs"]);
  assert.deepEqual(await notes("quiet", ["program_progress"], "--quiet"), []);
  assert.deepEqual(await notes("enough", ["program_progress", "users", "programs"]), []);
  assert.deepEqual(await notes("all", []), []);
});

test("export says what is wrong and leaves nothing behind", async (t) => {
  const cwd = await filledStore(t);
  mkdirSync(join(cwd, "taken"));
  writeFileSync(join(cwd, "taken/matricula.sqlite"), "mine");
  for (const [args, status, message] of [
    [["out", "--format", "xlsx"], 2, /--format xlsx: not a format; write ndjson, csv, parquet or sqlite/],
    [["out", "--table", "people"], 2, /--table people: not a table; the tables are companies, contracts, /],
    [["taken", "--format", "sqlite"], 1, /taken\/matricula\.sqlite exists already/],
    [["out", "--format", "csv", "--company", "nobody"], 1, /"nobody"/],
  ]) {
    const done = await matricula(["export", ...args], { cwd });
    assert.equal(done.status, status, args.join(" "));
    assert.match(done.stderr, message);
    assert.ok(!existsSync(join(cwd, "out")), args.join(" "));
  }
  assert.deepEqual(readdirSync(join(cwd, "taken")), ["matricula.sqlite"]);
});

// Lines of a feed: all rows of a company, children first, so that references point ahead.
function feedOf(contents) {
  let sequence = 0;
  return [...order].reverse().flatMap((table) =>
    contents[table].split("\n").filter(Boolean).map((line) =>
      `{"_table":"${table}","_sequence":${++sequence},"_changedAt":"2026-01-31T00:00:00Z",${line.slice(1)}\n`));
}

test("import --changes makes another store equal, from a file or standard input", async (t) => {
  const source = await filledStore(t);
  const contents = await contentsOf(source, "out", "--company", company);
  const lines = feedOf(contents);
  const cwd = await makeStoreDirectory(t);
  const done = await matricula(["import", "--changes", "-", "--json", "--quiet"], { cwd, input: lines.join("") });
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(done.stdout), {
    files: [{ path: "-", records: lines.length, changed: lines.length, unchanged: 0, deleted: 0, rejected: 0, kept: true }],
    rejected: 0,
    complete: true,
  });
  assert.deepEqual(await contentsOf(cwd, "out"), contents);
  writeFileSync(join(cwd, "feed.ndjson.gz"), gzipSync(lines.join("")));
  const again = await matricula(["import", "--changes", "feed.ndjson.gz", "--json", "--quiet"], { cwd });
  assert.equal(JSON.parse(again.stdout).files[0].unchanged, lines.length, again.stderr);
  const gone = rows(generated, "assessment_progress.ndjson").find(({ companyId }) => companyId === company);
  const deletion = { _table: "assessment_progress", _sequence: 1, attemptId: gone.attemptId, _delete: true };
  await succeed(["import", "--changes", "-", "--quiet"], { cwd, input: JSON.stringify(deletion) });
  const left = await contentsOf(cwd, "left");
  assert.ok(!left.assessment_progress.includes(`"${gone.attemptId}"`));
  assert.equal(left.program_progress, contents.program_progress);
});

test("a feed that was read from the start replaces what the store has of its company", async (t) => {
  const cwd = await filledStore(t);
  const lines = feedOf(await contentsOf(cwd, "before", "--company", company));
  const attempts = lines.filter((line) => line.includes('"_table":"assessment_progress"'));
  const input = lines.filter((line) => line !== attempts[0]).join("");
  const apply = (...args) => matricula(["import", "--changes", "-", "--json", "--quiet", ...args], { cwd, input });
  assert.equal(JSON.parse((await apply()).stdout).files[0].deleted, 0);
  assert.equal(JSON.parse((await apply("--from-start")).stdout).files[0].deleted, 1);
  const left = await contentsOf(cwd, "left", "--company", company);
  assert.deepEqual(feedOf(left).length, lines.length - 1);
  const some = await matricula(["import", "--changes", "-", "--from-start"], { cwd, input: attempts[0] });
  assert.equal(some.status, 1);
  assert.match(some.stderr, /was not read from the start/);
  const wrong = await matricula(["import", "--from-start", "a"], { cwd });
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--from-start .*give it with --changes/);
});

test("a feed with a bad line is refused whole, and the line is named", async (t) => {
  const source = await filledStore(t);
  const lines = feedOf(await contentsOf(source, "out", "--company", company));
  const cwd = await makeStoreDirectory(t);
  const stranger = `{"_table":"contracts","_sequence":99999,"id":"x","companyId":"${other}","name":""}\n`;
  for (const [feed, message] of [
    [[...lines, stranger], new RegExp(`^feed:${lines.length + 1}: is of the company "${other}"`, "m")],
    [[lines[1], lines[0]], /^feed:2: _sequence: 1 does not follow 2 of line 1/m],
    [[...lines.slice(0, 3), "{]\n"], /^feed:4: is not valid JSON/m],
    [[lines[0]], /^feed:1: companyId: there is no company/m],
  ]) {
    writeFileSync(join(cwd, "feed"), feed.join(""));
    const done = await matricula(["import", "--changes", "feed"], { cwd });
    assert.equal(done.status, 1);
    assert.match(done.stderr, message);
    assert.match(done.stderr, /^feed: nothing of it was kept; mend the lines above/m);
  }
  const left = await contentsOf(cwd, "out");
  assert.ok(Object.values(left).every((text) => text === ""));
});

test("files before one that is cut off are reported beside its error", async (t) => {
  const cwd = await makeStoreDirectory(t);
  writeFileSync(join(cwd, "companies.ndjson"), '{"id":"c","slug":"c","name":"C"}\n{"id":"bad"}\n');
  const contract = gzipSync('{"id":"c1","companyId":"c","name":"n"}\n');
  writeFileSync(join(cwd, "contracts.ndjson.gz"), contract.subarray(0, 20));
  writeFileSync(join(cwd, "users.ndjson"), "");
  const done = await matricula(
    ["import", "--skip-invalid", "--json", "--quiet", "companies.ndjson", "contracts.ndjson.gz", "users.ndjson"], { cwd });
  assert.equal(done.status, 1);
  assert.deepEqual(JSON.parse(done.stdout), {
    files: [{ path: "companies.ndjson", records: 2, changed: 1, unchanged: 0, deleted: 0, rejected: 1, kept: true }],
    rejected: 1,
    complete: false,
  });
  assert.match(done.stderr, /^companies\.ndjson:2: slug is missing$/m);
  assert.match(done.stderr, /^users\.ndjson: not begun$/m);
  assert.match(done.stderr, /^matricula: contracts\.ndjson\.gz /m);
});

test("a feed that deletes what has moved to another company has to say whose it is", async (t) => {
  const cwd = await filledStore(t);
  const [gone] = rows(generated, "assessment_progress.ndjson").filter((row) => row.companyId === company);
  writeFileSync(join(cwd, "assessment_progress.ndjson"), `${JSON.stringify({ ...gone, companyId: other })}\n`);
  await succeed(["import", "--quiet", "assessment_progress.ndjson"], { cwd });
  const input = JSON.stringify({ _table: "assessment_progress", _sequence: 1, attemptId: gone.attemptId, _delete: true });
  const apply = (...args) => matricula(["import", "--changes", "-", "--json", "--quiet", ...args], { cwd, input });
  const unclear = await apply();
  assert.equal(unclear.status, 1);
  assert.match(unclear.stderr, /^matricula: -: No line names the company of the feed.*Give `--company ID`/m);
  assert.equal(JSON.parse((await apply("--company", company)).stdout).files[0].unchanged, 1);
  assert.equal(JSON.parse((await apply("--company", other)).stdout).files[0].deleted, 1);
});

test("import --changes takes neither paths nor --skip-invalid", async (t) => {
  const cwd = makeDirectory(t);
  for (const args of [["--changes", "a", "b"], ["--changes", "a", "--skip-invalid"]]) {
    const done = await matricula(["import", ...args], { cwd });
    assert.equal(done.status, 2);
    assert.match(done.stderr, /no PATH and no --skip-invalid/);
  }
  const named = await matricula(["import", "--company", "a", "b"], { cwd });
  assert.equal(named.status, 2);
  assert.match(named.stderr, /give it with --changes/);
  const missing = await matricula(["import", "--changes", "none"], { cwd });
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /none cannot be opened/);
  assert.deepEqual(readdirSync(cwd), []);
});
