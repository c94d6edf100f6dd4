// What large answers take while clients do not read them: bounded, whatever clients do. Each figure
// has its bound beside it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { RawConnection, requestText } from "./raw.mjs";
import { startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const MiB = 1024 * 1024;
const records = 200;
const reportBytes = 8 * 1024;
const aliases = 6; // an answer of 9.6 MiB

function write(directory, entity, lines) {
  writeFileSync(join(directory, `${entity}.ndjson`),
                lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

// Two companies, each with attempts that have large reports.
function makeData(directory) {
  const people = ["1", "2"].map((company) => ({
    id: `00000000-0000-4000-8000-00000000000${company}`, email: `p${company}@company.example`,
    firstName: "A", lastName: "B",
  }));
  write(directory, "companies", [{ id: "1", slug: "one", name: "One" }, { id: "2", slug: "two", name: "Two" }]);
  write(directory, "users", people);
  write(directory, "assessments", [{
    id: "a", title: "A", category: "PRACTICE", isTimed: false, totalQuestionsInAssessment: 1,
  }]);
  write(directory, "assessment_progress", people.flatMap((person, company) =>
    Array.from({ length: records }, (_, i) => ({
      companyId: `${company + 1}`, attemptId: `${company + 1}-${i}`, userId: person.id,
      assessmentId: "a", assessmentStatus: "completed", createdAt: "2025-01-01T00:00:00Z",
      assessmentReport: JSON.stringify({ note: "x".repeat(reportBytes) }),
    }))));
}

const data = makeDirectory({ after });
makeData(data);
const server = await startServer({ after }, {
  data,
  args: ["--response-memory", `${16 * MiB}`, "--spool-bytes", `${128 * MiB}`, "--workers", "2"],
});
const tokens = { one: await server.token("1"), two: await server.token("2") };
const path = "/api/public/api/v1/assessment-progress/graphql";

function documentOf(count) {
  const edges = Array.from({ length: count }, (_, i) => `e${i}: edges { node { assessmentReport } }`);
  return `{ assessmentProgress(input: {first: ${records}}) { ${edges.join(" ")} } }`;
}

function requestOf(token, count = aliases) {
  return requestText("POST", path, { "Content-Type": "application/json", Authorization: `Token ${token}` },
                     JSON.stringify({ query: documentOf(count) }));
}

// A figure of /proc/PID/status, in bytes.
function statusOf(name) {
  const text = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)[1]) * 1024;
}

function resetPeak() {
  writeFileSync(`/proc/${server.child.pid}/clear_refs`, "5");
}

async function metric(name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

// Asks and gives the status, without reading more than the kernel takes.
async function askWithoutReading(t, token) {
  const connection = await RawConnection.open(t, server.port);
  const first = new Promise((resolve) => {
    connection.socket.removeAllListeners("data");
    connection.socket.once("data", (bytes) => {
      connection.socket.pause();
      resolve(Number(bytes.subarray(9, 12).toString()));
    });
  });
  connection.send(requestOf(token));
  return { connection, status: await first };
}

async function askFor(token) {
  const response = await server.graphql("assessment-progress", token, { query: documentOf(aliases) });
  return { status: response.status, rows: response.body.data?.assessmentProgress.e5.length };
}

test("answers that are not read are on disk, each company's within its part", async (t) => {
  await askFor(tokens.one);
  const before = statusOf("VmRSS");
  resetPeak();
  const asked = [];
  for (let i = 0; i < 8; ++i) {
    asked.push(await askWithoutReading(t, tokens.one));
  }
  // A quarter of the spool, 32 MiB, has three answers of 9.6 MiB.
  const statuses = asked.map(({ status }) => status);
  assert.deepEqual(statuses.slice(0, 3), [200, 200, 200]);
  assert.ok(statuses.slice(3).includes(503), `${statuses}`);
  const grown = statusOf("VmHWM") - before;
  t.diagnostic(`resident memory grew by ${(grown / MiB).toFixed(1)} MiB; bound 24 MiB`);
  assert.ok(grown < 24 * MiB, `${grown}`);
  assert.ok(await metric("matricula_spool_bytes") <= 32 * MiB);
  assert.ok(await metric("matricula_response_memory_bytes") <= 16 * MiB);

  assert.deepEqual(await askFor(tokens.two), { status: 200, rows: records });

  for (const { connection } of asked) {
    connection.socket.resetAndDestroy();
  }
  while (await metric("matricula_spool_bytes") > 0) {
    await sleep(20);
  }
  assert.deepEqual(await askFor(tokens.one), { status: 200, rows: records });
});

test("aliases of one request count together against response-bytes, in little memory", async (t) => {
  const before = statusOf("VmRSS");
  resetPeak();
  const response = await server.graphql("assessment-progress", tokens.one, { query: documentOf(99) });
  const message = response.body.errors[0].message;
  assert.match(message, /response-bytes|too many large answers/);
  const grown = statusOf("VmHWM") - before;
  t.diagnostic(`resident memory grew by ${(grown / MiB).toFixed(1)} MiB; bound 8 MiB`);
  assert.ok(grown < 8 * MiB, `${grown}`);
});

test("a light request is answered while large answers are made, compressed and sent", async (t) => {
  const idle = await healthTimes(20);
  const working = [];
  for (let i = 0; i < 2; ++i) {
    working.push(fetch(server.endpoint("assessment-progress"), {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Token ${tokens.two}`,
        "Accept-Encoding": "gzip" },
      body: JSON.stringify({ query: documentOf(aliases) }),
    }).then((response) => response.text()));
  }
  const busy = await healthTimes(40);
  const [first] = await Promise.all(working);
  assert.equal(JSON.parse(first).data.assessmentProgress.e0.length, records);
  t.diagnostic(`/healthz: median ${idle.toFixed(1)} ms idle, ${busy.toFixed(1)} ms busy; bound 20 ms more`);
  assert.ok(busy < idle + 20, `${busy}`);
});

async function healthTimes(count) {
  const times = [];
  for (let i = 0; i < count; ++i) {
    const start = performance.now();
    await (await fetch(`${server.url}/healthz`)).text();
    times.push(performance.now() - start);
  }
  return times.sort((left, right) => left - right)[count / 2];
}
