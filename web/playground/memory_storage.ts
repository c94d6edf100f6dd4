import type { Opened } from "./address";

// Storage for GraphiQL that forgets everything with the page: documents and variables may hold secrets.
export class MemoryStorage implements Storage {
  private readonly items = new Map<string, string>();

  get length() {
    return this.items.size;
  }

  clear() {
    this.items.clear();
  }

  getItem(key: string) {
    return this.items.get(key) ?? null;
  }

  key(index: number) {
    return [...this.items.keys()][index] ?? null;
  }

  removeItem(key: string) {
    this.items.delete(key);
  }

  setItem(key: string, value: string) {
    this.items.set(key, value);
  }
}

// What GraphiQL tells of its tabs, as far as it matters here.
export interface Tabs {
  activeTabIndex: number;
  tabs: { query: string | null; variables?: string | null }[];
}

// A storage in which GraphiQL finds its tabs again, answers included.
export function storageWith(tabs: Tabs | undefined): MemoryStorage {
  const storage = new MemoryStorage();
  if (tabs) {
    storage.setItem("graphiql:tabState", JSON.stringify(tabs));
  }
  return storage;
}

// The document that is open. GraphiQL takes it as the tab that it knows only when it is given just
// as it was.
export function openDocument({ activeTabIndex, tabs }: Tabs): Opened {
  const tab = tabs[activeTabIndex];
  return { query: tab?.query ?? "", variables: tab?.variables ?? "" };
}
