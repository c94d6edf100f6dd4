// Random records of a small world, in which they meet: for tests of what follows the changes.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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

// FOLLOWER_SEED sets which records are drawn.
export const below = randomOf(Number(process.env.FOLLOWER_SEED ?? 1));
const pick = (list) => list[below(list.length)];
const numbers = (count) => Array.from({ length: count }, (_, i) => i);

export const companies = ["c1", "c2"];
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
export const tables = Object.keys(makers);
// Progress is most of what is written.
const drawn = [...tables, "program_progress", "program_progress", "program_progress",
  "assessment_progress", "learning_plan_progress", "users"];

export const recordsPerWrite = 100;
let writes = 0;

// Writes a new directory with what one command imports, a file a table.
export function makeWrite(directory, keys) {
  const path = join(directory, `write-${++writes}`);
  mkdirSync(path);
  const records = {};
  for (let i = 0; i < recordsPerWrite; ++i) {
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

// A directory with the companies of this world and nothing else, to be imported first.
export function makeCompanies(directory) {
  const path = join(directory, "companies");
  mkdirSync(path);
  writeFileSync(join(path, "companies.ndjson"),
                companies.map((id) => `{"id":"${id}","slug":"${id}","name":"Company"}\n`).join(""));
  return path;
}
