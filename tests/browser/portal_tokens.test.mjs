import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after } from "node:test";

import { expectAccessible, lookAt, screenshot } from "./browser.mjs";
import {
  asPerson, companies, exchange, openCompany, openTab, portalAddress, startPortal,
} from "./portal_world.mjs";

const email = "ada@acme.example";
const crowded = "many@acme.example";
const { server, context, expected } = await startPortal({ after }, {
  args: ["--tokens-per-user", "1000", "--rate-limit", "0"],
  people: [
    { email, adminOf: [companies.acme.id] },
    { email: crowded, adminOf: [companies.globex.id] },
  ],
});

const text = (page, label) => page.getByRole("group", { name: label, exact: true }).innerText();
const query = "{ programProgress(input: {first: 1}) { totalCount } }";

// A server with limits whose company is used before all tests: use is written down within some
// seconds, in which the other tests run. Its reader is where the day of UTC begins the evening before.
const limited = await startPortal({ after }, {
  args: ["--rate-limit", "60"],
  browser: { timezoneId: "America/New_York" },
  people: [{ email, adminOf: [companies.acme.id] }],
});
await useUp(limited.server);

async function useUp(used) {
  const token = await used.token(companies.acme.id);
  const statuses = [];
  for (let i = 0; i < 75; ++i) {
    statuses.push((await used.graphql("program-progress", token, { query })).status);
  }
  assert.equal(statuses.filter((one) => one === 200).length, 60);
}

// Two endpoints by one credential, for two companies.
const pair = await limited.server.command(["credential", "create", "--company", companies.acme.id,
  "--company", companies.globex.id, "--description", "Warehouse"]);
for (const [company, endpoint, count] of [[companies.acme.id, "catalog", 3],
                                          [companies.acme.id, "program-progress", 1],
                                          [companies.globex.id, "catalog", 7]]) {
  const token = await exchange(limited.server, pair.clientId, pair.clientSecret, company);
  for (let i = 0; i < count; ++i) {
    await limited.server.graphql(endpoint, token, { query: "{ __typename }" });
  }
}

async function status(token) {
  return (await server.graphql("program-progress", token, { query })).status;
}

test("a token is created with a description and an end, works, and stops when revoked", async () => {
  const page = await openCompany(context, "acme", email, "tokens");
  await page.getByRole("button", { name: "Create token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await page.getByText("Say what the token is for.").waitFor();
  await dialog.getByLabel("Description").fill("Trying things out");
  await dialog.getByLabel("Expires").selectOption("At a time of your choice");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await page.getByText("Choose the time at which the token ends.").waitFor();
  await dialog.getByLabel("Date and time").fill("2001-02-03T04:05");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await page.getByText("Choose a time that is not past.").waitFor();
  await expectAccessible(page, "the dialog that creates a token");
  await screenshot(page, "token-create");
  // An exact time, with its zone.
  await dialog.getByLabel("Date and time").fill("2031-02-03T04:05");
  await dialog.getByText("It ends at 3 Feb 2031, 04:05:00 UTC.").waitFor();
  await dialog.getByLabel("Expires").selectOption("In 7 days");
  await dialog.getByText(/^It ends at \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC\.$/).waitFor();
  await dialog.getByRole("button", { name: "Create token" }).click();

  await page.getByText("Copy the token now.").waitFor();
  const token = await text(page, "the token");
  assert.match(token, /^[0-9a-f]{32}$/);
  await expectAccessible(page, "the dialog with the token");
  await screenshot(page, "token-secret");
  await page.getByRole("button", { name: "I have kept the token" }).click();
  const row = page.locator("#tokens tr", { hasText: "Trying things out" });
  await row.getByText(`${token.slice(0, 4)}****${token.slice(-4)}`).waitFor();
  await row.getByText("in 1 week").waitFor();
  assert.equal(await status(token), 200);

  await row.getByRole("button", { name: "Revoke Trying things out" }).click();
  await screenshot(page, "token-revoke");
  await page.getByRole("button", { name: "Revoke token" }).click();
  await row.waitFor({ state: "detached" });
  assert.equal(await status(token), 401);
  await page.getByLabel(/Show revoked/).check();
  await row.getByText("Revoked", { exact: true }).waitFor();
  await page.close();
});

test("of a thousand tokens fifty are shown at a time, and any can be found", async () => {
  const ask = await asPerson(server, crowded);
  const each = 10;
  for (let first = 0; first < 1000; first += each) {
    const fields = Array.from({ length: each }, (_, i) =>
      `t${i}: createToken(input: {description: "Token ${first + i} (${first + i})", companyId: "77"}) {
        expiresIn
      }`);
    const { errors } = await ask(`mutation { ${fields.join(" ")} }`);
    assert.equal(errors, undefined);
  }
  // The other person's session is gone: the first request of the page is refused.
  expected.push(/status of 401/);
  await context.clearCookies();
  const page = await openCompany(context, "globex", crowded, "tokens");
  const rows = page.locator("#tokens tbody tr");
  await page.locator("#tokens").getByText("50 of 1,000 tokens").waitFor();
  assert.equal(await rows.count(), 50);
  await page.locator("#tokens").getByRole("button", { name: "Show 50 more" }).click();
  await page.locator("#tokens").getByText("100 of 1,000 tokens").waitFor();
  assert.equal(await rows.count(), 100);
  await page.locator("#tokens").getByLabel("Find among tokens").fill("token 12");
  await page.locator("#tokens").getByText("11 tokens", { exact: true }).waitFor();
  await page.locator("#tokens").getByLabel("Find among tokens").fill("nothing like this");
  await page.getByText("No tokens to show").waitFor();
  await page.locator("#tokens").getByLabel("Find among tokens").fill("");
  await page.locator("#tokens").getByText("50 of 1,000 tokens").waitFor();
  await expectAccessible(page, "a thousand tokens");
  // With the last part the button goes, and the page stays where it is.
  await page.locator("#tokens").getByLabel("Find among tokens").fill("0 (");
  await page.locator("#tokens").getByText("50 of 100 tokens").waitFor();
  const last = page.locator("#tokens").getByRole("button", { name: "Show 50 more" });
  await last.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => scrollY);
  await last.click();
  await page.locator("#tokens").getByText("100 tokens", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "100 tokens");
  assert.ok(before > 0 && (await page.evaluate(() => scrollY)) >= before);

  // The server searches all that read the company, of which the page has some.
  const all = page.locator("#company-tokens");
  await all.getByText("50 tokens, and more").waitFor();
  await all.getByRole("button", { name: "Show more" }).click();
  await all.getByText("100 tokens, and more").waitFor();
  await all.getByLabel("Find among tokens").fill("TOKEN (45)");
  await all.getByText("1 token", { exact: true }).waitFor();
  await all.locator("tbody tr", { hasText: "Token 45 (45)" }).getByText(crowded).waitFor();
  await all.getByRole("button", { name: "Revoke Token 45 (45)" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke token" }).click();
  await all.getByText("No tokens to show").waitFor();

  await openTab(page, "Audit trail");
  const trail = page.locator("#audit");
  await trail.getByText("50 entries", { exact: true }).waitFor();
  await trail.getByRole("button", { name: "Show older" }).click();
  await trail.getByText("100 entries", { exact: true }).waitFor();
  await trail.getByLabel("Find in the audit trail").fill("created (45)");
  await trail.getByText(/^1 of 1,00\d entries$/).waitFor();
  await trail.getByLabel("Find in the audit trail").fill("");
  const saving = page.waitForEvent("download");
  await trail.getByRole("button", { name: "Download CSV" }).click();
  const lines = readFileSync(await (await saving).path(), "utf8").split("\r\n");
  assert.equal(lines.filter((line) => line.includes(",Created a token,")).length, 1000);
  await page.close();
});

test("too many requests of one's own are named, with the time to wait", async (t) => {
  const { server: strict, context: other, expected } = await startPortal(
    { after: (hook) => t.after(hook) },
    { args: ["--rate-limit", "8"], people: [{ email, adminOf: [companies.acme.id] }] });
  expected.push(/status of 429/);
  assert.ok(strict.url);
  const page = await openCompany(other, "acme", email);
  for (let i = 0; i < 4; ++i) {
    await page.goto(portalAddress("acme"));
    await page.getByRole("heading", { level: 1 }).waitFor();
  }
  await page.getByText("Too many requests in one minute.").first().waitFor();
  await page.getByText(/Try again in \d+ seconds?\./).first().waitFor();
  await page.close();
});

test("use is shown by day, refused requests beside answered ones, with the limits", async () => {
  const credential = await limited.server.command(
    ["credential", "create", "--company", companies.acme.id, "--description", "Big importer"]);
  await limited.server.command(["limits", "set", "--credential", credential.id, "--requests", "500"]);
  const dayOf = (time) =>
    new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(time);
  const started = new Date();
  const page = await openCompany(limited.context, "acme", email, "use");
  const answered = page.locator(".totals dd").first();
  for (let i = 0; i < 12 && (await answered.innerText()) !== "64"; ++i) {
    await page.waitForTimeout(3000);
    // A tab that is opened is read again.
    await openTab(page, "Limits");
    const read = page.waitForResponse(/\/portal\/api\/companies\/acme$/);
    await openTab(page, "Use");
    await read;
    await answered.waitFor();
  }
  assert.deepEqual(await page.locator(".totals dd").allInnerTexts(), ["64", "15"]);
  await page.getByText("Show the numbers").click();
  const cells = await page.locator("#usage tbody tr").first().locator("td").allInnerTexts();
  assert.deepEqual(cells.slice(1), ["64", "15"]);
  assert.ok([started, new Date()].map(dayOf).includes(cells[0]), cells[0]);
  assert.equal(await page.locator(".chart-days span").last().innerText(), cells[0]);
  assert.ok((await page.locator(".chart-day").last().getAttribute("title")).startsWith(cells[0]));
  assert.equal(await page.locator("#usage tbody tr").count(), 30);
  await page.getByText("Show the numbers").click();
  // By credential and endpoint, of this company alone.
  const sources = await page.locator("#sources tbody tr").evaluateAll((rows) =>
    rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));
  assert.deepEqual(sources.map(([, ...rest]) => rest), [["Program progress", "60", "15"],
                                                        ["Catalog", "3", "0"],
                                                        ["Program progress", "1", "0"]]);
  assert.match(sources[0][0], /Token$/);
  assert.match(sources[1][0], /^Warehouse\s+Credential$/);
  await lookAt(page, "company-use");
  await page.emulateMedia({ forcedColors: "active" });
  const colours = await page.evaluate(() => {
    const of = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
    return {
      card: of("#usage", "backgroundColor"),
      bars: [of(".bar.answered", "backgroundColor"), of(".bar.refused", "backgroundColor")],
      tabs: [of(".page-nav a:not([aria-current])", "borderBottomColor"),
             of(".page-nav a[aria-current]", "borderBottomColor")],
    };
  });
  assert.ok(!colours.bars.includes(colours.card) && colours.bars[0] !== colours.bars[1]);
  assert.notEqual(colours.tabs[0], colours.tabs[1]);
  await page.emulateMedia({ forcedColors: null });
  await openTab(page, "Limits");
  await page.getByText("60 requests in any 60 seconds").waitFor();
  await page.getByText("500 requests in any 60 seconds").waitFor();
  await page.getByText("All credentials and tokens together").waitFor();
  await page.getByText("1,000 requests in any 60 seconds").waitFor();
  await lookAt(page, "company-limits", [360, 1280]);
  await page.close();
});

test("an admin sees every token that reads the company, and revokes it", async () => {
  const token = await server.command(["token", "create", "--company", companies.acme.id,
                                      "--description", "Of the operator"]);
  const both = await server.command(["token", "create", "--company", companies.acme.id, "--company",
                                     companies.long.id, "--description", "Names the other"]);
  const credential = await server.command(["credential", "create", "--company", companies.acme.id,
                                           "--description", "Nightly"]);
  const exchanged = await exchange(server, credential.clientId, credential.clientSecret);
  await context.clearCookies();
  const page = await openCompany(context, "acme", email, "tokens");
  const card = page.locator("#company-tokens");
  const row = (text) => card.locator("tbody tr", { hasText: text });
  await row("Of the operator").getByText("operator", { exact: true }).waitFor();
  await row(exchanged.slice(-4)).getByText("credential Nightly").waitFor();
  await lookAt(page, "company-tokens", [360, 1280]);
  // What it says of another company is not shown, and only this company's part of it ends.
  await row(both.token.slice(-4)).getByText("No description").waitFor();
  for (const [name, value] of [["Of the operator", token.token], [both.token.slice(-4), both.token]]) {
    await row(name).getByRole("button", { name: /^Revoke/ }).click();
    await page.getByRole("button", { name: "Revoke token" }).click();
    await row(name).waitFor({ state: "detached" });
    const { status } = await server.graphql("program-progress", value, { query },
                                            { "X-Company-Id": companies.acme.id });
    assert.ok(status === 401 || status === 403, `${name}: ${status}`);
  }
  const left = await server.graphql("program-progress", both.token, { query });
  assert.equal(left.status, 200);
  await page.close();
});

test("the trail has names in place of ids, can be looked through, and is saved as CSV", async () => {
  const credential = await server.command(["credential", "create", "--company", companies.acme.id,
                                           "--description", "=Trail, \"quoted\""]);
  await exchange(server, credential.clientId, credential.clientSecret);
  await exchange(server, credential.clientId, "wrong");
  const page = await openCompany(context, "acme", email, "audit");
  const rows = page.locator("#audit tbody tr");
  await rows.filter({ hasText: "Exchanged a credential" })
    .filter({ hasText: 'credential =Trail, "quoted"' }).first().waitFor();
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
  assert.doesNotMatch(await page.locator("#audit").innerText(), uuid);
  await lookAt(page, "company-audit", [360, 1280]);

  await page.getByLabel("Find in the audit trail").fill("created trail");
  await page.getByText(/^1 of \d+ entries$/).waitFor();
  assert.equal(await rows.count(), 1);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), "audit-acme.csv");
  const lines = readFileSync(await saved.path(), "utf8").split("\r\n");
  // Excel takes a file for UTF-8 that begins with the byte order mark.
  assert.equal(lines[0], "\ufeffwhen,who,what,detail,on,from,refused,action,target,attempts,lastAt");
  assert.match(lines[1], /,operator,Created a credential,,"'=Trail, ""quoted""",/);
  assert.ok(lines[1].endsWith(`,credential.create,${credential.id},1,`), lines[1]);
  assert.deepEqual(lines.slice(2), [""]);
  await page.getByLabel("Find in the audit trail").fill("");
  await page.getByLabel("Refused only").check();
  await rows.filter({ hasNotText: "Refused" }).first().waitFor({ state: "detached" });
  await page.close();
});
