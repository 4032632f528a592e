// One line of JSON for each test, for tests/clients/results.py.
import { basename } from "node:path";
import { inspect } from "node:util";

/** What went wrong, without the runner's and the client's own frames. */
function told(error) {
  const whole = inspect(error.cause ?? error, { depth: 4 });
  const ours = (line) => !/^ +at /.test(line) || (line.includes("file:") && !line.includes("node_modules"));
  return whole.split("\n").filter(ours).join("\n");
}

export default async function* lines(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const { name, file, details, skip, todo } = data;
    const result = {
      name,
      file: basename(file ?? ""),
      passed: type === "test:pass" && skip === undefined && todo === undefined,
      seconds: details.duration_ms / 1000,
      error: details.error ? told(details.error) : "",
    };
    yield `${JSON.stringify(result)}\n`;
  }
}
