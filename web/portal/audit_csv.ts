// The audit trail as CSV.
import type { AuditRow } from "./types";

// Without it Excel takes the file for one of the system's code page.
const byteOrderMark = "\ufeff";

const columns: [string, (row: AuditRow) => string][] = [
  ["when", (row) => row.at],
  ["who", (row) => row.actor],
  ["what", (row) => row.actionText],
  ["detail", (row) => row.detail],
  ["on", (row) => row.targetName],
  ["from", (row) => row.address],
  ["refused", (row) => (row.refused ? "refused" : "")],
  ["action", (row) => row.action],
  ["target", (row) => row.target],
  ["attempts", (row) => String(row.attempts)],
  ["lastAt", (row) => row.lastAt ?? ""],
];

// RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe.
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function auditCsv(rows: AuditRow[]): string {
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, of]) => of(row)))];
  return byteOrderMark + lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}
