// The data API: which files there are, and what their requests may ask.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { decompress as unzstd } from "fzstd";

import { succeed } from "./cli.mjs";
import { ask as send, errorOf, lines } from "./data_api.mjs";
import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const tableNames = ["companies", "contracts", "users", "programs", "contract_programs",
  "assessments", "contract_assessments", "learning_plans", "program_progress",
  "assessment_progress", "learning_plan_progress"];

const hooks = { after };
const directory = makeDirectory(hooks);
const data = join(directory, "data");
await succeed(["generate", "--out", data, "--seed", "3", "--learners", "1200", "--companies", "3",
  "--as-of", "2026-01-31T00:00:00Z", "--quiet"]);
const server = await startServer(hooks, { data });
const companies = lines(readFileSync(join(data, "companies.ndjson"), "utf8"));
const [ours, theirs] = companies.map(({ id }) => id);
const token = await server.token(ours);
const tokenOfTheirs = await server.token(theirs);

// A request with our token unless `headers` bring another Authorization, or an undefined one.
function ask(path, { method, headers = {} } = {}) {
  const all = { Authorization: `Token ${token}`, ...headers };
  return send(`${server.url}/data/v1/${path}`, {
    method,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  });
}

async function exported(company) {
  const out = join(directory, `export-${company}-${Math.random()}`);
  mkdirSync(out);
  const done = await server.cli(["export", out, "--company", company, "--quiet"]);
  assert.equal(done.status, 0, done.stderr);
  return (name) => readFileSync(join(out, `${name}.ndjson`), "utf8");
}

test("the root of the API names what there is, with a slash or without", async () => {
  for (const path of ["", "/", "/nothing"]) {
    const answered = await send(`${server.url}/data/v1${path}`,
      { headers: { Authorization: `Token ${token}` } });
    assert.deepEqual(errorOf(answered), { status: 404, code: "NOT_FOUND",
      message: "There is nothing at this path; there are /data/v1/tables and /data/v1/changes." });
    assert.equal((await send(`${server.url}/data/v1${path}`)).status, 401);
  }
});

test("the document of tables lists keys, rows, numbers and paths", async () => {
  const answer = await ask("tables");
  const document = JSON.parse(answer.text);
  assert.deepEqual(Object.keys(document), ["companyId", "sequence", "epoch", "tables"]);
  assert.deepEqual(document.tables.map(({ name }) => name), tableNames);
  assert.equal(answer.headers["matricula-sequence"], String(document.sequence));
  assert.equal(answer.headers["matricula-epoch"], document.epoch);
  const content = await exported(ours);
  for (const table of document.tables) {
    assert.deepEqual(Object.keys(table),
      ["name", "key", "rows", "sequence", "href", "schema", "formats"]);
    assert.equal(table.rows, lines(content(table.name)).length, table.name);
    assert.equal(table.href, `/data/v1/tables/${table.name}`);
    assert.equal(table.schema, `${table.href}/schema`);
    assert.deepEqual(table.formats, ["ndjson", "csv", "parquet"]);
  }
  const byName = Object.fromEntries(document.tables.map((table) => [table.name, table]));
  assert.deepEqual(byName.program_progress.key, ["companyId", "userId", "programKey"]);
  assert.deepEqual(byName.programs.key, ["key", "locale"]);
  assert.equal(document.sequence, Math.max(...document.tables.map(({ sequence }) => sequence)));
});

test("each table is what export writes, for each company alone", async () => {
  for (const [company, bearer] of [[ours, token], [theirs, tokenOfTheirs]]) {
    const content = await exported(company);
    for (const name of tableNames) {
      const answer = await ask(`tables/${name}.ndjson`,
        { headers: { Authorization: `Bearer ${bearer}` } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["content-type"], "application/x-ndjson");
      assert.equal(answer.headers["content-disposition"], `attachment; filename="${name}.ndjson"`);
      assert.equal(answer.text, content(name), name);
    }
  }
});

test("a schema describes a row of each table", async () => {
  for (const name of tableNames) {
    const answer = await ask(`tables/${name}/schema`);
    assert.equal(answer.headers["content-type"], "application/schema+json");
    const schema = JSON.parse(answer.text);
    assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    const header = (await ask(`tables/${name}.csv`)).text.split("\r\n")[0];
    assert.equal(Object.keys(schema.properties).join(","), header);
    for (const property of Object.values(schema.properties)) {
      assert.ok(property["x-parquet"] && property.description);
    }
  }
  const flat = JSON.parse((await ask("tables/program_progress/schema?flat=1")).text);
  assert.ok(flat.properties.userEmail && flat.properties.programTitle);
  assert.equal(errorOf(await ask("tables/people/schema")).status, 404);
  assert.equal(errorOf(await ask("tables/users/schema?flat=1")).status, 400);
  assert.equal((await ask("tables/users/schema", { headers: { Accept: "application/json" } })).status,
               200);
});

test("columns narrow and order, and a null is then written", async () => {
  const all = lines((await ask("tables/program_progress.ndjson")).text);
  const some = lines(
    (await ask("tables/program_progress.ndjson?columns=graduatedAt,userId")).text);
  assert.equal(some.length, all.length);
  assert.deepEqual(some, all.map(({ graduatedAt = null, userId }) => ({ graduatedAt, userId })));
  assert.deepEqual(Object.keys(some[0]), ["graduatedAt", "userId"]);
  assert.ok(some.some(({ graduatedAt }) => graduatedAt === null));
  assert.deepEqual(errorOf(await ask("tables/users.csv?columns=id,mail")), {
    status: 400, code: "BAD_USER_INPUT",
    message: 'columns: "mail" is not a column of users; its columns are id, email, firstName, ' +
      "lastName.",
  });
  assert.equal(errorOf(await ask("tables/users.csv?columns=")).status, 400);
});

test("the flat form adds what the node shows", async () => {
  const query = `query($after: String) { programProgress(input: {first: 1000, after: $after}) {
    pageInfo { endCursor hasNextPage }
    edges { node { userId programKey userEmail userFirstName userLastName programTitle } } } }`;
  const expected = new Map();
  for (let after = null; ;) {
    const { body } = await server.graphql("program-progress", token,
                                          { query, variables: { after } });
    for (const { node } of body.data.programProgress.edges) {
      expected.set(`${node.userId} ${node.programKey}`, node);
    }
    if (!body.data.programProgress.pageInfo.hasNextPage) {
      break;
    }
    after = body.data.programProgress.pageInfo.endCursor;
  }
  const columns = "userId,programKey,userEmail,userFirstName,userLastName,programTitle";
  const rows = lines(
    (await ask(`tables/program_progress.ndjson?flat=1&columns=${columns}`)).text);
  assert.equal(rows.length, expected.size);
  for (const row of rows) {
    assert.deepEqual(row, { ...expected.get(`${row.userId} ${row.programKey}`) });
  }
  const header = (await ask("tables/learning_plan_progress.csv?flat=1")).text.split("\r\n")[0];
  assert.ok(header.endsWith(",userEmail,planTitle"), header);
});

test("filter and query take what the endpoint's input takes", async () => {
  const all = lines((await ask("tables/program_progress.ndjson")).text);
  const filtered = async (query, table = "program_progress") =>
    lines((await ask(`tables/${table}.ndjson?${query}`)).text);
  const json = (value) => encodeURIComponent(JSON.stringify(value));
  const graduated = await filtered(`filter=${json({ enrollmentStatus: ["GRADUATED"] })}`);
  assert.ok(graduated.length > 0 && graduated.length < all.length);
  assert.deepEqual(graduated, all.filter((row) => row.enrollmentStatus === "GRADUATED"));
  const from = "2025-10-01T00:00:00Z";
  const active = await filtered(`filter=${json({ lastActiveAt: { from } })}`);
  assert.deepEqual(active, all.filter((row) => Date.parse(row.lastActiveAt) >= Date.parse(from)));
  assert.deepEqual(await filtered(`filter=${json({ programKeys: [] })}`), []);
  const [user] = lines((await ask("tables/users.ndjson")).text);
  const found = await filtered(`query=${encodeURIComponent(user.email.toUpperCase())}`);
  assert.deepEqual(found, all.filter(({ userId }) => userId === user.id));
  const both = await filtered(
    `query=${encodeURIComponent(user.email)}&filter=${json({ programKeys: ["none"] })}`);
  assert.deepEqual(both, []);
  const plans = await filtered(`filter=${json({ userIds: [user.id] })}`, "learning_plan_progress");
  assert.ok(plans.every(({ userId }) => userId === user.id));
  const { body } = await server.graphql("program-progress", token, {
    query: `query($filter: ProgramProgressFilter) {
      programProgress(input: {filter: $filter}) { totalCount } }`,
    variables: { filter: { enrollmentStatus: ["LOST"] } },
  });
  const wrong = errorOf(await ask(
    `tables/program_progress.csv?filter=${json({ enrollmentStatus: ["LOST"] })}`));
  assert.deepEqual(wrong,
    { status: 400, code: "BAD_USER_INPUT", message: body.errors[0].message });
  for (const path of ["users.csv?filter={}", "users.csv?query=a", "program_progress.csv?filter=",
                      "program_progress.csv?query=", "program_progress.csv?filter={",
                      "assessment_progress.csv?query=a"]) {
    assert.equal(errorOf(await ask(`tables/${path}`)).status, 400, path);
  }
});

test("CSV has its media type, a header, and Excel's form where it is asked for", async () => {
  const plain = await ask("tables/users.csv");
  assert.equal(plain.headers["content-type"], "text/csv; charset=utf-8; header=present");
  assert.ok(plain.text.startsWith("id,email,firstName,lastName\r\n"));
  assert.ok(plain.text.endsWith("\r\n"));
  const excel = await ask("tables/users.csv?excel=1");
  assert.deepEqual([...excel.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.notEqual(excel.headers.etag, plain.headers.etag);
  assert.equal(errorOf(await ask("tables/users.ndjson?excel=1")).status, 400);
  assert.equal(errorOf(await ask("tables/users.parquet?excel=1")).status, 400);
  assert.equal(errorOf(await ask("tables/users.csv?excel=maybe")).status, 400);
});

test("Accept-Encoding codes the way, compression is part of the file", async () => {
  const plain = await ask("tables/program_progress.ndjson");
  assert.equal(plain.headers["content-encoding"], undefined);
  for (const [coding, unpack] of [["gzip", gunzipSync], ["zstd", unzstd]]) {
    const coded = await ask("tables/program_progress.ndjson",
                            { headers: { "Accept-Encoding": coding } });
    assert.equal(coded.headers["content-encoding"], coding);
    // Strong, as that of the plain file is, and another one.
    assert.equal(coded.headers.etag, plain.headers.etag.replace(/"$/, `-${coding}"`));
    assert.equal(coded.headers["content-type"], "application/x-ndjson");
    assert.equal(Buffer.from(unpack(coded.bytes)).toString(), plain.text);
    // What HEAD and 304 say is what the 200 says.
    for (const [method, condition] of [["HEAD", "other"], ["GET", coded.headers.etag]]) {
      const { headers } = await ask("tables/program_progress.ndjson",
                                    { method, headers: { "Accept-Encoding": coding, "If-None-Match": condition } });
      assert.equal(headers.etag, coded.headers.etag);
      assert.equal(headers.vary, coded.headers.vary);
      assert.equal(headers["content-length"], undefined);
      assert.equal(headers["content-encoding"], method === "HEAD" ? coding : undefined);
    }
    const packed = await ask(`tables/program_progress.ndjson?compression=${coding}`,
                             { headers: { "Accept-Encoding": "gzip, zstd" } });
    assert.equal(packed.headers["content-encoding"], undefined);
    assert.equal(packed.headers["content-disposition"],
                 `attachment; filename="program_progress.ndjson.${coding === "gzip" ? "gz" : "zst"}"`);
    assert.equal(Buffer.from(unpack(packed.bytes)).toString(), plain.text);
    assert.equal(Number(packed.headers["content-length"]), packed.bytes.length);
  }
  const none = await ask("tables/program_progress.ndjson?compression=none",
                         { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(none.headers["content-encoding"], undefined);
  assert.equal(none.text, plain.text);
  const sizes = {};
  for (const codec of ["none", "gzip", "zstd"]) {
    const file = await ask(`tables/program_progress.parquet?compression=${codec}`,
                           { headers: { "Accept-Encoding": "gzip" } });
    assert.equal(file.headers["content-type"], "application/vnd.apache.parquet");
    assert.equal(file.headers["content-encoding"], undefined);
    assert.equal(file.bytes.subarray(0, 4).toString(), "PAR1");
    sizes[codec] = file.bytes.length;
  }
  assert.ok(sizes.zstd < sizes.none && sizes.gzip < sizes.none);
  assert.equal((await ask("tables/program_progress.parquet")).bytes.length, sizes.zstd);
  assert.equal(errorOf(await ask("tables/users.csv?compression=br")).status, 400);
  assert.equal(errorOf(await ask("tables/users.parquet?compression=snappy")).status, 400);
});

test("a 304 is of a body that the request may get, and has that body's tag", async () => {
  const codings = ["identity", "gzip", "zstd"];
  for (const path of ["tables/program_progress.ndjson", "tables/companies.ndjson" /* short */]) {
    for (const coding of codings) {
      const { etag } = (await ask(path, { headers: { "Accept-Encoding": coding } })).headers;
      for (const [accepted, method] of codings.flatMap((each) => [[each, "GET"], [each, "HEAD"]])) {
        const { status, headers } = await ask(path, { method,
          headers: { "Accept-Encoding": accepted, "If-None-Match": etag } });
        const isGiven = accepted === coding || !/-(gzip|zstd)"$/.test(etag);
        assert.equal(status, isGiven ? 304 : 200, `${method} ${path} as ${accepted}, ${etag}`);
        assert.ok(headers.vary.includes("Accept-Encoding") && (!isGiven || headers.etag === etag));
      }
    }
  }
});

test("a file says which state it shows, and the same state is the same bytes", async () => {
  const document = JSON.parse((await ask("tables")).text);
  for (const format of ["ndjson", "csv", "parquet"]) {
    const first = await ask(`tables/users.${format}`);
    assert.match(first.headers.etag, /^"[^"]+"$/);
    assert.equal(first.headers["matricula-sequence"], String(document.sequence));
    assert.equal(first.headers["matricula-epoch"], document.epoch);
    assert.ok(Date.parse(first.headers["last-modified"]) <= Date.now());
    assert.ok(Date.parse(first.headers["last-modified"]) > Date.now() - 3_600_000);
    const second = await ask(`tables/users.${format}`);
    assert.equal(second.headers.etag, first.headers.etag);
    assert.ok(second.bytes.equals(first.bytes));
    const head = await ask(`tables/users.${format}`, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(Number(head.headers["content-length"]), first.bytes.length);
    assert.equal(head.headers.etag, first.headers.etag);
    assert.equal(head.bytes.length, 0);
  }
});

test("conditions and ranges are answered as RFC 9110 says", async () => {
  const path = "tables/assessment_progress.parquet";
  const whole = await ask(path);
  const { etag } = whole.headers;
  const with_ = (headers, method) => ask(path, { headers, method });
  for (const method of ["GET", "HEAD"]) {
    const same = await with_({ "If-None-Match": `"other", ${etag}` }, method);
    assert.equal(same.status, 304);
    assert.equal(same.bytes.length, 0);
    assert.equal(same.headers.etag, etag);
    for (const name of ["matricula-sequence", "matricula-epoch"]) {
      assert.equal(same.headers[name], whole.headers[name]);
    }
  }
  assert.equal((await with_({ "If-None-Match": '"other"' })).status, 200);
  assert.equal((await with_({ "If-None-Match": "*" })).status, 304);
  assert.equal((await with_({ "If-Modified-Since": whole.headers["last-modified"] })).status, 304);
  assert.equal(
    (await with_({ "If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT" })).status, 200);
  assert.equal(errorOf(await with_({ "If-Match": '"other"' })).status, 412);

  const size = whole.bytes.length;
  const part = await with_({ Range: "bytes=4-11" });
  assert.equal(part.status, 206);
  assert.equal(part.headers["content-range"], `bytes 4-11/${size}`);
  assert.equal(part.headers["content-length"], "8");
  assert.equal(part.headers.etag, etag);
  assert.ok(part.bytes.equals(whole.bytes.subarray(4, 12)));
  const tail = await with_({ Range: "bytes=-8", "Accept-Encoding": "gzip" });
  assert.equal(tail.status, 206);
  assert.equal(tail.headers["content-encoding"], undefined);
  assert.equal(tail.bytes.subarray(4).toString(), "PAR1");
  assert.equal((await with_({ Range: "bytes=0-0", "If-Range": etag })).status, 206);
  assert.equal((await with_({ Range: "bytes=0-0", "If-Range": '"other"' })).status, 200);
  const several = await with_({ Range: "bytes=0-1,4-5" });
  assert.equal(several.status, 200);
  assert.equal(several.bytes.length, size);
  const beyond = await with_({ Range: `bytes=${size}-` });
  assert.equal(beyond.headers["content-range"], `bytes */${size}`);
  assert.deepEqual(errorOf(beyond), {
    status: 416, code: "RANGE_NOT_SATISFIABLE",
    message: `The file has ${size} bytes; Range asks for none of them.`,
  });
});

test("what a file shows changes its tag, what it does not show leaves it", async () => {
  const tags = async (...paths) =>
    Promise.all(paths.map(async (path) => (await ask(`tables/${path}`)).headers.etag));
  const paths = ["users.csv", "program_progress.csv?flat=1", "program_progress.csv",
    "companies.csv", "programs.csv"];
  const before = await tags(...paths);
  const [person] = lines((await ask("tables/program_progress.ndjson?columns=userId")).text);
  const [user] = lines((await ask("tables/users.ndjson")).text)
    .filter(({ id }) => id === person.userId);
  const change = join(directory, "users.ndjson");
  writeFileSync(change, `${JSON.stringify({ ...user, firstName: "Renamed" })}\n`);
  await server.command(["import", change, "--quiet"]);
  const after_ = await tags(...paths);
  const changed = paths.filter((path, i) => before[i] !== after_[i]);
  assert.deepEqual(changed, ["users.csv", "program_progress.csv?flat=1", "program_progress.csv"]);
  const flat = lines((await ask("tables/program_progress.ndjson?flat=1")).text);
  assert.ok(flat.filter(({ userId }) => userId === user.id)
    .every(({ userFirstName }) => userFirstName === "Renamed"));
});

test("unknown paths, methods and media types are refused with what there is", async () => {
  const unknown = errorOf(await ask("tables/people.csv"));
  assert.equal(unknown.status, 404);
  assert.match(unknown.message, /"people"; there are companies, contracts, users, /);
  assert.match(errorOf(await ask("tables/users.xlsx")).message, /ndjson, csv, parquet/);
  assert.equal(errorOf(await ask("tables/users")).status, 404);
  assert.equal(errorOf(await ask("other")).status, 404);
  assert.deepEqual(errorOf(await ask("tables/users.csv?colums=id")), {
    status: 400, code: "BAD_USER_INPUT",
    message: '"colums" is not a parameter here; there are company, columns, flat, compression, ' +
      "excel, filter, query.",
  });
  for (const path of ["tables", "tables/users.csv", "changes"]) {
    for (const method of ["POST", "PUT", "DELETE"]) {
      const refused = await ask(path, { method });
      assert.equal(errorOf(refused).status, 405);
      assert.equal(refused.headers.allow, "GET, HEAD");
    }
  }
  for (const [path, accept] of [["tables/users.csv", "application/json"],
                                ["tables/users.ndjson", "text/csv"],
                                ["tables/users.parquet", "text/*"],
                                ["changes", "text/csv"], ["tables", "text/html"]]) {
    assert.equal(errorOf(await ask(path, { headers: { Accept: accept } })).status, 406);
  }
  for (const [path, accept] of [["tables/users.csv", "text/*"], ["tables/users.csv", "*/*"],
                                ["tables/users.parquet", "application/vnd.apache.parquet"]]) {
    assert.equal((await ask(path, { headers: { Accept: accept } })).status, 200);
  }
});

test("a reader that leaves in the middle disturbs no other", async () => {
  const { port } = server;
  for (let i = 0; i < 20; ++i) {
    await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(`GET /data/v1/tables/program_progress.ndjson?columns=userId HTTP/1.1\r\n` +
          `Host: localhost\r\nAuthorization: Token ${token}\r\n\r\n`);
      });
      socket.once("data", () => socket.destroy());
      socket.on("error", () => {});
      socket.on("close", resolve);
    });
  }
  assert.equal((await ask("tables/program_progress.ndjson?columns=userId")).status, 200);
});
