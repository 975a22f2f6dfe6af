// Holds the minifier to Node.js: random programs are run by Node.js, and bundled, minified and run.
//
//   COLDCUT_BIN=… node compare.mjs [--seconds N] [--seed N] [--forms cjs,esm] [--kinds sloppy,strict,module]
//                                  [--skip name,name] [--reduce] [--work DIR] [--file FILE]
//
// `--reduce` makes each program that differs small before it is printed; `skip` is for what is known (see
// `programs.mjs`); `--file` judges a program that is there already, in the form of its extension (.cjs, .mjs).
// Exits with 1 if any program differs.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import vm from "node:vm";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FORMS, generate } from "./programs.mjs";
import { changed, reductions, textOf } from "./tree.mjs";

const arg = (name, other) => (process.argv.includes("--" + name) ? process.argv[process.argv.indexOf("--" + name) + 1] : other);
const list = (name, other) => arg(name, other).split(",").filter(Boolean);
const BIN = process.env.COLDCUT_BIN;
const WORK = path.resolve(arg("work", path.join(os.tmpdir(), "coldcut-minifier")));
const FORMATS = list("forms", "cjs,esm");
// As many programs in one bundle: starting Node.js takes longer than running one.
const BATCH = 30;

// Running -----------------------------------------------------------------------------------------

const extension = (form) => (form === "module" ? "mjs" : "cjs");

/** The file that runs the programs one after the other, each behind a line of its own. */
function main(count, form) {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const module = form === "module";
  const head = module ? numbers.map((i) => `import { run as run${i} } from "./p${i}.mjs";\n`).join("") + 'import { reset } from "./show.cjs";\n' : (form === "strict" ? '"use strict";\n' : "") + 'const { reset } = require("./show.cjs");\n' + numbers.map((i) => `const { run: run${i} } = require("./p${i}.cjs");\n`).join("");
  return `${head}process.on("unhandledRejection", () => console.log("unhandled"));
(async () => {
  for (const run of [${numbers.map((i) => "run" + i)}]) {
    console.log("# program");
    reset();
    try {
      await run();
    } catch (error) {
      console.log("failed", error instanceof Error ? error.name : typeof error);
    }
    await new Promise(setImmediate);
  }
  console.log("# end");
})();
`;
}

function node(file) {
  const run = spawnSync(process.execPath, ["--no-warnings", file], { encoding: "utf8", timeout: 5000 });
  const parts = run.stdout.split(/^# (?:program|end)\n/m);
  const error = (run.stderr.match(/^\w*Error\b.*$/m) ?? [""])[0];
  return { parts: parts.slice(1, -1), all: run.stdout.endsWith("# end\n"), error: error || `status ${run.status}` };
}

function lay(texts, form) {
  fs.rmSync(WORK, { recursive: true, force: true });
  fs.mkdirSync(WORK, { recursive: true });
  fs.copyFileSync(new URL("show.cjs", import.meta.url), path.join(WORK, "show.cjs"));
  texts.forEach((text, i) => fs.writeFileSync(path.join(WORK, `p${i}.${extension(form)}`), text));
  fs.writeFileSync(path.join(WORK, "main." + extension(form)), main(texts.length, form));
}

function bundled(form, { format, small }) {
  const out = path.join(WORK, format === "cjs" ? "out.cjs" : "out.mjs");
  const words = ["bundle", "main." + extension(form), "--outfile", out, "--format", format, "--platform", "node", small ? "--minify" : "--no-minify"];
  const run = spawnSync(BIN, words, { cwd: WORK, encoding: "utf8", timeout: 20000 });
  if (run.status === 0) return node(out);
  return { parts: [], all: false, error: "no bundle: " + (run.stderr.match(/CC\d+.*|.*panick.*/)?.[0] ?? run.status) };
}

// Sloppy code becomes strict in an ES module, which is documented.
export const variantsOf = (form, small) => FORMATS.filter((format) => format === "cjs" || form !== "sloppy").map((format) => ({ format, small }));

function valid(text, form) {
  const inner = form === "module" ? '"use strict";' + text.replace(/^import .*$/m, "").replace(/^export /m, "") : text;
  try {
    new vm.Script(`(function (exports, require, module) {${inner}\n})`);
    return true;
  } catch {
    return false;
  }
}

/** For each program nothing where Node.js does not run it, else what it prints and what differs. */
export function judge(texts, form, variants) {
  if (!texts.length) return [];
  const halves = () => {
    const middle = texts.length >> 1;
    return [...judge(texts.slice(0, middle), form, variants), ...judge(texts.slice(middle), form, variants)];
  };
  lay(texts, form);
  const expected = node(path.join(WORK, "main." + extension(form)));
  if (!expected.all) return texts.length === 1 ? [null] : halves();
  const verdicts = expected.parts.map((want) => ({ want, found: [] }));
  for (const variant of variants) {
    const got = bundled(form, variant);
    if (!got.all && texts.length > 1) return halves();
    verdicts.forEach((verdict, i) => {
      const output = got.all ? got.parts[i] : (got.parts.join("") + got.error + "\n");
      if (output !== verdict.want) verdict.found.push({ variant, got: output });
    });
  }
  return verdicts;
}

// Reduction ---------------------------------------------------------------------------------------

/** A smaller program that still differs in a variant. */
function reduce(tree, form, variant, until) {
  const tried = new Set();
  const differs = (trees) => judge(trees.map(textOf), form, [variant]).map((verdict) => verdict?.found.length > 0);
  for (let again = true; again && Date.now() < until; ) {
    again = false;
    const open = reductions(tree);
    for (let i = 0; i < open.length && !again && Date.now() < until; ) {
      const batch = [];
      for (; i < open.length && batch.length < BATCH; i++) {
        const next = changed(tree, new Map([open[i]]));
        const text = textOf(next);
        if (tried.has(text)) continue;
        tried.add(text);
        if (valid(text, form)) batch.push([open[i], next]);
      }
      const good = differs(batch.map(([, next]) => next)).flatMap((yes, n) => (yes ? [batch[n]] : []));
      if (!good.length) continue;
      again = true;
      // All that can go alone may go together.
      const together = changed(tree, new Map(good.map(([pair]) => pair)));
      tree = good.length > 1 && valid(textOf(together), form) && differs([together])[0] ? together : good[0][1];
    }
  }
  return tree;
}

// Rounds ------------------------------------------------------------------------------------------

export const said = ({ format, small }) => format + (small ? " minified" : " readable");
const indented = (text) => text.trimEnd().replace(/^/gm, "    ");

function report(name, text, form, verdict) {
  const [readable] = judge([text], form, variantsOf(form, false));
  console.log(`--- ${name}\n${text}Node.js:\n${indented(verdict.want)}`);
  for (const { variant, got } of [...verdict.found, ...(readable?.found ?? [])]) console.log(`${said(variant)}:\n${indented(got)}`);
  console.log("");
}

function file(name) {
  const text = fs.readFileSync(name, "utf8");
  const form = name.endsWith(".mjs") ? "module" : text.startsWith('"use strict"') ? "strict" : "sloppy";
  const [verdict] = judge([text], form, variantsOf(form, true));
  if (!verdict) return console.log("Node.js does not run it");
  report(name, text, form, verdict);
  process.exitCode = verdict.found.length ? 1 : 0;
}

function rounds() {
  const until = Date.now() + 1000 * +arg("seconds", 60);
  const skip = new Set(list("skip", ""));
  const kinds = list("kinds", FORMS.join());
  const seen = new Set();
  let seed = +arg("seed", 1);
  let [programs, differ] = [0, 0];
  while (Date.now() < until) {
    for (const form of kinds) {
      if (Date.now() > until) break;
      const made = Array.from({ length: BATCH }, (_, i) => ({ seed: seed + i, tree: generate(seed + i, form, skip) })).filter(({ tree }) => valid(textOf(tree), form));
      const verdicts = judge(made.map(({ tree }) => textOf(tree)), form, variantsOf(form, true));
      programs += verdicts.filter(Boolean).length;
      for (const [i, { seed, tree }] of made.entries()) {
        if (!verdicts[i]?.found.length || Date.now() > until) continue;
        const [alone] = judge([textOf(tree)], form, variantsOf(form, true));
        if (!alone?.found.length) continue;
        differ++;
        const [{ variant }] = alone.found;
        const small = process.argv.includes("--reduce") ? reduce(tree, form, variant, Math.min(until, Date.now() + 20000)) : tree;
        const text = textOf(small);
        const shape = text.replace(/^("use strict"|import |const \{ log|export |exports).*\n/gm, "").replace(/[\w$]+|"[^"]*"/g, (word) => (/^(var|let|const|function|class|return|if|for|switch|try|catch|new|typeof|delete)$/.test(word) ? word : "_"));
        if (seen.has(shape)) continue;
        seen.add(shape);
        report(`seed ${seed}, ${form}`, text, form, judge([text], form, variantsOf(form, true))[0]);
      }
    }
    seed += BATCH;
  }
  console.log(`${programs} programs, ${differ} differ`);
  process.exitCode = differ ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (arg("file", null)) file(arg("file"));
  else rounds();
}
