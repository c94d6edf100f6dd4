// Every page of the documentation, rendered: what the Vite plugin writes and what the search index and llms.txt are made of.
import { anchor, escapeHtml, renderMarkdown } from "./markdown.mjs";
import { checkExamples, renderReference } from "./reference.mjs";
import { endpoints, guides, pageUrl } from "./site.mjs";

function renderGuide(page) {
  try {
    return { ...page, ...renderMarkdown(page.text) };
  } catch (error) {
    throw new Error(`${page.source}: ${error.message}`);
  }
}

function renderEndpoint(endpoint) {
  checkExamples(endpoint);
  const text = renderGuide(endpoint);
  const reference = renderReference(endpoint);
  return {
    ...text,
    slug: `reference/${endpoint.name}`,
    html: text.html + reference.html,
    headings: [...text.headings, ...reference.headings],
    entries: reference.entries,
    markdown: `${endpoint.text.trimEnd()}\n\n## Schema\n\n\`\`\`graphql\n${endpoint.sdl.trimEnd()}\n\`\`\`\n`,
  };
}

// The sections with their pages rendered: [{title, pages: [{slug, source, text, title, summary, html, headings, markdown}]}].
export function renderSite() {
  const sections = guides().map(({ title, pages }) => ({
    title,
    pages: pages.map((page) => ({ ...renderGuide(page), markdown: page.text, entries: [] })),
  }));
  sections.push({ title: "Reference", pages: endpoints().map(renderEndpoint) });
  checkLinks(sections);
  return sections;
}

// A link from page to page that leads nowhere is an error of the build.
function checkLinks(sections) {
  const pages = sections.flatMap((section) => section.pages);
  const ids = new Map(
    pages.map((page) => [
      pageUrl(page.slug),
      new Set([...page.html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1])),
    ]),
  );
  for (const page of pages) {
    for (const [, url, fragment] of page.html.matchAll(/href="(\/docs[^"#]*)?(?:#([^"]*))?"/g)) {
      if (url === undefined && fragment === undefined) continue;
      const target = url ?? pageUrl(page.slug);
      const known = ids.get(target);
      if (!known || (fragment && !known.has(decodeURIComponent(fragment)))) {
        throw new Error(`${page.source}: the link ${url ?? ""}#${fragment ?? ""} leads nowhere.`);
      }
    }
  }
}

function navigation(sections, current) {
  return sections
    .map(({ title, pages }) => {
      const id = `nav-${anchor(title)}`;
      const items = pages.map(
        (page) =>
          `<li><a href="${pageUrl(page.slug)}"${page === current ? ' aria-current="page"' : ""}>${escapeHtml(page.title)}</a></li>`,
      );
      return `<h2 id="${id}">${title}</h2><ul aria-labelledby="${id}">${items.join("")}</ul>`;
    })
    .join("\n");
}

// The list beside a page: its sections and, where the page is a reference, what each of them describes.
function contents(page) {
  const sections = [];
  for (const heading of page.headings) {
    if (heading.level === 2) {
      sections.push({ ...heading, parts: [] });
    } else if (page.entries.length > 0) {
      sections.at(-1)?.parts.push(heading);
    }
  }
  if (sections.length < 2) {
    return "";
  }
  const link = ({ id, title }, inner = "") =>
    `<li><a href="#${id}">${escapeHtml(title)}</a>${inner}</li>`;
  const items = sections.map((section) =>
    link(
      section,
      section.parts.length === 0 ? "" : `<ul>${section.parts.map((part) => link(part)).join("")}</ul>`,
    ),
  );
  return `<h2>On this page</h2><ul>${items.join("")}</ul>`;
}

function neighbours(sections, current) {
  const pages = sections.flatMap((section) => section.pages);
  const at = pages.indexOf(current);
  const link = (page, word) =>
    page
      ? `<a href="${pageUrl(page.slug)}"><span>${word}</span>${escapeHtml(page.title)}</a>`
      : "<span></span>";
  return link(pages[at - 1], "Previous") + link(pages[at + 1], "Next");
}

// The HTML of a page, from the template that Vite built: its marks `<!--docs:NAME-->` and `{{title}}`, `{{summary}}` are filled.
export function fillTemplate(template, sections, page, searchIndexUrl) {
  const parts = {
    "docs:nav": navigation(sections, page),
    "docs:contents": contents(page),
    "docs:content": page.html,
    "docs:neighbours": neighbours(sections, page),
  };
  return template
    .replace(/<!--(docs:[a-z]+)-->/g, (mark, name) => parts[name] ?? mark)
    .replaceAll("{{title}}", () => escapeHtml(page.title))
    .replaceAll("{{summary}}", () => escapeHtml(page.summary))
    .replaceAll("{{search}}", () => escapeHtml(searchIndexUrl));
}
