import assert from "node:assert/strict";
import test from "node:test";

import { startServer } from "../e2e/server.mjs";
import { lookAt, startBrowser, transferredBytes } from "./browser.mjs";

test("the overview says what this is, its version and that it is ready", async (t) => {
  const server = await startServer(t);
  const { context } = await startBrowser(t, server);
  const page = await context.newPage();
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: /learning data/ }).waitFor();
  await page.getByText("Ready", { exact: true }).waitFor();
  const footer = await page.locator("footer").innerText();
  assert.match(footer, /Version \d+\.\d+\.\d+/);
  const bytes = await transferredBytes(page);
  t.diagnostic(`${bytes} bytes over the wire`);
  assert.ok(bytes > 50_000 && bytes < 150_000, `${bytes} bytes`);
  await lookAt(page, "overview");
});

test("everything on the overview is reached by keyboard, the content first", async (t) => {
  const server = await startServer(t);
  const { context } = await startBrowser(t, server);
  const page = await context.newPage();
  await page.goto("/");
  await page.getByText("Ready", { exact: true }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  const reached = new Set();
  for (let i = 0; i < 40; ++i) {
    reached.add(await page.evaluate(() => document.activeElement.getAttribute("href")));
    await page.keyboard.press("Tab");
  }
  const links = await page.locator("a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.deepEqual(links.filter((href) => !reached.has(href)), []);
});
