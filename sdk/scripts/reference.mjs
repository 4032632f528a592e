// `npm run docs`: writes docs/sdk-reference.md from the types and the comments of the entries.
import { writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const SDK = join(dirname(fileURLToPath(import.meta.url)), "..");
export const PAGE = join(SDK, "../docs/sdk-reference.md");

const ENTRIES = {
  "lingauth": "src/index.ts",
  "lingauth/react": "src/react/index.ts",
  "lingauth/server": "src/server/index.ts",
  "lingauth/native": "src/native/index.ts",
};

const INTRODUCTION = `# SDK reference

What the package \`lingauth\` exports, made from its types by \`make docs\`. How to use it:
[the SDK](../sdk/README.md), [Add MFA to your app](add-mfa-to-your-app.md), [React](react.md),
[Server-side rendering](server-side-rendering.md).
`;

/** The page's text. Throws where an export of ours has no comment. */
export function reference() {
  const { options } = ts.getParsedCommandLineOfConfigFile(
    join(SDK, "tsconfig.build.json"),
    { noEmit: false, emitDeclarationOnly: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => { throw problem; } },
  );
  const files = Object.values(ENTRIES).map((file) => join(SDK, file));
  const program = ts.createProgram(files, options);
  const declared = declarations(program);
  const parts = Object.entries(ENTRIES).map(([name, file]) => section(name, file, program, declared));
  return [INTRODUCTION, ...parts].join("\n");
}

/** By source file and name: a declaration as it is published, without bodies. */
function declarations(program) {
  const found = new Map();
  program.emit(undefined, (path, text, _mark, _error, sources) => {
    if (!path.endsWith(".d.ts")) return;
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    for (const statement of file.statements) {
      const names = statement.declarationList?.declarations ?? [statement];
      for (const { name } of names) {
        if (!name) continue;
        const key = `${sources[0].fileName} ${name.text}`;
        found.set(key, [...(found.get(key) ?? []), shown(statement.getText())]);
      }
    }
  });
  return found;
}

/** A declaration for readers: as a page is indented, and links as names. */
function shown(code) {
  return code
    .replace(/^export (declare )?/, "")
    .replace(/^( {4})+/gm, (indent) => " ".repeat(indent.length / 2))
    .replace(/\{@link (\w+) ?\}/g, "$1");
}

function section(name, file, program, declared) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(SDK, file));
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  const ours = [];
  const theirs = new Map();
  for (const symbol of symbols) {
    const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const from = real.declarations[0].getSourceFile().fileName;
    const packageName = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(from)?.[1];
    if (packageName) theirs.set(packageName, [...(theirs.get(packageName) ?? []), symbol.name]);
    else ours.push(entry(symbol.name, real, declared.get(`${from} ${real.name}`), checker));
  }
  const again = [...theirs].map(
    ([from, names]) => `From \`${from}\`, as they are: ${names.map((one) => `\`${one}\``).join(", ")}.\n`,
  );
  return [`## \`${name}\`\n`, ...ours, ...again].join("\n");
}

function entry(name, symbol, code, checker) {
  const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
  const where = relative(SDK, symbol.declarations[0].getSourceFile().fileName);
  if (!comment) throw new Error(`${name} in ${where} has no comment.`);
  if (!code) throw new Error(`${name} in ${where} has no declaration.`);
  const tags = symbol.getJsDocTags(checker).map((tag) => {
    const [first, ...rest] = ts.displayPartsToString(tag.text).split(" ");
    return tag.name === "param" || tag.name === "typeParam"
      ? `* \`${first}\`: ${rest.join(" ")}`
      : `* ${tag.name}: ${[first, ...rest].join(" ")}`;
  });
  const text = [comment, ...(tags.length ? ["", ...tags] : [])].join("\n");
  return `### ${name}\n\n${linked(text)}\n\n\`\`\`ts\n${code.join("\n")}\n\`\`\`\n`;
}

/** `{@link Name}` as a link into this page. */
function linked(text) {
  return text.replace(/\{@link (\w+) ?\}/g, (_, name) => `[${name}](#${name.toLowerCase()})`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(PAGE, reference());
