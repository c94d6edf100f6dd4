// What the tests of the data API share.

import assert from "node:assert/strict";
import { request } from "node:http";

// One request as it stands, without what fetch() adds: {status, headers, bytes, text}.
export function ask(url, { method = "GET", headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: response.statusCode, headers: response.headers, bytes,
                  text: bytes.toString() });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

export function basic(id, secret) {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

// The one error of a refusal: {status, code, message} and what else its extensions have.
export function errorOf(answer) {
  const { errors, ...rest } = JSON.parse(answer.text);
  assert.deepEqual(rest, {});
  assert.equal(errors.length, 1);
  const [{ message, extensions }] = errors;
  return { status: answer.status, message, ...extensions };
}

// NDJSON as objects.
export function lines(text) {
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

// The path and query of the `next` link.
export function nextOf(answer) {
  const match = /^<([^>]+)>; rel="next"$/.exec(answer.headers.link);
  if (!match) {
    throw new Error(`No next link: ${answer.headers.link}`);
  }
  return match[1];
}

// A company's tables as a follower keeps them: by table and key, the row as JSON.
export class Copy {
  rows = new Map();
  numbers = new Map();

  constructor(keys) {
    this.keys = keys;
  }

  keyOf(table, row) {
    return JSON.stringify([table, ...this.keys[table].map((name) => row[name])]);
  }

  apply(line) {
    const { _table, _sequence, _changedAt, _delete, ...row } = line;
    const key = this.keyOf(_table, row);
    const content = JSON.stringify([key, _delete ?? false, row]);
    if (this.numbers.has(_sequence) && this.numbers.get(_sequence) !== content) {
      throw new Error(`Number ${_sequence} was met twice with different content:\n` +
                      `${this.numbers.get(_sequence)}\n${content}`);
    }
    this.numbers.set(_sequence, content);
    if (_delete) {
      this.rows.delete(key);
    } else {
      this.rows.set(key, JSON.stringify(row));
    }
  }

  // The rows of a table, sorted, for comparing.
  of(table) {
    const start = `["${table}"`;
    return [...this.rows].filter(([key]) => key.startsWith(start)).map(([, row]) => row).sort();
  }
}

// Follows the feed from `target` to its end, handing each page on; gives the link that goes on.
// `server` is one, or a function that gives the one to ask next.
export async function follow(server, headers, target, onPage) {
  for (;;) {
    const { url } = typeof server === "function" ? server() : server;
    const page = await ask(url + target, { headers });
    if (page.status !== 200) {
      throw Object.assign(new Error(`${page.status}: ${page.text}`), { page });
    }
    onPage(lines(page.text), page);
    target = nextOf(page);
    if (page.headers["matricula-has-more"] === "false") {
      return target;
    }
  }
}
