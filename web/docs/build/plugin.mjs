// The Vite plugin that writes the documentation: static pages from the template docs.html, the search index, the Markdown of
// each page, llms.txt; and the module `virtual:endpoints`, from which the playground takes its list of endpoints and examples.
import { createHash } from "node:crypto";

import { examplesOf } from "./examples.mjs";
import { llmsFullText, llmsText } from "./llms.mjs";
import { fillTemplate, renderSite } from "./pages.mjs";
import { buildSearchIndex } from "./search.mjs";
import { endpoints, watchedSources } from "./site.mjs";

const endpointsModule = "virtual:endpoints";

// What the playground knows of each endpoint: [{name, path, title, examples: [{title, query, variables}]}].
export function playgroundEndpoints() {
  return endpoints().map(({ name, path, sdl, text }) => ({
    name,
    path,
    sdl,
    title: text.match(/^# (.*)$/m)[1],
    examples: examplesOf(text)
      .filter((example) => example.endpoint === name)
      .map((example) => ({
        title: example.heading,
        query: example.text.trim(),
        variables: example.variables ? JSON.stringify(example.variables, null, 2) : "",
      })),
  }));
}

function file(context, fileName, source) {
  context.emitFile({ type: "asset", fileName, source });
}

export function documentation() {
  return {
    name: "matricula-documentation",
    enforce: "post",

    buildStart() {
      watchedSources().forEach((source) => this.addWatchFile(source));
    },

    resolveId(id) {
      return id === endpointsModule ? `\0${endpointsModule}` : undefined;
    },

    load(id) {
      return id === `\0${endpointsModule}`
        ? `export default ${JSON.stringify(playgroundEndpoints())};`
        : undefined;
    },

    // Vite has written docs.html with the addresses of its scripts and styles by now; it becomes every page.
    generateBundle(_, bundle) {
      const template = bundle["docs.html"];
      if (!template) {
        return;
      }
      delete bundle["docs.html"];
      const sections = renderSite();
      const index = buildSearchIndex(sections);
      const hash = createHash("sha256").update(index).digest("hex").slice(0, 8);
      const indexName = `assets/search-${hash}.json`;
      file(this, indexName, index);
      for (const page of sections.flatMap((section) => section.pages)) {
        const html = fillTemplate(String(template.source), sections, page, `/${indexName}`);
        file(this, `docs/${page.slug}.html`, html);
        file(this, `docs/${page.slug}.md`, page.markdown);
      }
      file(this, "llms.txt", llmsText(sections));
      file(this, "llms-full.txt", llmsFullText(sections));
    },
  };
}
