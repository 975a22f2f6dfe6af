// Holds a bundler to `tsc`: each project is compiled by TypeScript itself with the project's own
// settings and run by Node.js, and bundled in four ways and run; what both print is compared.
//
//   COLDCUT_BIN=… node compare.mjs --typescript DIR [--seed N] [--count K] [--minutes M]
//                              [--only tag,…] [--skip tag,…] [--work DIR] [--keep DIR] [--per-kind N]
//                              [--project DIR]   (one project that is there already: say the difference)
//
// DIR is a folder where `typescript` is installed. Differences are reduced and printed.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { spawnSync } from "node:child_process";
import { generate, write } from "./programs.mjs";

const arg = (name, other) => {
  const at = process.argv.indexOf("--" + name);
  return at < 0 ? other : process.argv[at + 1];
};
const set = (name) => new Set((arg(name, "") || "").split(",").filter(Boolean));
const BIN = process.env.COLDCUT_BIN;
const HERE = path.dirname(new URL(import.meta.url).pathname);
const ts = createRequire(path.join(path.resolve(arg("typescript", HERE)), "x.js"))("typescript");
const WORK = path.resolve(arg("work", path.join(os.tmpdir(), "coldcut-typescript")));
const KEEP = path.resolve(arg("keep", path.join(WORK, "found")));
const KNOWN = "enum-after-imported,enum-in-block,ns-outer-names,legacy-order,inner-ref,meta-alias,meta-null,std-private,no-interop";
const FOUND = KNOWN + ",es5,react-namespace,std-metadata,legacy-accessor,const-enum,empty-import,cts,export-import,script-strict,ns-nested-order,jsxdev,jsx-runtime,ns-local-merge";
const skip = arg("skip", null) === null ? new Set() : arg("skip") === "known" ? new Set(KNOWN.split(",")) : arg("skip") === "found" ? new Set(FOUND.split(",")) : set("skip");
const only = set("only");

// The truth -------------------------------------------------------------------------------------

const libs = new Map();
// What does not keep tsc from writing what it means.
const IGNORED = new Set([2729, 2449, 2450, 2454, 2565, 2610, 2611, 2612, 2425, 2426, 2715, 1345, 18033, 2367, 2365, 2869, 2871, 2872, 2873, 2881, 2839, 2774, 5107, 5101, 2532, 2531, 18047, 18048, 18049, 2533, 2683, 2722, 2322, 2345, 2540, 2588, 2352, 2339, 7053, 7016, 7022, 7023, 2769, 2351, 2349, 2554, 2555, 2416, 2344, 2869, 2737, 18046, 1166, 1168, 1169, 1170, 1171].filter((c) => ![2588, 2339, 2737].includes(c)));

export function truth(dir) {
  const configFile = path.join(dir, "tsconfig.json");
  const raw = ts.readConfigFile(configFile, ts.sys.readFile);
  if (raw.error) return { invalid: ["config"] };
  const parsed = ts.parseJsonConfigFileContent(raw.config, ts.sys, dir, {}, configFile);
  if (parsed.errors.length) return { invalid: parsed.errors.map((e) => "config " + e.code + " " + ts.flattenDiagnosticMessageText(e.messageText, " ")) };
  const out = path.join(dir, ".truth");
  fs.rmSync(out, { recursive: true, force: true });
  const options = { ...parsed.options, rootDir: dir, outDir: out, noEmitOnError: false, noEmit: false, declaration: false, sourceMap: false, incremental: false, composite: false };
  delete options.tsBuildInfoFile;
  const host = ts.createCompilerHost(options);
  const get = host.getSourceFile.bind(host);
  host.getSourceFile = (name, how, ...rest) => {
    if (!name.includes("/typescript/lib/lib.")) return get(name, how, ...rest);
    const key = name + JSON.stringify([how?.languageVersion ?? how, how?.impliedNodeFormat]);
    if (!libs.has(key)) libs.set(key, fs.readFileSync(name, "utf8"));
    return ts.createSourceFile(name, libs.get(key), how);
  };
  const program = ts.createProgram(parsed.fileNames, options, host);
  const own = (d) => !d.file || !d.file.fileName.includes("/typescript/lib/");
  const wrong = [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()].filter((d) => own(d) && d.category === ts.DiagnosticCategory.Error && !IGNORED.has(d.code));
  if (wrong.length) return { invalid: wrong.map((d) => `${d.code} ${ts.flattenDiagnosticMessageText(d.messageText, " ").slice(0, 160)} ${d.file ? path.basename(d.file.fileName) + ":" + (d.file.text.slice(0, d.start).split("\n").length) + " " + d.file.text.split("\n")[d.file.text.slice(0, d.start).split("\n").length - 1].slice(0, 120) : ""}`) };
  const mapped = new Map();
  for (const file of program.getSourceFiles()) {
    if (file.fileName.includes("node_modules") || file.isDeclarationFile) continue;
    for (const lit of file.imports ?? []) {
      const spec = lit.text;
      if (spec.startsWith(".") || spec.startsWith("#")) continue;
      const to = program.getResolvedModuleFromModuleSpecifier?.(lit, file)?.resolvedModule;
      if (to && !to.resolvedFileName.includes("node_modules") && !to.resolvedFileName.endsWith(".d.ts")) {
        const rel = path.relative(path.dirname(file.fileName), to.resolvedFileName).replace(/\.tsx?$/, ".js");
        const list = mapped.get(file.fileName) ?? [];
        list.push([spec, rel.startsWith(".") ? rel : "./" + rel]);
        mapped.set(file.fileName, list);
      }
    }
  }
  program.emit(undefined, (name, text, bom, onError, sources) => {
    for (const [spec, to] of mapped.get(sources?.[0]?.fileName) ?? []) text = text.replaceAll(`"${spec}"`, `"${to}"`);
    fs.mkdirSync(path.dirname(name), { recursive: true });
    fs.writeFileSync(name, text);
  });
  const pkg = path.join(dir, "package.json");
  if (fs.existsSync(pkg)) fs.copyFileSync(pkg, path.join(out, "package.json"));
  return node(path.join(out, "main.js"));
}

function node(file) {
  const run = spawnSync(process.execPath, ["--no-warnings", file], { encoding: "utf8", timeout: 20000 });
  return { out: run.stdout, status: run.status, err: (run.stderr ?? "").split("\n").filter((l) => /Error|rror:/.test(l))[0] ?? "" };
}

const VARIANTS = [["cjs", false], ["cjs", true], ["esm", false], ["esm", true]];
const nameOf = ([format, small]) => format + (small ? "-min" : "");

function bundled(dir, [format, small]) {
  const file = path.join(dir, `out.${format === "cjs" ? "cjs" : "mjs"}`);
  fs.rmSync(file, { force: true });
  const run = spawnSync(BIN, ["bundle", "main.ts", "--outfile", file, "--format", format, "--platform", "node", small ? "--minify" : "--no-minify"], { cwd: dir, encoding: "utf8", timeout: 30000 });
  if (run.status !== 0) {
    const text = (run.stderr + run.stdout).replace(/\x1b\[[0-9;]*m/g, "");
    return { build: text.split("\n").filter((l) => /error|CC\d+|panick/.test(l)).slice(0, 2).join(" | ") || text.slice(0, 200) || "status " + run.status };
  }
  return node(file);
}

const timed = (out) => /^"(dyn|async|ag|load)/m.test(out);
/** Nothing, or what differs. */
function difference(expected, got) {
  if (got.build) return { kind: "build", what: got.build.replace(/\d+/g, (m) => m).slice(0, 300) };
  if (got.status !== 0) {
    return { kind: "crash", what: got.err.slice(0, 200) };
  }
  if (expected.out === got.out) return null;
  const [a, b] = [expected.out.split("\n"), got.out.split("\n")];
  if (a.slice().sort().join("\n") === b.slice().sort().join("\n")) {
    if (timed(expected.out)) {
      const rest = (l) => l.filter((x) => !/^"?(dyn|async|ag|load)/.test(x)).join("\n");
      if (rest(a) === rest(b)) return null;
    }
  }
  const at = a.findIndex((l, i) => l !== b[i]);
  const i = at < 0 ? a.length : at;
  return { kind: "output", what: `want ${a[i]}  got ${b[i]}`, line: [a[i], b[i]] };
}

function lay(dir, files) {
  fs.rmSync(dir, { recursive: true, force: true });
  write(dir, { files });
}

/** All differences of a project. */
function judge(files, variants = VARIANTS) {
  lay(WORK, files);
  const expected = truth(WORK);
  if (expected.invalid) return { invalid: expected.invalid };
  if (expected.status !== 0) return { invalid: ["throws " + expected.err.replace(/[\w$]+ is/, "X is").slice(0, 80)] };
  const found = [];
  for (const variant of variants) {
    const got = bundled(WORK, variant);
    const diff = difference(expected, got);
    if (diff) found.push({ variant, ...diff, got });
  }
  return { expected, found };
}

// Reduction -------------------------------------------------------------------------------------

function lists(text, name) {
  const kind = name.endsWith("x") ? ts.ScriptKind.TSX : name.endsWith("js") ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true, kind);
  const removals = [];
  const replaces = [];
  const at = (n) => [n.getFullStart(), n.end];
  const separated = (nodes) => {
    // With the comma.
    const items = nodes.map((n, i) => {
      if (i + 1 < nodes.length) return [n.getFullStart(), nodes[i + 1].getFullStart()];
      if (i > 0) return [nodes[i - 1].end, n.end];
      const comma = text.slice(n.end).match(/^\s*,/);
      return [n.getFullStart(), n.end + (comma ? comma[0].length : 0)];
    });
    removals.push({ items, commas: true });
  };
  const visit = (n) => {
    if (n.statements) removals.push({ items: n.statements.map(at) });
    if (ts.isClassLike(n)) removals.push({ items: n.members.map(at) });
    if (n.modifiers) removals.push({ items: n.modifiers.map(at) });
    for (const key of ["elements", "properties", "parameters", "arguments", "typeParameters"]) if (n[key]?.length && !ts.isJsxAttributes(n)) separated([...n[key]]);
    if (ts.isEnumDeclaration(n)) separated([...n.members]);
    if (ts.isInterfaceDeclaration(n)) removals.push({ items: n.members.map(at) });
    if (ts.isUnionTypeNode(n) || ts.isIntersectionTypeNode(n)) for (const t of n.types) replaces.push([n.getStart(), n.end, t.getText()]);
    if (ts.isJsxAttributes(n)) removals.push({ items: n.properties.map(at) });
    if (n.children && (ts.isJsxElement(n) || ts.isJsxFragment(n))) removals.push({ items: n.children.map(at) });
    if (ts.isVariableDeclarationList(n) && n.declarations.length > 1) separated([...n.declarations]);
    if (n.initializer && (ts.isPropertyDeclaration(n) || ts.isParameter(n) || ts.isEnumMember(n))) removals.push({ items: [[n.initializer.getFullStart() - 1, n.initializer.end]] });
    if (n.heritageClauses) removals.push({ items: n.heritageClauses.map(at) });
    if (n.type && (ts.isParameter(n) || ts.isPropertyDeclaration(n) || ts.isVariableDeclaration(n))) removals.push({ items: [[n.type.getFullStart() - 1, n.type.end]] });
    if (ts.isBlock(n) && n.parent && ts.isStatement(n.parent) || (ts.isBlock(n) && ts.isSourceFile(n.parent))) {
      const owner = ts.isSourceFile(n.parent) || ts.isBlock(n.parent) ? n : n.parent;
      replaces.push([owner.getStart(), owner.end, n.statements.map((s) => s.getText()).join("\n")]);
    }
    if (ts.isBinaryExpression(n) && n.operatorToken.kind !== ts.SyntaxKind.EqualsToken) replaces.push([n.getStart(), n.end, n.left.getText()], [n.getStart(), n.end, n.right.getText()]);
    if (ts.isConditionalExpression(n)) replaces.push([n.getStart(), n.end, n.whenTrue.getText()], [n.getStart(), n.end, n.whenFalse.getText()]);
    if (ts.isCallExpression(n) && n.arguments.length === 1 && ts.isIdentifier(n.expression) && /^(note|log|key|attempt)$/.test(n.expression.text) && !ts.isExpressionStatement(n.parent)) replaces.push([n.getStart(), n.end, ts.isArrowFunction(n.arguments[0]) && !ts.isBlock(n.arguments[0].body) ? n.arguments[0].body.getText() : n.arguments[0].getText()]);
    ts.forEachChild(n, visit);
  };
  visit(file);
  return { removals: removals.filter((l) => l.items.length), replaces };
}

function cut(text, ranges) {
  let out = text;
  for (const [a, b] of ranges.slice().sort((x, y) => y[0] - x[0])) out = out.slice(0, a) + out.slice(b);
  return out;
}

function reduce(files, test, budget = { tests: +arg("tests", 150), until: Date.now() + 1000 * +arg("seconds", 25) }) {
  let best = { ...files };
  {
    // What `main.ts` leads to.
    const stays = new Set(["main.ts", "package.json", "tsconfig.json", "log.ts", "globals.d.ts"]);
    const queue = ["main.ts"];
    const all = Object.keys(files);
    while (queue.length) {
      for (const m of (files[queue.pop()] ?? "").matchAll(/["']([^"'\n]+)["']/g)) {
        const base = path.basename(m[1]).replace(/\.[a-z]+$/, "");
        for (const name of all) if (!stays.has(name) && path.basename(name).replace(/(\.d)?\.[a-z]+$/, "") === base) stays.add(name), queue.push(name);
      }
    }
    const next = Object.fromEntries(Object.entries(files).filter(([n]) => stays.has(n) || n.includes("node_modules") || (n.endsWith(".json") && !/^u\d/.test(n))));
    if (test(next)) best = next;
  }
  const tried = new Set();
  const ok = (next) => {
    const key = JSON.stringify(next);
    if (tried.has(key) || budget.tests-- <= 0 || Date.now() > budget.until) return false;
    tried.add(key);
    if (!test(next)) return false;
    best = next;
    return true;
  };
  const sources = () => Object.keys(best).filter((n) => /\.(m|c)?(t|j)sx?$/.test(n) && !n.includes("node_modules") && n !== "log.ts" && n !== "globals.d.ts");
  let changed = true;
  let small = false;
  const done = () => budget.tests <= 0 || Date.now() > budget.until;
  while (changed && !done()) {
    changed = false;
    for (const name of Object.keys(best)) {
      if (["main.ts", "package.json", "tsconfig.json"].includes(name)) continue;
      const next = { ...best };
      delete next[name];
      if (ok(next)) changed = true;
    }
    for (const name of sources()) {
      for (let round = 0; round < 40; round++) {
        let hit = false;
        const { removals } = lists(best[name], name);
        outer: for (const { items } of removals) {
          for (let size = items.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
            for (let i = items.length - size; ; i -= size) {
              if (i < 0) i = Math.max(i, -size + 1) < 0 ? 0 : i;
              const text = cut(best[name], items.slice(i, i + size));
              if (ok({ ...best, [name]: text })) {
                hit = changed = true;
                break outer;
              }
              if (i <= 0) break;
            }
            if (done()) return best;
          }
        }
        if (!hit) break;
      }
      for (let round = 0; round < 20; round++) {
        let hit = false;
        for (const [a, b, by] of lists(best[name], name).replaces) {
          if (ok({ ...best, [name]: best[name].slice(0, a) + by + best[name].slice(b) })) {
            hit = changed = true;
            break;
          }
          if (done()) return best;
        }
        if (!hit) break;
      }
    }
    if (!small) {
      small = true;
      try {
        const config = JSON.parse(best["tsconfig.json"]);
        for (const key of Object.keys(config.compilerOptions)) {
          const next = JSON.parse(best["tsconfig.json"]);
          delete next.compilerOptions[key];
          ok({ ...best, "tsconfig.json": JSON.stringify(next, null, 1) });
        }
      } catch {}
    }
  }
  return best;
}

// The round --------------------------------------------------------------------------------------

function readAll(dir) {
  const files = {};
  const walk = (d, rel) => {
    for (const e of fs.readdirSync(d, { withFileTypes: true })) {
      if (/^(\.truth|out\.)/.test(e.name) || e.name === "DIFF.txt") continue;
      if (e.isDirectory()) walk(path.join(d, e.name), rel + e.name + "/");
      else files[rel + e.name] = fs.readFileSync(path.join(d, e.name), "utf8");
    }
  };
  walk(dir, "");
  return files;
}

function main() {
  if (arg("reduce", null)) {
    const dir = path.resolve(arg("reduce"));
    const files = readAll(dir);
    const { found } = judge(files);
    const [first] = found;
    const small = reduce(files, (next) => {
      const j = judge(next, [first.variant]);
      return !j.invalid && j.found.length > 0 && j.found[0].kind === first.kind;
    }, { tests: +arg("tests", 2000), until: Date.now() + 1000 * +arg("seconds", 120) });
    lay(dir, small);
    for (const [n, text] of Object.entries(small)) if (n !== "log.ts" && n !== "globals.d.ts") console.log("--- " + n + "\n" + text);
    return;
  }
  if (arg("project", null)) {
    const dir = path.resolve(arg("project"));
    const { invalid, found, expected } = judge(readAll(dir));
    if (invalid) return console.log("not a valid project:", invalid.join("\n"));
    console.log("expected:\n" + expected.out);
    for (const f of found) console.log(`${nameOf(f.variant)}: ${f.kind}: ${f.what}\n${f.got.out ?? ""}`);
    if (!found.length) console.log("the same");
    return;
  }
  const from = +arg("seed", 1);
  const count = +arg("count", 100000);
  const until = Date.now() + 60000 * +arg("minutes", 25);
  const perKind = +arg("per-kind", 1);
  const kinds = new Map();
  const invalids = new Map();
  const stats = { valid: 0, invalid: 0, differ: 0 };
  let seed = from;
  for (; seed < from + count && Date.now() < until; seed++) {
    const project = generate(seed, { only: only.size ? [...only] : null, skip });
    const verdict = judge(project.files);
    if (verdict.invalid) {
      stats.invalid++;
      for (const text of verdict.invalid.slice(0, 3)) {
        const key = project.tags.join("+") + ": " + text.slice(0, 180);
        const short = text.slice(0, 60);
        if (!invalids.has(short)) invalids.set(short, { n: 0, key, seed });
        invalids.get(short).n++;
      }
      continue;
    }
    stats.valid++;
    if (!verdict.found.length) continue;
    stats.differ++;
    // The units at fault, each alone.
    const singles = [];
    for (let i = 0; i < project.tags.length; i++) {
      const line = project.files["main.ts"].split("\n").find((l) => l.includes(`/u${i}`));
      const files = { ...project.files, "main.ts": line + "\nexport { };\n" };
      if (project.tags.length === 1) singles.push([project.tags[i], files, verdict]);
      else {
        const alone = judge(files);
        if (!alone.invalid && alone.found.length) singles.push([project.tags[i], files, alone]);
      }
    }
    if (!singles.length) singles.push([project.tags.join("+"), project.files, verdict]);
    for (const [tag, files, alone] of singles) {
      const first = alone.found[0];
      const norm = (s) => String(s).replace(/u\d_\w+/g, "U").replace(/[\d.]+/g, "0").replace(/"[^"]*"/g, '"_"').replace(/\b[a-zA-Z]\b/g, "_").replace(/\s+/g, " ").slice(0, 120);
      const key = [tag, alone.found.map((f) => nameOf(f.variant)).join(), first.kind, norm(first.what)].join(" ; ");
      const entry = kinds.get(key) ?? { n: 0, seeds: [] };
      entry.n++;
      entry.seeds.push(seed);
      kinds.set(key, entry);
      if (entry.n > perKind) continue;
      const inTag = [...kinds.keys()].filter((k) => k.startsWith(tag + " ;") && kinds.get(k).reduced).length;
      if (inTag >= +arg("per-tag", 14)) continue;
      entry.reduced = true;
      const small = reduce(files, (next) => {
        const j = judge(next, [first.variant]);
        return !j.invalid && j.found.length > 0 && j.found[0].kind === first.kind && (first.kind === "output" || norm(j.found[0].what).slice(0, 60) === norm(first.what).slice(0, 60));
      });
      const last = judge(small);
      const dir = path.join(KEEP, `${tag.replace(/\W+/g, "-")}-${seed}`);
      lay(dir, small);
      const text = `# seed ${seed} ${tag}\n# ${key}\n` + Object.entries(small).filter(([n]) => !["log.ts", "globals.d.ts"].includes(n)).map(([n, t]) => `--- ${n}\n${t.trim()}\n`).join("") + `=== expected\n${last.expected?.out}` + (last.found ?? []).map((f) => `=== ${nameOf(f.variant)} ${f.kind}: ${f.what}\n${f.got.out ?? ""}`).join("") + "\n";
      fs.writeFileSync(path.join(dir, "DIFF.txt"), text);
      console.log(text);
    }
  }
  console.log(`seeds ${from}..${seed - 1}:`, JSON.stringify(stats));
  for (const [key, e] of [...kinds].sort((a, b) => b[1].n - a[1].n)) console.log(`${e.n}× ${key}  seeds ${e.seeds.slice(0, 4)}`);
  console.log("invalid:");
  for (const [, e] of [...invalids].sort((a, b) => b[1].n - a[1].n).slice(0, +arg("invalids", 40))) console.log(`${e.n}× [${e.seed}] ${e.key}`);
}
if (process.argv[1]?.endsWith("compare.mjs")) main();
export { judge, nameOf, lay };
