import { useSyncExternalStore, type MouseEvent } from "react";

// The path of the address, which follows the browser's back and forward buttons.
export function usePath(): string {
  return useSyncExternalStore(watch, () => location.pathname);
}

const watchers = new Set<() => void>();

function watch(changed: () => void): () => void {
  watchers.add(changed);
  addEventListener("popstate", changed);
  return () => {
    watchers.delete(changed);
    removeEventListener("popstate", changed);
  };
}

// For the links between parts of one page: shows the other part without loading the page again. A
// click that asks for another window is left to the browser.
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  const plain =
    event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!plain) {
    return;
  }
  event.preventDefault();
  history.pushState(null, "", event.currentTarget.href);
  watchers.forEach((changed) => changed());
}
