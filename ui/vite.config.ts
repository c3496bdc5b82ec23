// Builds the page into the Python package; two builds of one source are equal byte by byte.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { licences } from "./licences.ts";

export default defineConfig({
  base: "/static/",
  plugins: [svelte(), licences()],
  build: {
    outDir: "../command/web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
