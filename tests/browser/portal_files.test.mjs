import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";

import { runProgram } from "../e2e/cli.mjs";
import { makeDirectory } from "../e2e/workdir.mjs";
import { lookAt, machineUrl } from "./browser.mjs";
import { companies, logIn, openCompany, openTab, portalAddress, startPortal } from "./portal_world.mjs";

const email = "ada@acme.example";
const { server, context, expected } = await startPortal({ after }, {
  people: [{ email, adminOf: [companies.acme.id, companies.globex.id] }],
});
const person = {
  id: "01234567-89ab-cdef-0123-456789abcdef", email: "grace@acme.example", firstName: "Grace", lastName: "O, \"Hopper\"",
};
const progress = {
  companyId: companies.acme.id, userId: person.id, programKey: "cd1", programVersion: "1", programType: "COURSE",
  enrollmentStatus: "ENROLLED", enrolledAt: "2025-06-01T08:00:00Z", learnerHours: 1.5, completionPercentage: 10,
  projectsRequiredTotal: 0, projectsRequiredCompleted: 0, onTrackStatus: "ON_TRACK",
};
for (const [name, record] of [["users", person], ["program_progress", progress]]) {
  writeFileSync(join(server.cwd, `${name}.ndjson`), `${JSON.stringify(record)}\n`);
}
await server.command(["import", "users.ndjson", "program_progress.ndjson"]);

const files = (page) => page.locator("#files");
const row = (page, table) => files(page).getByRole("row").filter({ has: page.getByText(table, { exact: true }) });
const line = (page, label) => files(page).getByRole("group", { name: label, exact: true });

async function downloadFrom(page, name) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    files(page).getByRole("link", { name, exact: true }).click(),
  ]);
  assert.equal(await file.failure(), null);
  return readFileSync(await file.path(), "utf8");
}

test("each table shows its rows and is downloaded in each format with the session", async () => {
  const page = await openCompany(context, "acme", email, "files");
  await row(page, "users").waitFor();
  assert.equal(await files(page).locator("tbody tr").count(), 11);
  assert.deepEqual(
    await Promise.all(["users", "program_progress", "programs"].map((table) => row(page, table).locator("td").nth(1).innerText())),
    ["1", "1", "0"]);
  const download = (name) => downloadFrom(page, name);
  assert.equal(await download("Download users as CSV"),
               `id,email,firstName,lastName\r\n${person.id},${person.email},Grace,"O, ""Hopper"""\r\n`);
  assert.equal(await download("Download users as NDJSON"), `${JSON.stringify(person)}\n`);
  assert.match(await download("Download users as Parquet"), /^PAR1[^]*PAR1$/);
  await lookAt(page, "files");
  await page.close();
});

test("the lines shown are run as they stand", async (t) => {
  const page = await openCompany(context, "acme", email, "files");
  const curl = line(page, "the curl line");
  await curl.waitFor();
  assert.match(await curl.innerText(), /program_progress\.parquet\?company=4821&flat=1'/);
  assert.equal(await line(page, "the DuckDB line").innerText(),
               'duckdb -c "SELECT * FROM \'program_progress.parquet\' LIMIT 10"');
  const cwd = makeDirectory(t);
  const credential = await server.command(
    ["credential", "create", "--company", companies.acme.id, "--company", companies.globex.id, "--description", "files"]);
  const done = await runProgram("sh", ["-c", await curl.innerText()], {
    cwd,
    env: { CLIENT_ID: credential.clientId, CLIENT_SECRET: credential.clientSecret },
  });
  assert.equal(done.status, 0, done.stderr);
  const file = readFileSync(join(cwd, "program_progress.parquet"), "latin1");
  assert.match(file, /^PAR1[^]*userEmail[^]*PAR1$/);
  await files(page).getByLabel("With names and titles").uncheck();
  assert.doesNotMatch(await curl.innerText(), /flat/);
  await files(page).getByRole("combobox", { name: "Table" }).selectOption("users");
  assert.match(await curl.innerText(), /tables\/users\.parquet\?company=4821' -o users\.parquet$/);
  assert.equal(await files(page).getByLabel("With names and titles").count(), 0);
  await page.close();
});

test("over plain HTTP at a machine's name the tab works and files are saved", async () => {
  // Chromium says so of the header of any page over plain HTTP; others heed it.
  expected.push(/Cross-Origin-Opener-Policy header has been ignored/);
  const page = await context.newPage();
  await page.goto(machineUrl(server) + portalAddress("acme", "files"));
  await logIn(page, email);
  await row(page, "users").waitFor();
  assert.equal(await page.evaluate(() => isSecureContext), false);
  assert.equal(await downloadFrom(page, "Download users as NDJSON"), `${JSON.stringify(person)}\n`);
  await files(page).getByText(/^Parquet, \d/).waitFor();
  await page.close();
});

test("a download that is refused says so on the page", async () => {
  expected.push(/status of 429/);
  const page = await openCompany(context, "acme", email, "files");
  await row(page, "users").waitFor();
  const message = "2 files of this company are being made, which is the limit.";
  await page.route("**/data/v1/tables/users.csv*", (route) => route.fulfill({
    status: 429, contentType: "application/json", headers: { "Retry-After": "1" },
    body: JSON.stringify({ errors: [{ message }] }),
  }));
  await files(page).getByRole("link", { name: "Download users as CSV", exact: true }).click();
  await files(page).getByText(message).waitFor();
  await files(page).getByText("Try again in 1 second.").waitFor();
  await page.close();
});

test("with a session that has ended tab and download lead to the log-in, and no cookie is answered 401", async () => {
  expected.push(/status of 401/);
  const refused = [];
  const page = await openCompany(context, "acme", email, "files");
  page.on("response", (response) => {
    if (response.status() === 401 && response.url().includes("/data/v1/")) {
      refused.push(response.url());
    }
  });
  await row(page, "users").waitFor();
  await context.clearCookies();
  await files(page).getByRole("link", { name: "Download users as CSV", exact: true }).click();
  await page.getByText("Your session has ended.").waitFor();
  await logIn(page, email);
  await row(page, "users").waitFor();
  await openTab(page, "Limits");
  // What the tab shows is asked for with the session that is still there.
  await page.getByText("All credentials and tokens together").waitFor();
  await context.clearCookies();
  await openTab(page, "Files");
  await page.getByText("Your session has ended.").waitFor();
  assert.deepEqual(refused, []);
  await page.close();
});
