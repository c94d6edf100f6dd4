// --help of every command: it has a text and an example, names each option with a text, and its
// examples run as they are printed.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

import { answer, binary, cleanEnvironment, succeed } from "./cli.mjs";
import { emptyDatabase, onPostgres, sqliteOnly } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

// The parts of a help text by their headings; "" is what stands before the first.
function partsOf(help) {
  const parts = { "": [] };
  let part = "";
  for (const line of help.split("\n")) {
    const heading = /^(Example|Arguments|Options|Shared options|Commands):$/.exec(line);
    if (heading) {
      part = heading[1];
      parts[part] = [];
    } else if (line !== "") {
      parts[part].push(line);
    }
  }
  return parts;
}

// Every command, with those within it: [words, help].
async function helpOf(words) {
  const help = await succeed([...words, "--help"]);
  const inner = (partsOf(help).Commands ?? []).flatMap((line) =>
    /^ {2}([a-z-]+) /.exec(line)?.[1] ?? []);
  const all = [[words, help]];
  for (const name of inner) {
    all.push(...await helpOf([...words, name]));
  }
  return all;
}

const commands = await helpOf([]);

test("each command has a text and an example, and each option a text", () => {
  assert.ok(commands.length > 35, `${commands.length}`);
  for (const [words, help] of commands) {
    const { "": head, Example: examples, ...parts } = partsOf(help);
    const name = words.join(" ");
    assert.match(head[0], /^Usage: matricula/);
    assert.match(head[1], /\.$/, name);
    if (words.length > 0) {
      assert.ok(examples?.length > 0, `${name} has no example`);
    }
    for (const example of examples ?? []) {
      assert.ok(`${example.trim()} `.startsWith(`matricula ${name} `), example);
    }
    for (const lines of [parts.Arguments, parts.Options, parts["Shared options"]]) {
      // A long name has its text in the next line.
      for (const option of (lines ?? []).join("\n").split(/\n(?= {2}\S)/).filter(Boolean)) {
        assert.match(option, /^ {2}\S.*(  |\n {30})\S/, `${name}: ${option}`);
      }
    }
  }
});

// What the examples work on.
async function prepare(t) {
  const cwd = makeDirectory(t);
  await succeed(["generate", "--out", "data", "--learners", "40", "--companies", "1", "--quiet"],
                { cwd });
  const path = join(cwd, "data", "companies.ndjson");
  const company = { ...JSON.parse(readFileSync(path, "utf8")), slug: "acme" };
  writeFileSync(path, `${JSON.stringify(company)}\n`);
  writeFileSync(join(cwd, "users.ndjson.gz"),
                gzipSync(readFileSync(join(cwd, "data", "users.ndjson"))));
  writeFileSync(join(cwd, "all.ndjson"),
                '{"_table":"companies","_sequence":1,"id":"initech","slug":"initech","name":"Initech"}\n');
  writeFileSync(join(cwd, "changes.ndjson"),
                `${JSON.stringify({ _table: "companies", _sequence: 1, ...company })}\n`);
  writeFileSync(join(cwd, "password.txt"), "a long password\n");
  await succeed(["import", "data", "--quiet"], { cwd });
  const ids = {};
  for (const kind of ["credential", "token"]) {
    ids[kind] = (await answer([kind, "create", "--company", "acme"], { cwd })).id;
  }
  mkdirSync(join(cwd, "bin"));
  symlinkSync(binary, join(cwd, "bin", "matricula"));
  const owner = onPostgres ? await emptyDatabase() : "";
  return { cwd, ids, env: cleanEnvironment({ PATH: `${join(cwd, "bin")}:${process.env.PATH}`,
                                             OWNER: owner,
                                             MATRICULA_RATE_LIMIT: "0" }) };
}

// Runs until it listens.
function serveOnce(line, options) {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", `exec ${line}`], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (text) => errors += text);
    createInterface({ input: child.stdout }).on("line", (text) => {
      if (text.startsWith("listening on")) {
        child.kill();
      }
    });
    child.on("close", (status) => status === 0 ? resolve() : reject(new Error(`${line}: ${errors}`)));
  });
}

// Both stores meet the same command line: PostgreSQL has to say something to its own alone.
const skip = (line) => line.includes("$OWNER") !== onPostgres;

test("the examples run as they are printed", async (t) => {
  const { cwd, ids, env } = await prepare(t);
  const options = { cwd, env };
  for (const [words, help] of commands) {
    for (const printed of (partsOf(help).Example ?? []).map((line) => line.trim())) {
      if (skip(printed)) {
        continue;
      }
      // What stands for something of the reader's own.
      const line = printed.replace(/\bID\b/, ids[words[0]] ?? "ID").replace("/backups/", "")
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("--out data", `--out made-${words.join("-")}`);
      const run = words[0] === "serve"
        ? () => serveOnce(line.includes("--listen") ? line : `${line} --listen 127.0.0.1:0`, options)
        : () => execFileSync("sh", ["-c", line], { ...options, stdio: ["pipe", "pipe", "pipe"],
                                                   input: "a long password\n" });
      // A terminal would ask for the password, which is tested with one.
      if (line.startsWith("matricula user add")) {
        execFileSync("sh", ["-c", `${line} --password-stdin`],
                     { ...options, input: "a long password\n", stdio: ["pipe", "pipe", "pipe"] });
      } else {
        await run();
      }
    }
  }
});
