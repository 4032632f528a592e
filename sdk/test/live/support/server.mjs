// lingauth/server in one file, made from the source.
import { join } from "node:path";
import { build } from "vite";

const [{ output }] = await build({
  root: join(import.meta.dirname, "../../.."),
  configFile: false,
  logLevel: "error",
  build: {
    write: false,
    lib: { entry: "src/server/index.ts", formats: ["es"] },
    rolldownOptions: { output: { codeSplitting: false } },
  },
});

export const { createServerClient, requireSession } = await import(
  `data:text/javascript,${encodeURIComponent(output[0].code)}`
);
