// GraphiQL gives its list of documents the roles of a tab list, and then puts buttons inside the tabs, which screen readers
// cannot reach. Without those roles it is what it looks like: a list of buttons, of which one is current.

function makePlain(list: Element) {
  list.removeAttribute("role");
  for (const item of list.querySelectorAll(":scope > li")) {
    const current = item.classList.contains("graphiql-tab-active");
    item.removeAttribute("role");
    item.removeAttribute("aria-selected");
    const button = item.querySelector(".graphiql-tab-button");
    if (current) {
      button?.setAttribute("aria-current", "true");
    } else {
      button?.removeAttribute("aria-current");
    }
  }
}

// Keeps the lists below the element plain until the function that it gives is called.
export function keepTabsPlain(root: Element): () => void {
  const update = () => root.querySelectorAll(".graphiql-tabs").forEach(makePlain);
  const observer = new MutationObserver(update);
  observer.observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["role", "aria-selected"],
  });
  update();
  return () => observer.disconnect();
}
