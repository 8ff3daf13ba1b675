/** Prints, as JSON, every message that the application says through `t("…")`, and the files that say it: parsed by TypeScript itself. */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isCallExpression, isIdentifier, isNoSubstitutionTemplateLiteral, isStringLiteral } from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/sync";

const here = dirname(fileURLToPath(import.meta.url));

/** `say(message, file)` for each call of t in the file; a message that is not written in its place can't be translated. */
function read(file, name, say, complain) {
  const visit = (node) => {
    if (isCallExpression(node) && isIdentifier(node.expression) && node.expression.text === "t") {
      const [message] = node.arguments;
      if (message && (isStringLiteral(message) || isNoSubstitutionTemplateLiteral(message))) say(message.text, name);
      else complain(`${name}: t() wants its message in its place, not ${message?.getText(file) ?? "nothing"}`);
    }
    node.forEachChild(visit);
  };
  file.forEachChild(visit);
}

const found = {};
const complaints = [];
const say = (message, name) => ((found[message] ??= []).includes(name) ? null : found[message].push(name));
const api = new API({ cwd: here });
const config = join(here, "tsconfig.json");
const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
for (const path of [...project.program.getSourceFileNames()].sort()) {
  const name = relative(here, path);
  if (name.startsWith("src/") && !name.endsWith(".d.ts")) read(project.program.getSourceFile(path), name, say, (words) => complaints.push(words));
}
api.close();
console.log(JSON.stringify(found));
complaints.forEach((one) => console.error(one));
process.exitCode = complaints.length ? 1 : 0;
