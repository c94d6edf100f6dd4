import { useState } from "react";

import { chooseTheme, chosenTheme, type Theme } from "./theme";

// Chooses light, dark, or what the system has.
export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <select
      className="select theme-choice"
      aria-label="Colours"
      value={theme}
      onChange={(event) => {
        const next = event.target.value as Theme;
        setTheme(next);
        chooseTheme(next);
      }}
    >
      <option value="system">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}
