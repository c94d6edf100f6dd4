// The feed of changes: pages, deletes, positions that are lost, waiting, companies apart.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { succeed } from "./cli.mjs";
import { ask as send, Copy, errorOf, follow, lines, nextOf } from "./data_api.mjs";
import { RawConnection, requestText } from "./raw.mjs";
import { startServer } from "./server.mjs";
import { emptyDatabase, keyFileOf, newStore, onPostgres, settingsOf } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const hooks = { after };
const directory = makeDirectory(hooks);
const data = join(directory, "data");
await succeed(["generate", "--out", data, "--seed", "5", "--learners", "500", "--companies", "2",
  "--as-of", "2026-01-31T00:00:00Z", "--quiet"]);
const server = await startServer(hooks, { data });
const [ours, theirs] = lines(readFileSync(join(data, "companies.ndjson"), "utf8"))
  .map(({ id }) => id);
const token = await server.token(ours);
const Authorization = `Token ${token}`;
const tables = JSON.parse((await ask("tables")).text).tables;
const keys = Object.fromEntries(tables.map(({ name, key }) => [name, key]));

function ask(path, options = {}) {
  return send(`${server.url}/data/v1/${path}`,
              { ...options, headers: { Authorization, ...options.headers } });
}

let files = 0;
async function imported(name, ...records) {
  const path = join(directory, `change-${++files}`, `${name}.ndjson`);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const done = await server.cli(["import", path, "--quiet"]);
  assert.equal(done.status, 0, done.stderr);
}

async function last() {
  return JSON.parse((await ask("tables")).text).sequence;
}

// Until so many requests wait for changes at a server.
async function untilWaiting({ url }, count) {
  for (let i = 0; i < 500; ++i) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (Number(/^matricula_changes_waiting (\d+)$/m.exec(metrics)[1]) === count) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`${count} requests did not wait`);
}

function plan(title) {
  return { id: "feed-plan", companyId: ours, title, key: "feed", slug: "feed", steps: [] };
}

test("a first load by pages gives each row once and ends at the files' state", async () => {
  const copy = new Copy(keys);
  const numbers = [];
  let pages = 0;
  await follow(server, { Authorization }, "/data/v1/changes?limit=700", (page, answer) => {
    assert.ok(page.length <= 700);
    assert.equal(answer.headers["content-type"], "application/x-ndjson");
    page.forEach((line) => {
      numbers.push(line._sequence);
      assert.match(line._changedAt, /^\d{4}-.*Z$/);
      copy.apply(line);
    });
    ++pages;
  });
  assert.ok(pages > 2);
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  assert.equal(new Set(numbers).size, numbers.length);
  for (const { name, rows } of tables) {
    const content = lines((await ask(`tables/${name}.ndjson`)).text);
    assert.equal(content.length, rows);
    assert.deepEqual(copy.of(name), content.map((row) => JSON.stringify(row)).sort(), name);
  }
});

test("a page says how to go on, also when it is empty", async () => {
  const first = await ask("changes?limit=10&tables=users,companies");
  const page = lines(first.text);
  assert.equal(page.length, 10);
  assert.equal(first.headers["matricula-has-more"], "true");
  assert.equal(first.headers["matricula-next-sequence"], String(page.at(-1)._sequence));
  const { epoch, sequence } = JSON.parse((await ask("tables")).text);
  assert.equal(first.headers["matricula-epoch"], epoch);
  const next = new URL(nextOf(first), server.url);
  assert.equal(next.pathname, "/data/v1/changes");
  assert.deepEqual(Object.fromEntries(next.searchParams), {
    after: String(page.at(-1)._sequence), began: String(sequence), limit: "10",
    tables: "users,companies", epoch,
  });
  const end = await ask(`changes?after=${sequence}`);
  assert.equal(end.status, 200);
  assert.equal(end.text, "");
  assert.equal(end.headers["matricula-has-more"], "false");
  assert.equal(end.headers["matricula-next-sequence"], String(sequence));
  assert.equal(new URL(nextOf(end), server.url).searchParams.get("after"), String(sequence));
  const wide = await ask("changes?limit=100000", { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(wide.headers["content-encoding"], "gzip");
  const head = await ask("changes?limit=10", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.bytes.length, 0);
  assert.equal(head.headers["matricula-has-more"], "true");
});

test("a write is one line for each row that it changed, and none for one that it did not", async () => {
  const before = await last();
  await imported("learning_plans", plan("First"));
  const [added, ...more] = lines((await ask(`changes?after=${before}`)).text);
  assert.deepEqual(more, []);
  assert.equal(added._table, "learning_plans");
  assert.equal(added._sequence, before + 1);
  assert.equal(added.title, "First");
  await imported("learning_plans", plan("First"));
  assert.equal(await last(), before + 1);
  await imported("learning_plans", plan("Second"), plan("Third"));
  const changed = lines((await ask(`changes?after=${before}`)).text);
  assert.equal(changed.length, 1);
  assert.equal(changed[0].title, "Third");
  assert.equal(changed[0]._sequence, before + 2);
  await imported("learning_plans", { _delete: true, id: "feed-plan" });
  const gone = lines((await ask(`changes?after=${before}`)).text);
  assert.equal(gone.length, 1);
  const { _sequence, _changedAt, ...rest } = gone[0];
  assert.ok(_sequence > before + 2 && _changedAt);
  assert.deepEqual(rest, { _table: "learning_plans", id: "feed-plan", _delete: true });
  assert.equal(lines((await ask("changes?limit=100000")).text).some((line) => line._delete), false);
});

test("what a company stops covering is deleted from its tables", async () => {
  const program = { key: "feed-program", version: 1, locale: "en-us", type: "COURSE",
    title: "Feed", summary: "", syllabusUrl: "", imageUrl: "", redirectUrl: "", duration: "P1D",
    modifiedDate: "2025-01-01T00:00:00Z", skillNames: [] };
  await imported("programs", program);
  const before = await last();
  await imported("contracts", { id: "feed-contract", companyId: ours, name: "Feed" });
  await imported("contract_programs", { contractId: "feed-contract", programKey: program.key,
    launchUrl: "https://example.com/" });
  const covered = lines((await ask(`changes?after=${before}`)).text);
  assert.deepEqual(covered.map(({ _table }) => _table).sort(),
                   ["contract_programs", "contracts", "programs"]);
  const between = await last();
  await imported("contract_programs", { _delete: true, contractId: "feed-contract",
    programKey: program.key });
  const gone = lines((await ask(`changes?after=${between}`)).text);
  assert.deepEqual(gone.map(({ _table, _delete }) => [_table, _delete]).sort(),
                   [["contract_programs", true], ["programs", true]]);
  const rows = lines((await ask("tables/programs.ndjson")).text);
  assert.ok(!rows.some(({ key }) => key === program.key));
});

test("only the tables that were asked for are in a page", async () => {
  const page = lines((await ask("changes?tables=contracts,programs&limit=100000")).text);
  assert.deepEqual([...new Set(page.map(({ _table }) => _table))].sort(), ["contracts", "programs"]);
  const unknown = errorOf(await ask("changes?tables=contracts,people"));
  assert.equal(unknown.status, 404);
  assert.match(unknown.message, /"people"; there are companies, contracts/);
  assert.equal(errorOf(await ask("changes?tables=")).status, 404);
});

test("numbers out of bounds are refused with the bounds", async () => {
  const cases = {
    "after=x": "after must be an integer from 0 to 9223372036854775807; \"x\" was given.",
    "after=-1": "after must be an integer from 0 to 9223372036854775807; \"-1\" was given.",
    "after=1.5": "after must be an integer from 0 to 9223372036854775807; \"1.5\" was given.",
    "after=": "after must be an integer from 0 to 9223372036854775807; \"\" was given.",
    "limit=0": "limit must be an integer from 1 to 100000; \"0\" was given.",
    "limit=100001": "limit must be an integer from 1 to 100000; \"100001\" was given.",
    "wait=61": "wait must be an integer from 0 to 60; \"61\" was given.",
    "wait=-1": "wait must be an integer from 0 to 60; \"-1\" was given.",
  };
  for (const [query, message] of Object.entries(cases)) {
    assert.deepEqual(errorOf(await ask(`changes?${query}`)),
                     { status: 400, code: "BAD_USER_INPUT", message });
  }
  assert.equal(errorOf(await ask("changes?after=1&after=2")).status, 400);
  assert.equal(errorOf(await ask("changes?since=1")).status, 400);
  assert.equal((await ask("changes?limit=100000&after=0&wait=60")).status, 200);
});

test("a position of another sequence is told to read the tables again", async () => {
  const { epoch, sequence } = JSON.parse((await ask("tables")).text);
  for (const query of [`after=${sequence + 1}`, `after=0&epoch=${epoch}x`, "after=1&epoch="]) {
    const lost = errorOf(await ask(`changes?${query}`));
    assert.equal(lost.status, 410);
    assert.equal(lost.code, "CHANGES_RESET");
    assert.match(lost.message, /Read the tables again/);
  }
  assert.equal((await ask(`changes?after=${sequence}&epoch=${epoch}`)).status, 200);
});

test("positions expire with what is remembered of deletes, first loads do not", async (t) => {
  const forgetful = await startServer(t, { data, args: ["--tombstones-days", "0"] });
  const bearer = { Authorization: `Token ${await forgetful.token(ours)}` };
  const get = (path) => send(`${forgetful.url}/data/v1/${path}`, { headers: bearer });
  const path = join(directory, "learning_plans.ndjson");
  const write = async (...records) => {
    writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    await forgetful.command(["import", path, "--quiet"]);
  };
  await write(plan("A"), { ...plan("B"), id: "feed-plan-2", key: "f2", slug: "f2" });
  await write({ _delete: true, id: "feed-plan" });
  await write({ _delete: true, id: "feed-plan-2" });
  const { sequence } = JSON.parse((await get("tables")).text);
  // Whether they are swept yet or not.
  const { oldest, ...said } = errorOf(await get("changes?after=1"));
  assert.equal(said.code, "CHANGES_EXPIRED");
  assert.match(said.message, /Read the tables again/);
  assert.equal(oldest, sequence);
  assert.equal((await get(`changes?after=${oldest}`)).status, 200);
  assert.equal((await get(`changes?after=${oldest - 1}`)).status, 410);
  let count = 0;
  await follow(forgetful, bearer, "/data/v1/changes?limit=300", (page) => {
    count += page.length;
  });
  const { tables: now } = JSON.parse((await get("tables")).text);
  assert.equal(count, now.reduce((sum, { rows }) => sum + rows, 0));
  // A server that starts sweeps at once: then one that would keep deletes has none either.
  const { store, cwd } = forgetful;
  await startServer(t, { store, cwd, args: ["--tombstones-days", "0"] });
  const keeping = await startServer(t, { store, cwd });
  let status = 200;
  for (let i = 0; i < 50 && status === 200; ++i) {
    ({ status } = await send(`${keeping.url}/data/v1/changes?after=1`, { headers: bearer }));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.equal(status, 410);
  // One more delete, behind those that are swept.
  await write(plan("C"));
  await write({ _delete: true, id: "feed-plan" });
  const lost = errorOf(await get("changes?after=1"));
  assert.equal(lost.oldest, sequence + 2);
  assert.equal((await get(`changes?after=${lost.oldest}`)).status, 200);
});

test("a wait ends with the first change in its tables, or with its time", async () => {
  const after_ = await last();
  const began = Date.now();
  const none = await ask(`changes?after=${after_}&wait=1`);
  assert.equal(none.status, 200);
  assert.equal(none.text, "");
  assert.ok(Date.now() - began >= 950, `${Date.now() - began} ms`);
  const waiting = ask(`changes?after=${after_}&wait=60`);
  const ofOthers = ask(`changes?after=${after_}&wait=4&tables=contracts`);
  await untilWaiting(server, 2);
  await imported("learning_plans", plan("Awaited"));
  const written = Date.now();
  const [line] = lines((await waiting).text);
  assert.equal(line.title, "Awaited");
  assert.ok(Date.now() - written < 2_000, `${Date.now() - written} ms`);
  const other = await ofOthers;
  assert.equal(other.text, "");
  assert.equal(other.headers["matricula-next-sequence"], String(after_ + 1));
  assert.equal(new URL(nextOf(other), server.url).searchParams.get("wait"), "4");
  await imported("learning_plans", { _delete: true, id: "feed-plan" });
});

test("a client that has finished sending waits like others", async (t) => {
  const after_ = await last();
  const waits = await Promise.all(["60", "1"].map(async (seconds) => {
    const connection = await RawConnection.open(t, server.port);
    connection.send(requestText("GET", `/data/v1/changes?after=${after_}&wait=${seconds}`,
      { Authorization }));
    connection.socket.end();
    return connection;
  }));
  // Longer than the server takes to see that.
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.deepEqual(waits.map(({ closed }) => closed), [false, false]);
  const none = await waits[1].response();
  assert.equal(none.status, 200);
  assert.equal(none.body, "");
  await imported("learning_plans", plan("Awaited"));
  const awaited = await waits[0].response();
  assert.equal(awaited.status, 200);
  assert.equal(JSON.parse(awaited.body).title, "Awaited");
  await imported("learning_plans", { _delete: true, id: "feed-plan" });
});

test("a wait ends unanswered where its caller may not read any more", async () => {
  const password = "correct horse battery staple";
  const email = "waiting@example.com";
  await server.cli(["user", "add", "--email", email, "--admin-of", ours, "--password-stdin"],
    { input: `${password}\n` });
  const made = await server.command(["token", "create", "--company", ours, "--description", "waits"]);
  const login = await fetch(`${server.url}/auth/login`, { method: "POST",
    headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email, password }) });
  const { token } = await login.json();
  const after_ = await last();
  const waits = [`Token ${made.token}`, `Bearer ${token}`, Authorization].map((authorization) =>
    ask(`changes?after=${after_}&wait=60`, { headers: { Authorization: authorization } }));
  await untilWaiting(server, 3);
  await server.command(["token", "revoke", made.id]);
  await server.command(["user", "set-roles", "--email", email]);
  await imported("learning_plans", plan("After that"));
  const answers = await Promise.all(waits);
  assert.deepEqual(answers.map(({ status }) => status), [401, 403, 200]);
  assert.doesNotMatch(answers[0].text + answers[1].text, /After that/);
  await imported("learning_plans", { _delete: true, id: "feed-plan" });
});

test("another company's change neither ends a wait nor takes a number", async () => {
  const after_ = await last();
  const waiting = ask(`changes?after=${after_}&wait=2`);
  await imported("learning_plans", { ...plan("Theirs"), id: "their-plan", companyId: theirs });
  const page = await waiting;
  assert.equal(page.text, "");
  assert.equal(page.headers["matricula-next-sequence"], String(after_));
  assert.equal(await last(), after_);
  const theirFeed = await ask("changes?limit=100000", {
    headers: { Authorization: `Token ${await server.token(theirs)}` },
  });
  const seen = lines(theirFeed.text);
  assert.ok(seen.some(({ id }) => id === "their-plan"));
  for (const line of seen) {
    assert.ok(line.companyId === undefined || line.companyId === theirs);
  }
});

test("a server that ends leaves no client waiting", async (t) => {
  const ending = await startServer(t, { store: server.store });
  const bearer = { Authorization: `Token ${await ending.token(ours)}` };
  const after_ = await last();
  const waiting = send(`${ending.url}/data/v1/changes?after=${after_}&wait=60`, { headers: bearer });
  await untilWaiting(ending, 1);
  const began = Date.now();
  const { status } = await ending.stop();
  assert.equal((await waiting).status, 200);
  assert.equal(status, 0);
  assert.ok(Date.now() - began < 5_000);
});

// A new store with what the server's backup has.
async function restoredStore(place) {
  const backup = join(place, "backup.db");
  if (onPostgres) {
    execFileSync("pg_dump", ["--enable-row-security", "--format=custom", "--file", backup, server.store]);
    const store = await emptyDatabase(place);
    execFileSync("pg_restore", ["--exit-on-error", "--dbname", store, backup]);
    return store;
  }
  await server.command(["backup", backup, "--quiet"]);
  const store = await newStore(place);
  await succeed(["restore", backup, "--store", store, "--quiet"], { cwd: place, env: settingsOf(store) });
  return store;
}

test("a restored store has another epoch", async (t) => {
  const place = makeDirectory(t);
  const store = await restoredStore(place);
  copyFileSync(server.keyFile, keyFileOf(store));
  const restored = await startServer(t, { store, cwd: place });
  const bearer = { Authorization: `Token ${await restored.token(ours)}` };
  const { epoch } = JSON.parse((await ask("tables")).text);
  const answer = await send(`${restored.url}/data/v1/changes?after=1&epoch=${epoch}`,
                            { headers: bearer });
  assert.equal(errorOf(answer).code, "CHANGES_RESET");
});

test("an operator gives a store another epoch, and the same commands without that do not", async () => {
  const epoch = async () => JSON.parse((await ask("tables")).text).epoch;
  const before = await epoch();
  await server.command(["migrate", "--quiet"]);
  await server.command(["check"]);
  assert.equal(await epoch(), before);
  await server.command(["migrate", "--new-epoch", "--quiet"]);
  assert.notEqual(await epoch(), before);
  const answer = await ask(`changes?after=1&epoch=${before}`);
  assert.equal(errorOf(answer).code, "CHANGES_RESET");
});
