// Compares an answer with the one that the documentation shows. What differs from run to run (times, ids, secrets, cursors)
// has to be of the same kind; everything else has to be the same.

const kinds = [
  ["a time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/],
  ["a UUID", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ["a token", /^[0-9a-f]{32}$/],
  ["a redacted token", /^[0-9a-f]{4}\*{4}[0-9a-f]{4}$/],
  ["a client id", /^udcl_[0-9a-f]{32}$/],
  ["a client secret", /^udcs_[A-Za-z0-9]{20,}$/],
  ["a redacted secret", /^udcs_\u2022{8}.{4}$/],
  ["a JWT", /^[\w-]+\.[\w-]+\.[\w-]+$/],
];
const cursors = ["cursor", "startCursor", "endCursor"];

function maskText(name, text) {
  if (cursors.includes(name)) {
    return "<a cursor>";
  }
  if (name === "csrfToken") {
    return "<a CSRF token>";
  }
  const kind = kinds.find(([, pattern]) => pattern.test(text));
  return kind ? `<${kind[0]}>` : text;
}

// A value with what differs from run to run replaced by its kind.
export function masked(value, name = "") {
  if (Array.isArray(value)) {
    return value.map((item) => masked(item, name));
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, key)]));
  }
  if (name === "expiresIn" && value > 3600) {
    return "<seconds>";
  }
  return typeof value === "string" ? maskText(name, value) : value;
}

// A value with every leaf replaced by its type.
export function shape(value) {
  if (Array.isArray(value)) {
    return value.map(shape);
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item)]));
  }
  return value === null ? null : typeof value;
}

// {status, headers, body} of the text of an HTTP response, as `curl -i` prints it; the names of headers in lower case.
export function parseHttp(text) {
  const [head, ...rest] = text.replaceAll("\r\n", "\n").split("\n\n");
  const [statusLine, ...lines] = head.split("\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(headers),
    body: JSON.parse(rest.join("\n\n")),
  };
}
