// Dialogs of the portal when something comes between: the session's end, the back button, a row that goes.

import assert from "node:assert/strict";
import test, { after } from "node:test";

import { companies, logIn, logOut, openCompany, openTab, startPortal } from "./portal_world.mjs";

const email = "ada@acme.example";
const { context, expected } = await startPortal({ after }, {
  people: [{ email, adminOf: [companies.acme.id, companies.globex.id] }],
});
// The browser reports each refusal that a test provokes.
expected.push(/status of (401|404)/);

const login = (page) => page.getByRole("heading", { name: "Log in" });
const ended = (page) => page.getByText("Your session has ended.");

async function createToken(page, description) {
  await page.getByRole("button", { name: "Create token" }).click();
  await page.getByRole("dialog").getByLabel("Description").fill(description);
  await page.getByRole("dialog").getByRole("button", { name: "Create token" }).click();
  await page.getByText("Copy the token now.").waitFor();
}

async function keepToken(page, description) {
  await createToken(page, description);
  await page.getByRole("button", { name: "I have kept the token" }).click();
  await page.getByRole("button", { name: `Revoke ${description}` }).first().waitFor();
}

test("a dialog whose session has ended leads to the log-in, and from there back to the page", async () => {
  const page = await openCompany(context, "acme", email, "tokens");
  await keepToken(page, "Kept");
  for (const [button, act] of [
    ["Create token", "Create token"],
    ["Revoke Kept", "Revoke token"],
  ]) {
    await page.locator("#tokens").getByRole("button", { name: button, exact: true }).click();
    const dialog = page.getByRole("dialog");
    if (act === "Create token") {
      await dialog.getByLabel("Description").fill("Too late");
    }
    await context.clearCookies();
    await dialog.getByRole("button", { name: act }).click();
    await ended(page).waitFor();
    assert.equal(await page.getByRole("button", { name: /^Account/ }).count(), 0);
    await logIn(page, email);
    await page.locator("#tokens").waitFor();
    assert.match(page.url(), /\/settings\/tokens$/);
  }
  await page.close();
});

test("a dialog of a credential leads there too", async () => {
  const page = await openCompany(context, "acme", email);
  await page.getByRole("button", { name: "Create credential" }).click();
  await context.clearCookies();
  await page.getByRole("dialog").getByRole("button", { name: "Create credential" }).click();
  await ended(page).waitFor();
  await page.close();
});

test("neither the back button nor a reload nor a log-out takes away what is shown once", async () => {
  const page = await openCompany(context, "acme", email);
  const other = await openCompany(context, "acme", email);
  await openTab(page, "Tokens");
  // What is read again after the change has nothing to show.
  await page.route("**/portal/api/companies/acme", (route) =>
    route.fulfill({ status: 404, json: {} }), { times: 1 });
  const again = page.waitForResponse((response) => response.status() === 404);
  await createToken(page, "Shown once");
  await again;
  const token = page.getByRole("group", { name: "the token", exact: true });
  const shown = await token.innerText();
  await page.evaluate(() => history.back());
  await page.waitForTimeout(300);
  assert.equal(await token.innerText(), shown);
  assert.match(page.url(), /\/settings\/tokens$/);

  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const question = await asked;
  assert.equal(question.type(), "beforeunload");
  await question.dismiss();
  assert.equal(await token.innerText(), shown);

  await logOut(other);
  await login(other).waitFor();
  await page.waitForTimeout(300);
  assert.equal(await token.innerText(), shown);
  await page.getByRole("button", { name: "I have kept the token" }).click();
  await login(page).waitFor();
  assert.equal(await ended(page).count(), 0);
  await other.close();
  await logIn(page, email);
  await page.locator("#tokens").waitFor();

  // Afterwards both are as ever.
  await page.evaluate(() => history.back());
  await page.locator("#credentials").waitFor();
  await page.reload();
  await page.locator("#credentials").waitFor();
  await page.close();
});

test("neither Escape nor a log-out leaves a dialog whose work is under way or that shows a secret", async () => {
  const page = await openCompany(context, "globex", email);
  const other = await openCompany(context, "globex", email);
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route("**/graphql", async (route) => {
    const response = await route.fetch();
    answer();
    await released;
    await route.fulfill({ response });
  }, { times: 1 });
  await page.getByRole("button", { name: "Create credential" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Acme").check();
  await dialog.getByRole("button", { name: "Create credential" }).click();
  for (let i = 0; i < 3; ++i) {
    await page.keyboard.press("Escape");
  }
  await answered;
  await logOut(other);
  await login(other).waitFor();
  await page.waitForTimeout(300);
  release();
  const command = page.getByRole("group", { name: "the command that exchanges the credential" });
  await command.waitFor();
  for (let i = 0; i < 3; ++i) {
    await page.keyboard.press("Escape");
  }
  // Of the two companies the one whose page this is.
  assert.match(await command.innerText(), new RegExp(`companyId: .*"${companies.globex.id}`));
  await page.getByRole("button", { name: "I have kept the secret" }).click();
  await dialog.waitFor({ state: "detached" });
  await login(page).waitFor();
  await other.close();
  await page.close();
});

test("after a revocation the keyboard goes on in the list", async () => {
  const page = await openCompany(context, "acme", email, "tokens");
  for (const list of ["#tokens", "#company-tokens"]) {
    await keepToken(page, `In ${list}`);
    const button = page.locator(list).getByRole("button", { name: `Revoke In ${list}` });
    await button.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Revoke token" }).focus();
    await page.keyboard.press("Enter");
    await button.waitFor({ state: "detached" });
    await page.waitForFunction((id) => document.activeElement?.closest(id) !== null, list);
  }
  await page.close();
});
