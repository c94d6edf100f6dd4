// Words that readers use for one thing. Whoever searches for one finds what is named by another.
const groups = [
  ["token", "api key", "key", "access token"],
  ["credential", "client id", "client secret", "service account", "key"],
  ["authentication", "login", "log in", "sign in", "session", "password"],
  ["rotate", "rotation", "renew", "replace", "overlap"],
  ["revoke", "revoked", "delete", "disable", "withdraw"],
  ["expires", "expiry", "expire", "expiration", "lifetime", "ttl"],
  ["paging", "page", "pagination", "cursor", "offset", "limit"],
  ["cursor", "after", "before", "bookmark"],
  ["filter", "filtering", "where", "search", "query by"],
  ["order", "sort", "sorting", "orderby"],
  ["count", "total", "number of"],
  ["rate limit", "rate limits", "throttling", "throttle", "quota", "429", "too many requests"],
  ["error", "errors", "failure", "exception", "status"],
  ["synchronising", "sync", "synchronize", "delta", "incremental", "changes", "etl", "warehouse"],
  ["time", "date", "timestamp", "utc", "timezone"],
  ["user", "learner", "student", "employee", "person", "people"],
  ["email", "e-mail", "mail", "address"],
  ["program", "course", "nanodegree"],
  ["assessment", "test", "exam", "quiz"],
  ["completion", "completed", "complete", "finished", "done", "graduated"],
  ["percentage", "percent", "progress"],
  ["contract", "licence", "license", "agreement", "subscription"],
  ["company", "tenant", "organisation", "organization", "customer"],
  ["moving", "migration", "migrating", "switch"],
  ["trusted documents", "persisted queries", "allow list", "safelist"],
  ["schema", "introspection", "sdl", "types"],
  ["cors", "cross origin", "web origins", "browser scripts"],
  ["backup", "restore", "recovery", "dump"],
  ["excel", "power bi", "power query", "spreadsheet"],
];

function contains(text, words) {
  return ` ${text} `.includes(` ${words} `);
}

// The words of a name as people say them: `userEmail` is "user email".
export function spokenWords(name) {
  return name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replace(/[^\p{L}\p{N}-]+/gu, " ")
    .trim()
    .toLowerCase();
}

// Other words for what a title names, as one text; empty where there are none.
export function synonymsOf(title) {
  const words = spokenWords(title);
  const singular = words.replace(/\b(\p{L}{3,})s\b/gu, "$1");
  const found = groups.filter((group) =>
    group.some((one) => contains(words, one) || contains(singular, one)),
  );
  return [...new Set(found.flat())].filter((one) => !contains(words, one)).join(" ");
}
