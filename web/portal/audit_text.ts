// What the rows of the audit trail say, in words, and as CSV.
import type { AuditRow } from "./types";

const actions: Record<string, string> = {
  "credential.create": "Created a credential",
  "credential.rotate": "Rotated a secret",
  "credential.revoke": "Revoked a credential",
  "credential.restrict": "Changed a credential's restrictions",
  "credential.withdraw": "Took the company away from a credential",
  "token.generate": "Exchanged a credential for a token",
  "token.create": "Created a token",
  "token.revoke": "Revoked a token",
  "limits.set": "Set a limit",
  "limits.clear": "Cleared a limit",
  "request.authenticate": "Sent an invalid token or login",
  "request.authorize": "Asked for what the token does not cover",
  "user.add": "Added a person",
  "user.setPassword": "Set a person's password",
  "user.setRoles": "Changed what a person may do",
  "user.remove": "Removed a person's access",
  "user.login": "Logged in",
  "user.logout": "Logged out",
};

// An action in words; one that is not known here as it is.
export function actionName(action: string): string {
  return actions[action] ?? action;
}

// Names of credentials and tokens by id.
type Names = ReadonlyMap<string, string>;

const kindAndId = /^(credential|token) ([0-9a-f-]{36})$/;

// Who did it: with the name of a credential or token in place of its id, where that is known.
export function actorName(row: AuditRow, names: Names): string {
  const [, kind, id] = kindAndId.exec(row.actor) ?? [];
  const name = id === undefined ? undefined : names.get(id);
  return name === undefined ? row.actor : `${kind} ${name}`;
}

function cells(row: AuditRow, names: Names): string[] {
  return [
    row.at,
    actorName(row, names),
    actionName(row.action),
    row.detail,
    names.get(row.target) ?? row.target,
    row.address,
    row.refused ? "refused" : "",
  ];
}

// Whether every word of `text` is somewhere in the row, in any case of letters.
export function matchesText(row: AuditRow, names: Names, text: string): boolean {
  const whole = [...cells(row, names), row.action, row.target].join("\n").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}

// RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe.
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function auditCsv(rows: AuditRow[], names: Names): string {
  const head = ["when", "who", "what", "detail", "on", "from", "refused", "action", "target"];
  const lines = rows.map((row) => [...cells(row, names), row.action, row.target]);
  return [head, ...lines].map((line) => line.map(cell).join(",") + "\r\n").join("");
}
