import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  // The examples name the package as an app does.
  resolve: {
    alias: [
      { find: /^lingauth$/, replacement: source("index.ts") },
      { find: /^lingauth\/(\w+)$/, replacement: source("$1/index.ts") },
    ],
  },
  test: {
    include: ["test/unit/**/*.test.{ts,tsx}"],
    typecheck: { include: ["test/types/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
    restoreMocks: true,
    unstubGlobals: true,
  },
});
