// What the browser keeps for these pages from visit to visit. Where it keeps nothing, as with all
// cookies blocked or its storage full, they work with what they have in memory.

export function readKept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A storage that is full keeps what it had.
  }
}

export function dropKept(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing is kept.
  }
}
