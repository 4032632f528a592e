import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const SDK = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** The code of a page in docs/: its language, the file that its first line names, if it names one. */
export async function blocks(page) {
  const text = await readFile(join(SDK, "../docs", page), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => {
    const [, file, rest] = /^\/\/ (\S+\.tsx?)\n(.*)$/s.exec(code) ?? [];
    return { language, file, code: rest ?? code };
  });
}
