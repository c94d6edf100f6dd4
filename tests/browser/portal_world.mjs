import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { startServer } from "../e2e/server.mjs";
import { makeDirectory } from "../e2e/workdir.mjs";
import { startBrowser } from "./browser.mjs";

export const password = "correct horse battery staple";

export const companies = {
  acme: { id: "4821", slug: "acme", name: "Acme" },
  globex: { id: "77", slug: "globex", name: "Globex" },
  arabic: { id: "9001", slug: "taelim", name: "شركة التعليم المستمر" },
  long: {
    id: "9002",
    slug: "long",
    name: "Gesellschaft für Weiterbildungsangelegenheitenverwaltung ".repeat(4).trim(),
  },
};

// The address of a tab of a company's page; `api-tokens` is the first.
export function portalAddress(slug, tab = "api-tokens") {
  return `/c/${encodeURIComponent(slug)}/settings/${tab}`;
}

// A server with companies and people, and a browser. `people` are options of `user add`:
// [{email, adminOf: [id], staff, firstName, lastName}].
export async function startPortal(t, { people, others = [], args = [], browser = {} }) {
  const data = makeDirectory(t);
  const lines = [...Object.values(companies), ...others].map((company) => JSON.stringify(company));
  writeFileSync(join(data, "companies.ndjson"), lines.join("\n") + "\n");
  const server = await startServer(t, { data, args });
  for (const person of people) {
    await addPerson(server, person);
  }
  return { server, ...(await startBrowser(t, server, browser)) };
}

export async function addPerson(server, person) {
  await server.command(
    [
      "user", "add", "--email", person.email, "--password-stdin",
      ...(person.staff ? ["--staff"] : []),
      ...(person.firstName ? ["--first-name", person.firstName] : []),
      ...(person.lastName ? ["--last-name", person.lastName] : []),
      ...(person.adminOf ?? []).flatMap((id) => ["--admin-of", id]),
    ],
    { input: `${password}\n` });
}

// Fills in the log-in page that is shown.
export async function logIn(page, email, secret = password) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Log in" }).click();
}

// The menu of whoever is logged in, opened.
export async function openAccount(page) {
  await page.getByRole("button", { name: /^Account/ }).click();
  return page.locator(".account-panel");
}

export async function logOut(page) {
  const account = await openAccount(page);
  await account.getByRole("button", { name: "Log out" }).click();
}

// Shows another tab of the company's page, by its title.
export function openTab(page, title) {
  return page.getByRole("navigation", { name: "Settings of the company" })
    .getByRole("link", { name: title, exact: true }).click();
}

// A page with a tab of the company's settings, of a person who logs in first where there is no session yet.
export async function openCompany(context, slug, email, tab) {
  const page = await context.newPage();
  await page.goto(portalAddress(slug, tab));
  const settings = page.getByRole("navigation", { name: "Settings of the company" });
  const login = page.getByRole("heading", { name: "Log in" });
  await settings.or(login).waitFor();
  if (await login.isVisible()) {
    await logIn(page, email);
  }
  await settings.waitFor();
  return page;
}

// What the tokens endpoint answers to a person: {data, errors}, by a log-in of its own.
export async function asPerson(server, email) {
  const login = await fetch(`${server.url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  const { token } = await login.json();
  return async (query, variables) => {
    const answer = await fetch(server.endpoint("tokens"), {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return answer.json();
  };
}

// The message of generateToken's refusal, or the new token.
export async function exchange(server, clientId, clientSecret, companyId) {
  const { body } = await server.graphql("tokens", null, {
    query: `mutation($input: GenerateTokenInput!) { generateToken(input: $input) { unredactedToken } }`,
    variables: { input: { clientId, clientSecret, companyId } },
  });
  return body.errors?.[0].message ?? body.data.generateToken.unredactedToken;
}
