import assert from "node:assert/strict";
import test, { after } from "node:test";

import { expectAccessible, lookAt, screenshot } from "./browser.mjs";
import { asPerson, companies, openCompany, portalAddress, startPortal } from "./portal_world.mjs";

const email = "ada@acme.example";
const crowded = "many@acme.example";
const { server, context, expected } = await startPortal({ after }, {
  args: ["--tokens-per-user", "1000"],
  people: [
    { email, adminOf: [companies.acme.id] },
    { email: crowded, adminOf: [companies.globex.id] },
  ],
});

const text = (page, label) => page.getByRole("group", { name: label, exact: true }).innerText();
const query = "{ programProgress(input: {first: 1}) { totalCount } }";

// A server with limits whose company is used before all tests: use is written down within some
// seconds, in which the other tests run.
const limited = await startPortal({ after }, {
  args: ["--rate-limit", "60"],
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

async function status(token) {
  return (await server.graphql("program-progress", token, { query })).status;
}

test("a token is created with a description and an end, works, and stops when revoked", async () => {
  const page = await openCompany(context, "acme", email);
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
  await dialog.getByLabel("Expires").selectOption("In 7 days");
  await dialog.getByRole("button", { name: "Create token" }).click();

  await page.getByText("Copy the token now.").waitFor();
  const token = await text(page, "the token");
  assert.match(token, /^[0-9a-f]{32}$/);
  await expectAccessible(page, "the dialog with the token");
  await screenshot(page, "token-secret");
  await page.getByRole("button", { name: "I have kept the token" }).click();
  const row = page.locator("#tokens tr", { hasText: "Trying things out" });
  await row.getByText(`${token.slice(0, 4)}****${token.slice(-4)}`).waitFor();
  await row.getByText("in 6 days").waitFor();
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
  const each = 40;
  for (let first = 0; first < 1000; first += each) {
    const fields = Array.from({ length: each }, (_, i) =>
      `t${i}: createToken(input: {description: "Token ${first + i}", companyId: "77"}) { expiresIn }`);
    const { errors } = await ask(`mutation { ${fields.join(" ")} }`);
    assert.equal(errors, undefined);
  }
  // The other person's session is gone: the first request of the page is refused.
  expected.push(/status of 401/);
  await context.clearCookies();
  const page = await openCompany(context, "globex", crowded);
  const rows = page.locator("#tokens tbody tr");
  await page.getByText("50 of 1,000 tokens").waitFor();
  assert.equal(await rows.count(), 50);
  await page.locator("#tokens").getByRole("button", { name: "Show 50 more" }).click();
  await page.getByText("100 of 1,000 tokens").waitFor();
  assert.equal(await rows.count(), 100);
  await page.getByLabel("Find among tokens").fill("token 12");
  await page.getByText("11 tokens", { exact: true }).waitFor();
  await page.getByLabel("Find among tokens").fill("nothing like this");
  await page.getByText("No tokens to show").waitFor();
  await page.getByLabel("Find among tokens").fill("");
  await page.getByText("50 of 1,000 tokens").waitFor();
  await expectAccessible(page, "a thousand tokens");
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
  const page = await openCompany(limited.context, "acme", email);
  const answered = page.locator(".totals dd").first();
  for (let i = 0; i < 12 && (await answered.innerText()) !== "60"; ++i) {
    await page.waitForTimeout(3000);
    await page.reload();
    await answered.waitFor();
  }
  assert.deepEqual(await page.locator(".totals dd").allInnerTexts(), ["60", "15"]);
  await page.getByText("60 requests in any 60 seconds").waitFor();
  await page.getByText("500 requests in any 60 seconds").waitFor();
  await page.getByText("Show the numbers").click();
  const cells = await page.locator("#usage tbody tr").first().locator("td").allInnerTexts();
  assert.deepEqual(cells.slice(1), ["60", "15"]);
  assert.equal(await page.locator("#usage tbody tr").count(), 30);
  await page.getByText("Show the numbers").click();
  await lookAt(page, "company");
  await page.close();
});
