import "../common/theme";

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

keepSideOpenWhenWide();
nameThisServer();
addCopyButtons();
enableSearch();
