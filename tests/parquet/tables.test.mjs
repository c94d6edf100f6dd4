// Each table's Parquet holds what its NDJSON holds, as its JSON Schema says: read by three programs that others wrote.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { parquetMetadata, parquetSchema } from 'hyparquet';

import { bytesOf, connection, readers } from './readers.mjs';

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tables-'));
  execFileSync(process.env.TABLES_PROBE, [folder]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const schemaOf = (table) => JSON.parse(readFileSync(join(folder, `${table}.schema.json`), 'utf8'));
const tables = () =>
  readdirSync(folder).filter((file) => file.endsWith('.schema.json')).map((file) => file.split('.')[0]);

// RFC 3339 in UTC as the text of its microseconds.
function microseconds(time) {
  const [, whole, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(time);
  return `${BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))}`;
}

// A value of NDJSON as a reader of the Parquet file gives it.
function asInParquet(value, property) {
  if (value === undefined) {
    return null;
  }
  if (property['x-parquet'].startsWith('TIMESTAMP')) {
    return microseconds(value);
  }
  return property.type === 'array' || property.type?.[0] === 'array' ? JSON.stringify(value) : value;
}

function rowsOf(table, sample) {
  const columns = Object.entries(schemaOf(table).properties);
  return readFileSync(join(folder, `${table}.${sample}.ndjson`), 'utf8').split('\n').filter(Boolean).map((line) => {
    const row = JSON.parse(line);
    return columns.map(([name, property]) => asInParquet(row[name], property));
  });
}

// Lists are compared as JSON: their text may escape characters that need not be. The readers' TextDecoder drops a byte
// order mark in front of a text.
const isSame = (a, b) =>
  Object.is(a, b) || (typeof b === 'string' && b.startsWith('\ufeff') && a === b.slice(1)) ||
  (typeof a === 'string' && typeof b === 'string' && a.startsWith('[') && b.startsWith('[') &&
    JSON.stringify(JSON.parse(a)) === b);

for (const [name, read] of Object.entries(readers)) {
  test(`${name} reads each table as its NDJSON`, async () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.parquet'));
    assert.equal(files.length, (14 * 3 + 1) * 3);
    for (const file of files) {
      const [table, sample] = file.split('.');
      const { properties } = schemaOf(table);
      const columns = Object.keys(properties);
      const times = columns.filter((column) => properties[column]['x-parquet'].startsWith('TIMESTAMP'));
      const expected = rowsOf(table, sample);
      const actual = await read(join(folder, file), columns, times);
      assert.equal(actual.length, expected.length, file);
      expected.forEach((row, i) => row.forEach((value, column) => {
        if (!isSame(actual[i][column], value)) {
          assert.fail(`${file}: row ${i}, ${columns[column]}: ${JSON.stringify(actual[i][column])}, ` +
            `not ${JSON.stringify(value)}`);
        }
      }));
    }
  });
}

const parquetTypes = {
  STRING: ['BYTE_ARRAY', { type: 'STRING' }],
  INT32: ['INT32', undefined],
  DOUBLE: ['DOUBLE', undefined],
  BOOLEAN: ['BOOLEAN', undefined],
  'TIMESTAMP(MICROS, UTC)': ['INT64', { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' }],
};

test('columns, their types and their nullability are those of the JSON Schema', () => {
  for (const table of tables()) {
    const { properties, required } = schemaOf(table);
    const metadata = parquetMetadata(bytesOf(join(folder, `${table}.nasty.zstd.parquet`)));
    const columns = parquetSchema(metadata).children.map(({ element }) => element);
    assert.deepEqual(columns.map((column) => column.name), Object.keys(properties), table);
    for (const column of columns) {
      const [physical, logical] = parquetTypes[properties[column.name]['x-parquet']];
      assert.equal(column.type, physical, column.name);
      assert.deepEqual(column.logical_type, logical, column.name);
      assert.equal(column.repetition_type, required.includes(column.name) ? 'REQUIRED' : 'OPTIONAL', column.name);
    }
    assert.deepEqual(metadata.key_value_metadata, [
      { key: 'matricula.company', value: 'acme' },
      { key: 'matricula.sequence', value: '812' },
    ]);
  }
});

test('row groups hold at most 100,000 rows, and tell their nulls', () => {
  const metadata = parquetMetadata(bytesOf(join(folder, 'program_progress_flat.long.zstd.parquet')));
  const rows = metadata.row_groups.map((group) => Number(group.num_rows));
  assert.equal(rows.reduce((a, b) => a + b), 120_001);
  assert.ok(rows.length > 1 && rows.every((count) => count <= 100_000));
  const expected = rowsOf('program_progress_flat', 'long');
  let from = 0;
  for (const group of metadata.row_groups) {
    const part = expected.slice(from, (from += Number(group.num_rows)));
    group.columns.forEach(({ meta_data: { statistics } }, column) => {
      assert.equal(Number(statistics.null_count), part.filter((row) => row[column] === null).length);
    });
  }
});

test("the documentation's question to DuckDB is one that it answers", async () => {
  const guide = readFileSync(new URL('../../web/docs/pages/files.md', import.meta.url), 'utf8');
  const [, question] = /^```sql\n([^]*?)^```/m.exec(guide);
  const file = join(folder, 'program_progress_flat.nasty.zstd.parquet');
  const reader = await connection.runAndReadAll(question.replace("'progress.parquet'", `'${file}'`));
  assert.deepEqual(reader.columnNames(), ['programTitle', 'people', 'average']);
  assert.equal(reader.getRows().length, 3);
});
