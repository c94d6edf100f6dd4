import type { Company, DataTable } from "./types";

// The address of a tab of a company's page; `api-tokens` is the first.
export function companyAddress(slug: string, tab = "api-tokens"): string {
  return `/c/${encodeURIComponent(slug)}/settings/${tab}`;
}

// What an address below /c/ names: a company, and a tab of its page. Null for what it leaves out;
// an address without a tab means the first one.
export function placeOf(path: string): { slug: string | null; tab: string | null } {
  const [, slug, , rest] = /^\/c\/([^/]+)(\/settings\/(.*?))?\/?$/.exec(path) ?? [];
  if (slug === undefined) {
    return { slug: /^\/c\/([^/]+)/.exec(path)?.[1] ?? null, tab: null };
  }
  return { slug: decoded(slug), tab: rest ?? "api-tokens" };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const api = `${location.origin}/api/public/api/v1`;

// In single quotes for a POSIX shell.
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(endpoint: string, query: string, header?: string): string {
  const headers = ["Content-Type: application/json", ...(header ? [header] : [])]
    .map((line) => ` -H ${quoted(line)}`)
    .join("");
  return `curl -s ${api}/${endpoint}/graphql${headers} -d ${quoted(JSON.stringify({ query }))}`;
}

// The company that an exchange has to name where a credential covers several: that of the page,
// unless the credential does not cover it. Null where there is nothing to choose.
export function companyToName(companyIds: string[], company: Company): string | null {
  if (companyIds.length <= 1) {
    return null;
  }
  return companyIds.includes(company.id) ? company.id : (companyIds[0] ?? null);
}

// The command that exchanges a credential for a token.
export function exchangeCommand(clientId: string, secret: string, companyId: string | null): string {
  const company = companyId === null ? "" : `, companyId: ${JSON.stringify(companyId)}`;
  return curl(
    "tokens",
    `mutation { generateToken(input: {clientId: ${JSON.stringify(clientId)}, ` +
      `clientSecret: ${JSON.stringify(secret)}${company}}) { unredactedToken expiresIn } }`,
  );
}

// The command that asks for a first page with a token.
export function firstPageCommand(token: string): string {
  return curl(
    "program-progress",
    "{ programProgress(input: {first: 3}) { totalCount edges { node { userEmail programTitle " +
      "completionPercentage } } } }",
    `Authorization: Token ${token}`,
  );
}

// The address of a file of a table, without the host.
export function fileAddress(
  company: Company,
  table: DataTable,
  { format, isFlat = false }: { format: string; isFlat?: boolean },
): string {
  const flat = isFlat ? "&flat=1" : "";
  return `${table.href}.${format}?company=${encodeURIComponent(company.id)}${flat}`;
}

// The command that downloads a file with a credential.
export function downloadCommand(address: string, file: string): string {
  const url = new URL(address, location.origin).href;
  return `curl --fail --user "$CLIENT_ID:$CLIENT_SECRET" ${quoted(url)} -o ${file}`;
}
