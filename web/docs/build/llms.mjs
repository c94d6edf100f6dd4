// llms.txt, which says where everything stands, and llms-full.txt, which is everything.
import { pageUrl } from "./site.mjs";

function markdownUrl(page) {
  return `/docs/${page.slug}.md`;
}

export function llmsText(sections) {
  const lines = [
    "# Matricula",
    "",
    "> Enterprise learning data over GraphQL: enrolments, assessment attempts and learning plans of a company, its catalog, and",
    "> the tokens that open them. Five endpoints, POST /api/public/api/v1/{name}/graphql, header `Authorization: Token <token>`.",
    "",
    "The whole documentation is one file at /llms-full.txt. Each page below is Markdown.",
  ];
  for (const { title, pages } of sections) {
    lines.push("", `## ${title}`, "");
    pages.forEach((page) => lines.push(`- [${page.title}](${markdownUrl(page)}): ${page.summary}`));
  }
  return `${lines.join("\n")}\n`;
}

export function llmsFullText(sections) {
  return sections
    .flatMap(({ pages }) => pages)
    .map((page) => `<!-- ${pageUrl(page.slug)} -->\n\n${page.markdown.trimEnd()}\n`)
    .join("\n");
}
