// The picture in README.md: the playground with a query and its answer. With MATRICULA_UPDATE_PICTURE=1 it is retaken.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { startServer } from "../e2e/server.mjs";
import { makeDirectory } from "../e2e/workdir.mjs";
import { startBrowser } from "./browser.mjs";

const committed = fileURLToPath(new URL("../../docs/playground.png", import.meta.url));
const size = { width: 1280, height: 760 };
const query = `query OffTrack {
  programProgress(
    input: {
      first: 2
      filter: { onTrackStatus: [OFF_TRACK] }
      orderBy: COMPLETION_PERCENTAGE
      order: DESC
    }
  ) {
    totalCount
    edges {
      node {
        userEmail programTitle completionPercentage
      }
    }
  }
}`;

// Width and height of a PNG, by its first chunk.
function sizeOf(file) {
  const bytes = readFileSync(file);
  assert.equal(bytes.toString("latin1", 1, 4), "PNG");
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

test("the picture in README.md can be taken, and is small", async () => {
  const hooks = { after };
  const server = await startServer(hooks, { demo: true });
  const { context } = await startBrowser(hooks, server, { viewport: size });
  const page = await context.newPage();
  await page.goto(`/playground?endpoint=program-progress#${new URLSearchParams({ query })}`);
  await page.locator(".graphiql-query-editor .view-lines", { hasText: "OffTrack" }).waitFor();
  await page.getByLabel("Token", { exact: true }).fill(await server.token());
  await page.locator(".graphiql-execute-button").click();
  await page.locator(".result-window .view-lines", { hasText: "completionPercentage" }).waitFor();
  await page.mouse.move(0, 0);
  const taken = join(makeDirectory(hooks), "playground.png");
  await page.screenshot({ path: taken });
  if (process.env.MATRICULA_UPDATE_PICTURE) {
    copyFileSync(taken, committed);
  }
  assert.deepEqual([sizeOf(taken), sizeOf(committed)], [size, size]);
  assert.ok(readFileSync(committed).length < 150_000);
  assert.match(readFileSync(join(committed, "../../README.md"), "utf8"), /!\[[^\]]+\]\(docs\/playground\.png\)/);
});
