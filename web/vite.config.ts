import { defineConfig } from "vite";

// The API of a server started with `curator serve --port 5178`, for `npm run dev`.
const api = { target: "http://127.0.0.1:5178", changeOrigin: true };

export default defineConfig({
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { host: "127.0.0.1", proxy: { "/api": api } },
});
