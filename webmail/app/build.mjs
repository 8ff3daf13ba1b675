/** Builds the application into ../static/app, or its tests into a folder and runs them (--tests). */
import { build, context } from "esbuild";
import { spawnSync } from "node:child_process";
import { writeFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { catalogues } from "./catalogue.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.env.MAILSUITE_APP_OUT || join(here, "../static/app");

/** Reproducible: the same sources and lock give the same bytes, which a test compares with what is committed. */
const options = {
  absWorkingDir: here,
  entryPoints: { main: "src/main.tsx", app: "src/app.css", base: "../static/app.css" },
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  chunkNames: "[name]-[hash]",
  outdir: out,
  logLevel: "info",
};

/** What main.js needs before it can run: the page asks for all of it at once, not file after file. */
function imported(outputs) {
  const found = new Set();
  const visit = (path) => {
    for (const one of outputs[path].imports.filter((each) => each.kind === "import-statement" && !found.has(each.path))) {
      found.add(one.path);
      visit(one.path);
    }
  };
  visit(Object.keys(outputs).find((path) => path.endsWith("/main.js")));
  return [...found].map((path) => path.split("/").at(-1)).sort();
}

function tests() {
  const folder = mkdtempSync(join(tmpdir(), "mailsuite-app-"));
  const entryPoints = readdirSync(join(here, "tests")).filter((name) => name.endsWith(".test.ts")).map((name) => join("tests", name));
  const bundled = { absWorkingDir: here, entryPoints, bundle: true, format: "esm", platform: "node", target: "node18", outdir: folder, outExtension: { ".js": ".mjs" } };
  return build({ ...bundled, jsx: "automatic", jsxImportSource: "preact", logLevel: "warning" }).then(() => {
    const files = readdirSync(folder).map((name) => join(folder, name));
    const run = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit", env: { ...process.env, APP: here } });
    rmSync(folder, { recursive: true });
    process.exitCode = run.status ?? 1;
  });
}

if (process.argv.includes("--tests")) {
  await tests();
} else if (process.argv.includes("--watch")) {
  await (await context({ ...options, minify: false, sourcemap: "inline" })).watch();
} else {
  rmSync(out, { recursive: true, force: true });
  const { metafile } = await build({ ...options, metafile: true });
  writeFileSync(join(out, "preload.json"), `${JSON.stringify(imported(metafile.outputs))}\n`);
  catalogues(out);
}
