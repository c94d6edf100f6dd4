// The documentation as a reader meets it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { guides, endpoints, pageUrl } from "../../web/docs/build/site.mjs";
import { startServer } from "../e2e/server.mjs";
import { expectAccessible, expectFits, lookAt, startBrowser } from "./browser.mjs";

const server = await startServer({ after });
const { context } = await startBrowser({ after }, server);

const addresses = [
  ...guides().flatMap(({ pages }) => pages.map(({ slug }) => pageUrl(slug))),
  ...endpoints().map(({ name }) => `/docs/reference/${name}`),
];

// What the search offers; the choice of colours has options too.
const options = (page) => page.locator("#search-results [role=option]");

async function open(t, path, opened = context) {
  const page = await opened.newPage();
  t.after(() => page.close());
  const response = await page.goto(path);
  assert.equal(response.status(), 200, path);
  return page;
}

test("every page fits a telephone and is accessible", async (t) => {
  const page = await open(t, "/docs");
  for (const address of addresses) {
    await page.setViewportSize({ width: 360, height: 900 });
    await page.goto(address);
    await expectFits(page, address);
    await page.setViewportSize({ width: 1280, height: 900 });
    await expectAccessible(page, address);
  }
});

for (const address of ["/docs", "/docs/reference/catalog"]) {
  test(`${address} looks right light and dark, narrow and wide`, async (t) => {
    await lookAt(await open(t, address), address.slice(1).replaceAll("/", "-"));
  });
}

test("every page is in the list of pages, and the one that is open is marked", async (t) => {
  const page = await open(t, "/docs/paging");
  const list = page.getByRole("navigation", { name: "Documentation" });
  assert.deepEqual(
    await list.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
    addresses);
  assert.equal(await list.locator("[aria-current=page]").innerText(), "Paging");
});

test("the search is loaded when it is used, and leads to the place by keyboard alone", async (t) => {
  const page = await open(t, "/docs");
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.keyboard.press("/");
  const field = page.getByRole("combobox", { name: "Search the documentation" });
  assert.ok(await field.evaluate((input) => input === document.activeElement));
  await page.keyboard.type("half open range");
  const results = options(page);
  await results.first().waitFor();
  assert.ok(asked.some((path) => /^\/assets\/search-\w+\.json$/.test(path)), asked.join());
  await expectAccessible(page, "search results");
  await field.fill("invalid cursor");
  await options(page).filter({ hasText: /Cursors/ }).first().waitFor();
  while (!/Cursors/.test(await page.locator("[role=option][aria-selected=true]").innerText())) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL("**/docs/paging#cursors");
});

test("the search finds types and fields of the reference, forgives a slip, and says when nothing is there", async (t) => {
  const page = await open(t, "/docs");
  const field = page.getByRole("combobox", { name: "Search the documentation" });
  await field.fill("OnTrackStatus");
  await options(page).filter({ hasText: /^OnTrackStatus/ }).first().waitFor();
  await field.fill("syncronising warehouse");
  await options(page).filter({ hasText: /Synchronising a warehouse/ }).first().waitFor();
  await field.fill("zzzzqqq");
  await page.getByText("Nothing found. Try fewer or other words.").first().waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await options(page).count(), 0);
});

// The results of a search as [title, type, page, text].
async function search(page, text) {
  const field = page.getByRole("combobox", { name: "Search the documentation" });
  await field.fill("");
  await field.fill(text);
  const results = options(page);
  await results.first().waitFor();
  return results.evaluateAll((items) => items.map((item) =>
    ["title", "type", "page", "text"].map((name) =>
      item.querySelector(`.result-${name}`)?.textContent ?? "")));
}

test("fields come first, with their types, and lead to their place", async (t) => {
  const page = await open(t, "/docs");
  for (const text of ["completionPercentage", "completion percentage", "completionperc"]) {
    const [[title, type, owner, description]] = await search(page, text);
    assert.deepEqual([title, type], ["completionPercentage", "Float!"], text);
    assert.match(owner, /^ProgramProgressRecord · Program progress$/);
    assert.notEqual(description, "");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL("**/docs/reference/program-progress#ProgramProgressRecord.completionPercentage");
  assert.equal((await search(page, "OnTrackStatus"))[0].slice(0, 2).join(" "), "OnTrackStatus enum");
});

test("other words for a thing find it", async (t) => {
  const page = await open(t, "/docs");
  for (const [text, title] of [["pagination", "Paging"], ["throttling", "Rate limits"],
                               ["sign in", "Authentication"],
                               ["persisted queries", "Trusted documents"],
                               ["delta sync", "Synchronising a warehouse"]]) {
    const titles = (await search(page, text)).map(([found]) => found);
    assert.ok(titles.slice(0, 3).includes(title), `${text}: ${titles}`);
  }
});

test("what a text speaks of is found first: names with hyphens, programs, the operator's pages", async (t) => {
  const page = await open(t, "/docs");
  for (const [text, title] of [["CORS", "Scripts of other web origins (CORS)"],
                               ["Power BI", "Excel, Power BI, Google Sheets"],
                               ["Excel", "Excel, Power BI, Google Sheets"],
                               ["X-Company-Id", "A token of several companies"],
                               ["x-company", "A token of several companies"],
                               ["backup", "Backup and restore"],
                               ["restore", "Backup and restore"],
                               ["PgBouncer", "PostgreSQL, and several nodes"]]) {
    const [[found, , , snippet]] = await search(page, text);
    assert.equal(found, title, text);
    assert.ok(snippet.toLowerCase().includes(text.toLowerCase()), `${text}: ${snippet}`);
  }
});

test("snippets are sentences with the words that were found marked, without code", async (t) => {
  const page = await open(t, "/docs");
  for (const text of ["cursor", "token", "rate limit", "expires", "endpoint", "Retry-After"]) {
    for (const [title, , , snippet] of await search(page, text)) {
      assert.doesNotMatch(snippet, /curl |[{}]|\s[,;]|\s\.\s|  |<|`/, `${text}: ${title}: ${snippet}`);
      assert.ok(snippet.length <= 170, snippet);
    }
    const marks = await page.locator("#search-results mark").allInnerTexts();
    assert.ok(marks.some((mark) => text.toLowerCase().includes(mark.toLowerCase())), text);
  }
  await expectAccessible(page, "search results");
});

test("the column beside a reference leads to every query and type", async (t) => {
  const page = await open(t, "/docs/reference/program-progress");
  const contents = page.getByRole("complementary", { name: "On this page" });
  const links = await contents.getByRole("link").evaluateAll((all) =>
    all.map((link) => [link.textContent, link.getAttribute("href")]));
  for (const [name, url] of [["programProgress", "#Query.programProgress"],
                             ["ProgramProgressRecord", "#ProgramProgressRecord"],
                             ["ProgramProgressFilter", "#ProgramProgressFilter"],
                             ["OnTrackStatus", "#OnTrackStatus"], ["Time", "#Time"]]) {
    assert.ok(links.some(([text, href]) => text === name && href === url), name);
  }
  await contents.getByRole("link", { name: "OnTrackStatus", exact: true }).click();
  await page.waitForURL("**#OnTrackStatus");
});

test("the pages can be read without JavaScript", async (t) => {
  const plain = await startBrowser(t, server, { javaScriptEnabled: false });
  const page = await open(t, "/docs/paging", plain.context);
  assert.ok(await page.getByRole("heading", { name: "Cursors" }).isVisible());
  assert.equal(await page.locator("#search").isVisible(), false);
  await page.getByRole("navigation", { name: "Documentation" }).getByText("Errors").click();
  await page.waitForURL("**/docs/errors");
  assert.match(await page.locator("article").innerText(), /token is no longer valid/);
});

test("examples name the server that the reader is at, and are copied as they stand", async (t) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  const page = await open(t, "/docs/getting-started");
  const block = page.locator(".code").first();
  await block.getByRole("button", { name: "Copy" }).click();
  await block.getByText("Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied.trim(), `export MATRICULA=${server.url}`);
});

test("an example opens in the playground with its variables", async (t) => {
  const page = await open(t, "/docs/reference/learning-plan-progress");
  await page.getByRole("link", { name: "Open in the playground" }).first().click();
  await page.waitForURL("**/playground?endpoint=learning-plan-progress#query=**");
  await page.locator(".graphiql-query-editor .view-lines", { hasText: "Subscribers" }).waitFor();
  await page.locator(".graphiql-editor-tool .view-lines", { hasText: "lp-4821-1" }).waitFor();
});

test("llms.txt lists every page as Markdown, and llms-full.txt holds them all", async () => {
  const list = await (await fetch(`${server.url}/llms.txt`)).text();
  const whole = await (await fetch(`${server.url}/llms-full.txt`)).text();
  const links = [...list.matchAll(/\]\((\/docs\/[^)]+\.md)\)/g)].map(([, url]) => url);
  assert.equal(links.length, addresses.length);
  for (const link of links) {
    const response = await fetch(server.url + link);
    assert.equal(response.status, 200, link);
    assert.match(response.headers.get("Content-Type"), /^text\/markdown/);
    assert.ok(whole.includes((await response.text()).trimEnd()), link);
  }
});
