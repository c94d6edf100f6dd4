import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "../common/theme.css";
import "../common/controls.css";
import "./overview.css";
import { Overview } from "./overview";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Overview />
  </StrictMode>,
);
