import { useEffect } from "react";

// How many components hold the page, and what was put off meanwhile.
let holders = 0;
let putOff: (() => void)[] = [];

// Does what takes a part of the page away: at once, or as soon as nothing holds the page.
export function whenFree(act: () => void): void {
  if (holders === 0) {
    act();
  } else {
    putOff.push(act);
  }
}

function release(): void {
  if (holders === 0) {
    const acts = putOff;
    putOff = [];
    acts.forEach((act) => act());
  }
}

// Holds the page while `held`: it shows what exists nowhere else, or waits for that.
export function useHold(held: boolean): void {
  useEffect(() => {
    if (!held) {
      return;
    }
    holders += 1;
    return () => {
      holders -= 1;
      // Later: what was waited for may hold the page from the same rendering on.
      queueMicrotask(release);
    };
  }, [held]);
}
