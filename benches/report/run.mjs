// What reports in files add to a run: `node benches/report/run.mjs [--files 20000] [--runs 5] [--forms
// html,md]`, with a release build in COLDCUT_BIN. A project of that many files that all ship is packed with and without a
// report of every form, in turn; printed are medians and their difference. The second run of each
// counts on, when proofs of the first are remembered.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { files: { type: "string", default: "20000" }, runs: { type: "string", default: "5" }, forms: { type: "string" } },
});
const binary = resolve(process.env.COLDCUT_BIN ?? "target/release/coldcut");
const files = Number(values.files);
const dir = mkdtempSync(join(tmpdir(), "coldcut-bench-report-"));
const ALL = ["html", "md", "json", "baseline.json", "xml", "sarif", "cdx.json", "licenses.txt", "meta.json"];
const FORMS = values.forms?.split(",") ?? ALL;

function project() {
  const perPackage = 100;
  const names = Array.from({ length: Math.ceil(files / perPackage) }, (_, at) => `package-${at}`);
  const write = (path, text) => writeFileSync(join(dir, "app", path), text);
  for (const name of names) {
    mkdirSync(join(dir, "app/node_modules", name, "lib"), { recursive: true });
    const parts = Array.from({ length: perPackage - 1 }, (_, at) => at);
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", license: "MIT" }));
    write(`node_modules/${name}/index.js`, parts.map((at) => `exports.p${at} = require("./lib/p${at}");\n`).join(""));
    for (const at of parts) {
      write(`node_modules/${name}/lib/p${at}.js`, `module.exports = (x) => x + ${at} + ${JSON.stringify(name)}.length;\n`);
    }
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  write("package.json", JSON.stringify({ name: "many", dependencies }));
  write("index.js", `${names.map((name) => `require(${JSON.stringify(name)});`).join("\n")}\nexports.handler = async () => 1;\n`);
  write("coldcut.toml", '[functions.many]\nhandler = "index.handler"\n');
}

function run(out, reports) {
  const args = ["pack", join(dir, "app"), "--strategy", "trace", "--out", join(dir, out)];
  if (reports) args.push(...FORMS.map((form) => `--report=${join(dir, "reports", `r.${form}`)}`));
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(binary, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

try {
  project();
  run("out", true);
  const all = { without: [], with: [] };
  for (let at = 0; at < Number(values.runs); at += 1) {
    all.without.push(run("out", false));
    all.with.push(run("out", true));
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const shown = (list) => `${median(list).toFixed(0)} ms (${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)})`;
  console.log(`${files} files, ${values.runs} runs each, ${FORMS.length} reports`);
  console.log(`without reports  ${shown(all.without)}`);
  console.log(`with reports     ${shown(all.with)}`);
  console.log(`difference       ${(median(all.with) - median(all.without)).toFixed(0)} ms`);
  for (const form of FORMS) console.log(`${form.padEnd(16)} ${statSync(join(dir, "reports", `r.${form}`)).size} bytes`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
