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

function cells(row: AuditRow): string[] {
  return [
    row.at,
    row.actor,
    actionName(row.action),
    row.detail,
    row.targetName,
    row.address,
    row.refused ? "refused" : "",
  ];
}

// Whether every word of `text` is somewhere in the row, in any case of letters.
export function matchesText(row: AuditRow, text: string): boolean {
  const whole = [...cells(row), row.action, row.target].join("\n").toLowerCase();
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

export function auditCsv(rows: AuditRow[]): string {
  const head = ["when", "who", "what", "detail", "on", "from", "refused", "action", "target"];
  const lines = rows.map((row) => [...cells(row), row.action, row.target]);
  return [head, ...lines].map((line) => line.map(cell).join(",") + "\r\n").join("");
}
