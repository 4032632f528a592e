// The SDK as one file, for the demo's page: `npm run demo`. It is committed, so that the demo needs no
// Node to run; a test holds it to what the source gives.
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { dependencies: Record<string, string> };
const parts = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);

export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "lingauth.js" },
    outDir: "../project/demo/static/demo",
    emptyOutDir: false,
    target: "es2022",
    rolldownOptions: {
      output: {
        codeSplitting: false,
        minify: true, // Vite leaves the spaces of a library's modules alone
        postBanner: `/*! Made by "npm run demo" in sdk/. LingAuth, ${parts.join(", ")}: MIT licence; tslib: 0BSD. */`,
      },
    },
  },
});
