import { defineConfig } from "vite";

import { documentation } from "./docs/build/plugin.mjs";

// Four pages, each with its own entry; what they share becomes chunks of its own. The names under
// /assets/ carry a hash of their content, so the server may let browsers keep them for a year.
// Nothing is inlined: the pages' Content-Security-Policy allows scripts and styles from files only.
export default defineConfig({
  appType: "mpa",
  define: { __MATRICULA_VERSION__: JSON.stringify(process.env.MATRICULA_VERSION ?? "dev") },
  plugins: [documentation()],
  esbuild: { jsx: "automatic", legalComments: "none" },
  server: {
    proxy: { "^/(api|auth|portal/api|healthz|readyz|metrics)": "http://127.0.0.1:8080" },
  },
  build: {
    target: "es2022",
    outDir: process.env.MATRICULA_WEB_OUT ?? "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 6000,
    rollupOptions: {
      input: {
        index: "index.html",
        portal: "portal.html",
        playground: "playground.html",
        docs: "docs.html",
      },
    },
  },
});
