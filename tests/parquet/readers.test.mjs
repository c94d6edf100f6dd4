// Files of the Parquet writer, read by three programs that others wrote.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import * as wasm from 'parquet-wasm/node';

const columns = ['text', 'integer', 'real', 'flag', 'time', 'key', 'always'];
let folder;
let duckdb;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  execFileSync(process.env.PARQUET_PROBE, [folder]);
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
});
after(() => rmSync(folder, { recursive: true, force: true }));

// A value as the description has it: times are the text of their microseconds.
const plain = (value) => (typeof value === 'bigint' ? `${value}` : value === undefined ? null : value);

const readers = {
  duckdb: async (file) => {
    const reader = await duckdb.runAndReadAll(`SELECT * FROM read_parquet('${file}')`);
    assert.deepEqual(reader.columnTypes().map(String), [
      'VARCHAR', 'INTEGER', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR', 'BOOLEAN',
    ]);
    return reader.getRows().map((row) => row.map((value) => plain(value?.micros ?? value)));
  },
  hyparquet: async (file) => {
    const bytes = readFileSync(file);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      compressors,
      parsers: { timestampFromMicroseconds: (value) => value },
    });
    return rows.map((row) => columns.map((column) => plain(row[column])));
  },
  'parquet-wasm': async (file) => {
    const table = tableFromIPC(wasm.readParquet(readFileSync(file)).intoIPCStream());
    const read = columns.map((name) => {
      const column = table.getChild(name);
      if (name !== 'time') {
        return [...column];
      }
      // The raw microseconds: the vector itself gives milliseconds.
      return column.data.flatMap((data) =>
        Array.from({ length: data.length }, (_, i) => (data.getValid(i) ? data.values[i] : null)));
    });
    return Array.from({ length: table.numRows }, (_, i) => read.map((column) => plain(column[i])));
  },
};

const expected = (name) =>
  readFileSync(join(folder, `${name}.ndjson`), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

function assertSameRows(actual, rows, where) {
  assert.equal(actual.length, rows.length, `${where}: rows`);
  rows.forEach((row, i) =>
    row.forEach((value, column) => {
      if (!Object.is(actual[i][column], value)) {
        assert.fail(`${where}: row ${i}, ${columns[column]}: ${JSON.stringify(actual[i][column])}, ` +
          `not ${JSON.stringify(value)}`);
      }
    }));
}

for (const [name, read] of Object.entries(readers)) {
  test(`${name} reads each file as it was written`, async () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.parquet'));
    assert.equal(files.length, 24);
    for (const file of files) {
      assertSameRows(await read(join(folder, file)), expected(file.split('.')[0]), `${name}, ${file}`);
    }
  });
}

test('the statistics hold for the rows of each group', async () => {
  const bytes = readFileSync(join(folder, 'groups.zstd.parquet'));
  const metadata = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  assert.deepEqual(metadata.row_groups.map((group) => Number(group.num_rows)), [333, 333, 333, 1]);
  const rows = expected('groups');
  let from = 0;
  for (const group of metadata.row_groups) {
    const part = rows.slice(from, (from += Number(group.num_rows)));
    group.columns.forEach(({ meta_data: { statistics } }, column) => {
      const values = part.map((row) => row[column]).filter((value) => value !== null);
      assert.equal(Number(statistics.null_count), part.length - values.length, columns[column]);
      if (values.length > 0 && ['integer', 'key'].includes(columns[column])) {
        assert.equal(statistics.min_value, values.reduce((a, b) => (b < a ? b : a)), columns[column]);
        assert.equal(statistics.max_value, values.reduce((a, b) => (b > a ? b : a)), columns[column]);
      }
    });
  }
});

test('a filter that skips groups by their statistics finds the same rows', async () => {
  const count = async (where) => {
    const reader = await duckdb.runAndReadAll(
      `SELECT count(*) FROM read_parquet('${join(folder, 'groups.zstd.parquet')}') WHERE ${where}`);
    return Number(reader.getRows()[0][0]);
  };
  const rows = expected('groups');
  assert.equal(await count('integer = 2147483647'), rows.filter((row) => row[1] === 2147483647).length);
  assert.equal(await count('real = 0'), rows.filter((row) => row[2] !== null && row[2] === 0).length);
  assert.equal(await count("time < '1970-01-01 00:00:00+00'"),
    rows.filter((row) => row[4] !== null && BigInt(row[4]) < 0n).length);
  assert.equal(await count("key = '000003e7'"), 1);
});

test('metadata and codecs are those asked for', async () => {
  for (const [codec, name] of [['none', 'UNCOMPRESSED'], ['gzip', 'GZIP'], ['zstd', 'ZSTD']]) {
    const bytes = readFileSync(join(folder, `nasty.${codec}.parquet`));
    const metadata = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    assert.deepEqual(metadata.key_value_metadata, [{ key: 'matricula.sequence', value: '812' }]);
    assert.ok(metadata.row_groups.every((group) => group.columns.every((column) => column.meta_data.codec === name)));
  }
});
