import assert from "node:assert/strict";
import test, { after } from "node:test";

import { expectFits, screenshot, widths } from "./browser.mjs";
import { payloads } from "./payloads.mjs";
import { asPerson, companies, openAccount, openCompany, openTab, startPortal } from "./portal_world.mjs";

const email = "hostile@acme.example";
const payload = payloads[0];
const company = { id: "666", slug: "payload", name: payloads[1] };
const { server, context } = await startPortal({ after }, {
  others: [company],
  args: ["--rate-limit", "0"],
  people: [
    {
      email,
      firstName: payload,
      lastName: payloads[2],
      adminOf: [company.id, companies.long.id, companies.arabic.id],
    },
  ],
});

// Fails when any script of the texts has run.
async function expectNoScript(page) {
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
  const elements = await page.locator("#root script, #root iframe, #root img, #root object").count();
  assert.equal(elements, 0);
}

async function watched(page) {
  page.on("dialog", (dialog) => {
    throw new Error(`a script of the data ran: ${dialog.message()}`);
  });
}

test("sixty script payloads in every text that people write show as text", async () => {
  const ask = await asPerson(server, email);
  for (let first = 0; first < payloads.length; first += 10) {
    const part = payloads.slice(first, first + 10);
    const names = part.map((_, i) => `$d${i}: String!`).join(" ");
    const variables = Object.fromEntries(part.map((text, i) => [`d${i}`, text]));
    for (const field of [
      (i) => `createClientCredential(input: {companyIds: ["666"], description: $d${i}}) { clientId }`,
      (i) => `createToken(input: {companyId: "666", description: $d${i}}) { expiresIn }`,
    ]) {
      const { errors } = await ask(
        `mutation(${names}) { ${part.map((_, i) => `f${i}: ${field(i)}`).join(" ")} }`, variables);
      assert.equal(errors, undefined);
    }
  }
  const page = await openCompany(context, "payload", email);
  await watched(page);
  for (const [tab, list] of [["Credentials", "#credentials"], ["Tokens", "#tokens"],
                             ["Tokens", "#company-tokens"]]) {
    await openTab(page, tab);
    const more = page.locator(list).getByRole("button", { name: /^Show (\d+ )?more$/ });
    await more.click();
    await more.waitFor({ state: "detached" });
    const shown = await page.locator(`${list} .row-name .user-text`).evaluateAll((all) =>
      all.map((element) => element.textContent));
    assert.deepEqual(shown.sort(), [...payloads].sort(), list);
  }
  const heading = await page.getByRole("heading", { level: 1 }).evaluate((h) => h.textContent);
  assert.equal(heading, company.name);
  await (await openAccount(page)).getByText(`${payload} ${payloads[2]}`).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#tokens").getByRole("button", { name: /^Revoke/ }).first().click();
  await page.getByRole("dialog").waitFor();
  await expectNoScript(page);
  await screenshot(page, "payloads");
  await page.keyboard.press("Escape");
  await openTab(page, "Audit trail");
  await page.locator("#audit tbody tr").first().waitFor();
  await expectNoScript(page);
  await page.close();

  const picker = await context.newPage();
  await watched(picker);
  await picker.goto("/c");
  await picker.getByText(company.name).waitFor();
  await expectNoScript(picker);
  await picker.close();
});

test("long and right-to-left texts stay in their place at every width", async () => {
  const ask = await asPerson(server, email);
  const texts = [
    "مفتاح التشغيل الليلي لمستودع البيانات",
    "שם ארוך מאוד עם English באמצע 123",
    "x".repeat(240),
    "Wort ".repeat(48).trim(),
  ];
  for (const id of [companies.arabic.id, companies.long.id]) {
    for (const text of texts) {
      const { errors } = await ask(
        `mutation($id: ID!, $text: String!) {
          a: createClientCredential(input: {companyIds: [$id], description: $text}) { clientId }
          b: createToken(input: {companyId: $id, description: $text}) { expiresIn }
        }`,
        { id, text });
      assert.equal(errors, undefined);
    }
  }
  for (const slug of ["taelim", "long"]) {
    const page = await openCompany(context, slug, email);
    for (const tab of ["Credentials", "Tokens", "Audit trail"]) {
      await openTab(page, tab);
      await page.locator("tbody tr").first().waitFor();
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        await expectFits(page, `${tab} of ${slug} at ${width}`);
        await screenshot(page, `texts-${slug}-${tab.toLowerCase().replace(" ", "-")}-${width}`);
      }
    }
    await page.close();
  }
});
