// The playground as a developer uses it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { endpoints, startServer } from "../e2e/server.mjs";
import { expectAccessible, lookAt, startBrowser } from "./browser.mjs";
import { logOut } from "./portal_world.mjs";

const person = { email: "ada@example.com", password: "correct horse battery" };

const server = await startServer({ after }, { demo: true, args: ["--rate-limit", "100"] });
await server.cli(
  ["user", "add", "--email", person.email, "--first-name", "Ada", "--last-name", "Lovelace",
    "--admin-of", server.credential.companyId, "--password-stdin"],
  { input: person.password });
const { context, expected } = await startBrowser({ after }, server);
// The browser reports each refusal that a test provokes.
expected.push(/status of 401/);

async function open(t, path) {
  const page = await context.newPage();
  t.after(() => page.close());
  await page.goto(path);
  await page.locator(".graphiql-query-editor .view-lines").waitFor();
  return page;
}

const query = (page) => page.locator(".graphiql-query-editor .view-lines");
const answer = (page) => page.locator(".result-window .view-lines");
const run = (page) => page.locator(".graphiql-execute-button").click();

async function getToken(page) {
  await page.getByRole("button", { name: "From a credential…" }).click();
  await page.getByLabel("Client id").fill(server.credential.clientId);
  await page.getByLabel("Client secret").fill(server.credential.clientSecret);
  await page.getByRole("button", { name: "Get a token" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

test("a browser that opens an endpoint is led here, with that endpoint chosen", async (t) => {
  for (const name of endpoints) {
    const page = await open(t, `/api/public/api/v1/${name}/graphql`);
    assert.equal(page.url(), `${server.url}/playground?endpoint=${name}`);
    assert.equal(await page.getByLabel("Endpoint").inputValue(), name);
    await page.close();
  }
});

test("an endpoint that is not in the list is never asked", async (t) => {
  const page = await open(t, "/playground?endpoint=https://elsewhere.example/graphql");
  assert.equal(await page.getByLabel("Endpoint").inputValue(), "program-progress");
});

test("from a credential to an answer, with the budget and the request's id in view", async (t) => {
  const page = await open(t, "/playground?endpoint=program-progress");
  await getToken(page);
  await run(page);
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  const status = await page.getByRole("status").filter({ hasText: "Status 200" }).innerText();
  assert.match(status, /\d+ of 100 requests left/);
  assert.match(status, /request [0-9a-f]{32}/);
});

test("without a token the refusal says what to do", async (t) => {
  const page = await open(t, "/playground?endpoint=catalog");
  await run(page);
  await answer(page).filter({ hasText: "no Authorization header" }).waitFor();
  await page.getByText("Give a token, then run it again.").waitFor();
  await expectAccessible(page, "a refusal");
});

test("a token is found in what was pasted; what cannot be one is named", async (t) => {
  const page = await open(t, "/playground?endpoint=program-progress");
  const field = page.getByLabel("Token", { exact: true });
  const token = await server.token(server.credential.companyId);
  for (const pasted of [` Bearer ${token}\n`, `Authorization: Token ${token}`]) {
    await field.fill(`${token.slice(1)}ü`);
    await page.getByRole("alert").filter({ hasText: "it has “ü” (U+00FC) in it" }).waitFor();
    await run(page);
    await answer(page).filter({ hasText: "This is no token" }).waitFor();
    assert.doesNotMatch(await answer(page).innerText(), /stack|assets/);
    await field.fill(pasted);
    await run(page);
    await answer(page).filter({ hasText: "programProgress" }).waitFor();
  }
});

test("a wrong secret is refused in the dialog, which stays", async (t) => {
  const page = await open(t, "/playground");
  await page.getByRole("button", { name: "From a credential…" }).click();
  await page.getByLabel("Client id").fill("udcl_00000000000000000000000000000000");
  await page.getByLabel("Client secret").fill("wrong");
  await page.getByRole("button", { name: "Get a token" }).click();
  await page.getByRole("alert").filter({ hasText: "invalid client credentials" }).waitFor();
  await expectAccessible(page, "the dialog");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

test("the tokens endpoint takes a login, and neither it nor a token outlives the page", async (t) => {
  const page = await open(t, "/playground?endpoint=tokens");
  await page.getByRole("button", { name: "Log in…" }).click();
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "invalid e-mail or password" }).waitFor();
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByLabel("Example").selectOption({ label: "Who am I" });
  await query(page).filter({ hasText: "query Me" }).waitFor();
  await run(page);
  await answer(page).filter({ hasText: person.email }).waitFor();

  assert.deepEqual(await context.cookies(), []);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.doesNotMatch(kept, /eyJ|udcs_|"[0-9a-f]{32}"/);
  await page.reload();
  await page.getByRole("button", { name: "Log in…" }).click();

  // A log-out ends the session at the server.
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  const answered = page.waitForResponse((response) => response.url().endsWith("/auth/login"));
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  const { token: jwt } = await (await answered).json();
  const me = async () => (await server.graphql("tokens", null, { query: "{ me { id } }" },
                                               { Authorization: `Bearer ${jwt}` })).status;
  assert.equal(await me(), 200);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("button", { name: "Log in…" }).waitFor();
  assert.equal(await me(), 401);
});

test("the tabs of an endpoint are there again after a look at another one", async (t) => {
  const page = await open(t, "/playground?endpoint=catalog");
  await page.getByLabel("Example").selectOption({ label: "The assessments" });
  await query(page).filter({ hasText: "query Assessments" }).waitFor();
  await page.locator(".graphiql-tab", { hasText: "Assessments" }).waitFor();
  await page.getByLabel("Endpoint").selectOption("program-progress");
  await query(page).filter({ hasText: "LastActive" }).waitFor();
  assert.equal(page.url(), `${server.url}/playground?endpoint=program-progress`);
  await page.getByLabel("Endpoint").selectOption("catalog");
  await query(page).filter({ hasText: "query Assessments" }).waitFor();
  assert.deepEqual(await page.locator(".graphiql-tab-button").allInnerTexts(), ["Programs", "Assessments"]);
});

test("tabs are there again after a reload, without secrets and answers", async (t) => {
  const secret = "udcs_0123456789abcdefghijklmnopqrstuvwxyz";
  const text = `query Kept { catalog(contractId: "${secret}") { companyId } }`;
  const page = await open(t, `/playground?endpoint=catalog#${new URLSearchParams({ query: text })}`);
  await query(page).filter({ hasText: "query Kept" }).waitFor();
  await page.waitForFunction(() => JSON.stringify({ ...localStorage }).includes("query Kept"));
  assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage }).includes("udcs_")), false);
  await page.goto("/playground?endpoint=catalog");
  await page.reload();
  await query(page).filter({ hasText: "query Kept" }).waitFor();
  await page.evaluate(() => localStorage.clear());
});

test("who is logged in at the portal asks without another login or token", async (t) => {
  const login = await context.newPage();
  t.after(() => login.close());
  await login.goto("/login");
  await login.getByLabel("E-mail address").fill(person.email);
  await login.getByLabel("Password").fill(person.password);
  await login.getByRole("button", { name: "Log in" }).click();
  await login.getByRole("button", { name: "Account: Ada Lovelace" }).waitFor();
  const page = await open(t, "/playground?endpoint=program-progress");
  await page.getByRole("button", { name: "Account: Ada Lovelace" }).waitFor();
  await page.getByText(`${person.email}, for`).waitFor();
  await run(page);
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  await page.getByLabel("Endpoint").selectOption("tokens");
  await page.getByLabel("Example").selectOption({ label: "Who am I" });
  await query(page).filter({ hasText: "query Me" }).waitFor();
  await run(page);
  await answer(page).filter({ hasText: person.email }).waitFor();
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
  assert.doesNotMatch(kept, /udcs_|eyJ/);
  // A log-out at the portal is one here.
  await logOut(login);
  await login.getByLabel("E-mail address").waitFor();
  await page.getByRole("button", { name: "Log in…" }).waitFor();
  await login.getByLabel("E-mail address").fill(person.email);
  await login.getByLabel("Password").fill(person.password);
  await login.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Account: Ada Lovelace" }).waitFor();
  // One here ends the token that the page made.
  const live = async () =>
    (await server.command(["token", "list"])).filter(
      ({ description, revokedAt }) => description === "Playground" && !revokedAt).length;
  const before = await live();
  await page.getByLabel("Endpoint").selectOption("program-progress");
  await page.getByText(`${person.email}, for`).waitFor();
  await run(page);
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  assert.equal(await live(), before + 1);
  await logOut(page);
  await page.getByText(`${person.email}, for`).waitFor({ state: "detached" });
  assert.equal(await live(), before);
  await page.evaluate(() => localStorage.clear());
});

async function addAdmin(email) {
  await server.cli(["user", "add", "--email", email, "--admin-of", server.credential.companyId,
    "--password-stdin"], { input: person.password });
}

test("a session that has ended is named on the tokens endpoint too, and a login helps", async (t) => {
  const email = "going@example.com";
  await addAdmin(email);
  await logInAtPortal(t, email);
  const page = await open(t, "/playground?endpoint=tokens");
  await page.getByText(email, { exact: true }).first().waitFor();
  await server.command(["user", "set-password", "--email", email, "--password-stdin"],
                       { input: person.password });
  await page.getByLabel("Example").selectOption({ label: "Who am I" });
  await query(page).filter({ hasText: "query Me" }).waitFor();
  await run(page);
  await answer(page).filter({ hasText: "Your login at the portal has ended. Log in there again, or log in here." })
    .waitFor();
  await page.getByRole("button", { name: "Log in…" }).click();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await run(page);
  await answer(page).filter({ hasText: `"email": "${email}"` }).waitFor();
  await server.command(["user", "set-password", "--email", email, "--password-stdin"],
                       { input: person.password });
  await run(page);
  await answer(page).filter({ hasText: "Your login has ended. Log in again." }).waitFor();
  await page.evaluate(() => localStorage.clear());
});

test("a session that has ended is named, and a token helps", async (t) => {
  const email = "leaving@example.com";
  await addAdmin(email);
  await logInAtPortal(t, email);
  const page = await open(t, "/playground?endpoint=program-progress");
  await page.getByText(`${email}, for`).waitFor();
  await server.command(["user", "set-password", "--email", email, "--password-stdin"],
                       { input: "another password\n" });
  await run(page);
  await answer(page).filter({ hasText: "Your login at the portal has ended." }).waitFor();
  await page.getByRole("status").filter({ hasText: "No answer" }).waitFor();
  await page.getByText(`${email}, for`).waitFor({ state: "detached" });
  await getToken(page);
  await run(page);
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  await page.evaluate(() => localStorage.clear());
});

// A page on which this person has logged in at the portal.
async function logInAtPortal(t, email) {
  const login = await context.newPage();
  t.after(() => login.close());
  await login.goto("/login");
  await login.getByLabel("E-mail address").fill(email);
  await login.getByLabel("Password").fill(person.password);
  await login.getByRole("button", { name: "Log in" }).click();
  await login.getByRole("button", { name: /^Account/ }).waitFor();
  return login;
}

test("staff read every company, and who has none is told", async (t) => {
  for (const [email, role] of [["staff@example.com", ["--staff"]], ["nobody@example.com", []]]) {
    await server.cli(["user", "add", "--email", email, ...role, "--password-stdin"], { input: person.password });
  }
  // Of the portal's tab, which asks anew for its company when another person has logged in.
  expected.push(/status of 404/);
  const login = await logInAtPortal(t, "staff@example.com");
  const page = await open(t, "/playground?endpoint=program-progress");
  await page.getByText("staff@example.com, for").waitFor();
  await run(page);
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  await logOut(login);
  await logInAtPortal(t, "nobody@example.com");
  await page.getByText("nobody@example.com administers no company").waitFor();
  await page.evaluate(() => localStorage.clear());
});

test("a token of the login that was revoked is made again", async (t) => {
  const login = await logInAtPortal(t, person.email);
  const page = await open(t, "/playground?endpoint=program-progress");
  await page.getByText(`${person.email}, for`).waitFor();
  await run(page);
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  await login.goto("/c");
  await login.getByRole("link", { name: "Tokens", exact: true }).click();
  const revoke = login.locator("#tokens").getByRole("button", { name: "Revoke Playground" });
  await revoke.first().waitFor();
  for (let left = await revoke.count(); left > 0; --left) {
    await revoke.first().click();
    await login.getByRole("button", { name: "Revoke token" }).click();
    await login.waitForFunction((count) =>
      document.querySelectorAll("#tokens [aria-label='Revoke Playground']").length < count, left);
  }
  await run(page);
  await page.getByRole("status").filter({ hasText: "Status 200" }).waitFor();
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  await page.evaluate(() => localStorage.clear());
});

test("the history of an endpoint outlives the page, without secrets", async (t) => {
  const secret = "udcs_0123456789abcdefghijklmnopqrstuvwxyz";
  const text = `query Before { catalog(contractId: "${secret}") { companyId } }`;
  const page = await open(t, `/playground?endpoint=catalog#${new URLSearchParams({ query: text })}`);
  await getToken(page);
  await query(page).filter({ hasText: "query Before" }).waitFor();
  await run(page);
  await answer(page).filter({ hasText: "errors" }).waitFor();
  await page.waitForFunction(() =>
    (localStorage.getItem("matricula.playground.catalog.graphiql:queries") ?? "").includes("Before"));
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
  assert.doesNotMatch(kept, /udcs_|eyJ|\b[0-9a-f]{32}\b/);
  await page.goto("/playground?endpoint=catalog");
  await page.reload();
  await query(page).waitFor();
  await page.getByRole("button", { name: "Show History" }).click();
  await page.locator(".graphiql-history", { hasText: "Before" }).waitFor();
  await page.evaluate(() => localStorage.clear());
});

test("an answer that is an error and a server that is away are shown as that", async (t) => {
  const page = await open(t, "/playground?endpoint=catalog");
  await run(page);
  await page.getByRole("status").filter({ hasText: "1 error" }).waitFor();
  await context.setOffline(true);
  expected.push(/ERR_INTERNET_DISCONNECTED/);
  await run(page);
  await answer(page).filter({ hasText: "This browser is offline." }).waitFor();
  await page.getByRole("status").filter({ hasText: "No answer" }).waitFor();
  await context.setOffline(false);
});

test("every example of every endpoint can be opened", async (t) => {
  const page = await open(t, "/playground");
  for (const name of endpoints) {
    await page.getByLabel("Endpoint").selectOption(name);
    const options = await page.getByLabel("Example").locator("option:not([disabled])").count();
    assert.ok(options >= 3, `${name} has ${options} examples`);
  }
});

test("the editor completes names and marks mistakes by the endpoint's schema", async (t) => {
  const text = "{ programProgress { edges { node { userEmial } } } }";
  const page = await open(t, `/playground?endpoint=program-progress#${new URLSearchParams({ query: text })}`);
  await query(page).filter({ hasText: "userEmial" }).waitFor();
  await page.locator(".graphiql-query-editor .squiggly-error").first().waitFor();
  await query(page).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("{ programProgress { total");
  await page.keyboard.press("Control+Space");
  await page.locator(".suggest-widget", { hasText: "totalCount" }).waitFor();
});

test("a document in the address is text, whatever it says", async (t) => {
  const text = `# <img src=x onerror="document.title='run'"><script>document.title='run'</script>\n{ __typename }`;
  const page = await open(t, `/playground?endpoint=catalog#${new URLSearchParams({ query: text, variables: text })}`);
  await query(page).filter({ hasText: "onerror" }).waitFor();
  assert.equal(await page.title(), "Playground · Matricula");
});

test("it looks right light and dark, narrow and wide", async (t) => {
  const page = await open(t, "/playground?endpoint=program-progress");
  await getToken(page);
  await run(page);
  await answer(page).filter({ hasText: "programProgress" }).waitFor();
  await lookAt(page, "playground");
});

test("no other page loads the editor", async (t) => {
  for (const path of ["/", "/docs", "/docs/reference/catalog", "/login"]) {
    const page = await context.newPage();
    t.after(() => page.close());
    const loaded = [];
    page.on("response", (response) => loaded.push(response.url()));
    await page.goto(path);
    await page.getByRole("heading").first().waitFor();
    assert.deepEqual(loaded.filter((url) => /monaco|editor|graphiql/i.test(url)), [], path);
  }
});

test("it can be switched off", async (t) => {
  const plain = await startServer(t, { args: ["--no-playground"] });
  for (const path of ["/playground", "/playground/", "/playground.html", "/playground.html/"]) {
    for (const [Accept, said] of [["*/*", /switched off/], ["text/html", /nothing at this address/i]]) {
      const answer = await fetch(plain.url + path, { headers: { Accept } });
      assert.equal(answer.status, 404, path);
      assert.match(await answer.text(), said);
    }
  }
  const asBrowser = { headers: { Accept: "text/html" }, redirect: "manual" };
  const endpoint = await fetch(plain.endpoint("catalog"), asBrowser);
  assert.notEqual(endpoint.status, 303);
  assert.equal((await fetch(`${plain.url}/docs`)).status, 200);
});
