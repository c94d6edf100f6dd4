// A SQLite store with a large company and a small one, a server over it, and light queries: what
// slow_readers.mjs and loading.mjs share. Needs nothing but Node.js.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const defaultDir = fileURLToPath(new URL("../../build/bench/slow_readers", import.meta.url));

// The records of the small company, `beside`, `hours` of which each of its 40 learners has.
export function smallCompany(hours) {
  const people = Array.from({ length: 40 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`);
  const lines = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join("");
  return {
    "companies.ndjson": lines([{ id: "beside", slug: "beside", name: "Beside" }]),
    "users.ndjson": lines(people.map((id, i) => ({ id, email: `p${i}@beside.example`, firstName: "P",
      lastName: `${i}` }))),
    "program_progress.ndjson": lines(people.map((userId) => ({ companyId: "beside", userId,
      programKey: "cd1", programVersion: "1", programType: "COURSE", enrollmentStatus: "ENROLLED",
      enrolledAt: "2026-01-01T00:00:00Z", learnerHours: hours, completionPercentage: 1,
      projectsRequiredTotal: 1, projectsRequiredCompleted: 0, onTrackStatus: "ON_TRACK" }))),
  };
}

// The store in `dir`, made where it is not there: its address, and the large company's id and folder.
export function openStore(binary, dir, learners) {
  const run = (...args) => execFileSync(binary, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  mkdirSync(join(dir, "small"), { recursive: true });
  const address = `sqlite:${join(dir, `store-${learners}.db`)}`;
  const large = join(dir, `large-${learners}`);
  const done = join(dir, `filled-${learners}`);
  if (!existsSync(done)) {
    run("generate", "--out", large, "--companies", "1", "--learners", learners, "--quiet");
    run("import", large, "--store", address, "--quiet");
    for (const [name, text] of Object.entries(smallCompany(0))) {
      writeFileSync(join(dir, "small", name), text);
    }
    run("import", join(dir, "small"), "--store", address, "--quiet");
    writeFileSync(done, "");
  }
  const { id } = JSON.parse(readFileSync(join(large, "companies.ndjson"), "utf8"));
  return { address, large, id, newToken: (company) => JSON.parse(run("token", "create", "--store",
    address, "--company", company, "--json")).token };
}

// {child, url} once it listens.
export function startServer(binary, address, ...options) {
  const child = spawn(binary, ["serve", "--store", address, "--listen", "127.0.0.1:0", "--rate-limit", "0",
    "--log-level", "warning", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /^listening on (\S+)$/.exec(line);
      if (match) {
        resolve({ child, url: new URL(match[1]) });
      }
    });
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
export const closeConnections = () => agent.destroy();

// A page of 5 rows; how long its answer took, in ms.
export function askLight(url, token, after) {
  const body = JSON.stringify({ query: `{ programProgress(input: {first: 5, orderBy: UPDATED_AT,
    filter: {updatedAt: {from: "2020-01-01T00:00:${String(after % 60).padStart(2, "0")}Z"}}})
    { edges { node { userEmail programKey } } } }` });
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request(new URL("/api/public/api/v1/program-progress/graphql", url), { method: "POST",
      agent, headers: { "Content-Type": "application/json", Authorization: `Token ${token}` } },
    (answer) => {
      answer.resume();
      answer.on("end", () => answer.statusCode === 200 ? resolve(performance.now() - began)
        : reject(new Error(`${answer.statusCode}`)));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

// Light queries one after the other, at 200 a second, for as long as `goesOn()`; their times in ms.
export async function askWhile(url, token, goesOn) {
  const waits = [];
  while (goesOn()) {
    waits.push(await askLight(url, token, waits.length));
    await sleep(4);
  }
  return waits;
}

export const p99 = (waits) => waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)];

// The p99 of light queries in so many seconds, in ms.
export async function p99Of(url, token, seconds) {
  const until = performance.now() + seconds * 1_000;
  return p99(await askWhile(url, token, () => performance.now() < until));
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

// Prints a figure with its bound.
export function say(what, value, bound, isMissed) {
  console.log(`${what}: ${value} (bound ${bound}${isMissed ? ", missed" : ""})`);
}
