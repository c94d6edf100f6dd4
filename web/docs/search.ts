// Full-text search. The index was made when the pages were built; it and the code that reads it are loaded when the reader
// first turns to the field.
import type MiniSearch from "minisearch";
import type { Options, SearchOptions, SearchResult } from "minisearch";

import { namesOf, wordsOf } from "./build/terms.mjs";

interface IndexFile {
  options: Options;
  index: Parameters<typeof MiniSearch.loadJS>[0];
}

const resultsMax = 12;

let loading: Promise<MiniSearch> | undefined;

async function load(url: string): Promise<MiniSearch> {
  const [library, response] = await Promise.all([import("minisearch"), fetch(url)]);
  if (!response.ok) {
    throw new Error(`The search index could not be loaded (${response.status}).`);
  }
  const { options, index } = (await response.json()) as IndexFile;
  return library.default.loadJS(index, options);
}

const snippetLength = 160;

// How well the result's name is what was typed: 6 the name as it is, 4 apart from blanks and case, 2 its beginning, 0 otherwise;
// 1 more for types and what is read of them than for what is sent. Only names of the reference are looked at.
function nameRank(result: SearchResult, text: string): number {
  const wanted = text.toLowerCase().replace(/[\s_.]+/g, "");
  const name = String(result.title).toLowerCase().replace(/_/g, "");
  if (result.kind === "section" || wanted.length < 3 || !name.startsWith(wanted)) {
    return 0;
  }
  const fit = result.title === text ? 6 : name === wanted ? 4 : 2;
  return fit + (result.kind === "type" || result.kind === "field" ? 1 : 0);
}

// The page for those who run a server, who are fewer than those who call it.
function weightOf(url: unknown): number {
  return String(url).startsWith("/docs/operations") ? 0.5 : 1;
}

// What has a name such as `X-Company-Id` as it was typed, by relevance, and then what has its words.
function found(index: MiniSearch, text: string): SearchResult[] {
  const weighted: SearchOptions = { boostDocument: (_id, _term, stored) => weightOf(stored?.url) };
  const byWords = index.search(text, { ...weighted, tokenize: wordsOf });
  const names = namesOf(text);
  if (names.length === 0) {
    return byWords;
  }
  const byNames = index.search(text, { ...weighted, tokenize: () => names, fuzzy: false });
  const ids = new Set(byNames.map(({ id }) => id as unknown));
  return [...byNames, ...byWords.filter(({ id }) => !ids.has(id))];
}

// Fields and types whose name was typed come first, then by relevance.
function ranked(results: SearchResult[], text: string): SearchResult[] {
  return results
    .map((result) => ({ result, rank: nameRank(result, text) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ result }) => result);
}

function isIn(text: string, terms: string[]): boolean {
  const lower = text.toLowerCase();
  return terms.some((term) => lower.includes(term));
}

// The sentence with the most of the words that were found, from its first word on and cut at a word's end.
function snippetOf(prose: string, terms: string[]): string {
  const sentences = prose.match(/[^.!?]+(?:[.!?](?!\s|$)[^.!?]*)*[.!?]*\s*/g) ?? [prose];
  const hits = (sentence: string) => terms.filter((term) => isIn(sentence, [term])).length;
  const most = Math.max(...sentences.map(hits));
  const first = sentences.findIndex((sentence) => hits(sentence) === most);
  const text = sentences.slice(Math.max(first, 0)).join("").trim();
  return text.length <= snippetLength
    ? text
    : `${text.slice(0, snippetLength).replace(/[\s,;:]+\S*$/, "")} …`;
}

// The text with the words that were found marked.
function marked(text: string, terms: string[]): (Node | string)[] {
  return text.split(/([\p{L}\p{N}_-]+)/u).map((part, i) => {
    if (i % 2 === 0 || !isIn(part, terms)) {
      return part;
    }
    const mark = document.createElement("mark");
    mark.textContent = part;
    return mark;
  });
}

function span(className: string, ...content: (Node | string)[]): HTMLSpanElement {
  const element = document.createElement("span");
  element.className = className;
  element.append(...content);
  return element;
}

function option(result: SearchResult, position: number): HTMLLIElement {
  const item = document.createElement("li");
  item.id = `result-${position}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.url = String(result.url);
  const terms = result.terms.filter((term) => term.length > 1);
  const page = result.page === result.title ? "" : String(result.page);
  const parts = [span("result-title", ...marked(String(result.title), terms))];
  if (result.type) {
    parts.push(span("result-type", String(result.type)));
  }
  parts.push(span("result-page", page));
  parts.push(span("result-text", ...marked(snippetOf(String(result.prose ?? ""), terms), terms)));
  item.append(...parts.flatMap((part) => [part, " "]));
  return item;
}

class SearchBox {
  private readonly input = document.getElementById("search-input") as HTMLInputElement;
  private readonly list = document.getElementById("search-results") as HTMLUListElement;
  private readonly status = document.getElementById("search-status") as HTMLParagraphElement;
  private selected = -1;

  constructor(private readonly box: HTMLElement) {
    this.input.addEventListener("focus", () => this.prepare());
    this.input.addEventListener("input", () => void this.show());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => this.click(event));
    document.addEventListener("keydown", (event) => this.shortcut(event));
    document.addEventListener("click", (event) => {
      if (!box.contains(event.target as Node)) {
        this.close();
      }
    });
    box.hidden = false;
  }

  private prepare(): Promise<MiniSearch> {
    loading ??= load(this.box.dataset.index!);
    // A failure is shown by whoever waits; the next attempt begins anew.
    loading.catch(() => {
      loading = undefined;
    });
    return loading;
  }

  private async show() {
    const text = this.input.value.trim();
    if (text === "") {
      this.close();
      return;
    }
    try {
      const index = await this.prepare();
      // The reader may have typed on meanwhile; the later call has the newer text.
      if (text === this.input.value.trim()) {
        this.fill(ranked(found(index, text), text).slice(0, resultsMax));
      }
    } catch (error) {
      this.say(`${(error as Error).message} Try again in a moment.`);
    }
  }

  private fill(results: SearchResult[]) {
    if (results.length === 0) {
      this.say("Nothing found. Try fewer or other words.");
      return;
    }
    this.list.replaceChildren(...results.map(option));
    this.open();
    this.select(0);
    this.status.textContent = results.length === 1 ? "1 result" : `${results.length} results`;
  }

  private say(message: string) {
    const item = document.createElement("li");
    item.className = "result-message";
    item.setAttribute("role", "option");
    item.setAttribute("aria-disabled", "true");
    item.textContent = message;
    this.list.replaceChildren(item);
    this.open();
    this.selected = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = message;
  }

  private open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  private close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.selected = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }

  private select(position: number) {
    const options = [...this.list.querySelectorAll<HTMLLIElement>("[data-url]")];
    if (options.length === 0) {
      return;
    }
    this.selected = (position + options.length) % options.length;
    options.forEach((item, i) => item.setAttribute("aria-selected", String(i === this.selected)));
    const current = options[this.selected]!;
    this.input.setAttribute("aria-activedescendant", current.id);
    current.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.select(this.selected + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      this.go(this.list.querySelectorAll<HTMLLIElement>("[data-url]")[this.selected]);
    } else if (event.key === "Escape") {
      this.close();
    } else if (event.key === "Tab") {
      this.close();
    }
  }

  private shortcut(event: KeyboardEvent) {
    const typing = (event.target as HTMLElement).matches("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.input.focus();
    }
  }

  private click(event: MouseEvent) {
    // Before the field loses the focus, which would close the list.
    event.preventDefault();
    this.go((event.target as Element).closest<HTMLLIElement>("[data-url]") ?? undefined);
  }

  private go(item: HTMLLIElement | undefined) {
    if (item?.dataset.url) {
      this.close();
      location.assign(item.dataset.url);
    }
  }
}

export function enableSearch() {
  const box = document.getElementById("search");
  if (box) {
    new SearchBox(box);
  }
}
