import { defineConfig } from "vite";

import { documentation } from "./docs/build/plugin.mjs";

// The playground carries a whole editor, which takes ten times as long to build as everything else.
// So it is built apart, and a change of another page does not have to wait for it.
const parts: Record<string, Record<string, string>> = {
  pages: { index: "index.html", portal: "portal.html", docs: "docs.html", missing: "404.html" },
  playground: { playground: "playground.html" },
};
const part = process.env.MATRICULA_WEB_PART === "playground" ? "playground" : "pages";

// Each page has its own entry; what they share becomes chunks of its own. The names under /assets/
// carry a hash of their content, so the server may let browsers keep them for a year. Nothing is
// inlined: the pages' Content-Security-Policy allows scripts and styles from files only.
export default defineConfig({
  appType: "mpa",
  publicDir: part === "pages" ? "public" : false,
  define: { __MATRICULA_VERSION__: JSON.stringify(process.env.MATRICULA_VERSION ?? "dev") },
  plugins: [documentation()],
  esbuild: { jsx: "automatic", legalComments: "none" },
  server: {
    proxy: { "^/(api|auth|portal/api|healthz|readyz|metrics)": "http://127.0.0.1:8080" },
  },
  worker: { format: "es" },
  build: {
    target: "es2022",
    outDir: `${process.env.MATRICULA_WEB_OUT ?? "dist"}/${part}`,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 6000,
    rollupOptions: {
      // Libraries mark what is for browsers; that means nothing in a bundle for browsers.
      onwarn(warning, warn) {
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") {
          warn(warning);
        }
      },
      input: parts[part],
    },
  },
});
