// A follower of the feed that applies changes while imports, deletes and renames happen, and while
// servers are killed, has the tables of `export` at each quiet point. On PostgreSQL three nodes
// serve the store, and each page comes from any of them.
//
// FOLLOWER_OPERATIONS sets how many records are written (2,000 by default), FOLLOWER_SEED which.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ask, Copy, follow, lines } from "./data_api.mjs";
import { below, companies, makeCompanies, makeWrite, recordsPerWrite, tables } from "./data_world.mjs";
import { startServer } from "./server.mjs";
import { onPostgres } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const operations = Number(process.env.FOLLOWER_OPERATIONS ?? 2_000);
const quietEvery = 5;
const nodes = onPostgres ? 3 : 1;

const directory = makeDirectory({ after });

test("a follower has what export writes at each quiet point", async (t) => {
  const data = makeCompanies(directory);
  const servers = [await startServer(t, { data })];
  const [{ store }] = servers;
  while (servers.length < nodes) {
    servers.push(await startServer(t, { store }));
  }
  const any = () => servers[Math.floor(Math.random() * nodes)];
  const [server] = servers;
  const keys = Object.fromEntries(
    JSON.parse((await ask(`${server.url}/data/v1/tables`, {
      headers: { Authorization: `Token ${await server.token(companies[0])}` },
    })).text).tables.map(({ name, key }) => [name, key]));
  const followers = [];
  for (const company of companies) {
    followers.push({ company, headers: { Authorization: `Token ${await server.token(company)}` },
                     copy: new Copy(keys), target: "/data/v1/changes?limit=37" });
  }
  const catchUp = (follower) =>
    follow(any, follower.headers, follower.target, (page) => {
      page.forEach((line) => follower.copy.apply(line));
    }).then((target) => {
      follower.target = target;
    });

  const rounds = Math.ceil(operations / recordsPerWrite / quietEvery);
  for (let round = 0; round < rounds; ++round) {
    let isWriting = true;
    const following = Promise.all(followers.map(async (follower) => {
      while (isWriting) {
        await catchUp(follower).catch((error) => {
          // A server that is being killed; the follower goes on from where it was.
          if (error.page) {
            throw error;
          }
        });
      }
    }));
    for (let i = 0; i < quietEvery; ++i) {
      const path = makeWrite(directory, keys);
      const importing = server.cli(["import", path, "--skip-invalid", "--quiet"]);
      if (below(4) === 0) {
        const killed = below(nodes);
        await servers[killed].stop("SIGKILL");
        servers[killed] = await startServer(t, { store });
      }
      const { status, stderr } = await importing;
      assert.ok(status === 0 || status === 3, stderr);
      rmSync(path, { recursive: true });
    }
    isWriting = false;
    await following;
    for (const follower of followers) {
      await catchUp(follower);
      const out = join(directory, `export-${round}-${follower.company}`);
      mkdirSync(out);
      await server.command(["export", out, "--company", follower.company, "--quiet"]);
      for (const table of tables) {
        const rows = lines(readFileSync(join(out, `${table}.ndjson`), "utf8"))
          .map((row) => JSON.stringify(row)).sort();
        assert.deepEqual(follower.copy.of(table), rows,
                         `${table} of ${follower.company} after round ${round}`);
      }
      rmSync(out, { recursive: true });
    }
  }
  assert.ok(followers.every(({ copy }) => copy.rows.size > 20));
});
