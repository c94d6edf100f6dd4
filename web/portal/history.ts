import { useEffect, useSyncExternalStore, type MouseEvent } from "react";

// The path of the address, which follows the browser's back and forward buttons.
export function usePath(): string {
  return useSyncExternalStore(watch, () => location.pathname);
}

const watchers = new Set<() => void>();
// The address that the back button may not leave, if there is one.
let held: string | null = null;

function watch(changed: () => void): () => void {
  watchers.add(changed);
  addEventListener("popstate", changed);
  return () => {
    watchers.delete(changed);
    removeEventListener("popstate", changed);
  };
}

// Before every watcher: one that was told would take away what is held.
addEventListener("popstate", (event) => {
  if (held !== null) {
    event.stopImmediatePropagation();
    history.pushState(null, "", held);
  }
});

// While the component is there, the back and forward buttons stay on this page, and the browser asks
// before it leaves it.
export function useHeldPage(): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    held = location.href;
    addEventListener("beforeunload", ask);
    return () => {
      held = null;
      removeEventListener("beforeunload", ask);
    };
  }, []);
}

// A click that does not ask for another window, or to save.
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

// For the links between parts of one page: shows the other part without loading the page again. A
// click that asks for another window is left to the browser.
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (!isPlainClick(event)) {
    return;
  }
  event.preventDefault();
  history.pushState(null, "", event.currentTarget.href);
  watchers.forEach((changed) => changed());
}
