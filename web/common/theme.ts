import { dropKept, keep, readKept } from "./kept";

// Light or dark: by default as the system has it, else as the reader chose, for all pages of this browser.
export type Theme = "system" | "light" | "dark";

const kept = "matricula.theme";

function keptTheme(): Theme {
  const value = readKept(kept);
  return value === "light" || value === "dark" ? value : "system";
}

let chosen = keptTheme();

export function chosenTheme(): Theme {
  return chosen;
}

function applyTheme(theme: Theme): void {
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

export function chooseTheme(theme: Theme): void {
  chosen = theme;
  if (theme === "system") {
    dropKept(kept);
  } else {
    keep(kept, theme);
  }
  applyTheme(theme);
  dispatchEvent(new CustomEvent("matricula:theme", { detail: theme }));
}

applyTheme(chosen);
