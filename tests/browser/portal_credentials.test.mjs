import assert from "node:assert/strict";
import test, { after } from "node:test";

import { expectAccessible, lookAt, screenshot } from "./browser.mjs";
import {
  asPerson, companies, exchange, openCompany, openTab, startPortal,
} from "./portal_world.mjs";

const email = "ada@acme.example";
const { server, context, expected } = await startPortal({ after }, {
  people: [
    {
      email,
      firstName: "Ada",
      lastName: "Admin",
      adminOf: [companies.acme.id, companies.globex.id, companies.arabic.id],
    },
  ],
});
// A browser writes every refused request to its console.
expected.push(/status of 400/);
await context.grantPermissions(["clipboard-read", "clipboard-write"]);

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const text = (page, label) => page.getByRole("group", { name: label, exact: true }).innerText();

test("a company without anything says what to do next, with the real host", async () => {
  const page = await openCompany(context, "acme", email);
  for (const [tab, title] of [["Tokens", "No tokens yet"], ["Use", "No requests yet"],
                              ["Credentials", "No credentials yet"]]) {
    await openTab(page, tab);
    await page.getByRole("heading", { name: title }).waitFor();
    if (tab === "Use") {
      await page.getByRole("link", { name: "Create a credential" }).click();
    }
  }
  assert.match(await text(page, "the command that exchanges a credential"),
               new RegExp(`^curl -s ${server.url}/api/public/api/v1/tokens/graphql `));
  await lookAt(page, "company-empty", [360, 1280]);
  await page.close();
});

test("a credential is created, its secret shown once, copied, and good for a token", async () => {
  const page = await openCompany(context, "acme", email);
  await page.getByRole("button", { name: "Create credential" }).click();
  await page.getByLabel("Description").fill("Nightly sync");
  await expectAccessible(page, "the dialog that creates a credential");
  await screenshot(page, "credential-create");
  await page.getByRole("dialog").getByRole("button", { name: "Create credential" }).click();

  await page.getByText("Copy the secret now.").waitFor();
  const clientId = await text(page, "the client id");
  const secret = await text(page, "the client secret");
  assert.match(clientId, /^udcl_[0-9a-f]{32}$/);
  assert.match(secret, /^udcs_/);
  await page.getByRole("button", { name: "Copy the client secret" }).click();
  assert.equal(await clipboard(page), secret);
  assert.ok((await text(page, "the command that exchanges the credential")).includes(secret));
  await expectAccessible(page, "the dialog with the secret");
  await screenshot(page, "credential-secret");
  await page.keyboard.press("Escape");
  assert.ok(await page.getByRole("dialog").isVisible(), "Escape must not lose the secret");
  assert.match(await exchange(server, clientId, secret), /^[0-9a-f]{32}$/);

  await page.getByRole("button", { name: "I have kept the secret" }).click();
  const row = page.locator("#credentials tr", { hasText: "Nightly sync" });
  await row.getByText(`udcs_••••••••${secret.slice(-4)}`).waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await page.reload();
  await row.waitFor();
  assert.ok(!(await page.content()).includes(secret));
  // What is empty still says how to go on, now with the real client id.
  await openTab(page, "Use");
  assert.ok((await text(page, "the command that exchanges a credential for a token"))
    .includes(clientId));
  await page.close();
});

test("a secret is rotated with an overlap: both work, and the page says until when", async () => {
  const made = await server.command(["credential", "create", "--company", companies.acme.id,
                                     "--description", "Rotated"]);
  const page = await openCompany(context, "acme", email);
  await page.getByRole("button", { name: "Rotate Rotated" }).click();
  await page.getByLabel("The old secret ends").selectOption("In an hour");
  await expectAccessible(page, "the dialog that rotates a secret");
  await screenshot(page, "credential-rotate");
  await page.getByRole("button", { name: "Rotate secret" }).click();
  await page.getByText("Copy the secret now.").waitFor();
  const secret = await text(page, "the client secret");
  await page.getByRole("button", { name: "I have kept the secret" }).click();
  await page.locator("#credentials tr", { hasText: "Rotated" })
    .getByText(/The one before works until/).waitFor();
  for (const working of [made.clientSecret, secret]) {
    assert.match(await exchange(server, made.clientId, working), /^[0-9a-f]{32}$/);
  }
  await page.close();
});

test("where no answer comes to a new secret, the page shows what the list has and warns of a second one", async () => {
  expected.push(/ERR_CONNECTION_RESET/);
  await server.command(["credential", "create", "--company", companies.acme.id,
                        "--description", "Unanswered"]);
  const page = await openCompany(context, "acme", email);
  await page.route("**/tokens/graphql", async (route) => {
    if (route.request().postData().includes("mutation")) {
      await route.fetch();
      await route.abort("connectionreset");
    } else {
      await route.continue();
    }
  });
  await page.getByRole("button", { name: "Rotate Unanswered" }).click();
  await page.getByRole("button", { name: "Rotate secret" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("look at the list before you try again").waitFor();
  await dialog.getByText("An earlier rotation still overlaps.").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.locator("#credentials tr", { hasText: "Unanswered" })
    .getByText(/The one before works until/).waitFor();
  await openTab(page, "Tokens");
  await page.getByRole("button", { name: "Create token" }).click();
  await dialog.getByLabel("Description").fill("Lost on the way");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await dialog.getByText("look at the list before you try again").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.locator("#tokens tr", { hasText: "Lost on the way" }).waitFor();
  await page.close();
});

test("revoking asks first, then ends the credential at once; it can still be looked up", async () => {
  const made = await server.command(["credential", "create", "--company", companies.acme.id,
                                     "--description", "Leaked"]);
  const page = await openCompany(context, "acme", email);
  await page.getByRole("button", { name: "Revoke Leaked" }).click();
  await expectAccessible(page, "the dialog that revokes a credential");
  await screenshot(page, "credential-revoke");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.match(await exchange(server, made.clientId, made.clientSecret), /^[0-9a-f]{32}$/);
  // Focus is back where it was, so the keyboard goes on from there.
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Revoke credential" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await exchange(server, made.clientId, made.clientSecret),
               "invalid client credentials");
  await page.locator("#credentials tr", { hasText: "Leaked" }).waitFor({ state: "detached" });
  await page.getByLabel(/Show revoked/).check();
  await page.locator("#credentials tr", { hasText: "Leaked" })
    .getByText("Revoked", { exact: true }).waitFor();
  // The trail tells who did it.
  await openTab(page, "Audit trail");
  await page.locator("#audit tr", { hasText: "Revoked a credential" })
    .filter({ hasText: "Leaked" }).filter({ hasText: email }).waitFor();
  await page.close();
});

test("one credential covers several companies", async () => {
  const page = await openCompany(context, "globex", email);
  await page.getByRole("button", { name: "Create credential" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Globex").uncheck();
  await dialog.getByRole("button", { name: "Create credential" }).click();
  await page.getByText("Choose at least one company.").waitFor();
  await dialog.getByLabel("Globex").check();
  await dialog.getByLabel(companies.arabic.name).check();
  await dialog.getByLabel("Description").fill("Both");
  await dialog.getByRole("button", { name: "Create credential" }).click();
  await page.getByText("Copy the secret now.").waitFor();
  const command = await text(page, "the command that exchanges the credential");
  assert.match(command, /companyId: \\"(77|9001)\\"/);
  await page.getByRole("button", { name: "I have kept the secret" }).click();
  await page.locator("#credentials tr", { hasText: "Both" }).getByText("Covers 2 companies").waitFor();
  const ask = await asPerson(server, email);
  const { data } = await ask(
    `query($id: ID!) { clientCredentials(companyId: $id) { description companyIds } }`,
    { id: companies.arabic.id });
  assert.deepEqual([...data.clientCredentials[0].companyIds].sort(), ["77", "9001"]);
  await page.close();
});

test("a credential is held to networks and endpoints, and this can be changed", async () => {
  const page = await openCompany(context, "acme", email);
  await page.getByRole("button", { name: "Create credential" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Description").fill("Held");
  await dialog.getByLabel("Networks").fill("192.0.2.0/33");
  for (const endpoint of ["Catalog", "Program progress", "Assessment progress", "Learning plan progress"]) {
    await dialog.getByLabel(endpoint).uncheck();
  }
  const create = dialog.getByRole("button", { name: "Create credential" });
  await create.click();
  await dialog.getByText("Choose at least one endpoint.").waitFor();
  await dialog.getByLabel("Catalog").check();
  await create.click();
  await dialog.getByText('"192.0.2.0/33" is not a network').waitFor();
  await expectAccessible(page, "the dialog with a wrong network");
  await dialog.getByLabel("Networks").fill("127.0.0.0/8\n192.0.2.0/24");
  await create.click();
  await page.getByText("Copy the secret now.").waitFor();
  const [clientId, secret] = [await text(page, "the client id"), await text(page, "the client secret")];
  await page.getByRole("button", { name: "I have kept the secret" }).click();
  const row = page.locator("#credentials tr", { hasText: "Held" });
  await row.getByText("Only from 127.0.0.0/8, 192.0.2.0/24").waitFor();
  await row.getByText("Only Catalog").waitFor();

  const token = await exchange(server, clientId, secret, "4821");
  const status = async (endpoint) =>
    (await server.graphql(endpoint, token, { query: "{ __typename }" })).status;
  assert.deepEqual([await status("catalog"), await status("program-progress")], [200, 403]);

  await page.getByRole("button", { name: "Restrict Held" }).click();
  assert.equal(await dialog.getByLabel("Networks").inputValue(), "127.0.0.0/8\n192.0.2.0/24");
  assert.equal(await dialog.getByLabel("Program progress").isChecked(), false);
  await expectAccessible(page, "the dialog that restricts a credential");
  await screenshot(page, "credential-restrict");
  await dialog.getByLabel("Program progress").check();
  await dialog.getByLabel("Networks").fill("192.0.2.0/24");
  await dialog.getByRole("button", { name: "Save restrictions" }).click();
  await row.getByText("Only Catalog, Program progress").waitFor();
  assert.deepEqual([await status("catalog"), await status("program-progress")], [403, 403]);

  // What another admin set since the page was read is where the dialog begins.
  const { id } = (await server.command(["credential", "list"]))
    .find(({ description }) => description === "Held");
  await server.command(["credential", "restrict", id, "--network", "198.51.100.0/24"]);
  await page.getByRole("button", { name: "Restrict Held" }).click();
  await dialog.getByLabel("Networks").waitFor();
  assert.equal(await dialog.getByLabel("Networks").inputValue(), "198.51.100.0/24");
  await dialog.getByRole("button", { name: "Save restrictions" }).click();
  await row.getByText("Only from 198.51.100.0/24").waitFor();
  await page.close();
});

test("where a credential covers other companies, one company can be taken away from it", async () => {
  const own = await server.command(["credential", "create", "--company", companies.acme.id,
    "--company", companies.globex.id, "--description", "Two of mine"]);
  const shared = await server.command(["credential", "create", "--company", companies.acme.id,
    "--company", companies.long.id, "--description", "Shared with others"]);
  const page = await openCompany(context, "acme", email);
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Revoke Two of mine" }).click();
  await dialog.getByLabel("Its access to Acme").waitFor();
  await expectAccessible(page, "the dialog that takes a company away");
  await screenshot(page, "credential-withdraw");
  await dialog.getByRole("button", { name: "Revoke credential" }).click();
  await page.locator("#credentials tr", { hasText: "Two of mine" }).waitFor({ state: "detached" });
  assert.equal(await exchange(server, own.clientId, own.clientSecret, companies.acme.id),
               "invalid client credentials");
  assert.match(await exchange(server, own.clientId, own.clientSecret, companies.globex.id),
               /^[0-9a-f]{32}$/);

  // One that covers a company of another admin too looks like any other, until it is to change whole.
  await page.getByRole("button", { name: "Rotate Shared with others" }).click();
  await dialog.getByRole("button", { name: "Rotate secret" }).click();
  await dialog.getByText("You do not administer every company of this credential.").waitFor();
  await dialog.getByText("Ask an admin of all of them, or staff.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Revoke Shared with others" }).click();
  assert.equal(await dialog.getByRole("radio").count(), 0);
  await dialog.getByRole("button", { name: "Revoke credential" }).click();
  await dialog.getByText("You do not administer every company of this credential.").waitFor();
  await dialog.getByRole("button", { name: "Revoke credential" }).click();
  await page.locator("#credentials tr", { hasText: "Shared with others" })
    .waitFor({ state: "detached" });
  assert.match(await exchange(server, shared.clientId, shared.clientSecret, companies.long.id),
               /^[0-9a-f]{32}$/);
  await page.close();
});
