// Over TLS the browser keeps the session in a cookie that no other host, path or plain connection
// can set or see.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test from "node:test";

import { makeDirectory } from "../e2e/workdir.mjs";
import { companies, logIn, portalAddress, startPortal } from "./portal_world.mjs";

test("a log-in over TLS leaves a __Host- cookie that scripts cannot read", async (t) => {
  const directory = makeDirectory(t);
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(directory, name));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt",
    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
    "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], { stdio: "ignore" });
  const { context } = await startPortal(t, {
    people: [{ email: "one@acme.example", adminOf: [companies.acme.id] }],
    args: ["--tls-cert", cert, "--tls-key", key],
    browser: { ignoreHTTPSErrors: true },
  });
  const page = await context.newPage();
  await page.goto("/login");
  // From the start of the navigation until a person can type.
  await page.getByLabel("E-mail address").waitFor();
  t.diagnostic(`interactive after ${Math.round(await page.evaluate(() => performance.now()))} ms`);
  await logIn(page, "one@acme.example");
  await page.waitForURL(portalAddress("acme"));
  const [cookie, ...others] = await context.cookies();
  assert.deepEqual(others, []);
  assert.equal(cookie.name, "__Host-matricula_session");
  assert.deepEqual([cookie.secure, cookie.httpOnly, cookie.sameSite, cookie.path],
                   [true, true, "Strict", "/"]);
  assert.equal(await page.evaluate(() => document.cookie), "");
});
