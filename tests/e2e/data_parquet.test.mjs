// Parquet over HTTP, read in ranges by readers that others wrote.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { succeed } from "./cli.mjs";
import { ask, basic, lines } from "./data_api.mjs";
import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

// The readers are packages of tests/parquet.
const packages = createRequire(new URL("../parquet/package.json", import.meta.url));
const hooks = { after };
const data = join(makeDirectory(hooks), "data");
await succeed(["generate", "--out", data, "--seed", "3", "--learners", "1200", "--companies", "1",
  "--as-of", "2026-01-31T00:00:00Z", "--quiet"]);
const server = await startServer(hooks, { data });
const [{ id: company }] = lines(readFileSync(join(data, "companies.ndjson"), "utf8"));
const pair = await server.command(["credential", "create", "--company", company]);
const Authorization = basic(pair.clientId, pair.clientSecret);
const columns = ["userId", "programKey", "learnerHours", "graduatedAt"];

async function expected() {
  const answer = await ask(
    `${server.url}/data/v1/tables/program_progress.ndjson?columns=${columns.join(",")}`,
    { headers: { Authorization } });
  return lines(answer.text).map((row) => ({
    ...row, graduatedAt: row.graduatedAt && Date.parse(row.graduatedAt) }));
}

test("hyparquet asks for the length and for ranges", async () => {
  const { asyncBufferFromUrl, parquetReadObjects } =
    await import(pathToFileURL(packages.resolve("hyparquet")));
  const { compressors } = await import(pathToFileURL(packages.resolve("hyparquet-compressors")));
  for (const codec of ["zstd", "gzip", "none"]) {
    const file = await asyncBufferFromUrl({
      url: `${server.url}/data/v1/tables/program_progress.parquet?compression=${codec}`,
      requestInit: { headers: { Authorization } },
    });
    const rows = await parquetReadObjects({ file, columns, compressors });
    assert.deepEqual(rows.map((row) => ({
      ...row, graduatedAt: row.graduatedAt && row.graduatedAt.getTime() })), await expected());
  }
});

// parquet-wasm sends no header fields of ours: a proxy adds who asks.
async function proxy(t) {
  const ranges = [];
  const listening = createServer((from, to) => {
    ranges.push(from.headers.range);
    from.pipe(request(server.url + from.url, {
      method: from.method, headers: { ...from.headers, authorization: Authorization },
    }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    }));
  }).listen(0, "127.0.0.1");
  t.after(() => listening.close());
  await new Promise((resolve) => listening.on("listening", resolve));
  return { url: `http://127.0.0.1:${listening.address().port}`, ranges };
}

test("parquet-wasm asks for ranges alone", async (t) => {
  const { ParquetFile } = packages("parquet-wasm/node");
  const { tableFromIPC } = packages("apache-arrow");
  const { url, ranges } = await proxy(t);
  const file = await ParquetFile.fromUrl(`${url}/data/v1/tables/program_progress.parquet`);
  const table = tableFromIPC((await file.read({})).intoIPCStream());
  assert.deepEqual(table.toArray().map((row) =>
    Object.fromEntries(columns.map((name) => [name, row[name]]))), await expected());
  assert.ok(ranges.length > 1 && ranges.every((range) => /^bytes=/.test(range)), ranges.join());
});

// The blocks of a language in the guide on files, with the words behind the language.
function blocksOfGuide(language) {
  const guide = readFileSync(new URL("../../web/docs/pages/files.md", import.meta.url), "utf8");
  return [...guide.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , words, text]) => ({ words, text }));
}

// httpfs comes from the network, and pandas is no package of the build: of their lines, what names
// our files and columns is run.
test("the guide's lines for DuckDB and pandas fit the files", async (t) => {
  const { DuckDBInstance } = await import(pathToFileURL(packages.resolve("@duckdb/node-api")));
  const directory = makeDirectory(t);
  for (const format of ["parquet", "csv"]) {
    const path = `/data/v1/tables/program_progress.${format}?flat=1`;
    writeFileSync(join(directory, `progress.${format}`),
                  (await ask(server.url + path, { headers: { Authorization } })).bytes);
  }
  const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
  const rowsOf = async (sql) => (await duckdb.runAndReadAll(sql)).getRowsJson();
  await duckdb.run(`SET file_search_path = '${directory}'`);
  const [local, remote, ...more] = blocksOfGuide("sql");
  assert.deepEqual([local.words, remote.words, more], ["", "server", []]);

  const progress = lines((await ask(`${server.url}/data/v1/tables/program_progress.ndjson?flat=1`,
                                    { headers: { Authorization } })).text);
  const counts = (column) => progress.reduce(
    (all, row) => all.set(row[column], (all.get(row[column]) ?? 0) + 1), new Map());
  const people = counts("programTitle");
  const top = await rowsOf(local.text);
  assert.equal(top.length, 3);
  for (const [title, count, average] of top) {
    const rows = progress.filter(({ programTitle }) => programTitle === title);
    const sum = rows.reduce((all, { completionPercentage }) => all + completionPercentage, 0);
    assert.equal(Number(count), people.get(title));
    assert.ok(Math.abs(average - sum / rows.length) < 0.051, `${title}: ${average}`);
  }
  assert.equal(Number(top[0][1]), Math.max(...people.values()));

  const [, select] = remote.text.split(/;\n/);
  const file = "'MATRICULA/data/v1/tables/program_progress.parquet'";
  assert.ok(select.includes(file), select);
  const found = await rowsOf(select.replace(file, "'progress.parquet'"));
  assert.deepEqual(new Map(found.map(([status, count]) => [status, Number(count)])),
                   counts("enrollmentStatus"));

  const pandas = blocksOfGuide("python").filter(({ text }) => text.includes("progress."));
  const columnsOf = async (name) => (await rowsOf(`DESCRIBE SELECT * FROM '${name}'`)).map(([column]) => column);
  const [parquet, csv] = pandas.filter(({ text }) => text.includes("read_"));
  for (const [block, name] of [[parquet, "progress.parquet"], [csv, "progress.csv"]]) {
    assert.ok(block.text.includes(`"${name}"`));
    const named = [...block.text.matchAll(/"([A-Za-z]+)"/g)].map(([, column]) => column);
    const known = await columnsOf(name);
    assert.deepEqual(named.filter((column) => !known.includes(column)), []);
  }
});
