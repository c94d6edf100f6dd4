// What JavaScript adds to code blocks: a button that copies, and the address of the server that the reader is at.

const exampleServer = "http://127.0.0.1:8080";

// The examples name a server on the reader's own machine; this one is the one they can try.
export function nameThisServer() {
  if (location.origin === exampleServer) {
    return;
  }
  for (const code of document.querySelectorAll(".code code")) {
    if (!code.textContent?.includes(exampleServer)) {
      continue;
    }
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      node.nodeValue = node.nodeValue!.replaceAll(exampleServer, location.origin);
    }
  }
}

export function addCopyButtons() {
  for (const block of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "code-copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => void copy(block, button));
    block.querySelector(".code-bar")!.append(button);
  }
}

async function copy(block: Element, button: HTMLButtonElement) {
  const text = block.querySelector("code")!.textContent!;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // Without permission, or not on a secure origin: the text is selected for the reader's own copy.
    getSelection()?.selectAllChildren(block.querySelector("code")!);
    button.textContent = "Selected";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2000);
}
