// The SDK as one file, for the demo's page: `npm run demo`. It is committed, so that the demo needs no
// Node to run; a test holds it to what the source gives.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "lingauth.js" },
    outDir: "../project/demo/static/demo",
    emptyOutDir: false,
    target: "es2022",
    license: { fileName: "lingauth.licenses.md" },
    rolldownOptions: {
      output: {
        codeSplitting: false,
        minify: true, // Vite leaves the spaces of a library's modules alone
        postBanner: '/*! Made by "npm run demo" in sdk/. What it contains of others: lingauth.licenses.md */',
      },
    },
  },
});
