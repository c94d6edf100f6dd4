import { dropKept, keep, readKept } from "../common/kept";

import type { Opened } from "./address";

// What GraphiQL tells of its tabs, as far as it matters here.
export interface Tabs {
  activeTabIndex: number;
  tabs: { query: string | null; variables?: string | null }[];
}

const tabsKey = "graphiql:tabState";
// What is in the browser's storage too, so that it is there after a reload: documents, no answers.
const keptKeys = [tabsKey, "graphiql:queries", "graphiql:favorites"];

// Client secrets, API tokens and JWTs, wherever they are in a text.
const secrets = /udcs_\w+|\b[0-9a-f]{32}\b|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

// The text as it may be kept: without secrets, headers and answers.
function keepable(text: string): string {
  const value: unknown = JSON.parse(text, (key, member: unknown) =>
    key === "headers" || key === "response"
      ? null
      : typeof member === "string"
        ? member.replace(secrets, "…")
        : member,
  );
  return JSON.stringify(value);
}

function addressOf(endpoint: string, key: string): string {
  return `matricula.playground.${endpoint}.${key}`;
}

// Storage of GraphiQL for one endpoint: all in memory; tabs and history also in the browser's, without secrets.
class KeptStorage implements Storage {
  private readonly items = new Map<string, string>();

  constructor(private readonly endpoint: string) {
    for (const key of keptKeys) {
      const value = readKept(addressOf(endpoint, key));
      if (value !== null) {
        this.items.set(key, value);
      }
    }
  }

  get length() {
    return this.items.size;
  }

  clear() {
    this.items.clear();
    keptKeys.forEach((key) => dropKept(addressOf(this.endpoint, key)));
  }

  getItem(key: string) {
    return this.items.get(key) ?? null;
  }

  key(index: number) {
    return [...this.items.keys()][index] ?? null;
  }

  removeItem(key: string) {
    this.items.delete(key);
    dropKept(addressOf(this.endpoint, key));
  }

  setItem(key: string, value: string) {
    this.items.set(key, value);
    if (keptKeys.includes(key)) {
      keep(addressOf(this.endpoint, key), keepable(value));
    }
  }
}

// A storage in which GraphiQL finds its tabs again: those of this page, answers included, else those that were kept.
export function storageWith(endpoint: string, tabs: Tabs | undefined): Storage {
  const storage = new KeptStorage(endpoint);
  if (tabs) {
    storage.setItem(tabsKey, JSON.stringify(tabs));
  }
  return storage;
}

// The tabs that were kept of an endpoint.
export function keptTabs(endpoint: string): Tabs | undefined {
  try {
    const tabs = JSON.parse(readKept(addressOf(endpoint, tabsKey)) ?? "null") as Tabs | null;
    return tabs && tabs.tabs.length > 0 ? tabs : undefined;
  } catch {
    return undefined;
  }
}

// The document that is open. GraphiQL takes it as the tab that it knows only when it is given just
// as it was.
export function openDocument({ activeTabIndex, tabs }: Tabs): Opened {
  const tab = tabs[activeTabIndex];
  return { query: tab?.query ?? "", variables: tab?.variables ?? "" };
}
