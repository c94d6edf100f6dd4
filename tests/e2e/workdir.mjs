import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A new empty directory that is gone with the test. `t` is a test's context, or `{after}` of
// node:test for one that all tests of a file share.
export function makeDirectory(t) {
  const path = mkdtempSync(join(tmpdir(), "matricula-e2e-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
