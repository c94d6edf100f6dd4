// The search index: a section of a page is a document, so that a result leads to the place.
import MiniSearch from "minisearch";

import { pageUrl } from "./site.mjs";

// The index is made and read with these; they travel in its file.
const searchOptions = {
  fields: ["title", "page", "text"],
  storeFields: ["title", "page", "url", "excerpt"],
  searchOptions: { boost: { title: 4, page: 2 }, prefix: true, fuzzy: 0.15, combineWith: "AND" },
};

const excerptLength = 140;

function plain(html) {
  return html
    .replace(/<[^>]+>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name])
    .replace(/\s+/g, " ")
    .trim();
}

// Cuts a page at its headings; what stands before the first one belongs to the page itself.
function sectionsOf(page) {
  const written = page.entries.length > 0 ? page.html.split('<h2 id="queries">')[0] : page.html;
  return written.split(/(?=<h[23] id=")/).map((part) => {
    const heading = part.match(/^<h[23] id="([^"]+)">(.*?)<a class="anchor"/);
    return {
      title: heading ? plain(heading[2]) : page.title,
      url: heading ? `${pageUrl(page.slug)}#${heading[1]}` : pageUrl(page.slug),
      text: plain(part.replace(/^<h[1-3] .*?<\/h[1-3]>/, "")),
    };
  });
}

// The text of the index's file: {options, index}.
export function buildSearchIndex(sections) {
  const index = new MiniSearch(searchOptions);
  const documents = sections.flatMap(({ pages }) =>
    pages.flatMap((page) => [
      ...sectionsOf(page).map((section) => ({ ...section, page: page.title })),
      ...page.entries.map((entry) => ({
        title: entry.title,
        url: `${pageUrl(page.slug)}#${entry.id}`,
        text: entry.text,
        page: page.title,
      })),
    ]),
  );
  documents.forEach((document, id) =>
    index.add({ id, ...document, excerpt: document.text.slice(0, excerptLength) }),
  );
  return JSON.stringify({ options: searchOptions, index });
}
