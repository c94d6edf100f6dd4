import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const program = process.env.MATRICULA_CHROMIUM ?? "/usr/bin/chromium";
const output =
  process.env.MATRICULA_BROWSER_OUTPUT ??
  fileURLToPath(new URL("../../build/dev/tests/browser/screenshots", import.meta.url));

// Nothing but the pages may speak: a browser has much to say to its maker on its own.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-features=Translate,OptimizationHints,MediaRouter",
  "--host-resolver-rules=MAP machine.test 127.0.0.1",
];

// The server at a name that is not localhost: over plain HTTP a browser trusts it with less.
export function machineUrl(server) {
  return `http://machine.test:${new URL(server.url).port}`;
}

// Widths from a small telephone to a wide screen.
export const widths = [360, 768, 1280, 1920];

// A Chromium with a profile of its own, ended with the test. Every page that it opens is watched:
// a request to another host, an error in the console (a refused script or style is one) or an
// exception fails the test at its end. `page.expected` takes patterns of console errors that a
// test provokes on purpose.
export async function startBrowser(t, server, options = {}) {
  const profile = mkdtempSync(join(tmpdir(), "matricula-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    headless: true,
    args: flags,
    baseURL: server.url,
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const wrong = [];
  const expected = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) &&
        ![server.url, machineUrl(server)].includes(url.origin)) {
      wrong.push(`request to ${url.origin}`);
    }
  });
  context.on("console", (message) => {
    if (message.type() === "error") {
      wrong.push(`console: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => wrong.push(`exception: ${error.error()}`));
  // Hooks run in the order they were made, the server's first: a page that still loads would fail.
  server.clients.push(() => context.close());
  t.after(async () => {
    await context.close();
    // Chromium's last processes may still be writing.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    const left = wrong.filter((text) => !expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(left, [], "the pages asked elsewhere or failed");
  });
  return { context, expected };
}

// Keeps a picture of the page under the build folder, to be looked at: the whole page, or what the
// window shows where a dialog stands over it.
export async function screenshot(page, name) {
  mkdirSync(output, { recursive: true });
  const dialog = await page.locator("dialog[open]").count();
  if (dialog === 0) {
    await page.evaluate(() => scrollTo(0, 0));
  }
  await page.screenshot({ path: join(output, `${name}.png`), fullPage: dialog === 0 });
}

// Fails with what axe finds on the page as it stands.
export async function expectAccessible(page, what) {
  // Colours on their way are neither the old ones nor the new.
  await page.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime))
    .map((animation) => animation.finished)));
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`,
  );
  assert.deepEqual(found, [], `axe on ${what}`);
}

// Fails when the page is wider than its window, so that it would have to be scrolled sideways. An
// editor in it follows a new width a moment late.
export async function expectFits(page, what) {
  await page.waitForFunction(
    () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
    undefined, { timeout: 2_000 }).catch(() => {});
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(content <= window, `${what}: ${content} px wide in a window of ${window}`);
}

// Looks at the page, light and dark: pictures in the widths given, axe, no scrolling sideways.
export async function lookAt(page, name, inWidths = widths) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of inWidths) {
      await page.setViewportSize({ width, height: 900 });
      const what = `${name}-${colorScheme}-${width}`;
      await expectFits(page, what);
      await screenshot(page, what);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await expectAccessible(page, `${name} (${colorScheme})`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}

// The bytes that came over the wire for the page as it stands, headers included.
export async function transferredBytes(page) {
  const sizes = await page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .map((entry) => entry.transferSize));
  return sizes.reduce((sum, size) => sum + size, 0);
}
