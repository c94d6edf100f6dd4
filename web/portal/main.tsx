import { createRoot } from "react-dom/client";

import "../common/theme.css";

createRoot(document.getElementById("root")!).render(
  <main>
    <h1>Matricula</h1>
  </main>,
);
