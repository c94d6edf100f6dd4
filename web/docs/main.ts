import { chooseTheme, chosenTheme, type Theme } from "../common/theme";

import { addCopyButtons, nameThisServer } from "./code";
import { enableSearch } from "./search";

// On a wide screen the list of pages stands open beside the text. On a narrow one it opens on demand, except without
// JavaScript, where it is open from the start.
function keepSideOpenWhenWide() {
  const side = document.getElementById("side") as HTMLDetailsElement;
  const wide = matchMedia("(min-width: 60rem)");
  const adjust = () => {
    side.open = wide.matches;
  };
  wide.addEventListener("change", adjust);
  adjust();
}

// The choice of colours of all pages; without JavaScript they are the system's.
function offerThemes() {
  const choice = document.getElementById("theme-choice") as HTMLSelectElement;
  choice.value = chosenTheme();
  choice.addEventListener("change", () => chooseTheme(choice.value as Theme));
  choice.hidden = false;
}

keepSideOpenWhenWide();
offerThemes();
nameThisServer();
addCopyButtons();
enableSearch();
