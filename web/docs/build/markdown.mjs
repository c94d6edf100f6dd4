// Markdown to HTML: headings that can be linked to, tables that scroll, code coloured at build time.
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import graphql from "highlight.js/lib/languages/graphql";
import http from "highlight.js/lib/languages/http";
import ini from "highlight.js/lib/languages/ini";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import MarkdownIt from "markdown-it";

import { examplesOf, fenceInfo, playgroundUrl } from "./examples.mjs";

Object.entries({ graphql, http, json, python, sh: bash, toml: ini }).forEach(([name, language]) =>
  hljs.registerLanguage(name, language),
);

export function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
}

// The anchor of a heading: its words in lower case, joined by hyphens.
export function anchor(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
}

// A code block with its label and, where there is one, the link that opens it in the playground.
export function codeBlock({ language, text, label = "", link = "" }) {
  const code = hljs.getLanguage(language)
    ? hljs.highlight(text.trimEnd(), { language, ignoreIllegals: true }).value
    : escapeHtml(text.trimEnd());
  const open = link
    ? `<a class="code-open" href="${escapeHtml(link)}">Open in the playground</a>`
    : "";
  return (
    `<div class="code"><div class="code-bar"><span class="code-label">${escapeHtml(label)}</span>${open}</div>` +
    `<pre tabindex="0"><code>${code}</code></pre></div>\n`
  );
}

const labels = {
  "json variables": "Variables",
  "json response": "Response",
  "json shape": "Response",
  "http response": "Response",
  "text output": "Output",
};
const languageLabels = {
  sh: "Shell",
  python: "Python",
  json: "JSON",
  toml: "matricula.toml",
  graphql: "GraphQL",
};

function makeRenderer(examples) {
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
  const { rules } = markdown.renderer;
  const used = new Map();

  rules.heading_open = (tokens, i) => {
    const title = plainText(tokens[i + 1]);
    const base = anchor(title);
    const count = used.get(base) ?? 0;
    used.set(base, count + 1);
    const id = count === 0 ? base : `${base}-${count + 1}`;
    tokens[i].meta = { id, title };
    return `<${tokens[i].tag} id="${id}">`;
  };
  rules.heading_close = (tokens, i) => {
    const { id, title } = tokens[i - 2].meta;
    const link =
      tokens[i].tag === "h1"
        ? ""
        : `<a class="anchor" href="#${id}" aria-label="Link to ${escapeHtml(title)}">#</a>`;
    return `${link}</${tokens[i].tag}>\n`;
  };
  // A table may be wider than a telephone: it scrolls by itself, by keyboard too.
  rules.table_open = () =>
    '<div class="table" tabindex="0" role="group" aria-label="Table"><table>\n';
  rules.table_close = () => "</table></div>\n";
  // A column without a name has no header to be read out.
  const cell = (tokens, i) => (tokens[i + 1].content === "" ? "td" : "th");
  rules.th_open = (tokens, i) => `<${cell(tokens, i)}>`;
  rules.th_close = (tokens, i) => `</${cell(tokens, i - 2)}>`;
  // A long path may break after a slash.
  rules.code_inline = (tokens, i) =>
    `<code>${escapeHtml(tokens[i].content).replaceAll("/", "/<wbr>")}</code>`;
  rules.fence = (tokens, i) => {
    const info = fenceInfo(tokens[i].info);
    const example = examples.find((candidate) => candidate.line === tokens[i].map[0] + 1);
    return codeBlock({
      language: info.language,
      text: tokens[i].content,
      label:
        example?.endpoint ??
        labels[`${info.language} ${info.words[0]}`] ??
        languageLabels[info.language] ??
        "",
      link: example?.endpoint ? playgroundUrl(example) : "",
    });
  };
  return markdown;
}

function plainText(inline) {
  return inline.children
    .map((child) => (child.type === "softbreak" ? " " : child.content))
    .join("");
}

// Renders a page: {title, summary, html, headings: [{level, id, title}]}. The page begins with its title and a paragraph that
// sums it up.
export function renderMarkdown(text) {
  const markdown = makeRenderer(examplesOf(text));
  const tokens = markdown.parse(text, {});
  if (tokens[0]?.tag !== "h1" || tokens[3]?.type !== "paragraph_open") {
    throw new Error("A page begins with its title and a paragraph.");
  }
  const html = markdown.renderer.render(tokens, markdown.options, {});
  const headings = tokens
    .filter((token) => token.type === "heading_open" && ["h2", "h3"].includes(token.tag))
    .map((token) => ({ level: Number(token.tag[1]), ...token.meta }));
  return { title: plainText(tokens[1]), summary: plainText(tokens[4]), html, headings };
}
