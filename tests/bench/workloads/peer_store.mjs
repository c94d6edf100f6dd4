import { rmSync } from "node:fs";

// The store as the peer would have it: a search index over people that its database brings. Of a
// SQLite file that is in a copy of its own; gives what the peer is to open.
export async function preparePeer(address) {
  if (address.startsWith("postgresql://")) {
    const { default: pg } = await import("pg");
    const client = new pg.Client(connectionOf(address));
    await client.connect();
    await client.query(`CREATE EXTENSION IF NOT EXISTS pg_trgm;
      CREATE INDEX IF NOT EXISTS peer_search ON users USING gin (search gin_trgm_ops)`);
    await client.query("VACUUM (ANALYZE)");
    await client.end();
    return address;
  }
  const { default: Database } = await import("better-sqlite3");
  const copy = `${address}.peer`;
  rmSync(copy, { force: true });
  const store = new Database(address, { readonly: true });
  store.prepare("VACUUM INTO ?").run(copy);
  store.close();
  const database = new Database(copy);
  database.exec(`CREATE VIRTUAL TABLE peer_search USING fts5(search, content = 'users',
      content_rowid = 'number', tokenize = 'trigram case_sensitive 1');
    INSERT INTO peer_search(peer_search) VALUES ('rebuild'); ANALYZE`);
  database.close();
  return copy;
}

// The two stores behind one call: all(sql, values) gives rows as arrays, from SQLite at once and
// from PostgreSQL as a promise. Statements are prepared once. Parameters are written `?`.

async function openSqlite(file) {
  const { default: Database } = await import("better-sqlite3");
  const database = new Database(file, { readonly: true });
  database.pragma("mmap_size = 2147418112");
  database.pragma("cache_size = -65536");
  const statements = new Map();
  return {
    isPostgres: false,
    all(sql, values) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = database.prepare(sql).raw();
        statements.set(sql, statement);
      }
      return statement.all(...values);
    },
  };
}

// What `pg` takes in place of postgresql://USER@HOST/DATABASE?host=DIRECTORY.
export function connectionOf(address) {
  const url = new URL(address.replace("@/", "@localhost/"));
  return {
    host: url.searchParams.get("host") ?? url.hostname,
    port: Number(url.port || 5432),
    user: url.username,
    password: url.password || undefined,
    database: url.pathname.slice(1),
  };
}

async function openPostgres(url) {
  const { default: pg } = await import("pg");
  // Times and counts are whole numbers below 2 ** 53.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool(connectionOf(url));
  const statements = new Map();
  return {
    isPostgres: true,
    async all(sql, values) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        let place = 0;
        statement = { name: `s${statements.size}`, rowMode: "array",
          text: sql.replaceAll("?", () => `$${++place}`) };
        statements.set(sql, statement);
      }
      return (await pool.query({ ...statement, values })).rows;
    },
  };
}

export function openStore(address) {
  return address.startsWith("postgresql://") ? openPostgres(address) : openSqlite(address);
}

// What `work` makes of rows, whether they are there or are to come.
export function then(rows, work) {
  return rows instanceof Promise ? rows.then(work) : work(rows);
}
