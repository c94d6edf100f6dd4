// A credential for companies that staff choose among many; a reader whose language is another.

import assert from "node:assert/strict";
import test, { after } from "node:test";

import { companies, openCompany, startPortal } from "./portal_world.mjs";

const many = Array.from({ length: 2_050 }, (_, i) => {
  const number = String(i).padStart(5, "0");
  return { id: `many-${number}`, slug: `m-${number}`, name: `Many ${number}` };
});
const email = "sam@staff.example";
const { server, context } = await startPortal({ after }, {
  people: [{ email, staff: true }],
  others: many,
  browser: { locale: "de-DE" },
});

test("words are those of the page's language, whatever the reader's is", async () => {
  await server.command(["token", "create", "--company", companies.globex.id, "--description", "Three months"]);
  const page = await openCompany(context, "globex", email, "tokens");
  await page.locator("#company-tokens tr", { hasText: "Three months" }).getByText("in 3 months").waitFor();
  await page.close();
});

test("the page's company is the first choice, fifty others are shown, and any can be found", async () => {
  const page = await openCompany(context, "m-02049", email);
  await page.getByRole("button", { name: "Create credential" }).click();
  const dialog = page.getByRole("dialog");
  const choices = dialog.getByRole("group", { name: "Companies" }).getByRole("checkbox");
  const search = dialog.getByLabel("Find a company");
  await search.waitFor();
  assert.equal(await choices.count(), 51);
  assert.ok(await choices.first().isChecked());
  await dialog.getByLabel("Many 02049").uncheck();
  await search.fill("Many 0123");
  await search.press("Enter");
  await dialog.getByLabel("Many 01234").check();
  await search.fill(companies.globex.slug);
  await dialog.getByLabel("Globex").check();
  assert.equal(await choices.count(), 2);
  await dialog.getByLabel("Description").fill("Chosen");
  await dialog.getByRole("button", { name: "Create credential" }).click();
  await page.getByText("Copy the secret now.").waitFor();
  const made = (await server.command(["credential", "list"]))
    .find(({ description }) => description === "Chosen");
  assert.deepEqual(made.companyIds.toSorted(), [companies.globex.id, "many-01234"].toSorted());
  await page.getByRole("button", { name: "I have kept the secret" }).click();
  await page.close();
});
