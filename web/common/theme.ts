// Light or dark: by default as the system has it, else as the reader chose, for all pages of this browser.
export type Theme = "system" | "light" | "dark";

const kept = "matricula.theme";

export function chosenTheme(): Theme {
  const value = localStorage.getItem(kept);
  return value === "light" || value === "dark" ? value : "system";
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

export function chooseTheme(theme: Theme): void {
  if (theme === "system") {
    localStorage.removeItem(kept);
  } else {
    localStorage.setItem(kept, theme);
  }
  applyTheme(theme);
  dispatchEvent(new CustomEvent("matricula:theme", { detail: theme }));
}

applyTheme(chosenTheme());
