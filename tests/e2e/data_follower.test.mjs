// A follower of the feed that applies changes while imports, deletes and renames happen, and while
// servers are killed, has the tables of `export` at each quiet point. On PostgreSQL three nodes
// serve the store, and each page comes from any of them.
//
// FOLLOWER_OPERATIONS sets how many records are written (2,000 by default), FOLLOWER_SEED which.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ask, Copy, follow, lines } from "./data_api.mjs";
import { startServer } from "./server.mjs";
import { onPostgres } from "./store.mjs";
import { makeDirectory } from "./workdir.mjs";

const operations = Number(process.env.FOLLOWER_OPERATIONS ?? 2_000);
const perWrite = 100;
const quietEvery = 5;
const nodes = onPostgres ? 3 : 1;

// Numbers that look random and are the same each time (SplitMix32).
function randomOf(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % bound;
  };
}

const below = randomOf(Number(process.env.FOLLOWER_SEED ?? 1));
const pick = (list) => list[below(list.length)];
const numbers = (count) => Array.from({ length: count }, (_, i) => i);

// A small world, so that records meet: companies, people, programs and plans by number.
const companies = ["c1", "c2"];
const people = numbers(40).map((i) => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`);
const programs = numbers(8).map((i) => `cd${i}`);
const plans = numbers(6).map((i) => `p${i}`);
const companyOfPlan = (plan) => companies[Number(plan.slice(1)) % companies.length];
const statuses = ["ENROLLED", "GRADUATED", "UNENROLLED"];
const day = () => new Date(Date.UTC(2025, below(12), 1 + below(28))).toISOString().replace(".000", "");

const makers = {
  companies: () => {
    const id = pick(companies);
    return { id, slug: id, name: `Company ${below(3)}` };
  },
  contracts: () => {
    const id = `k${below(4)}`;
    return { id, companyId: companies[Number(id.slice(1)) % companies.length], name: `N${below(3)}` };
  },
  users: () => {
    const id = pick(people);
    return { id, email: `p${people.indexOf(id)}-${below(2)}@example.com`, firstName: `F${below(4)}`,
             lastName: `L${below(4)}` };
  },
  programs: () => ({ key: pick(programs), version: 1 + below(2), locale: pick(["en-us", "de"]),
    type: "COURSE", title: `Title ${below(4)}`, summary: "", syllabusUrl: "", imageUrl: "",
    redirectUrl: "", duration: "P1D", modifiedDate: "2025-01-01T00:00:00Z", skillNames: [] }),
  contract_programs: () => ({ contractId: `k${below(4)}`, programKey: pick(programs),
    launchUrl: `https://example.com/${below(2)}` }),
  assessments: () => ({ id: `q${below(4)}`, title: `Quiz ${below(3)}`, category: "PASS_FAIL",
    isTimed: false, totalQuestionsInAssessment: below(3) }),
  contract_assessments: () => ({ contractId: `k${below(4)}`, assessmentId: `q${below(4)}` }),
  learning_plans: () => {
    const id = pick(plans);
    const resourceKey = pick(programs);
    return { id, companyId: companyOfPlan(id), title: `Plan ${below(4)}`, key: id, slug: id,
             steps: [{ stepId: "s", stepType: "PROGRAM", label: "L", isRequired: true, resourceKey,
                       steps: null }] };
  },
  program_progress: () => ({ companyId: pick(companies), userId: pick(people),
    programKey: pick([...programs, "unlisted"]), programVersion: "1", programType: "COURSE",
    enrollmentStatus: pick(statuses), enrolledAt: day(), learnerHours: below(5),
    completionPercentage: below(101), projectsRequiredTotal: 2, projectsRequiredCompleted: below(3),
    onTrackStatus: "ON_TRACK", updatedAt: day() }),
  assessment_progress: () => {
    const attempt = below(60);
    return { companyId: companies[attempt % companies.length], attemptId: `t${attempt}`,
             userId: pick(people), assessmentId: `q${below(4)}`,
             assessmentStatus: pick(["in_progress", "completed"]), createdAt: day(),
             updatedAt: day() };
  },
  learning_plan_progress: () => {
    const planId = pick(plans);
    return { companyId: companyOfPlan(planId), planId, userId: pick(people),
             subscriptionStatus: "ACTIVE", requiredStepsTotal: 2, requiredStepsCompleted: below(3),
             assessmentsComplete: 0, createdAt: day(), updatedAt: day() };
  },
};
const tables = Object.keys(makers);
// Progress is most of what is written.
const drawn = [...tables, "program_progress", "program_progress", "program_progress",
  "assessment_progress", "learning_plan_progress", "users"];

const hooks = { after };
const directory = makeDirectory(hooks);
let writes = 0;

// What one command imports: a file a table.
function makeWrite(keys) {
  const path = join(directory, `write-${++writes}`);
  mkdirSync(path);
  const records = {};
  for (let i = 0; i < perWrite; ++i) {
    const table = pick(drawn);
    let record = makers[table]();
    if (table !== "companies" && below(5) === 0) {
      record = { _delete: true,
                 ...Object.fromEntries(keys[table].map((name) => [name, record[name]])) };
    }
    (records[table] ??= []).push(record);
  }
  for (const [table, all] of Object.entries(records)) {
    writeFileSync(join(path, `${table}.ndjson`),
                  all.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }
  return path;
}

test("a follower has what export writes at each quiet point", async (t) => {
  const data = join(directory, "companies");
  mkdirSync(data);
  writeFileSync(join(data, "companies.ndjson"),
                companies.map((id) => `{"id":"${id}","slug":"${id}","name":"Company"}\n`).join(""));
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

  const rounds = Math.ceil(operations / perWrite / quietEvery);
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
      const path = makeWrite(keys);
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
