// Parquet over HTTP, read in ranges by readers that others wrote.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
