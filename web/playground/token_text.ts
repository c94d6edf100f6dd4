// The token in a pasted text.

const blanks = "[\\s\\u200b-\\u200d\\u2060]";
const ends = new RegExp(`^${blanks}+|${blanks}+$`, "g");

// The text without blanks and line ends around it, and without what precedes a token in a header:
// `Token abc`, `Bearer abc` and `Authorization: Token abc` are `abc`.
export function tokenIn(text: string): string {
  return text
    .replace(ends, "")
    .replace(/^authorization\s*:\s*/i, "")
    .replace(/^(?:token|bearer)\s+/i, "");
}

// Why the text cannot be a token, if it cannot.
export function problemOf(token: string): string | null {
  const [wrong] = /[^\x21-\x7e]/u.exec(token) ?? [];
  if (wrong === undefined) {
    return null;
  }
  const code = `U+${wrong.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  const name = /\s/.test(wrong)
    ? `a blank (${code})`
    : /[\p{L}\p{N}\p{P}\p{S}]/u.test(wrong)
      ? `“${wrong}” (${code})`
      : `the character ${code}`;
  return `This is no token: it has ${name} in it. Copy it again.`;
}
