import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts"],
    typecheck: { include: ["test/types/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
    restoreMocks: true,
    unstubGlobals: true,
  },
});
