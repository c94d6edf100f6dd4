// Three programs that others wrote, each as a function: the rows of a file, each an array of values in the order of
// `columns`. A time is the text of its microseconds, and null is null; `times` names the columns of times.
import { readFileSync } from 'node:fs';

import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import * as wasm from 'parquet-wasm/node';

export const connection = await (await DuckDBInstance.create(':memory:')).connect();

export function bytesOf(file) {
  const bytes = readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

const plain = (value) => (typeof value === 'bigint' ? `${value}` : value === undefined ? null : value);

async function readWithDuckdb(file) {
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}')`);
  return reader.getRows().map((row) => row.map((value) => plain(value?.micros ?? value)));
}

async function readWithHyparquet(file, columns) {
  const rows = await parquetReadObjects({
    file: bytesOf(file),
    compressors,
    parsers: { timestampFromMicroseconds: (value) => value },
  });
  return rows.map((row) => columns.map((column) => plain(row[column])));
}

async function readWithWasm(file, columns, times) {
  const table = tableFromIPC(wasm.readParquet(readFileSync(file)).intoIPCStream());
  const read = columns.map((name) => {
    const column = table.getChild(name);
    if (!times.includes(name)) {
      return [...column];
    }
    // The raw microseconds: the vector itself gives milliseconds.
    return column.data.flatMap((data) =>
      Array.from({ length: data.length }, (_, i) => (data.getValid(i) ? data.values[i] : null)));
  });
  return Array.from({ length: table.numRows }, (_, i) => read.map((column) => plain(column[i])));
}

export const readers = {
  duckdb: readWithDuckdb,
  hyparquet: readWithHyparquet,
  'parquet-wasm': readWithWasm,
};
