// One line of JSON for each test, for tests/clients/results.py.
import { basename } from "node:path";
import { inspect } from "node:util";

export default async function* lines(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const { name, file, details, skip, todo } = data;
    const error = details.error && inspect(details.error.cause ?? details.error, { depth: 4 });
    const result = {
      name,
      file: basename(file ?? ""),
      passed: type === "test:pass" && skip === undefined && todo === undefined,
      seconds: details.duration_ms / 1000,
      error: error ?? "",
    };
    yield `${JSON.stringify(result)}\n`;
  }
}
