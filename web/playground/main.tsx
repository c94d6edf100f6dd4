import { createRoot } from "react-dom/client";

import "../common/theme.css";
import "../common/controls.css";
import "./playground.css";

import { App } from "./app";

createRoot(document.getElementById("root")!).render(<App />);
