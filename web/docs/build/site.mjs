// What the documentation consists of: its sections, their pages in reading order, and where each page is kept.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// The folder of the project, with a slash at its end.
export const root = fileURLToPath(new URL("../../../", import.meta.url));

// The sections of guides; `index` is the page at /docs itself.
const sections = [
  { title: "Start", slugs: ["index", "getting-started", "authentication", "requests"] },
  {
    title: "Guides",
    slugs: [
      "paging",
      "filtering",
      "synchronising",
      "files",
      "errors",
      "rate-limits",
      "limits",
      "key-hygiene",
      "trusted-documents",
    ],
  },
  { title: "Moving here", slugs: ["moving", "moving-from-rest"] },
  { title: "Data", slugs: ["tables", "data"] },
  { title: "Running a server", slugs: ["operations"] },
];

// Guides that are kept elsewhere, because they are read there too.
const elsewhere = { operations: "docs/OPERATIONS.md" };

// Every endpoint: its name in addresses, its SDL, and the text and examples that open its reference page. An endpoint is a
// folder of domains/ with a schema; its name is the folder's, with hyphens.
export function endpoints() {
  const folder = join(root, "domains");
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => readdirSync(join(folder, name)).includes("schema.graphql"))
    .sort()
    .map((name) => ({
      name: name.replaceAll("_", "-"),
      path: `/api/public/api/v1/${name.replaceAll("_", "-")}/graphql`,
      sdl: readFileSync(join(folder, name, "schema.graphql"), "utf8"),
      source: `domains/${name}/reference.md`,
      text: readFileSync(join(folder, name, "reference.md"), "utf8"),
    }))
    .map((endpoint) => ({ ...endpoint, written: endpoint.text }));
}

// The guides, section by section: [{title, pages: [{slug, source, written, text}]}]; `written` is the file as it stands, `text`
// has the files that it includes.
export function guides() {
  return sections.map(({ title, slugs }) => ({
    title,
    pages: slugs.map((slug) => {
      const source = elsewhere[slug] ?? `web/docs/pages/${slug}.md`;
      const written = readFileSync(join(root, source), "utf8");
      return { slug, source, written, text: withoutFileLinks(includeFiles(written)) };
    }),
  }));
}

// Without what points at a file of the repository, such as ` ([decision 16](decisions/0016-...md))`.
function withoutFileLinks(text) {
  return text.replace(/\s*\(\[[^\]]+\]\((?!https?:|\/|#)[^)]+\)\)/g, "");
}

// A line `<<< FILE` inside a code block stands for the text of that file of web/docs/examples, so that what readers copy is
// the program that the tests run.
function includeFiles(text) {
  return text.replace(/^<<< (\S+)$/gm, (_, name) =>
    readFileSync(fileURLToPath(new URL(`../examples/${name}`, import.meta.url)), "utf8").trimEnd(),
  );
}

// The address of a page: `/docs` for the index, `/docs/SLUG` for any other.
export function pageUrl(slug) {
  return slug === "index" ? "/docs" : `/docs/${slug}`;
}

// The folders and files that a change of the documentation touches, for watching.
export function watchedSources() {
  return [
    join(root, "domains"),
    fileURLToPath(new URL("../", import.meta.url)),
    ...Object.values(elsewhere).map((file) => join(root, file)),
  ];
}
