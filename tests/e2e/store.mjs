// The stores that tests work on: SQLite files, or databases of a PostgreSQL server of this process
// where MATRICULA_E2E_STORE is `postgres`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { runProgram, succeed } from "./cli.mjs";
import { makeDirectory } from "./workdir.mjs";

export const onPostgres = process.env.MATRICULA_E2E_STORE === "postgres";

// For the `skip` of a test that PostgreSQL has nothing to say to; `reason` says why.
export function sqliteOnly(reason) {
  return onPostgres && reason;
}

// A server that ends with this process, whose end closes its input.
class Cluster {
  constructor() {
    const program = process.env.MATRICULA_E2E_CLUSTER ??
      fileURLToPath(new URL("../../build/dev/tests/e2e/postgres_cluster", import.meta.url));
    this.child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.child.stdout });
    this.child.unref();
    this.child.stdin.unref();
    this.child.stdout.unref();
  }

  // The address of a new database, one call at a time.
  async database() {
    this.child.stdout.ref();
    this.child.stdin.write("\n");
    const [line] = await Promise.race([once(this.lines, "line"), once(this.lines, "close")]);
    this.child.stdout.unref();
    if (!line) {
      throw new Error("The PostgreSQL server of the tests does not run.");
    }
    return line;
  }
}

// Triggers by which a write fails that changes a table without the lock that its writers take
// turns by (kRecordsLock and kAccessLock of storage/postgres/limits.h). Requests are counted and
// writes are marked without either.
const accessTables = ["store_keys", "user_passwords", "user_roles", "sessions",
  "client_credentials", "credential_companies", "credential_secrets", "api_tokens", "token_scopes",
  "token_scope_actions", "token_use_days", "company_use_days", "company_endpoint_days",
  "limit_overrides", "audit_log", "audit_companies"];
const lockGuard = `
CREATE FUNCTION held_by_writer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
      AND granted AND mode = 'ExclusiveLock' AND classid::bigint = x'4d747263'::bigint
      AND objid::bigint = TG_ARGV[0]::bigint) THEN
    RAISE EXCEPTION '% is written without its lock', TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
SELECT format('CREATE TRIGGER held_by_writer BEFORE INSERT OR UPDATE OR DELETE ON %I '
              'EXECUTE FUNCTION held_by_writer(%s)', relname,
              CASE WHEN relname IN ('${accessTables.join("', '")}') THEN 4 ELSE 3 END)
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN
    ('schema_migrations', 'store_state', 'store_commits', 'request_windows', 'limit_clock')
\\gexec
`;

async function guardLocks(store) {
  const child = spawn("psql", ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", store],
                      { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(lockGuard);
  const [status] = await once(child, "close");
  if (status !== 0) {
    throw new Error("The triggers that watch the writers' locks cannot be made.");
  }
}

let cluster;
let waiting = Promise.resolve();
const keyFiles = new Map();

// The address of a new database of PostgreSQL, in which there is no store yet; the key file of one is
// for `directory`, where that is given.
export async function emptyDatabase(directory) {
  cluster ??= new Cluster();
  waiting = waiting.then(() => cluster.database());
  const store = await waiting;
  if (directory) {
    keyFiles.set(store, join(directory, "keys"));
  }
  return store;
}

// A new store, empty, with its key file in `directory`; gives what --store takes.
export async function newStore(directory) {
  if (!onPostgres) {
    return `sqlite:${join(directory, "matricula.db")}`;
  }
  const store = await emptyDatabase(directory);
  await succeed(["migrate", "--store", store, "--app-role", "matricula_app", "--quiet"]);
  await guardLocks(store);
  return store;
}

// The key file of a store of newStore(), or of emptyDatabase() with a directory.
export function keyFileOf(store) {
  return keyFiles.get(store) ?? `${store.replace("sqlite:", "")}-keys`;
}

// The environment in which commands work on such a store.
export function settingsOf(store) {
  return onPostgres ? { MATRICULA_KEY_FILE: keyFileOf(store) } : {};
}

// What `serve` takes as --store: on PostgreSQL it is another role than the owner's.
export function servedAs(store) {
  return store.replace("//matricula_owner@", "//matricula_app@");
}

// A new directory in which commands work on a new store of their own without being told.
export async function makeStoreDirectory(t) {
  const directory = makeDirectory(t);
  if (onPostgres) {
    const store = await newStore(directory);
    writeFileSync(join(directory, "matricula.toml"),
                  `store = "${store}"\nkey-file = "${keyFileOf(store)}"\n`);
  }
  return directory;
}

// Where the server of this process keeps its files.
export function clusterDirectory(store) {
  return new URLSearchParams(store.split("?")[1]).get("host");
}

// What takes the lock of all writers, says so, and keeps it until its input ends.
const holdSqlite = `
import fcntl, struct, sys
lock = open(sys.argv[1], "r+b")
fcntl.fcntl(lock, fcntl.F_OFD_SETLKW, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
print("held", flush=True)
sys.stdin.read()
`;
const holdPostgres = (lock) =>
  `BEGIN; SELECT 'held' FROM (SELECT pg_advisory_xact_lock(x'${lock}'::bigint)) locked;\n`;
// Of storage/postgres/limits.h: every writer shares the first, writers of records have the second.
const writerLock = "4d74726300000001";
const recordsLock = "4d74726300000003";
const accessLock = "4d74726300000004";

const runSqlite = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for row in connection.execute(sys.argv[2]):
    print(*row)
`;

// Runs a statement as an operator might, holding the lock of writers of access data; gives the rows.
export async function runSql(store, sql) {
  const done = onPostgres
    ? await runProgram("psql", ["--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1",
      "--single-transaction", "-c", `SELECT pg_advisory_xact_lock(x'${accessLock}'::bigint)`,
      "-c", sql, store])
    : await runProgram("python3", ["-c", runSqlite, store.replace("sqlite:", ""), sql]);
  if (done.status !== 0) {
    throw new Error(done.stderr);
  }
  return done.stdout;
}

// Holds up everyone who writes to the store; resolves to a function that ends it.
export function holdWriters(store) {
  if (onPostgres) {
    return holdLock(store, writerLock);
  }
  const lockFile = `${store.replace("sqlite:", "")}-lock`;
  return held(spawn("python3", ["-c", holdSqlite, lockFile],
                    { stdio: ["pipe", "pipe", "inherit"] }));
}

// On PostgreSQL: holds up everyone who writes records, as an import does.
export function holdRecords(store) {
  return holdLock(store, recordsLock);
}

// On PostgreSQL: holds up everyone who reads or writes the table.
export function holdTable(store, table) {
  return holdBy(store, `BEGIN; LOCK TABLE ${table}; SELECT 'held';\n`);
}

function holdLock(store, lock) {
  return holdBy(store, holdPostgres(lock));
}

function holdBy(store, statements) {
  const child = spawn("psql", ["--no-psqlrc", "--tuples-only", store],
                      { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.write(statements);
  return held(child);
}

async function held(child) {
  const ended = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes("held")) {
      break;
    }
  }
  return () => {
    child.stdin.end();
    return ended;
  };
}
