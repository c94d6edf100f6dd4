// Twenty companies in one store: the files and the feed of each are those of a model that is made
// of what was imported, and no company sees another's rows or numbers.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { succeed } from "./cli.mjs";
import { ask, Copy, follow, lines } from "./data_api.mjs";
import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const hooks = { after };
const directory = makeDirectory(hooks);
const data = join(directory, "data");
await succeed(["generate", "--out", data, "--seed", "20", "--learners", "600", "--companies", "20",
  "--as-of", "2026-01-31T00:00:00Z", "--quiet"]);
const tables = ["companies", "contracts", "users", "programs", "contract_programs", "assessments",
  "contract_assessments", "learning_plans", "program_progress", "assessment_progress",
  "learning_plan_progress"];
const server = await startServer(hooks, { data });
// All of it, in canonical form.
const whole = join(directory, "whole");
await server.command(["export", whole, "--quiet"]);
const imported = Object.fromEntries(
  tables.map((name) => [name, lines(readFileSync(join(whole, `${name}.ndjson`), "utf8"))]));

// The resources of one kind that the steps of learning plans name.
function namedBy(steps, type) {
  return steps.flatMap(({ stepType, resourceKey, steps: inner }) =>
    [...(stepType === type && resourceKey ? [resourceKey] : []), ...namedBy(inner ?? [], type)]);
}

// The rows of a company, by table, as the description of the data model has it.
function modelOf(company) {
  const own = (name) => imported[name].filter(({ companyId }) => companyId === company);
  const contracts = new Set(own("contracts").map(({ id }) => id));
  const covers = (name) => imported[name].filter(({ contractId }) => contracts.has(contractId));
  const plans = own("learning_plans");
  const progress = ["program_progress", "assessment_progress", "learning_plan_progress"];
  const users = new Set(progress.flatMap((name) => own(name).map(({ userId }) => userId)));
  const programs = new Set([...covers("contract_programs"), ...own("program_progress")]
    .map(({ programKey }) => programKey)
    .concat(plans.flatMap(({ steps }) => namedBy(steps, "PROGRAM"))));
  const assessments = new Set([...covers("contract_assessments"), ...own("assessment_progress")]
    .map(({ assessmentId }) => assessmentId)
    .concat(plans.flatMap(({ steps }) => namedBy(steps, "ASSESSMENT"))));
  return {
    companies: imported.companies.filter(({ id }) => id === company),
    contracts: own("contracts"),
    users: imported.users.filter(({ id }) => users.has(id)),
    programs: imported.programs.filter(({ key }) => programs.has(key)),
    contract_programs: covers("contract_programs"),
    assessments: imported.assessments.filter(({ id }) => assessments.has(id)),
    contract_assessments: covers("contract_assessments"),
    learning_plans: plans,
    program_progress: own("program_progress"),
    assessment_progress: own("assessment_progress"),
    learning_plan_progress: own("learning_plan_progress"),
  };
}

const sorted = (rows) => rows.map((row) => JSON.stringify(row)).sort();
const readers = new Map();
for (const { id } of imported.companies) {
  readers.set(id, { Authorization: `Token ${await server.token(id)}` });
}

async function get(company, path) {
  const answer = await ask(`${server.url}/data/v1/${path}`, { headers: readers.get(company) });
  assert.equal(answer.status, 200, answer.text);
  return answer;
}

test("the files and the feed of each company are those of the model", async () => {
  assert.equal(readers.size, 20);
  for (const [company, headers] of readers) {
    const model = modelOf(company);
    const document = JSON.parse((await get(company, "tables")).text);
    const copy = new Copy(Object.fromEntries(document.tables.map(({ name, key }) => [name, key])));
    await follow(server, headers, "/data/v1/changes", (page) => {
      page.forEach((line) => copy.apply(line));
    });
    // Nothing but this company's rows has taken its numbers.
    assert.ok(Math.min(...copy.numbers.keys()) >= 1);
    assert.ok(Math.max(...copy.numbers.keys()) <= document.sequence);
    for (const name of tables) {
      const file = lines((await get(company, `tables/${name}.ndjson`)).text);
      assert.deepEqual(sorted(file), sorted(model[name]), `${name} of ${company}`);
      assert.deepEqual(copy.of(name), sorted(model[name]), `${name} in the feed of ${company}`);
    }
  }
});

test("a write of one company moves no number of another", async () => {
  const [writer, ...others] = readers.keys();
  const documents = async () => Promise.all(others.map(async (company) =>
    (await get(company, "tables")).text));
  const before = await documents();
  const own = JSON.parse((await get(writer, "tables")).text).sequence;
  const path = join(directory, "learning_plans.ndjson");
  writeFileSync(path, imported.learning_plans.filter(({ companyId }) => companyId === writer)
    .map((plan) => `${JSON.stringify({ ...plan, title: "Moved" })}\n`).join(""));
  await server.command(["import", path, "--quiet"]);
  assert.deepEqual(await documents(), before);
  assert.ok(JSON.parse((await get(writer, "tables")).text).sequence > own);
});
