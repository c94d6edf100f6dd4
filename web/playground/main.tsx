import { createRoot } from "react-dom/client";

import "../common/theme.css";
import "../common/controls.css";
import { SiteHeader } from "../common/header";

createRoot(document.getElementById("root")!).render(
  <>
    <SiteHeader current="/playground" />
    <main id="main" className="page" />
  </>,
);
