import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "../common/theme.css";
import "../common/controls.css";
import "./portal.css";
import { App } from "./app";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
