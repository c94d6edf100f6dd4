// Files of the Parquet writer, read by three programs that others wrote.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { parquetMetadata } from 'hyparquet';

import { bytesOf, connection, readers } from './readers.mjs';

const columns = ['text', 'integer', 'real', 'flag', 'time', 'key', 'always'];
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  execFileSync(process.env.PARQUET_PROBE, [folder]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

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
      assertSameRows(await read(join(folder, file), columns, ['time']), expected(file.split('.')[0]), `${name}, ${file}`);
    }
  });
}

test('DuckDB sees the types that the columns were given', async () => {
  const reader = await connection.runAndReadAll(
    `SELECT * FROM read_parquet('${join(folder, 'nasty.zstd.parquet')}')`);
  assert.deepEqual(reader.columnTypes().map(String), [
    'VARCHAR', 'INTEGER', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR', 'BOOLEAN',
  ]);
});

test('the statistics hold for the rows of each group', async () => {
  const metadata = parquetMetadata(bytesOf(join(folder, 'groups.zstd.parquet')));
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
    const reader = await connection.runAndReadAll(
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
    const metadata = parquetMetadata(bytesOf(join(folder, `nasty.${codec}.parquet`)));
    assert.deepEqual(metadata.key_value_metadata, [{ key: 'matricula.sequence', value: '812' }]);
    assert.ok(metadata.row_groups.every((group) => group.columns.every((column) => column.meta_data.codec === name)));
  }
});
