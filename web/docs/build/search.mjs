// The search index. A section of a guide is a document, and so is each type, field, argument and value of the reference, so
// that a result leads to the place.
import MiniSearch from "minisearch";

import { pageUrl } from "./site.mjs";
import { spokenWords, synonymsOf } from "./synonyms.mjs";
import { namesOf, wordsOf } from "./terms.mjs";

// The index is made and read with these; they travel in its file.
const searchOptions = {
  fields: ["title", "words", "page", "synonyms", "text"],
  storeFields: ["title", "kind", "type", "page", "url", "prose"],
  searchOptions: {
    boost: { title: 4, words: 3, page: 2, synonyms: 1.5 },
    prefix: true,
    fuzzy: 0.15,
    combineWith: "AND",
  },
};

// Of this much text a result shows the sentence that fits best: of an entry of the reference, and of a section.
const entryProse = 420;
const sectionProse = 6000;

const inline = /<\/?(?:a|code|strong|em|b|i|s|span|wbr)\b[^>]*>/g;

function decoded(text) {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name]);
}

// The text of HTML: marks inside a line leave no gap, the others a blank.
export function plain(html) {
  return decoded(html.replace(inline, "").replace(/<[^>]+>/g, " "))
    .replace(/\s+/g, " ")
    .trim();
}

// What HTML says in sentences: its text without code blocks and tables.
export function prose(html) {
  return plain(
    html
      .replace(/<div class="code">[\s\S]*?<\/pre><\/div>/g, " ")
      .replace(/<div class="table"[\s\S]*?<\/table><\/div>/g, " "),
  );
}

// The beginning of a text, to be shown in a result. Ends where a word ends.
function shortened(text, length) {
  return text.length <= length ? text : `${text.slice(0, length).replace(/\s+\S*$/, "")} …`;
}

// Cuts a page at its headings; what stands before the first one belongs to the page itself.
function sectionsOf(page) {
  const written = page.entries.length > 0 ? page.html.split('<h2 id="queries">')[0] : page.html;
  return written.split(/(?=<h[23] id=")/).map((part) => {
    const heading = part.match(/^<h[23] id="([^"]+)">(.*?)<a class="anchor"/);
    const body = part.replace(/^<h[1-3] .*?<\/h[1-3]>/, "");
    const title = heading ? plain(heading[2]) : page.title;
    return {
      kind: "section",
      title,
      page: page.title,
      url: heading ? `${pageUrl(page.slug)}#${heading[1]}` : pageUrl(page.slug),
      synonyms: synonymsOf(title),
      text: plain(body),
      prose: shortened(prose(body), sectionProse),
    };
  });
}

function entriesOf(page) {
  return page.entries.map((entry) => ({
    kind: entry.kind,
    title: entry.title,
    words: spokenWords(entry.title),
    type: entry.type,
    page: entry.owner ? `${entry.owner} · ${page.title}` : page.title,
    url: `${pageUrl(page.slug)}#${entry.id}`,
    synonyms: synonymsOf(entry.title),
    text: entry.text,
    prose: shortened(entry.text.replaceAll("`", ""), entryProse),
  }));
}

// The text of the index's file: {options, index}.
export function buildSearchIndex(sections) {
  const tokenize = (text) => [...wordsOf(text), ...namesOf(text)];
  const index = new MiniSearch({ ...searchOptions, tokenize });
  const documents = sections.flatMap(({ pages }) =>
    pages.flatMap((page) => [...sectionsOf(page), ...entriesOf(page)]),
  );
  documents.forEach((document, id) => index.add({ id, ...document }));
  return JSON.stringify({ options: searchOptions, index });
}
