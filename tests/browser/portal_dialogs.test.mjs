// Dialogs of the portal when something comes between: the session's end, the back button, a row that goes.

import assert from "node:assert/strict";
import test, { after } from "node:test";

import { companies, logIn, openCompany, openTab, startPortal } from "./portal_world.mjs";

const email = "ada@acme.example";
const { context, expected } = await startPortal({ after }, {
  people: [{ email, adminOf: [companies.acme.id, companies.globex.id] }],
});
// The browser reports each refusal that a test provokes.
expected.push(/status of 401/);

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

test("neither the back button nor a reload takes away what is shown once", async () => {
  const page = await openCompany(context, "acme", email);
  await openTab(page, "Tokens");
  await createToken(page, "Shown once");
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
  await page.getByRole("button", { name: "I have kept the token" }).click();

  // Afterwards both are as ever.
  await page.evaluate(() => history.back());
  await page.locator("#credentials").waitFor();
  await page.reload();
  await page.locator("#credentials").waitFor();
  await page.close();
});

test("Escape leaves a dialog neither while its work is under way nor while it shows a secret", async () => {
  const page = await openCompany(context, "globex", email);
  await page.route("**/graphql", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue();
  });
  await page.getByRole("button", { name: "Create credential" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Acme").check();
  await dialog.getByRole("button", { name: "Create credential" }).click();
  for (let i = 0; i < 3; ++i) {
    await page.keyboard.press("Escape");
  }
  const command = page.getByRole("group", { name: "the command that exchanges the credential" });
  await command.waitFor();
  for (let i = 0; i < 3; ++i) {
    await page.keyboard.press("Escape");
  }
  // Of the two companies the one whose page this is.
  assert.match(await command.innerText(), new RegExp(`companyId: .*"${companies.globex.id}`));
  await page.getByRole("button", { name: "I have kept the secret" }).click();
  await dialog.waitFor({ state: "detached" });
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
