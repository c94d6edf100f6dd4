// The words of a text for the search, in the index and in what is searched for.
const separators = /[\n\r\p{Z}\p{P}\p{S}]+/u;
const names = /[\p{L}\p{N}]+(?:[-_.][\p{L}\p{N}]+)+/gu;

// `X-Company-Id` is three words.
export function wordsOf(text) {
  return text.split(separators);
}

// Names that are written with hyphens, underscores or dots, whole: `X-Company-Id`, `pg_dump`.
export function namesOf(text) {
  return text.match(names) ?? [];
}
