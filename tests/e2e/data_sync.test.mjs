// The documentation's own program, sync.py, keeps a copy right under random changes of everything,
// and recovers by itself from each position that the server no longer knows.
//
// FOLLOWER_OPERATIONS sets how many records are written (500 by default), FOLLOWER_SEED which.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { matricula, runProgram } from "./cli.mjs";
import { ask } from "./data_api.mjs";
import { companies, makeCompanies, makeWrite, recordsPerWrite } from "./data_world.mjs";
import { startServer } from "./server.mjs";
import { keyFileOf, newStore, onPostgres, settingsOf } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const operations = Number(process.env.FOLLOWER_OPERATIONS ?? 500);
const program = fileURLToPath(new URL("../../web/docs/examples/sync.py", import.meta.url));
const directory = makeDirectory({ after });
const [company] = companies;
const data = makeCompanies(directory);

// Compares a copy, its view included, with what export wrote; prints what differs.
const comparison = `
import json, sqlite3, sys
copy, out = sqlite3.connect(sys.argv[1]), sys.argv[2]
copy.row_factory = sqlite3.Row
def text(value):
    return json.dumps(value) if isinstance(value, (list, dict)) else value
def rows(lines):
    return sorted(json.dumps({k: text(v) for k, v in line.items() if v is not None}, sort_keys=True) for line in lines)
for table, shown in [("users", "users"), ("programs", "programs"), ("program_progress", "progress")]:
    with open(f"{out}/{table}.ndjson") as file:
        wanted = rows(json.loads(line, parse_float=float) for line in file)
    found = rows(dict(row) for row in copy.execute(f"SELECT * FROM {shown}"))
    booleans = [line.replace("true", "1").replace("false", "0") for line in wanted]
    if booleans != found:
        print(shown, "lacks", sorted(set(booleans) - set(found))[:3], "has", sorted(set(found) - set(booleans))[:3])
    print(shown, len(found))
`;

// A copy that sync.py keeps.
class Synchronised {
  constructor(name) {
    this.file = join(directory, `${name}.db`);
  }

  async start(server) {
    this.server = server;
    this.credential = await server.command(
      ["credential", "create", "--company", company, "--description", "sync"]);
  }

  // Runs the program once; gives the reason that it printed for starting again.
  async run() {
    const { clientId, clientSecret } = this.credential;
    const done = await runProgram("python3", [program, this.file], {
      env: { MATRICULA: this.server.url, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret },
    });
    assert.equal(done.status, 0, done.stderr);
    return done.stderr;
  }

  // The copy is what the store is now; gives how many rows of progress it has.
  async assertRight(when) {
    const out = join(directory, "export");
    mkdirSync(out);
    await this.server.command(["export", out, "--company", company, "--flat", "--quiet"]);
    const compared = await runProgram("python3", ["-c", comparison, this.file, out]);
    rmSync(out, { recursive: true });
    assert.equal(compared.status, 0, compared.stderr);
    assert.match(compared.stdout, /^users \d+\nprograms \d+\nprogress \d+\n$/, when);
    return Number(/progress (\d+)/.exec(compared.stdout)[1]);
  }
}

async function keysOf(server) {
  const { text } = await ask(`${server.url}/data/v1/tables`, {
    headers: { Authorization: `Token ${await server.token(company)}` },
  });
  return Object.fromEntries(JSON.parse(text).tables.map(({ name, key }) => [name, key]));
}

async function write(server, keys) {
  const path = makeWrite(directory, keys);
  const { status, stderr } = await server.cli(["import", path, "--skip-invalid", "--quiet"]);
  rmSync(path, { recursive: true });
  assert.ok(status === 0 || status === 3, stderr);
}

test("sync.py keeps its copy right under random changes of everything", async (t) => {
  const server = await startServer(t, { data });
  const keys = await keysOf(server);
  const copy = new Synchronised("random");
  await copy.start(server);
  let rows = 0;
  for (let round = 0; round < operations / recordsPerWrite; ++round) {
    // Each second run reads while the store is written.
    const running = round % 2 === 0 ? undefined : copy.run();
    await write(server, keys);
    await running;
    assert.equal(await copy.run(), "");
    rows = await copy.assertRight(`after round ${round}`);
  }
  assert.ok(rows > 20, `${rows}`);
});

test("sync.py recovers where the sequence is another, or behind its position", async (t) => {
  const server = await startServer(t, { data });
  const keys = await keysOf(server);
  const copy = new Synchronised("reset");
  await copy.start(server);
  await write(server, keys);
  await copy.run();
  // Another store with another history in place of the first.
  const place = makeDirectory(t);
  const store = await newStore(place);
  const moved = onPostgres
    ? await matricula(["copy", "--from", server.store, "--to", store, "--quiet"],
                      { cwd: place, env: settingsOf(server.store) })
    : await replaced(server, place, store);
  assert.equal(moved.status, 0, moved.stderr);
  copyFileSync(server.keyFile, keyFileOf(store));
  const other = await startServer(t, { store, cwd: place });
  await write(other, keys);
  copy.server = other;
  assert.match(await copy.run(), /Read the tables again/);
  await copy.assertRight("in another sequence");
  assert.equal(await copy.run(), "");

  // A position beyond the last number, as of a store that lost its newest writes.
  await write(other, keys);
  const ahead = await runProgram("python3", ["-c", `
import re, sqlite3, sys
copy = sqlite3.connect(sys.argv[1])
next = copy.execute("SELECT next FROM position").fetchone()[0]
copy.execute("UPDATE position SET next = ?", [re.sub(r"after=\\d+", "after=1000000", next)])
copy.commit()
assert "after=1000000" in copy.execute("SELECT next FROM position").fetchone()[0]
`, copy.file]);
  assert.equal(ahead.status, 0, ahead.stderr);
  assert.match(await copy.run(), /Read the tables again/);
  await copy.assertRight("of a sequence that was ahead");
});

async function replaced(server, place, store) {
  const backup = join(place, "backup.db");
  await server.command(["backup", backup, "--quiet"]);
  return matricula(["restore", backup, "--store", store, "--quiet"],
                   { cwd: place, env: settingsOf(store) });
}

test("sync.py recovers where deletes that it has not seen are forgotten", async (t) => {
  const server = await startServer(t, { data, args: ["--tombstones-days", "0"] });
  const keys = await keysOf(server);
  const copy = new Synchronised("expired");
  await copy.start(server);
  await write(server, keys);
  await copy.run();
  const headers = { Authorization: `Token ${await server.token(company)}` };
  const get = (path) => ask(`${server.url}/data/v1/${path}`, { headers });
  const position = JSON.parse((await get("tables")).text).sequence;
  // So many that some of them delete.
  for (let i = 0; i < 5; ++i) {
    await write(server, keys);
  }
  assert.equal((await get(`changes?after=${position}`)).status, 410);
  assert.match(await copy.run(), /Read the tables again/);
  await copy.assertRight("after deletes were forgotten");
  assert.equal(await copy.run(), "");
});
