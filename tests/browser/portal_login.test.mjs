import assert from "node:assert/strict";
import test, { after } from "node:test";

import { expectAccessible, lookAt, transferredBytes } from "./browser.mjs";
import {
  companies, logIn, logOut, openAccount, openTab, password, portalAddress, startPortal,
} from "./portal_world.mjs";

const { server, context, expected } = await startPortal({ after }, {
  people: [
    { email: "one@acme.example", adminOf: [companies.acme.id] },
    {
      email: "several@acme.example",
      adminOf: [companies.acme.id, companies.arabic.id, companies.long.id],
    },
    { email: "nobody@acme.example" },
    { email: "staff@platform.example", staff: true },
    { email: "leaving@acme.example", adminOf: [companies.acme.id] },
  ],
});
// A browser writes every refused request to its console.
expected.push(/status of (401|404)/, /ERR_INTERNET_DISCONNECTED/);

async function freshPage(path) {
  await context.clearCookies();
  const page = await context.newPage();
  await page.goto("/healthz");
  await page.evaluate(() => localStorage.clear());
  await page.goto(path);
  return page;
}

test("the log-in page is small, accessible and says what is wrong", async (t) => {
  const page = await freshPage("/login");
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  const bytes = await transferredBytes(page);
  t.diagnostic(`${bytes} bytes over the wire`);
  assert.ok(bytes > 50_000 && bytes < 150_000, `${bytes} bytes`);
  assert.equal(await page.evaluate(() => document.activeElement.id), "email");
  await lookAt(page, "login");
  await logIn(page, "one@acme.example", "wrong");
  await page.getByText("The e-mail address or the password is wrong.").waitFor();
  await expectAccessible(page, "a refused log-in");
  await page.close();
});

test("an admin of one company comes to its page by keyboard alone", async () => {
  const page = await freshPage("/login");
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.keyboard.type("one@acme.example");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL(portalAddress("acme"));
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  await page.close();
});

test("a link to a company asks for a log-in and then shows it; a reload needs no other", async () => {
  const page = await freshPage(portalAddress("acme"));
  await logIn(page, "one@acme.example");
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  const [cookie] = await context.cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");

  await logOut(page);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.deepEqual(await context.cookies(), []);
  await page.reload();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.close();
});

test("an admin of several companies chooses one", async () => {
  const page = await freshPage("/login");
  await logIn(page, "several@acme.example");
  await page.getByRole("heading", { name: "Choose a company" }).waitFor();
  await page.getByRole("link", { name: companies.arabic.name }).waitFor();
  const names = await page.locator(".company-list .user-text").allInnerTexts();
  assert.deepEqual(new Set(names),
                   new Set([companies.acme.name, companies.arabic.name, companies.long.name]));
  await lookAt(page, "companies", [360, 1280]);
  await page.getByRole("link", { name: companies.arabic.name }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(portalAddress("taelim"));
  await page.getByRole("heading", { name: companies.arabic.name, level: 1 }).waitFor();
  await page.close();
});

test("who administers no company is told to ask an administrator", async () => {
  const page = await freshPage("/login");
  await logIn(page, "nobody@acme.example");
  await page.getByRole("heading", { name: "You administer no company yet" }).waitFor();
  await page.close();
});

test("another company looks the same as one that does not exist; staff see each", async () => {
  const page = await freshPage("/login");
  await logIn(page, "one@acme.example");
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  const shown = [];
  for (const slug of ["globex", "nowhere"]) {
    await page.goto(portalAddress(slug));
    await page.getByRole("heading", { name: "No such company" }).waitFor();
    shown.push(await page.locator("main").innerHTML());
  }
  assert.equal(shown[0], shown[1]);
  await expectAccessible(page, "no such company");
  await logOut(page);
  await page.getByRole("heading", { name: "Log in" }).waitFor();

  await page.goto("/login");
  await logIn(page, "staff@platform.example");
  await page.getByRole("link", { name: "Globex" }).click();
  await page.getByRole("heading", { name: "Globex", level: 1 }).waitFor();
  await (await openAccount(page)).getByText("Staff", { exact: true }).waitFor();
  await page.close();
});

test("a session that ends on the server leads back to the log-in, which says so", async () => {
  const page = await freshPage(portalAddress("acme"));
  await logIn(page, "leaving@acme.example");
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  await server.command(["user", "set-password", "--email", "leaving@acme.example",
                        "--password-stdin"], { input: "another password\n" });
  await page.reload();
  await page.getByText("Your session has ended.").waitFor();
  await page.close();
});

test("waiting shows progress; a silent server is named, and trying again works", async () => {
  const page = await freshPage("/login");
  await logIn(page, "one@acme.example");
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/portal/api/**", async (route) => {
    await held;
    await route.abort("internetdisconnected");
  });
  await page.reload();
  await page.getByText("Loading the company").waitFor();
  release();
  await page.getByText("The server did not answer.").waitFor();
  await expectAccessible(page, "a failure");
  await page.unroute("**/portal/api/**");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  await page.close();
});

test("the account menu says who is logged in, changes the colours and logs out", async () => {
  const page = await freshPage(portalAddress("acme"));
  assert.equal(await page.getByRole("button", { name: /^Account/ }).count(), 0);
  await logIn(page, "one@acme.example");
  await page.getByRole("button", { name: "Account: one@acme.example" }).waitFor();
  const account = await openAccount(page);
  await account.getByText("one@acme.example").first().waitFor();
  await expectAccessible(page, "the account menu");
  await account.getByLabel("Colours").selectOption("Dark");
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  assert.equal(await scheme(), "dark");
  await expectAccessible(page, "the account menu in the dark");
  await page.keyboard.press("Escape");
  await account.waitFor({ state: "hidden" });
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Account/);
  await page.keyboard.press("Enter");
  await account.waitFor();
  await page.getByRole("heading", { level: 1 }).click();
  await account.waitFor({ state: "hidden" });
  for (const path of ["/", "/playground", "/docs", "/nowhere"]) {
    await page.goto(path);
    assert.equal(await scheme(), "dark", path);
  }
  // The other pages offer the same choice.
  await page.goto("/docs");
  await page.getByLabel("Colours").selectOption("System");
  assert.equal(await scheme(), "light dark");
  await page.goto(portalAddress("acme"));
  await logOut(page);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.getByLabel("Colours").selectOption("Light");
  assert.equal(await scheme(), "light");
  await page.close();
});

test("a log-out in one window ends the other windows' pages too", async () => {
  const page = await freshPage(portalAddress("acme"));
  await logIn(page, "one@acme.example");
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  const other = await context.newPage();
  await other.goto(portalAddress("acme"));
  await other.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  await logOut(other);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await logIn(other, "one@acme.example");
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  await other.close();
  await page.close();
});

test("a late answer about a session that was left does not end the one since then", async () => {
  const page = await freshPage(portalAddress("acme"));
  await logIn(page, "one@acme.example");
  for (const next of [null, "several@acme.example"]) {
    await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
    let release;
    const left = new Promise((resolve) => (release = resolve));
    await page.route("**/audit?*", async (route) => {
      await left;
      await route.continue();
    }, { times: 1 });
    await openTab(page, "Audit trail");
    await page.getByText("Loading the audit trail").waitFor();
    await logOut(page);
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    if (next !== null) {
      await logIn(page, next);
      await page.getByRole("button", { name: `Account: ${next}` }).waitFor();
    }
    const late = page.waitForResponse((response) => response.status() === 401);
    release();
    await (await late).finished();
    await page.waitForTimeout(100);
    assert.equal(await page.getByText("Your session has ended.").count(), 0);
    if (next === null) {
      await page.goto(portalAddress("acme"));
      await logIn(page, "one@acme.example");
    }
  }
  await page.getByRole("button", { name: "Account: several@acme.example" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Account: several@acme.example" }).waitFor();
  await page.close();
});

test("a late answer at the playground does not end a later session either", async () => {
  const page = await freshPage(portalAddress("acme"));
  await logIn(page, "one@acme.example");
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  const playground = await context.newPage();
  await playground.goto("/playground?endpoint=tokens");
  await playground.getByRole("button", { name: "Account: one@acme.example" }).waitFor();
  await playground.getByLabel("Example").selectOption({ label: "Who am I" });
  await playground.locator(".graphiql-query-editor .view-lines", { hasText: "query Me" }).waitFor();
  let release;
  const left = new Promise((resolve) => (release = resolve));
  const held = new Promise((resolve) => {
    void playground.route("**/graphql", async (route) => {
      resolve();
      await left;
      await route.continue();
    }, { times: 1 });
  });
  await playground.getByRole("button", { name: /^Execute/ }).click();
  await held;
  await logOut(page);
  await logIn(page, "several@acme.example");
  const account = { name: "Account: several@acme.example" };
  await playground.getByRole("button", account).waitFor();
  release();
  await playground.locator(".result-window", { hasText: "Another login at the portal has begun." }).waitFor();
  for (const each of [page, playground]) {
    await each.getByRole("button", account).waitFor();
    await each.close();
  }
});

test("each tab of a company has an address, and the back button leads from tab to tab", async () => {
  const page = await freshPage(portalAddress("acme", "audit"));
  await logIn(page, "one@acme.example");
  await page.getByRole("heading", { name: "Audit trail" }).waitFor();
  assert.equal(await page.title(), "Audit trail · Acme");
  const tabs = page.getByRole("navigation", { name: "Settings of the company" });
  const current = () => tabs.locator("[aria-current=page]").innerText();
  assert.deepEqual(await tabs.getByRole("link").allInnerTexts(),
                   ["Credentials", "Tokens", "Files", "Use", "Limits", "Audit trail"]);
  let loads = 0;
  page.on("domcontentloaded", () => (loads += 1));
  await tabs.getByRole("link", { name: "Tokens" }).click();
  await page.getByRole("heading", { name: "Your API tokens" }).waitFor();
  assert.equal(new URL(page.url()).pathname, portalAddress("acme", "tokens"));
  await tabs.getByRole("link", { name: "Limits" }).click();
  await page.getByRole("heading", { name: "Limits" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Your API tokens" }).waitFor();
  assert.equal(await current(), "Tokens");
  await page.goBack();
  await page.getByRole("heading", { name: "Audit trail" }).waitFor();
  await page.goForward();
  await page.getByRole("heading", { name: "Your API tokens" }).waitFor();
  assert.equal(loads, 0, "a tab must not load the page again");
  await page.reload();
  await page.getByRole("heading", { name: "Your API tokens" }).waitFor();
  assert.equal(await page.title(), "Tokens · Acme");
  await page.goto(portalAddress("acme", "nothing"));
  await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
  await expectAccessible(page, "no such tab");
  await page.close();
});

test("an address without a page is a page that leads on, and plain JSON for programs", async () => {
  const page = await freshPage("/nowhere/at/all");
  await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
  assert.equal((await page.reload()).status(), 404);
  await expectAccessible(page, "a page that is not there");
  await page.getByRole("link", { name: "API access" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  const answer = await fetch(`${server.url}/nowhere`);
  assert.equal(answer.status, 404);
  assert.match(answer.headers.get("Content-Type"), /^application\/json/);
  await page.close();
});
