// What an app's bundle grows by, over the dependencies alone: minified, compressed, and within budget.
// The other entries are not counted, nor what is loaded later: the way to the hosted page.
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, minify } from "vite";

const BUDGET = 2048;

const dependencies = `
  export { AuthClient } from "@supabase/auth-js";
  export { PostgrestClient } from "@supabase/postgrest-js";`;
const all = `${dependencies} export * from "../src/index.js";`;

async function bundled(source) {
  const entry = "node_modules/.size.ts";
  writeFileSync(entry, source);
  const [{ output }] = await build({
    configFile: false,
    logLevel: "error",
    build: {
      lib: { entry, formats: ["es"] },
      rolldownOptions: { output: { chunkFileNames: "[name].js" } },
      minify: false,
      write: false,
    },
  });
  const code = output.map((chunk) => (chunk.isDynamicEntry ? "" : chunk.code)).join("");
  return (await minify("bundle.js", code, { module: true, compress: true, mangle: true })).code;
}

const over = await bundled(all);
const under = await bundled(dependencies);
const compressed = (code) => gzipSync(code, { level: 9 }).length;
const size = compressed(over) - compressed(under);

console.log(`${over.length - under.length} bytes minified, ${size} compressed; budget ${BUDGET}`);
if (process.argv.includes("--show")) console.log(over.slice(-6000));
if (size > BUDGET) process.exit(1);
