import { defineConfig } from "vite";

// node_modules is a link to web/'s: the same tools and the same versions. Names without hashes: the manifest names its files.
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      input: { panel: "panel.html", worker: "src/worker.ts" },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
