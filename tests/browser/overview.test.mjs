import assert from "node:assert/strict";
import test, { after } from "node:test";

import { startServer } from "../e2e/server.mjs";
import { expectAccessible, lookAt, startBrowser, transferredBytes } from "./browser.mjs";

const server = await startServer({ after });
const { context } = await startBrowser({ after }, server);

test("the overview says what this is, its version and that it is ready", async (t) => {
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

test("everything on the overview is reached by keyboard, the content first", async () => {
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

test("every page works in a browser that keeps nothing for it", async () => {
  const page = await context.newPage();
  await page.addInitScript(() => {
    for (const storage of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(globalThis, storage, {
        get() {
          throw new DOMException("Access is denied for this document.", "SecurityError");
        },
      });
    }
    Object.defineProperty(navigator, "cookieEnabled", { get: () => false });
  });
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: /learning data/ }).waitFor();
  await page.getByLabel("Colours").selectOption("Dark");
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
  await page.goto("/docs/getting-started");
  await page.getByRole("combobox", { name: "Search the documentation" }).waitFor();
  await page.locator(".code").first().getByRole("button", { name: "Copy" }).waitFor();
  await page.goto("/login");
  await page.getByText("This browser blocks cookies.").waitFor();
  await expectAccessible(page, "a browser without cookies");
  await page.goto("/playground");
  for (const endpoint of ["catalog", "tokens"]) {
    await page.getByLabel("Endpoint").selectOption(endpoint);
    await page.locator(".graphiql-query-editor .view-lines").waitFor();
  }
  await page.close();
});

test("HEAD of a page that is not there says what its GET says", async () => {
  for (const path of ["/absent", "/404", "/404.html"]) {
    const asked = async (method) => {
      const answer = await fetch(server.url + path, { method, headers: { Accept: "text/html" } });
      return [answer.status, ...["content-type", "content-length"].map((name) => answer.headers.get(name))];
    };
    const [status, type] = await asked("GET");
    assert.deepEqual([status, type], [404, "text/html; charset=utf-8"], path);
    assert.deepEqual(await asked("HEAD"), await asked("GET"), path);
  }
});
