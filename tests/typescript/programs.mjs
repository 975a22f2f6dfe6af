// Random TypeScript projects, each with the settings it is compiled by.
//
//   node programs.mjs --seed N --count K --out DIR [--only tag,tag] [--skip tag,tag]
//
// Writes DIR/<i>/{tsconfig.json,package.json,main.ts,…} and prints a JSON list. What a project prints
// does not depend on names of functions, messages or source text. Deterministic by seed.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { random } from "../random.mjs";

const LOG = `
export function show(v: any, deep: number = 0): string {
  if (v === null) return "null";
  const kind = typeof v;
  if (kind === "string") return JSON.stringify(v);
  if (kind === "number") return v === 0 && 1 / v < 0 ? "-0" : String(v);
  if (kind === "bigint") return String(v) + "n";
  if (kind === "undefined") return "undef";
  if (kind === "symbol") return "sym";
  if (kind === "function") return "fn";
  if (kind === "boolean") return String(v);
  if (deep > 4) return "…";
  if (Array.isArray(v)) {
    const parts: string[] = [];
    for (let i = 0; i < v.length; i++) parts.push(i in v ? show(v[i], deep + 1) : "hole");
    return "[" + parts.join(",") + "]";
  }
  return "{" + Object.keys(v).map((key) => key + ":" + show(v[key], deep + 1)).join(",") + "}";
}
export function log(...values: any[]): void {
  console.log(values.map((v) => show(v)).join(" "));
}
export function attempt(work: () => any): any {
  try {
    return work();
  } catch (e) {
    return e instanceof ReferenceError ? "!R" : e instanceof TypeError ? "!T" : e instanceof SyntaxError ? "!S" : "!E";
  }
}
`;

const GLOBALS = `
declare var console: { log(...values: any[]): void };
declare var process: any;
declare var require: any;
declare var module: any;
declare var exports: any;
`;

// ---------------------------------------------------------------------------------------------
// The settings

function settings(r, skip) {
  const o = {};
  const mode = r.pick(["cjs", "cjs", "cjs", "esm", "esm", "node-cjs", "bundler-esm"]);
  const target = r.pick([...(skip.has("es5") ? [] : ["es5"]), "es2015", "ES2017", "es2020", "es2021", "ES2022", "es2022", "es2022", "ESNext", "esnext"]);
  if (mode === "cjs") {
    o.target = target;
    o.module = r.pick(["commonjs", "CommonJS"]);
    o.moduleResolution = r.pick(["node10", "node"]);
    o.esModuleInterop = skip.has("no-interop") ? true : r.chance(0.7);
  } else if (mode === "bundler-esm") {
    o.target = target === "es5" ? "es2015" : target;
    o.module = r.pick(["esnext", "es2022", "preserve"]);
    o.moduleResolution = "bundler";
    if (r.chance(0.5)) o.esModuleInterop = true;
  } else {
    if (r.chance(0.7)) o.target = target === "es5" ? "es2015" : target;
    o.module = r.pick(["nodenext", "node16", "NodeNext"]);
    if (r.chance(0.4)) o.moduleResolution = o.module;
  }
  o.lib = ["esnext"];
  o.types = [];
  o.strict = r.chance(0.6);
  if (r.chance(0.25)) o.strictNullChecks = r.chance(0.5);
  if (!o.strict && r.chance(0.3)) o.alwaysStrict = true;
  o.strictPropertyInitialization = false;
  o.noImplicitAny = false;
  o.useUnknownInCatchVariables = false;
  if (r.chance(0.25)) o.isolatedModules = true;
  if (r.chance(0.2)) o.preserveConstEnums = true;
  if (r.chance(0.4)) o.useDefineForClassFields = r.chance(0.5);
  if (r.chance(0.2)) o.importHelpers = false;
  if (r.chance(0.15)) o.removeComments = true;
  if (r.chance(0.1)) o.noEmitHelpers = false;
  if (r.chance(0.1)) o.downlevelIteration = true;
  const esm = mode === "esm" || mode === "bundler-esm";
  if (esm && r.chance(0.3)) o.verbatimModuleSyntax = true;
  if (r.chance(0.5)) {
    o.experimentalDecorators = true;
    if (r.chance(0.5)) o.emitDecoratorMetadata = true;
  }
  o.skipLibCheck = true;
  return { mode, esm, o };
}

const year = (o) => {
  const t = (o.target ?? (/node16/i.test(o.module) ? "es2022" : "esnext")).toLowerCase();
  return t === "es5" ? 5 : t === "esnext" ? 9999 : +t.slice(2);
};

// ---------------------------------------------------------------------------------------------
// A project: files, and units that each add a module that `main.ts` loads

class Project {
  constructor(r, { mode, esm, o }, skip) {
    Object.assign(this, { r, mode, esm, o, skip, files: {}, tags: [], main: [], mainImports: [] });
    this.ext = esm ? ".js" : mode === "cjs" && r.chance(0.15) ? ".js" : mode === "node-cjs" ? r.pick(["", ".js"]) : "";
    this.count = 0;
    this.year = year(o);
    this.strictNull = o.strictNullChecks ?? o.strict;
    this.defines = o.useDefineForClassFields ?? this.year >= 2022;
    this.verbatim = !!o.verbatimModuleSyntax;
    this.isolated = !!o.isolatedModules || this.verbatim;
    this.legacy = !!o.experimentalDecorators;
    this.esmOnly = false;
  }
  spec(name) {
    return "./" + name + this.ext;
  }
  file(name, text) {
    this.files[name] = text.replace(/^\n/, "");
  }
  logImport(names = "log, attempt, show") {
    return `import { ${names} } from "${this.spec("log")}";\n`;
  }
  /** No Node.js takes decorators and `accessor`, which this target would keep. */
  runnable() {
    if (this.year === 9999) (this.o.target = "es2022"), (this.year = 2022);
  }
  no(tag) {
    return this.skip.has(tag);
  }
}

// ---------------------------------------------------------------------------------------------
// Units: (project, prefix) → text of a module

const units = {};

// Enums -----------------------------------------------------------------------------------------

function enumBody(p, made, { own, isConst, outer = [], bare = true, later = false }) {
  const { r } = p;
  const names = r.shuffle(["A", "B", "C", "D", "x", "y", "One", "Two", '"a-b"', "toString", "constructor", "name", "length", "valueOf"]).slice(0, r.between(1, 5));
  const members = [];
  let previous = later ? "none" : "number";
  const text = names.map((name, i) => {
    const key = name.startsWith('"') ? name : name;
    const plain = /^[A-Za-z]+$/.test(name);
    const refs = members.filter((m) => /^[A-Za-z]+$/.test(m.name) && m.type === "number");
    const ref = () => {
      const m = r.pick(refs);
      return r.chance(0.6) ? m.name : r.chance(0.5) ? `${own}.${m.name}` : `${own}["${m.name}"]`;
    };
    const foreign = outer.filter((e) => e.members.some((m) => m.type === "number" && m.plain));
    const kinds = ["literal", "literal", "negative", "shift", "string", "template"];
    if (previous === "number") kinds.push("auto", "auto", "auto");
    if (refs.length) kinds.push("ref", "ref", "expr", "expr", "closure");
    if (foreign.length) kinds.push("foreign", "foreign", "foreign-expr");
    if (!isConst) kinds.push("computed", "call");
    const strings = members.filter((m) => m.type === "string" && m.plain);
    if (strings.length) kinds.push("strref", "strtemplate");
    const foreignStrings = outer.filter((e) => e.members.some((m) => m.type === "string" && m.plain));
    if (foreignStrings.length) kinds.push("foreign-string");
    let kind = r.pick(kinds);
    if (kind === "closure" && isConst) kind = "expr";
    let value = "";
    let type = "number";
    const f = () => {
      const e = r.pick(foreign);
      const m = r.pick(e.members.filter((m) => m.type === "number" && m.plain));
      return r.chance(0.7) ? `${e.name}.${m.name}` : `${e.name}["${m.name}"]`;
    };
    if (kind === "literal") value = r.pick(["0", "1", "7", "0x1f", "2.5", "1e3", "0b11", "(4)", "+3"]);
    if (kind === "negative") value = r.pick(["-1", "-0", "~2", "-(3)", "-2.5"]);
    if (kind === "shift") value = r.pick(["1 << 3", "6 / 4", "7 % 4", "2 ** 5", "-1 >>> 28", "5 & 6", "5 ^ 1", "1 | 8", "1 / 0", "0 / 0"]);
    if (kind === "string") (value = r.pick(['"s"', "'t'", '"toString"', '"A"', '"0"', "`plain`", '"a" + "b"'])), (type = "string");
    if (kind === "template") (value = r.pick(["`a${1}`", "`${2}${3}`", "`x${'y'}`"])), (type = "string");
    if (kind === "ref") value = ref();
    if (kind === "expr") value = `${ref()} ${r.pick(["|", "+", "*", "-", "<<"])} ${r.pick(["1", "2", ref()])}`;
    if (kind === "closure") value = `(() => ${ref()} + 1)()`;
    if (kind === "foreign") value = f();
    if (kind === "foreign-expr") value = `${f()} ${r.pick(["|", "+", "<<"])} ${r.pick(["1", f()])}`;
    if (kind === "computed") value = r.pick(['"abcd".length', "seven()", "[1, 2].length", "+seven()"]);
    if (kind === "call") value = `tick(${i})`;
    if (kind === "strref") (value = r.pick(strings).name), (type = "string");
    if (kind === "strtemplate") (value = "`${" + r.pick(strings).name + "}!`"), (type = "string");
    if (kind === "foreign-string") {
      const e = r.pick(foreignStrings);
      value = `${e.name}.${r.pick(e.members.filter((m) => m.type === "string" && m.plain)).name}`;
      if (r.chance(0.3)) value = "`${" + value + "}-`";
      type = "string";
    }
    const constant = !["computed", "call", "closure"].includes(kind);
    const foreignKind = kind.startsWith("foreign");
    previous = type === "string" || !constant ? "none" : foreignKind && p.no("enum-after-imported") ? "none" : "number";
    if (p.isolated && (kind === "ref" || kind === "expr" || foreignKind)) previous = foreignKind ? "none" : previous;
    members.push({ name: plain ? name : JSON.parse(name), plain, type, constant });
    return kind === "auto" ? key : `${key} = ${value}`;
  });
  made.push(...members);
  return `{ ${text.join(", ")} }`;
}

units.enums = (p, id) => {
  const { r } = p;
  const out = [];
  let head = p.logImport();
  head += `let ticks = 0;\nfunction seven(): number { return 7; }\nfunction tick(n: number): number { log("tick", n); return (ticks += 10) + n; }\n`;
  const known = [];
  // Enums of another module.
  if (r.chance(0.7)) {
    const isConst = r.chance(0.4);
    const members = [];
    const name = r.pick(["Far", "Kind", "A"]);
    let text = p.logImport("log") + `function seven(): number { return 7; }\nfunction tick(n: number): number { log("far tick", n); return n; }\n`;
    text += `log("far module");\n`;
    const body = enumBody(p, members, { own: name, isConst });
    const viaList = r.chance(0.3);
    text += `${viaList ? "" : "export "}${isConst ? "const " : ""}enum ${name} ${body}\n`;
    if (viaList) text += `export { ${name} };\n`;
    text += `export const base${isConst ? "" : ""} = ${r.pick(["4", "-3", '"txt"', "1 << 4", "`tpl`"])};\n`;
    p.file(`${id}_far.ts`, text);
    let from = `${id}_far`;
    if (r.chance(0.4)) {
      const form = r.pick(["star", "named", "renamed", "ns"]);
      from = `${id}_again`;
      let again = "";
      if (form === "star") again = `export * from "${p.spec(id + "_far")}";\n`;
      if (form === "named") again = `export { ${name}, base } from "${p.spec(id + "_far")}";\n`;
      if (form === "renamed") again = `import { ${name} as Inner } from "${p.spec(id + "_far")}";\nexport { Inner as ${name} };\nexport { base } from "${p.spec(id + "_far")}";\n`;
      if (form === "ns") again = `export * as all from "${p.spec(id + "_far")}";\nexport * from "${p.spec(id + "_far")}";\n`;
      p.file(`${id}_again.ts`, again);
      if (form === "ns" && r.chance(0.5)) {
        head += `import { all } from "${p.spec(from)}";\n`;
        known.push({ name: `all.${name}`, members, isConst });
      }
    }
    if (r.chance(0.3)) {
      head += `import * as far from "${p.spec(from)}";\n`;
      known.push({ name: `far.${name}`, members, isConst });
    } else {
      const local = r.chance(0.3) ? "Renamed" : name;
      head += `import { ${local === name ? name : `${name} as ${local}`}, base } from "${p.spec(from)}";\n`;
      known.push({ name: local, members, isConst });
      if (r.chance(0.5)) {
        const own = [];
        out.push(`enum FromBase { P = ${r.pick(["base", "base + 1", "`${base}x`", "`${base}`"])} }\nlog(FromBase);`.replace(/base \+ 1/, "base"));
      }
    }
  }
  const place = (text, shown, blockish) => {
    const where = r.int(blockish ? 5 : 1);
    if (where === 0 || !blockish) return text + shown;
    if (where === 1) return `function inside${out.length}(): void {\n${text}${shown}}\ninside${out.length}();\n`;
    if (where === 2) return `{\n${text}${shown}}\n`;
    if (where === 3) return `for (let i = 0; i < 2; i++) {\n${text}${shown}}\n`;
    return `const arrow${out.length} = (flag: boolean): void => {\nif (flag) {\n${text}${shown}}\n};\narrow${out.length}(true);\n`;
  };
  const shows = (e, n) => {
    const lines = [];
    if (!e.isConst) {
      lines.push(`log(${e.name});`);
      if (r.chance(0.3)) lines.push(`for (const key in ${e.name}) log(key, (${e.name} as any)[key]);`);
      if (r.chance(0.3)) lines.push(`log(Object.keys(${e.name}).length, (${e.name} as any)[1]);`);
    }
    for (const m of e.members) {
      if (r.chance(0.5)) {
        lines.push(`log(${m.plain && r.chance(0.7) ? `${e.name}.${m.name}` : `${e.name}["${m.name}"]`});`);
      }
      if (!e.isConst && m.type === "number" && r.chance(0.2)) lines.push(`log(${e.name}[${e.name}${m.plain ? "." + m.name : `["${m.name}"]`}]);`);
      if (m.plain && m.type === "number" && r.chance(0.2)) lines.push(`log(${e.name}.${m.name}.toFixed(1), -${e.name}.${m.name}, ${e.name}.${m.name} ** 2);`);
    }
    return lines.join("\n") + "\n";
  };
  const total = r.between(2, 5);
  for (let i = 0; i < total; i++) {
    const name = r.pick(["E", "F", "G", "H", "Color", "Mode"]) + i;
    const isConst = r.chance(0.25);
    const members = [];
    const body = enumBody(p, members, { own: name, isConst, outer: known });
    const e = { name, members, isConst };
    let text = "";
    if (r.chance(0.25) && members[0]?.plain) text += `const ${members[0].name}${i === 0 ? "" : i} = "outer";\nlog(${members[0].name}${i === 0 ? "" : i});\n`;
    const blockish = r.chance(0.4) && !p.no("enum-in-block");
    text += `${!blockish && r.chance(0.3) ? "export " : ""}${isConst ? "const " : ""}enum ${name} ${body}\n`;
    if (r.chance(0.25)) {
      // A second part of it.
      const more = [];
      const first = r.pick(["Z = 50", `Z = ${members.find((m) => m.plain && m.type === "number") ? members.find((m) => m.plain && m.type === "number").name + " + 1" : "3"}`, 'Z = "zed"', isConst ? "Z = 1" : "Z = seven()"]);
      const exp = text.includes("export " + (isConst ? "const " : "") + "enum " + name);
      text += `${exp ? "export " : ""}${isConst ? "const " : ""}enum ${name} { ${first}${r.chance(0.5) ? ", Y" + (first.includes('"') || first.includes("seven") ? " = 9" : "") : ""} }\n`;
      members.push({ name: "Z", plain: true, type: first.includes('"') ? "string" : "number", constant: false });
    }
    if (!blockish) {
      out.push(text + shows(e));
      known.push(e);
    } else out.push(place(text, shows(e), true));
  }
  // Used above.
  if (r.chance(0.3) && !p.isolated && !p.o.preserveConstEnums) {
    out.unshift(`log(Above.V, Above["W"], Deep.Above.V);`);
    out.push(`const enum Above { V = ${r.pick(["3", "-4"])}, W = ${r.pick(['"w"', "V * 2"])} }\nnamespace Deep { export const enum Above { V = ${r.pick(["8", '"v"'])} } }`);
  }
  if (r.chance(0.3)) out.push(`log(typeof later());\nfunction later() { return Later.Q; }\nenum Later { Q = 3 }\nlog(later());`.replace("log(typeof later());\n", ""));
  for (const e of known) if (r.chance(0.5)) out.push(shows(e));
  if (known.length && r.chance(0.5)) {
    const e = r.pick(known);
    const m = e.members.filter((m) => m.plain);
    if (m.length) out.push(`function pickOne(v: any): number {\nswitch (v) {\n${m.map((m, i) => `case ${e.name}.${m.name} as any: return ${i};`).join("\n")}\ndefault: return -1;\n}\n}\nlog(pickOne(0), pickOne(1), pickOne("s"), pickOne(${e.name}.${m[0].name}));`);
  }
  return head + out.join("\n");
};

// Namespaces ----------------------------------------------------------------------------------

units.namespaces = (p, id) => {
  const { r } = p;
  const head = p.logImport();
  let serial = 0;
  const outerNames = r.some(["count", "list", "step", "Inner", "make"], 0.3);
  const sameOuter = !p.no("ns-outer-names");
  let text = "";
  if (sameOuter) for (const n of outerNames) text += `const ${n} = "outer ${n}";\nlog(${n});\n`;
  const vars = ["count", "list", "step", "value", "state"];
  const blocks = (depth, path, exported) => {
    const lines = [];
    const mine = [];
    const kinds = ["let", "const", "var", "function", "class", "enum", "private", "destructured", "assign", "closure", "shorthand", "alias", "nested", "nested", "dotted", "type", "constenum", "for"];
    const n = r.between(2, 6);
    for (let i = 0; i < n; i++) {
      const kind = r.pick(kinds);
      const free = vars.filter((v) => !exported.includes(v) && !mine.includes(v));
      const lets = exported.filter((v) => vars.includes(v) && blocks.kinds[path + "." + v] === "let");
      const add = (v, k) => {
        exported.push(v);
        blocks.kinds[path + "." + v] = k;
      };
      if ((kind === "let" || kind === "var") && free.length) {
        const v = r.pick(free);
        lines.push(`export ${kind} ${v}: any = ${r.pick(["1", "[1, 2]", '"s"', "{ a: 1 }", "undefined"])};`);
        add(v, "let");
      } else if (kind === "const" && free.length) {
        const v = r.pick(free);
        lines.push(`export const ${v}: any = ${r.pick(["5", "() => 6", exported.length && lets.length ? `[${r.pick(lets)}]` : "7"])};`);
        add(v, "const");
      } else if (kind === "function") {
        const v = `make${serial++}`;
        const arg = lets.length ? r.pick(lets) : null;
        lines.push(`export ${r.pick(["", "", "async "])}function ${v}(a: any = ${arg ?? 1}) { ${arg ? `${arg} = a; ` : ""}return ${arg ?? "a"}; }`);
        add(v, "fn");
        if (r.chance(0.6)) lines.push(`log(typeof ${v}(${serial}), ${arg ?? 0});`);
      } else if (kind === "class") {
        const v = `Klass${serial++}`;
        lines.push(`${r.chance(0.7) ? "export " : ""}class ${v} { static made = ${lets.length ? r.pick(lets) : 0}; field = ${lets.length ? r.pick(lets) : '"f"'}; get(): any { return ${v}.made; } }`);
        lines.push(`log(new ${v}().get(), new ${v}());`);
      } else if (kind === "enum") {
        const v = `Enum${serial++}`;
        lines.push(`export enum ${v} { A = ${r.pick(["1", '"a"'])}, B = ${lets.length && r.chance(0.5) ? `+${r.pick(lets)} | 0` : "2"} }`);
        lines.push(`log(${v}, ${v}.A);`);
        if (r.chance(0.4)) lines.push(`export enum ${v} { C = ${r.pick(["7", "B", "A as any"])} }\nlog(${v}.C);`.replace("A as any", "B"));
      } else if (kind === "constenum") {
        const v = `Const${serial++}`;
        lines.push(`export const enum ${v} { A = 4, B = A + 1, S = "s" }\nlog(${v}.A, ${v}.B, ${v}.S);`);
      } else if (kind === "private") {
        const v = `hidden${serial++}`;
        lines.push(`let ${v} = ${serial};`);
        mine.push(v);
      } else if (kind === "destructured" && free.length > 1) {
        const [a, b] = r.shuffle(free);
        lines.push(`export ${r.pick(["let", "const"])} ${r.pick([`{ ${a}, k: [${b}] }: any = { ${a}: 1, k: [2] }`, `[${a}, ...${b}]: any = [1, 2, 3]`, `{ ${a} = 4, ...${b} }: any = { z: 1 }`])};`);
        add(a, "const");
        add(b, "const");
        lines.push(`log(${a}, ${b});`);
      } else if (kind === "assign" && lets.length) {
        const v = r.pick(lets);
        lines.push(r.pick([`${v} = ${serial};`, `${v} += 1;`, `${v}++;`, `[${v}] = [9];`, `({ ${v} } = { ${v}: 3 });`, `({ a: ${v} = 8 } = {} as any);`, `${v} ??= 2;`, `(${v} as any) = 4;`, `${v}! = 6;`, `--${v};`].filter((s) => p.year > 5 || !s.includes("??="))));
        lines.push(`log(${v});`);
      } else if (kind === "for" && lets.length) {
        const v = r.pick(lets);
        lines.push(r.pick([`for (${v} of [1, 2]) log(${v});`, `for (${v} in { p: 1 }) log(${v});`, `for (${v} = 0; ${v} < 2; ${v}++) log(${v});`]));
      } else if (kind === "closure" && lets.length) {
        const v = r.pick(lets);
        lines.push(`{ const f = (${r.chance(0.5) ? v + ": any = 40" : ""}): any => ${v}; log(f()); }`);
        if (r.chance(0.5)) lines.push(`(function () { ${r.pick(["let", "var"])} ${v} = "shadow"; log(${v}); })();`);
      } else if (kind === "shorthand" && lets.length) {
        const v = r.pick(lets);
        lines.push(`log({ ${v} }, { [${v} as any]: 1 }, typeof ${v}, \`\${${v}}\`);`);
      } else if (kind === "nested" && depth < 3) {
        const v = r.pick(["Inner", "Sub"]);
        const at = path + "." + v;
        blocks.known[at] ??= [];
        lines.push(`${blocks.exportedNs.has(at) || r.chance(0.7) ? "export " : ""}namespace ${v} {\n${blocks(depth + 1, at, blocks.known[at])}\n}`);
        if (lines[lines.length - 1].startsWith("export")) {
          blocks.exportedNs.add(at);
          if (!exported.includes(v)) add(v, "ns");
          if (blocks.known[at].length && r.chance(0.6)) lines.push(`log(typeof ${v}.${r.pick(blocks.known[at])});`);
          if (blocks.known[at].length && r.chance(0.4)) {
            const t = r.pick(blocks.known[at]);
            const a = `Alias${serial++}`;
            lines.push(`${r.chance(0.5) ? "export " : ""}import ${a} = ${r.chance(0.5) ? `${v}.${t}` : v};\nlog(typeof ${a});`);
          }
        } else {
          blocks.known[at] = [];
        }
      } else if (kind === "dotted" && depth < 3) {
        const v = `Dot${serial++}`;
        lines.push(`export namespace ${v}.${r.pick(["P", "Q"])}.Leaf {\nexport let ${r.pick(vars)} = ${lets.length ? `typeof ${r.pick(lets)}` : "1"};\n}\nlog(${v});`);
      } else if (kind === "type") {
        lines.push(`export type T${serial++} = string; export interface I${serial++} { a: 1 } export namespace Only${serial++} { export type U = 1; }`);
      }
    }
    return lines.join("\n");
  };
  blocks.kinds = {};
  blocks.known = {};
  blocks.exportedNs = new Set();
  const roots = r.shuffle(["Root", "Other", "Inner2"]).slice(0, r.between(1, 2));
  const exportedRoot = r.chance(0.5);
  for (const root of roots) {
    blocks.known[root] = [];
    const merge = r.pick(["none", "none", "function", "class", "enum"]);
    const ex = exportedRoot ? "export " : "";
    if (merge === "function") text += `${ex}function ${root}(n: number): any { return n + 1; }\n`;
    if (merge === "class") text += `${ex}class ${root} { static own = 1; static peek(): any { return Object.keys(${root}); } }\n`;
    if (merge === "enum") text += `${ex}enum ${root} { M = 1, N }\n`;
    const parts = r.between(1, 3);
    for (let i = 0; i < parts; i++) {
      text += `${ex}namespace ${root} {\n${blocks(0, root, blocks.known[root])}\n}\n`;
      if (i < parts - 1 && r.chance(0.3)) text += `log(Object.keys(${root}));\n`.replace(/^log/, "log(typeof " + root + "); log");
    }
    if (merge === "function") text += `log(typeof ${root} === "function" && ${root}(1));\n`;
    if (merge === "class") text += `log(new ${root}(), ${root}.own);\n`;
    text += `log(typeof ${root} === "undefined" ? 0 : Object.keys(${root} as any), ${root} as any);\n`.replace(/\$\{root\}/g, root);
    for (const v of blocks.known[root].slice(0, 4)) {
      if (r.chance(0.4)) text += `log(typeof ${root}.${v});\n`;
      if (blocks.kinds[root + "." + v] === "let" && r.chance(0.6)) text += `${root}.${v} = ${r.pick(['"set"', "12"])};\nlog(${root}.${v});\n`;
    }
    if (blocks.known[root].length && r.chance(0.4)) {
      const v = r.pick(blocks.known[root]);
      text += `${r.chance(0.3) ? "export " : ""}import Way${serial} = ${root}.${v};\nlog(typeof Way${serial});\n`;
      serial++;
    }
  }
  if (exportedRoot) p.mainTail?.push?.("");
  return head + text;
};

// Legacy decorators ---------------------------------------------------------------------------

units.legacy = (p, id) => {
  const { r } = p;
  if (!p.legacy) return null;
  p.runnable();
  let text = p.logImport();
  text += `
function mark(name: any): any {
  log("eval", name);
  return function (target: any, key?: any, at?: any): any {
    log("apply", name, typeof target, typeof key === "symbol" ? "sym" : key, typeof at === "number" ? at : at === undefined ? "none" : Object.keys(at).filter((k) => k !== "enumerable").sort());
  };
}
function wrap(name: any): any {
  log("eval", name);
  return function (_target: any, _key: any, d: any): any {
    log("wrap", name);
    if (d && typeof d.value === "function") {
      const old = d.value;
      return { configurable: true, writable: true, enumerable: true, value: function (this: any, ...rest: any[]): any { log("called", name); return old.apply(this, rest); } };
    }
    if (d && d.get) {
      const old = d.get;
      return { configurable: true, enumerable: d.enumerable, set: d.set, get: function (this: any): any { return [name, old.call(this)]; } };
    }
  };
}
function swap(name: any): any {
  log("eval", name);
  return function (C: any): any {
    log("swap", name);
    return class extends C { extra = name; };
  };
}
function prop(name: any): any {
  log("eval", name);
  return function (target: any, key: any): void {
    log("prop", name, typeof target, String(typeof key));
    Object.defineProperty(target, key, { configurable: true, get(this: any): any { return "get " + name; }, set(this: any, v: any) { log("set", name, v); } });
  };
}
let serial = 0;
function key<T extends string>(k: T): T { log("key", k); return k; }
const sym: unique symbol = Symbol();
`;
  const instanceOnly = p.no("legacy-order");
  const klass = (name, options = {}) => {
    const members = [];
    const decos = (n, kinds, tag) => r.times(n, (i) => `@${r.pick(kinds)}("${tag}${i}") `).join("");
    const side = !instanceOnly ? null : r.pick(["", "static "]);
    const st = () => (side ?? r.pick(["", "", "static "]));
    const used = new Set();
    const fresh = (list) => {
      const free = list.filter((n) => !used.has(n));
      if (!free.length) return null;
      const n = r.pick(free);
      used.add(n);
      return n;
    };
    const keyOf = (n) => r.pick([n, n, n, n, `"${n}-q"`, `[key("${n}c")]`, n === "a" ? "[sym]" : n, n === "b" ? "12" : n]);
    for (let i = r.between(2, 6); i > 0; i--) {
      const n = fresh(["a", "b", "c", "d", "e", "f", "g"]);
      const tag = `${name}.${n}`;
      const kind = r.pick(["method", "method", "getter", "setter", "pair", "field", "field", "declare", "plainfield", "static-block", "optional", "accessor", "async"]);
      const s = st();
      const d = r.int(3);
      if (kind === "method") {
        const params = r.times(r.int(3), (j) => `${decos(r.int(2), ["mark"], `${tag}.p${j}.`)}p${j}?: any`).join(", ");
        members.push(`${decos(d, ["mark", "wrap"], tag)}${s}${keyOf(n)}(${params}): any { return ["m", ${r.pick(["1", "this !== undefined", "typeof this"])}]; }`);
      } else if (kind === "async") members.push(`${decos(d, ["mark", "wrap"], tag)}${s}${r.pick(["async ", "*"])}${n}() { return 1; }`);
      else if (kind === "getter") members.push(`${decos(d, ["mark", "wrap"], tag)}${s}get ${keyOf(n)}(): any { return 2; }`);
      else if (kind === "setter") members.push(`${decos(d, ["mark"], tag)}${s}set ${keyOf(n)}(${decos(r.int(2), ["mark"], tag + ".p")}v: any) { log("setter", v); }`);
      else if (kind === "pair") members.push(`${decos(d, ["mark", "wrap"], tag)}${s}get ${n}(): any { return 3; }\n${s}set ${n}(v: any) { log("pair", v); }`);
      else if (kind === "field") members.push(`${decos(Math.max(1, d), r.pick([["mark"], ["mark"], ["prop"]]), tag)}${s}${keyOf(n)}${r.pick([": any", ": any = log(\"init " + n + "\")", ": any = 4", s ? ": any = 5" : ": any = typeof this"])};`);
      else if (kind === "declare") members.push(`${decos(Math.max(1, d), ["mark"], tag)}declare ${n}: any;`);
      else if (kind === "plainfield") members.push(`${s}${n}: any = log("plain ${n}");`);
      else if (kind === "static-block" && !(side === "" && p.no("legacy-order"))) members.push(`static { log("block"); }`);
      else if (kind === "optional") members.push(`${decos(1, ["mark"], tag)}${n}?: any;`);
      else if (kind === "accessor" && p.year > 5) members.push(`${decos(p.no("legacy-accessor") ? 0 : d, ["mark"], tag)}${s}accessor ${n}: any = ${r.pick(["5", 'log("acc")'])};`);
    }
    if (r.chance(0.5)) {
      const params = r.times(r.between(1, 3), (j) => `${decos(r.int(3), ["mark"], `${name}.c${j}.`)}${r.pick(["", "", "public ", "private readonly "])}c${j}?: any`).join(", ");
      members.splice(r.int(members.length + 1), 0, `constructor(${params}) { ${options.base ? "super(); " : ""}log("made ${name}", ${r.pick(["Object.keys(this).length", "0"])}); }`);
    }
    const cd = decos(r.int(3), r.pick([["mark"], ["mark"], ["mark", "swap"]]), name + "#");
    let body = members.join("\n");
    if (!p.no("inner-ref") && r.chance(0.4)) body += `\nstatic again(): any { return new ${name}(); }\nstatic me: any = ${name};`;
    const ex = options.local ? "" : r.pick(["", "", "export ", options.def ? "export default " : ""]);
    const pos = ex ? r.chance(0.5) : false;
    let t = `${pos ? ex + cd : cd + ex}class ${name}${options.base ? ` extends ${options.base}` : ""} {\n${body}\n}\n`;
    t += `log("made", attempt(() => new ${name}()));\n`;
    for (const n of used) {
      if (r.chance(0.5)) t += `log("read", "${n}", typeof attempt(() => (new ${name}() as any).${n}), typeof (${name} as any).${n});\n`;
      if (r.chance(0.2)) t += `log(attempt(() => (new ${name}() as any).${n}()), attempt(() => (${name} as any).${n}()));\n`;
      if (r.chance(0.2)) t += `log(attempt(() => Object.prototype.hasOwnProperty.call(new ${name}(), "${n}")), Object.prototype.hasOwnProperty.call(${name}, "${n}"));\n`;
    }
    if (/static again/.test(body)) t += `log((${name} as any).again(), (${name} as any).me === ${name});\n`;
    return t;
  };
  text += klass("Foo", { def: r.chance(0.3) });
  if (r.chance(0.4)) text += klass("Bar", { base: r.chance(0.5) ? "Foo" : null });
  if (r.chance(0.3)) text += `function local(): any {\n${klass("Loc", { local: true })}return Loc;\n}\nlocal();\nlog(local() === local());\n`;
  if (r.chance(0.2)) text += `namespace Space {\n${klass("Nsk", {}).replace(/export default /g, "")}}\n`;
  return text;
};

// Metadata --------------------------------------------------------------------------------------

units.metadata = (p, id) => {
  const { r } = p;
  if (!p.legacy || !p.o.emitDecoratorMetadata) return null;
  p.file(`${id}_types.ts`, `${p.logImport("log")}log("types loaded");
export class Far { x = 1; }
export class Gone { y = 1; }
export abstract class Abs { abstract z: number; }
export interface Shape { s: string; }
export enum Num { A, B }
export enum Str { A = "a" }
export const enum Small { A = 1 }
export type Alias = string;
export type Many = "a" | "b";
export namespace Box { export class In { q = 1; } export interface Face { a: 1 } }
export default class Def { d = 1; }
`);
  let text = p.logImport();
  const spec = p.spec(id + "_types");
  const imported = r.some(["Far", "Abs", "Num", "Str", "Box"], 0.7);
  const types = r.some(["Gone", "Shape", ...(p.no("meta-alias") ? [] : ["Alias", "Many"])], 0.6);
  const deflt = r.chance(0.4);
  if (deflt || imported.length) text += `import ${deflt ? "Def" : ""}${deflt && imported.length ? ", " : ""}${imported.length ? `{ ${imported.join(", ")} }` : ""} from "${spec}";\n`;
  if (types.length) text += r.chance(0.5) ? `import type { ${types.join(", ")} } from "${spec}";\n` : `import { ${types.map((t) => "type " + t).join(", ")} } from "${spec}";\n`;
  const ns = r.chance(0.5);
  if (ns) text += `import * as everything from "${spec}";\n`;
  const nsType = r.chance(0.3);
  if (nsType) text += `import type * as typed from "${spec}";\n`;
  text += `
const names = new Map<any, string>();
for (const [n, v] of Object.entries({ String, Number, Boolean, Object, Array, Function, Promise, Symbol, BigInt, Date, RegExp, Map, Set, Error, Uint8Array })) names.set(v, n);
const lines: any[] = [];
const known = (v: any): any => (Array.isArray(v) ? v.map(known) : v === undefined ? "undef" : names.get(v) ?? (typeof v === "function" ? "class" : typeof v));
(Reflect as any).metadata = (k: any, v: any): any => (target: any, key?: any): void => { lines.push([typeof target, String(key), k, known(v)]); };
function dec(...rest: any[]): any {}
class Local { l = 1; }
enum Own { A, B }
enum OwnStr { A = "a", B = "b" }
enum OwnMix { A = 1, B = "b" }
interface Plain { p: 1 }
type Fn = (a: string) => void;
namespace Ns { export class Deep { d = 1; } export interface Ifc { a: 1 } export enum En { A } export namespace More { export class Deeper {} } }
import Short = Ns.Deep;
const value = { a: 1, b: "x" };
names.set(Local, "Local"); names.set(Ns.Deep, "Ns.Deep"); names.set(Ns.More.Deeper, "Deeper");
`;
  if (deflt) text += `names.set(Def, "Def");\n`;
  if (imported.includes("Far")) text += `names.set(Far, "Far");\n`;
  if (imported.includes("Abs")) text += `names.set(Abs, "Abs");\n`;
  if (imported.includes("Box")) text += `names.set(Box.In, "Box.In");\n`;
  const basic = ["string", "number", "boolean", "any", "unknown", "never", "void", "null", "undefined", "object", "symbol", "bigint", "Date", "RegExp", "Promise<string>", "Map<string, number>", "Uint8Array", '"lit"', "42", "true", "-1", "1n", "`t${string}`", "string[]", "readonly number[]", "[string, number]", "Array<string>", "ReadonlyArray<string>", "() => void", "new () => Local", "Function", "Object", "String", "Local", "Own", "OwnStr", "OwnMix", "Own.A", "OwnStr.A", "Plain", "Ns.Deep", "Ns.Ifc", "Ns.En", "Ns.More.Deeper", "Short", "{ a: 1 }", "{}", "keyof Local", "Local[\"l\"]", "typeof value", "typeof value.a", "Partial<Local>", "Record<string, number>", "T", "T[]", "U", "V", "this", "unique symbol", "T extends string ? number : boolean", "{ [K in \"a\"]: string }", "(string)", "(Local)", "Error", "Missing.Thing", "typeof Local", "InstanceType<typeof Local>", "asserts", "Iterable<string>", "PromiseLike<void>", "globalThis.Date", "symbol[]", "Readonly<Date>"].filter((t) => !["unique symbol", "asserts", "Missing.Thing"].includes(t));
  if (!p.no("meta-alias")) basic.push("Fn", "Many2", "Maybe");
  text += p.no("meta-alias") ? "" : `type Many2 = "a" | "b";\ntype Maybe = Local | null;\n`;
  for (const i of imported) basic.push(...({ Far: ["Far", "Far"], Abs: ["Abs"], Num: ["Num", "Num.A"], Str: ["Str"], Box: ["Box.In", "Box.Face"] })[i]);
  if (types.length) basic.push(...types);
  if (deflt) basic.push("Def");
  if (ns) basic.push("everything.Far", "everything.Box.In", "everything.Shape", "everything.Num", "everything.default");
  if (nsType) basic.push("typed.Far", "typed.Shape");
  const type = (d = 0) => {
    const k = r.int(10);
    if (k < 7 || d > 1) return r.pick(basic);
    const parts = r.times(r.between(2, 3), () => type(d + 1).replace(/^(.*=>.*|T extends.*|new .*)$/, "($1)"));
    const joined = parts.join(r.chance(0.85) ? " | " : " & ");
    if (p.no("meta-null") && !p.strictNull && /null|undefined/.test(joined)) return r.pick(basic);
    return joined;
  };
  const cls = (name) => {
    const m = [];
    const n = r.between(3, 8);
    for (let i = 0; i < n; i++) {
      const t = type();
      const kind = r.pick(["field", "field", "optional", "method", "method", "getter", "setter", "pair", "static", "async", "generic", "untyped", "rest", "initialised", "declare"]);
      const hasThis = /\bthis\b/.test(t);
      const noGen = t.replace(/\bU\b/g, "string").replace(/\bV\b/g, "Local");
      const simple = noGen.replace(/\bthis\b/g, "string");
      if (kind === "field") m.push(`@dec f${i}: ${noGen};`);
      if (kind === "optional") m.push(`@dec f${i}?: ${noGen};`);
      if (kind === "declare") m.push(`@dec declare f${i}: ${noGen};`);
      if (kind === "static") m.push(`@dec static f${i}: ${simple.replace(/\bT\b/g, "number")};`);
      if (kind === "method") m.push(`@dec m${i}(a: ${simple}, b?: ${type().replace(/\bU\b/g, "string").replace(/\bV\b/g, "Local").replace(/\bthis\b/g, "T")}): ${noGen} { return null as any; }`);
      if (kind === "async") m.push(`@dec async m${i}(@dec a: ${simple} = null as any)${r.chance(0.5) ? `: Promise<${simple}>` : ""} { return null as any; }`);
      if (kind === "generic") m.push(`@dec m${i}<U extends ${r.pick(["string", "Local", "object", "number | string"])}, V>(a: ${t.replace(/\bthis\b/g, "U")}, b: U[], c: V): U { return null as any; }`);
      if (kind === "getter") m.push(`@dec get g${i}()${r.chance(0.7) ? `: ${noGen}` : ""} { return null as any; }`);
      if (kind === "setter") m.push(`@dec set g${i}(v: ${simple}) { }`);
      if (kind === "pair") m.push(r.chance(0.5) ? `@dec get g${i}(): ${simple} { return null as any; }\nset g${i}(v: ${simple}) { }` : `get g${i}(): ${simple} { return null as any; }\n@dec set g${i}(v: ${simple}) { }`);
      if (kind === "untyped") m.push(r.pick([`@dec f${i};`, `@dec f${i} = 5;`, `@dec f${i} = "s";`, `@dec m${i}(a, { b }, [c]: any = [], ...d) { }`]));
      if (kind === "rest") m.push(`@dec m${i}(this: any, ...rest: ${simple.includes("=>") || simple.includes("|") || simple.includes("&") || simple.includes("extends") ? "string" : simple.replace("readonly ", "")}[]): void { }`);
      if (kind === "initialised") m.push(`@dec f${i}: ${noGen} = null as any;`);
    }
    if (r.chance(0.6)) m.push(`constructor(a: ${type().replace(/\b(U|V|this)\b/g, "string")}, private b?: ${type().replace(/\b(U|V|this)\b/g, "string")}, @dec public c: ${type().replace(/\b(U|V|this)\b/g, "Local")} = null as any) { }`);
    return `${r.chance(0.6) ? "@dec " : ""}class ${name}<T extends ${r.pick(["object", "string", "unknown", "Local"])} = any> {\n${m.join("\n")}\n}\n`;
  };
  text += cls("One");
  if (r.chance(0.5)) text += cls("Two");
  if (r.chance(0.3)) text += `function scope() {\nclass Within { }\nnames.set(Within, "Within");\nclass Three { @dec a: Within; @dec b: Within[]; @dec m(a: Within | string): Within { return null as any; } }\nreturn Three;\n}\nscope();\n`;
  text += `for (const l of lines.sort((a, b) => (a.slice(0, 3).join() < b.slice(0, 3).join() ? -1 : 1))) log(...l);\n`;
  return text;
};

// Standard decorators -----------------------------------------------------------------------------

units.standard = (p, id) => {
  const { r } = p;
  if (p.legacy) return null;
  if (p.year === 5) return null;
  p.runnable();
  let text = p.logImport();
  if (p.no("std-metadata") || r.chance(0.4)) text += `(Symbol as any).metadata ??= Symbol();\n`;
  text += `
function mark(name: any, ...how: string[]): any {
  log("eval", name);
  return function (value: any, ctx: any): any {
    log("apply", name, typeof value, ctx.kind, typeof ctx.name === "symbol" ? "sym" : ctx.kind === "class" ? "class" : ctx.name, ctx.static, ctx.private, typeof ctx.access, typeof ctx.addInitializer${p.no("std-metadata") ? "" : ", typeof ctx.metadata"});
    if (ctx.access) log(Object.keys(ctx.access).sort());
    if (ctx.metadata) ctx.metadata[String(name)] = Object.keys(ctx.metadata).length;
    if (how.includes("init")) ctx.addInitializer(function (this: any) { log("initializer", name, typeof this); });
    if (how.includes("late")) laters.push(() => log("late", name, attempt(() => ctx.addInitializer(() => {}))));
    if (how.includes("access") && ctx.access) accesses.push([name, ctx.access]);
    if (how.includes("replace")) {
      if (ctx.kind === "method") return function (this: any, ...rest: any[]): any { return [name, value.apply(this, rest)]; };
      if (ctx.kind === "getter") return function (this: any): any { return [name, value.call(this)]; };
      if (ctx.kind === "setter") return function (this: any, v: any): void { value.call(this, [name, v]); };
      if (ctx.kind === "field") return function (this: any, v: any): any { log("field", name, v); return [name, v]; };
      if (ctx.kind === "accessor") return { get(this: any): any { return [name, value.get.call(this)]; }, set(this: any, v: any) { log("acc set", name); value.set.call(this, v); }, init(this: any, v: any): any { log("acc init", name, v); return [name, v]; } };
      if (ctx.kind === "class") return class extends value { extra = name; };
    }
  };
}
const accesses: any[] = [];
const laters: any[] = [];
function key<T extends string>(k: T): T { log("key", k); return k; }
const sym: unique symbol = Symbol();
`;
  const hows = ["init", "replace", "access", "late"];
  const klass = (name, { base, expr, local } = {}) => {
    const privates = !p.no("std-private");
    const used = [];
    const m = [];
    const d = (tag, n = r.int(3)) => r.times(n, (i) => `@mark("${tag}${i}"${r.some(hows, 0.35).map((h) => `, "${h}"`).join("")}) `).join("");
    for (let i = r.between(2, 6); i > 0; i--) {
      const n = r.pick(["a", "b", "c", "d", "e", "f", "g"].filter((n) => !used.includes(n)));
      used.push(n);
      const s = r.pick(["", "", "static "]);
      const pv = privates && r.chance(0.25);
      const k = pv ? "#" + n : r.pick([n, n, n, `"${n}"`, `[key("${n}")]`, `["${n}"]`]);
      const tag = name + "." + n;
      const kind = r.pick(["method", "method", "getter", "setter", "pair", "field", "field", "accessor", "accessor", "block", "plain"]);
      if (kind === "method") m.push(`${d(tag)}${s}${r.pick(["", "", "async ", "*"])}${k}(x: any = 1) { return ["m", x]; }`);
      if (kind === "getter") m.push(`${d(tag)}${s}get ${k}(): any { return 2; }`);
      if (kind === "setter") m.push(`${d(tag)}${s}set ${k}(v: any) { log("setter", v); }`);
      if (kind === "pair" && !k.startsWith("[")) m.push(`${d(tag)}${s}get ${k}(): any { return 3; }\n${d(tag)}${s}set ${k}(v: any) { log("pair", v); }`);
      if (kind === "field") m.push(`${d(tag)}${s}${k}: any${r.pick(["", " = 4", ` = log("init ${n}")`, " = typeof this"])};`);
      if (kind === "accessor") m.push(`${d(tag)}${s}accessor ${k}: any${r.pick(["", " = 5", ` = log("acc ${n}")`])};`);
      if (kind === "block") m.push(`static { log("block", typeof this); }`);
      if (kind === "plain") m.push(`${s}${k}: any = log("plain ${n}");`);
      if (pv && kind !== "block" && r.chance(0.8) && m.length) m.push(`${s}peek_${n}(): any { return attempt(() => ${kind === "setter" ? `(this.#${n} = 5)` : kind === "method" ? `typeof this.#${n}` : kind === "plain" || kind === "field" || kind === "accessor" ? `[(this.#${n} = 1, this.#${n}), ++this.#${n}, #${n} in this]` : `this.#${n}`}); }`);
    }
    if (r.chance(0.4)) m.splice(r.int(m.length + 1), 0, `constructor(${r.chance(0.5) ? "public pp: any = log(\"pp\")" : ""}) { ${base ? `super(); ` : ""}log("ctor"); }`);
    if (r.chance(0.3) && !p.no("inner-ref")) m.push(`static again(): any { return new ${name}(); }\nstatic me: any = ${name};`);
    const cd = d(name + "#");
    const body = m.join("\n");
    let t = expr ? `const ${name}: any = ${cd}class ${r.chance(0.5) ? name + " " : ""}${base ? `extends ${base} ` : ""}{\n${body}\n};\n` : `${local ? cd : r.chance(0.2) ? "export " + cd : cd + r.pick(["", "export "])}class ${name}${base ? ` extends ${base}` : ""} {\n${body}\n}\n`;
    t += `log("instance", attempt(() => new (${name} as any)()));\n`;
    for (const n of used) {
      if (r.chance(0.5)) t += `log("${n}", attempt(() => { const o: any = new (${name} as any)(); const v = o.${n}; return typeof v === "function" ? "fn" : v; }), attempt(() => { const v = (${name} as any).${n}; return typeof v === "function" ? "fn" : v; }));\n`;
      if (r.chance(0.25)) t += `attempt(() => { const o: any = new (${name} as any)(); o.${n} = 7; log(o.${n}); (${name} as any).${n} = 8; log((${name} as any).${n}); });\n`;
      if (r.chance(0.3)) t += `log(attempt(() => typeof (new (${name} as any)()).peek_${n}()), attempt(() => (${name} as any).peek_${n}()));\n`;
      if (r.chance(0.2)) t += `log(attempt(() => (new (${name} as any)()).peek_${n}()));\n`;
    }
    if (/static again/.test(body)) t += `log((${name} as any).again(), (${name} as any).me === ${name});\n`;
    t += `{ const o: any = new (${name} as any)();\nfor (const [n, a] of accesses.splice(0)) log("access", n, attempt(() => a.has(o)), typeof attempt(() => a.get(o)), attempt(() => { a.set(o, 3); return 1; }), attempt(() => a.get(o)), attempt(() => a.has(${name})));\nfor (const l of laters.splice(0)) l(); }\n`;
    t += `log((${name} as any)[(Symbol as any).metadata]);\n`;
    return t;
  };
  text += klass("Foo", { expr: r.chance(0.25) });
  if (r.chance(0.4)) text += klass("Bar", { base: r.chance(0.6) ? "Foo" : undefined, expr: r.chance(0.3) });
  if (r.chance(0.2)) text += `function local(): any {\n${klass("Loc", { local: true })}return Loc;\n}\nlog(local() === local());\n`;
  return text;
};

// Class fields ----------------------------------------------------------------------------------

units.fields = (p, id) => {
  const { r } = p;
  p.runnable();
  let text = p.logImport();
  text += `
function note<T>(n: T): T { log("note", n); return n; }
function key<T extends string>(k: T): T { log("key", k); return k; }
const sym: unique symbol = Symbol();
class Base {
  ${r.pick(["", "a: any = note(\"base a\");"])}
  ${r.pick(["", "static sa: any = 1;"])}
  set watched(v: any) { log("watched", v); }
  get watched(): any { return "watched"; }
  set other(v: any) { log("other", v); }
  static set swatched(v: any) { log("swatched", v); }
  static get swatched(): any { return "static"; }
  hello(): any { return "hello"; }
  constructor(x?: any) { log("base", Object.keys(this), x); this.hook(); }
  hook(): void { log("hook"); }
}
`;
  const y = p.year;
  const klass = (name, derived, { expr } = {}) => {
    const m = [];
    const kinds = ["init", "init", "bare", "declare", "definite", "optional", "computed", "computedmethod", "static", "static", "arrow", "symbol", "quoted", "number", "this", "staticthis", "watched", "watchedbare", "swatched", "method", "fn"];
    if (y > 5) kinds.push("private", "private", "privatestatic", "block", "accessor", "privatemethod", "in");
    if (derived) kinds.push("super", "supermethod", "hook");
    const used = new Set();
    let privateN = 0;
    for (let i = r.between(2, 8); i > 0; i--) {
      const k = r.pick(kinds);
      const n = "abcdefghij"[i] + (derived ? "" : "");
      const q = r.pick(["", "public ", "protected ", "readonly ", ""]);
      if (k === "init") m.push(`${q}${n}: any = note("${n}");`);
      if (k === "bare") m.push(`${q}${n}: any;`);
      if (k === "declare") m.push(`declare ${n}: any;`);
      if (k === "definite") m.push(`${n}!: any;`);
      if (k === "optional") m.push(`${n}?: any${r.pick(["", " = note(1)"])};`);
      if (k === "computed") m.push(`${r.pick(["", "static "])}[key("${n}")]: any${r.pick(["", ` = note("v${n}")`])};`);
      if (k === "computedmethod") m.push(`${r.pick(["", "static "])}[key("${n}m")](): void { }`);
      if (k === "static") m.push(`static ${n}: any${r.pick(["", ` = note("s${n}")`, " = this"])};`);
      if (k === "arrow") m.push(`${n} = (): any => this;`);
      if (k === "fn") m.push(`${n} = function (this: any): any { return typeof this; };`);
      if (k === "symbol" && !used.has(k)) m.push(`[sym]: any = note("sym");`);
      if (k === "quoted") m.push(`"${n}-q": any = note("q");`);
      if (k === "number" && !used.has(k)) m.push(`1: any = note("one");`);
      if (k === "this") m.push(`${n}: any = Object.keys(this);`);
      if (k === "staticthis" && y > 5) m.push(`static ${n}: any = [typeof this, Object.keys(this).length >= 0];`);
      if (k === "watched" && derived && !used.has("watched")) m.push(`// @ts-ignore\nwatched: any = note("w");`), used.add("watched");
      if (k === "watchedbare" && derived && !used.has("watched")) m.push(`// @ts-ignore\nwatched: any;`), used.add("watched");
      if (k === "swatched" && derived && !used.has(k)) m.push(`// @ts-ignore\nstatic swatched: any = note("sw");`);
      if (k === "method") m.push(`m${n}(): any { return this; }`);
      if (k === "private") m.push(`#p${privateN}: any${r.pick(["", ` = note("p${privateN}")`, " = Object.keys(this)"])};\nget${name}${privateN}(o: any = this): any { return attempt(() => ${r.pick([`o.#p${privateN}`, `(o.#p${privateN} ??= 3, o.#p${privateN})`, `[o.#p${privateN}] = [4], o.#p${privateN}`.replace(/^(.*), (.*)$/, "(($1), $2)"), `o!.#p${privateN}`])}); }`), privateN++;
      if (k === "privatestatic") m.push(`static #s${privateN}: any = note("ps");\nstatic sget${privateN}(): any { return ${name}.#s${privateN}; }`), privateN++;
      if (k === "block") m.push(`static { log("block", Object.keys(this).sort()); }`);
      if (k === "accessor") m.push(`${r.pick(["", "static "])}accessor ${n}: any${r.pick(["", ` = note("acc")`])};`);
      if (k === "privatemethod") m.push(`#m${privateN}(): any { return 1; }\ncall${privateN}(): any { return this.#m${privateN}() + this.#m${privateN}!(); }`), privateN++;
      if (k === "in") m.push(`#in${privateN} = 1;\nstatic has${privateN}(o: any): any { return #in${privateN} in o; }`), privateN++;
      if (k === "super") m.push(`${n}: any = super.hello();`);
      if (k === "supermethod" && !used.has("hello")) m.push(`hello(): any { return "sub " + super.hello(); }`), used.add("hello");
      if (k === "hook" && !used.has("hook")) m.push(`hook(): void { log("sub hook", Object.keys(this), (this as any).q0); }`);
      used.add(k);
    }
    if (r.chance(0.6)) {
      const params = r.times(r.between(1, 3), (i) => `${r.pick(["public ", "private ", "readonly ", "", "protected readonly "])}q${i}: any = note("q${i}")`);
      const before = r.some(['log("before");', "const t = 1;", "let u = q0;"], 0.4).join(" ");
      const after = r.some(["log(Object.keys(this));", "q0 = 9;", "(this as any).late = q0;", "log((this as any).a);"], 0.5).join(" ");
      let sup = derived ? r.pick(["super();", "super(q0);", "super(note(1));", 'super("x"); log("mid");']) : "";
      m.splice(r.int(m.length + 1), 0, `${r.chance(0.2) ? "constructor();\nconstructor(q0: any);\n" : ""}constructor(${params.join(", ")}) { ${derived ? before : ""} ${sup} ${after} }`);
      if (/constructor\(\);/.test(m.join()) && params.length) void 0;
    }
    const body = m.join("\n");
    const ext = derived ? ` extends ${r.pick(["Base", "Base", "Base", '(log("heritage"), Base)'])}` : "";
    let t = expr ? `const ${name} = class ${r.chance(0.5) ? name : ""}${ext} {\n${body}\n};\n` : `${r.pick(["", "", "export ", "abstract "])}class ${name}${ext} {\n${body}\n}\n`;
    t = `const made${name}: any[] = [];\n` + t + `log(Object.keys(${name}).sort());\n{ const o: any = new (${name} as any)();\nlog(Object.keys(o), o);\n`;
    for (let i = 0; i < privateN; i++) t += `log(attempt(() => o.get${name}${i}()), attempt(() => o.get${name}${i}({})), attempt(() => (${name} as any).sget${i}()), attempt(() => o.call${i}()), attempt(() => (${name} as any).has${i}(o)), attempt(() => (${name} as any).has${i}({})));\n`;
    t += `for (const k of ["a", "b", "c", "d", "e", "f", "watched"]) log(k, Object.prototype.hasOwnProperty.call(o, k), typeof o[k], typeof (${name} as any)[k]);\n}\n`;
    return t;
  };
  text += klass("One", false);
  text += klass("Two", true, { expr: r.chance(0.2) });
  if (r.chance(0.4)) text += `for (let i = 0; i < 2; i++) {\n${klass("Three", r.chance(0.5), { expr: r.chance(0.5) }).replace(/^(export|abstract) /gm, "")}}\n`;
  if (r.chance(0.3)) text += `function build(n: string): any {\nreturn class { [key(n)]: any = note(n); static [key("s" + n)]: any = n; w = arguments.length; };\n}\n`.replace(" w = arguments.length;", "") + `log(new (build("u"))(), new (build("v"))(), (build("z") as any).sz);\n`;
  if (r.chance(0.25) && p.defines) text += `const yy = "outer";\nclass Outer { x = yy; constructor(yy: any) { log(yy, this.x); } }\nnew Outer("param");\n`;
  if (r.chance(0.25)) text += `class Ret extends Base { f = note("f"); constructor(flag: boolean) { ${r.pick(["super(flag); if (flag) return {} as any;", 'log("pre"); super(); { log(this.f); }'])} } }\nlog(new Ret(true), new Ret(false));\n`;
  if (r.chance(0.25)) text += `abstract class Abs { abstract n: number; abstract m(): void; constructor() { log(Object.keys(this), this.n); } }\nclass Con extends Abs { n = 5; m() { } declare z: number; }\nlog(new Con(), "z" in new Con());\n`;
  if (r.chance(0.2)) text += `class Cnt { static n = 0; static next = (): number => ++Cnt.n; static first = Cnt.next(); static second = this.next(); id = Cnt.next(); }\nlog(new Cnt().id, new Cnt().id, Cnt.first, Cnt.second);\n`;
  return text;
};

// Elision and forms of modules --------------------------------------------------------------------

units.elision = (p, id) => {
  const { r } = p;
  const mods = r.times(r.between(2, 4), (i) => `${id}_m${i}`);
  const forms = [];
  mods.forEach((m, i) => {
    let t = p.logImport("log") + `log("load ${i}");\n`;
    t += `export interface Face${i} { a: number }\nexport type Ty${i} = string | number;\nexport class Cl${i} { v = ${i}; static s = "s${i}"; }\nexport const val${i} = ${i} * 10;\nexport enum En${i} { A = ${i}, B }\nexport function fn${i}(): number { return ${i}; }\n`;
    if (p.no("const-enum")) t += `export type Ce${i} = 1;\n`;
    else if (!p.isolated || r.chance(0.2)) t += `export const enum Ce${i} { A = ${i + 5} }\n`;
    else t += `export const enum Ce${i} { A = ${i + 5} }\n`;
    t += r.pick([`export default class Df${i} { w = 1; }\n`, `export default function (): number { return 3; }\n`, `export default interface Di { z: 1 }\n`, `const dv = ${i}; export default dv;\n`, `interface Both { b: 1 }\nconst Both = { b: 1 };\nexport default Both;\n`, `type OnlyT = 1;\nexport default OnlyT;\n`, `enum De { A }\nexport default De;\n`, `abstract class Ab { }\nexport { Ab as default };\n`]);
    p.file(`${m}.ts`, t);
  });
  // A middle that passes on.
  const mid = `${id}_mid`;
  let t = p.logImport("log") + `log("load mid");\n`;
  let midImports = "";
  mods.forEach((m, i) => {
    const s = p.spec(m);
    const iso = p.isolated;
    const k = r.pick(["star", "named", "typed", "types", "typestar", "ns", "import-export", "import-export-type", "side", "mixed", "default"]);
    if (k === "star") midImports += `export * from "${s}";\n`;
    if (k === "named") midImports += `export { Cl${i}, val${i}, En${i}${iso ? "" : `, Face${i}, Ce${i}`} } from "${s}";\n`;
    if (k === "typed") midImports += `export type { Cl${i}, Face${i} } from "${s}";\n`;
    if (k === "types") midImports += iso ? `export { type Ty${i}, type Face${i} } from "${s}";\n` : `export { Ty${i}, Face${i} } from "${s}";\n`;
    if (k === "typestar") midImports += `export type * from "${s}";\n`;
    if (k === "ns") midImports += `export * as all${i} from "${s}";\n`;
    if (k === "import-export") midImports += `import { Cl${i} as Q${i} } from "${s}";\nexport { Q${i} as Cl${i} };\n`;
    if (k === "import-export-type") midImports += iso ? `import { type Face${i} as R${i} } from "${s}";\nexport type { R${i} as Face${i} };\n` : `import { Face${i} as R${i} } from "${s}";\nexport { R${i} as Face${i} };\n`;
    if (k === "side") midImports += `import "${s}";\n`;
    if (k === "mixed") midImports += `import { type Face${i} as T${i}, val${i} as V${i} } from "${s}";\nexport const seen${i}: ${"any"} = ${r.chance(0.5) ? `V${i}` : `null as any as T${i}`};\n`;
    if (k === "default") midImports += iso ? "" : `export { default as Dx${i} } from "${s}";\n`;
    forms.push(k);
  });
  const midFile = midImports + t;
  p.file(`${mid}.ts`, p.r.chance(0.5) ? midFile : t.split("\n")[0] + "\n" + midImports + t.split("\n").slice(1).join("\n"));
  let text = p.logImport();
  let body = "";
  const target = r.shuffle(mods.map((m, i) => i));
  for (const i of target) {
    const viaMid = forms[i] === "star" && r.chance(0.7);
    const s = p.spec(viaMid ? mid : mods[i]);
    let k = r.pick(["typeonly", "typeinline", "implements", "extends", "typeof", "constenum", "enum", "nsTypes", "nsValue", "declare", "default-type", "default-value", "side", "unused", "decorated", "generic", "cast", "satisfies", "import-type", "default-and-type", "reexport", "value", "exported-type", "param-type", "typeof-import", "empty"]);
    if ((k === "constenum" && p.no("const-enum")) || (k === "empty" && p.no("empty-import"))) k = "value";
    const name = (n) => `${n}${i}`;
    const imp = (list) => (text += `import { ${list} } from "${s}";\n`);
    const typed = (n) => (p.verbatim ? `type ${n}` : n);
    if (k === "typeonly") imp(typed(name("Cl"))), (body += `let a${i}: ${name("Cl")} | undefined;\nlog(a${i});\n`.replace("let a" + i + ": " + name("Cl") + " | undefined;", `let a${i}: ${name("Cl")} | undefined = undefined;`));
    if (k === "typeinline") imp(`type ${name("Face")}`), (body += `const b${i}: any = { a: 1 } as ${name("Face")};\nlog(b${i});\n`);
    if (k === "implements") imp(typed(name("Cl"))), (body += `class Im${i} implements ${name("Cl")} { v = 3; }\nlog(new Im${i}());\n`);
    if (k === "extends") imp(name("Cl")), (body += `class Ex${i} extends ${name("Cl")} { }\nlog(new Ex${i}());\n`);
    if (k === "typeof") imp(typed(name("val"))), (body += `let c${i}: typeof ${name("val")} = 1 as any;\nlog(c${i});\n`);
    if (k === "constenum") imp(name("Ce")), (body += `log(${name("Ce")}.A);\n`);
    if (k === "enum") imp(name("En")), (body += `log(${name("En")}.A, ${name("En")});\n`);
    if (k === "nsTypes") (text += p.verbatim ? `import type * as ns${i} from "${s}";\n` : `import * as ns${i} from "${s}";\n`), (body += `let d${i}: ns${i}.${name("Face")} = { a: 2 };\nlog(d${i});\n`);
    if (k === "nsValue") (text += `import * as ns${i} from "${s}";\n`), (body += `log(ns${i}.${name("val")}, Object.keys(ns${i}).sort());\n`);
    if (k === "declare") imp(typed(name("Cl"))), (body += `class De${i} { declare x: ${name("Cl")}; y?: ${name("Cl")}; m(a?: ${name("Cl")}): void { } }\nlog(Object.keys(new De${i}()).length >= 0);\n`);
    if (k === "default-type") !p.verbatim && ((text += `import Dt${i} from "${p.spec(mods[i])}";\n`), (body += `let e${i}: any = 1;\n`));
    if (k === "default-value") (text += `import Dv${i} from "${p.spec(mods[i])}";\n`), (body += `log(typeof (Dv${i} as any));\n`);
    if (k === "side") text += `import "${s}";\n`;
    if (k === "unused") !p.verbatim && imp(`${name("val")}, ${name("fn")} as unusedFn${i}`);
    if (k === "decorated") imp(typed(name("Cl"))), (body += `function gen${i}<T extends ${name("Cl")}>(x?: T): any { return x; }\nlog(gen${i}());\n`);
    if (k === "generic") imp(typed(name("Ty"))), (body += `const g${i} = new Map<${name("Ty")}, number>([["a", 1]]);\nlog(g${i}.size);\n`);
    if (k === "cast") imp(typed(name("Face"))), (body += `log(({ a: 1 } as any as ${name("Face")}).a);\n`);
    if (k === "satisfies") imp(`${typed(name("Face"))}, ${name("val")}`), (body += `log({ a: ${name("val")} } satisfies ${name("Face")});\n`);
    if (k === "import-type") (text += `import type { ${name("Cl")} } from "${s}";\n`), (body += `let h${i}: ${name("Cl")} = { v: 1 };\nlog(h${i});\n`);
    if (k === "default-and-type") !p.verbatim && ((text += `import Da${i}, { type ${name("Face")} } from "${p.spec(mods[i])}";\n`), (body += `let j${i}: ${name("Face")} = { a: 3 };\nlog(j${i});\n`));
    if (k === "reexport") (text += p.isolated ? `export type { ${name("Face")} } from "${s}";\n` : `export { ${name("Face")} } from "${s}";\n`);
    if (k === "value") imp(`${name("val")}, ${name("fn")}`), (body += `log(${name("val")}, ${name("fn")}());\n`);
    if (k === "exported-type") imp(typed(name("Cl"))), (body += `export type Out${i} = ${name("Cl")};\nexport interface Oi${i} extends ${name("Cl")} { }\n`);
    if (k === "param-type") imp(typed(name("En"))), (body += `const pt${i} = (e: ${name("En")} = 0 as any): any => e;\nlog(pt${i}());\n`);
    if (k === "typeof-import") body += `type Ti${i} = import("${s}").${name("Face")};\nlet ti${i}: Ti${i} = { a: 9 };\nlog(ti${i});\n`;
    if (k === "empty") text += `import { } from "${s}";\n`;
  }
  return text + body;
};

// CommonJS forms -------------------------------------------------------------------------------

units.commonjs = (p, id) => {
  const { r } = p;
  const cts = p.esm;
  if (cts && (p.no("cts") || r.chance(0.3))) return null;
  const dir = cts ? ".cts" : ".ts";
  if (p.verbatim && cts && false) return null;
  const log = cts ? `` : p.logImport("log");
  const say = cts ? "console.log" : "log";
  const imp = (n) => `./${id}_${n}${cts ? ".cjs" : /node(16|next)/i.test(p.o.module) ? ".js" : p.ext}`;
  const k = r.pick(["fn", "class", "object", "ns", "value", "enum"]);
  let t = cts ? "" : `import logs = require("${p.spec("log")}");\n`;
  const s = cts ? "console.log" : "logs.log";
  t += `${s}("load eq");\n`;
  if (k === "fn") t += `function make(n: number): number { return n * 2; }\nnamespace make { export const extra = 5; export let count = 0; export interface Opt { a: 1 } }\nexport = make;\n`;
  if (k === "class") t += `class Thing { x = 1; static s = 2; }\nnamespace Thing { export const helper = () => "h"; }\nexport = Thing;\n`;
  if (k === "object") t += `const o = { a: 1, b: "two", default: "d", f(): number { return 3; } };\nexport = o;\n`;
  if (k === "ns") t += `namespace N { export const a = 1; export function f(): number { return a; } export enum E { A = 3 } }\nexport = N;\n`;
  if (k === "value") t += `export = 42;\n`;
  if (k === "enum") t += `enum E { A = 1, B }\nexport = E;\n`;
  p.file(`${id}_eq${dir}`, t);
  let text = p.logImport();
  const forms = cts ? ["default", "equals", "dynamic"] : ["equals", "equals", "equals-type", "default", "dynamic", "export-import", "ns-of-fn"].filter((x) => x !== "export-import" || !p.no("export-import"));
  const n = r.between(1, 3);
  let body = "";
  const seen = new Set();
  for (let i = 0; i < n; i++) {
    const f = r.pick(forms);
    if (seen.has(f)) continue;
    seen.add(f);
    const use = (x) => ({ fn: `log(${x}(4), ${x}.extra, ++${x}.count);\n`, class: `log(new ${x}().x, ${x}.s, ${x}.helper());\n`, object: `log(${x}.a, ${x}.f(), ${x}.default);\n`, ns: `log(${x}.a, ${x}.f(), ${x}.E.A);\n`, value: `log(${x});\n`, enum: `log(${x}.B, ${x});\n` })[k];
    if (f === "equals" && (!cts || /node(16|next)/i.test(p.o.module))) (text += `import eq${i} = require("${imp("eq")}");\n`), (body += use(`eq${i}`));
    if (f === "equals-type" && k === "fn") (text += `import et${i} = require("${imp("eq")}");\n`), (body += `let opt${i}: et${i}.Opt = { a: 1 };\nlog(opt${i});\n`);
    if (f === "default" && (p.o.esModuleInterop || p.mode !== "cjs")) (text += `import df${i} from "${imp("eq")}";\n`), (body += k === "object" ? `log(typeof df${i});\n` : use(`df${i}`));
    if (f === "dynamic") body += `import("${imp("eq")}").then((m: any) => log(typeof m.default, typeof m.a));\n`;
    if (f === "export-import") (text += `export import ex${i} = require("${imp("eq")}");\n`), (body += `log(typeof ex${i});\n`);
    if (f === "ns-of-fn" && (k === "ns" || k === "object" || k === "enum")) (text += `import * as ns${i} from "${imp("eq")}";\n`), (body += k === "enum" ? `log(ns${i}.A);\n` : `log((ns${i} as any).a, typeof (ns${i} as any).f);\n`);
  }
  if (r.chance(0.4) && !cts) {
    p.file(`${id}_side.ts`, `console.log("side script");\nfunction whoAmI(this: any): any { return typeof this; }\nconsole.log(whoAmI());\n${r.pick(["var shared = 1;", "interface Loose { a: 1 }", "let hidden = 2;"])}\n`.replace(/whoAmI/g, `who${id}`).replace(/shared|hidden|Loose/g, (m) => m + id));
    text += `import "${p.spec(id + "_side")}";\n`;
  }
  if (r.chance(0.3) && !cts) {
    p.file(`${id}_exp.ts`, `exports.one = 1;\nmodule.exports.two = function (): number { return this === module.exports ? 2 : 3; };\nconsole.log("load exp");\n`.replace("function ()", "function (this: any)"));
    body += `const rq: any = require("${imp("exp")}");\nlog(rq, rq.two());\n`.replace("log(rq,", "log(Object.keys(rq),");
  }
  return text + body;
};

// Packages of node_modules ----------------------------------------------------------------------

units.packages = (p, id) => {
  const { r } = p;
  const kinds = {
    fn: [`function f(n) { return n + 1; }\nf.extra = "x";\nmodule.exports = f;\n`, `declare function f(n: number): number;\ndeclare namespace f { export const extra: string; }\nexport = f;\n`],
    klass: [`class K { constructor() { this.v = 1; } }\nK.help = () => "h";\nmodule.exports = K;\n`, `declare class K { v: number; }\ndeclare namespace K { export function help(): string; }\nexport = K;\n`],
    esm: [`"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.default = function (n) { return n * 3; };\nexports.named = "n";\nexports.count = 0;\nexports.bump = () => { exports.count++; };\n`, `declare const d: (n: number) => number;\nexport default d;\nexport declare const named: string;\nexport declare let count: number;\nexport declare function bump(): void;\n`],
    nodefault: [`Object.defineProperty(exports, "__esModule", { value: true });\nexports.named = "only";\nexports.count = 0;\nexports.bump = () => { exports.count++; };\n`, `export declare const named: string;\nexport declare let count: number;\nexport declare function bump(): void;\n`],
    plain: [`exports.named = "plain";\nexports.count = 0;\nexports.bump = function () { exports.count += 1; return this === exports ? "self" : typeof this; };\n`, `export declare const named: string;\nexport declare let count: number;\nexport declare function bump(): any;\n`],
    withdefault: [`module.exports = { default: "dd", named: 2, count: 1, bump() { this.count++; } };\n`, `declare const d: string;\nexport default d;\nexport declare const named: number;\nexport declare let count: number;\nexport declare function bump(): void;\n`],
    reassigned: [`exports.named = 1;\nmodule.exports = Object.assign(() => "called", { named: "after", count: 2, bump() {} });\n`, `declare function f(): string;\ndeclare namespace f { export const named: string; export let count: number; export function bump(): void; }\nexport = f;\n`],
    getter: [`let n = 0;\nObject.defineProperty(exports, "named", { enumerable: true, get() { return "g" + n++; } });\nexports.count = 1;\nexports.bump = () => {};\n`, `export declare const named: string;\nexport declare let count: number;\nexport declare function bump(): void;\n`],
  };
  const name = r.pick(Object.keys(kinds));
  const pkg = `pkg-${name}`;
  const [js, dts] = kinds[name];
  p.file(`node_modules/${pkg}/package.json`, JSON.stringify({ name: pkg, version: "1.0.0", main: "index.js", types: "index.d.ts" }));
  p.file(`node_modules/${pkg}/index.js`, `console.log("load ${pkg}");\n` + js);
  p.file(`node_modules/${pkg}/index.d.ts`, dts);
  const callable = ["fn", "klass", "reassigned"].includes(name);
  let text = p.logImport();
  let body = "";
  const interop = p.o.esModuleInterop || p.mode !== "cjs";
  const forms = ["named", "ns", "default", "dynamic", "equals", "reexport-star", "reexport-default", "reexport-ns", "unused-type", "call-ns-fn"];
  const seen = new Set();
  const useDefault = (x) => ({ fn: `log(${x}(1), ${x}.extra);\n`, klass: `log(new ${x}().v, ${x}.help());\n`, reassigned: `log(${x}(), ${x}.named);\n` })[name] ?? `log(typeof (${x} as any), (${x} as any)?.named);\n`;
  for (let i = 0; i < r.between(1, 4); i++) {
    const f = r.pick(forms);
    if (seen.has(f)) continue;
    seen.add(f);
    if (f === "named" && !["fn", "klass"].includes(name)) {
      text += `import { named as nm${i}, count as ct${i}, bump as bp${i} } from "${pkg}";\n`;
      body += `log(nm${i}, ct${i}, typeof bp${i}(), ${r.chance(0.5) && !p.esm ? `ct${i}` : 0}, nm${i}.length);\n`.replace(`, nm${i}.length`, name === "getter" ? "" : `, typeof nm${i}`);
    }
    if (f === "ns") {
      text += `import * as ns${i} from "${pkg}";\n`;
      body += callable ? (interop && !(p.no("x")) ? `log(typeof (ns${i} as any).default, typeof ns${i});\n` : useDefault(`ns${i}`)) : `log(ns${i}.named, (ns${i} as any).default === undefined, "count" in ns${i});\n`;
    }
    if (f === "call-ns-fn" && callable && !interop) (text += `import * as cf${i} from "${pkg}";\n`), (body += useDefault(`cf${i}`));
    if (f === "default" && (callable ? interop : ["esm", "withdefault"].includes(name) || (interop && name !== "nodefault" && (p.esm || p.o.esModuleInterop)))) {
      text += `import df${i} from "${pkg}";\n`;
      body += useDefault(`df${i}`);
    }
    if (f === "dynamic") body += `import("${pkg}").then((m: any) => log("dyn", typeof m.default, typeof m.named, Object.keys(m).includes("default")));\n`;
    if (f === "equals" && !p.esm) (text += `import eq${i} = require("${pkg}");\n`), (body += callable ? useDefault(`eq${i}`) : `log(eq${i}.named, typeof (eq${i} as any).default);\n`);
    if (f === "equals" && p.esm && /node/i.test(p.o.module)) (text += `import eq${i} = require("${pkg}");\n`), (body += callable ? useDefault(`eq${i}`) : `log(eq${i}.named);\n`);
    if (f === "reexport-star" && !callable) {
      p.file(`${id}_star.ts`, `export * from "${pkg}";\n${r.chance(0.3) ? 'export const named = "own";\n' : ""}`);
      text += `import * as st${i} from "${p.spec(id + "_star")}";\n`;
      body += `log(st${i}.named, st${i}.count, typeof (st${i} as any).default);\n`;
    }
    if (f === "reexport-default" && (name === "esm" || name === "withdefault" || (interop && callable))) {
      p.file(`${id}_def.ts`, `export { default } from "${pkg}";\nexport { default as other } from "${pkg}";\n`);
      text += `import rd${i}, { other as ro${i} } from "${p.spec(id + "_def")}";\n`;
      body += `log(typeof (rd${i} as any), (rd${i} as any) === ro${i});\n`;
    }
    if (f === "reexport-ns" && !callable) {
      p.file(`${id}_rns.ts`, `export * as inner from "${pkg}";\n`);
      text += `import { inner as in${i} } from "${p.spec(id + "_rns")}";\n`;
      body += `log(in${i}.named);\n`;
    }
    if (f === "unused-type" && callable && interop && !p.verbatim) (text += `import Un${i} from "${pkg}";\n`), (body += `let un${i}: typeof Un${i} | null = null;\nlog(un${i});\n`);
  }
  return text + body;
};

// JSX ---------------------------------------------------------------------------------------------

units.jsx = (p, id) => {
  const { r } = p;
  if (p.o.jsx) return null;
  const runtime = r.pick(["classic", "classic-factory", "classic-member", "automatic", "automatic-source", "automatic-dev", "pragma", "pragma-source", ...(p.no("react-namespace") ? [] : ["namespace"])]);
  if (runtime === "automatic-dev" && p.no("jsxdev")) return null;
  const types = `export namespace JSX { export interface Element { t: any } export interface IntrinsicElements { [k: string]: any } export interface ElementChildrenAttribute { children: {} } }\n`;
  const create = `function make(type: any, props: any, ...children: any[]): any { return { f: "h", t: typeof type === "function" ? "comp" : typeof type === "symbol" ? "frag" : type, p: props, c: children }; }\n`;
  let head = "";
  let pragma = "";
  const lib = `${id}_lib`;
  const pkg = (name) => {
    const dir = `node_modules/${name}`;
    p.file(`${dir}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js", types: "index.d.ts" }));
    p.file(`${dir}/index.js`, `console.log("load ${name}");\nexports.createElement = (t, p, ...c) => ({ f: "ce", t: typeof t === "function" ? "comp" : typeof t === "symbol" ? "frag" : t, p, c });\nexports.Fragment = Symbol();\n`);
    p.file(`${dir}/index.d.ts`, `export declare function createElement(t: any, p: any, ...c: any[]): any;\nexport declare const Fragment: any;\n${types}`);
    for (const f of ["jsx-runtime", "jsx-dev-runtime"]) {
      p.file(`${dir}/${f}.js`, `console.log("load ${f}");\nconst show = (f) => (t, p, k) => ({ f, t: typeof t === "function" ? "comp" : typeof t === "symbol" ? "frag" : t, p, k });\nexports.jsx = show("jsx");\nexports.jsxs = show("jsxs");\nexports.jsxDEV = (t, p, k, many) => ({ f: "dev", t: typeof t === "function" ? "comp" : typeof t === "symbol" ? "frag" : t, p, k, many });\nexports.Fragment = Symbol();\n`);
      p.file(`${dir}/${f}.d.ts`, `export declare function jsx(...a: any[]): any;\nexport declare function jsxs(...a: any[]): any;\nexport declare function jsxDEV(...a: any[]): any;\nexport declare const Fragment: any;\n${types}`);
    }
  };
  const spec = p.spec(lib);
  const lt = types + create + `export { make as h, make as createElement };\nexport const Frag: any = Symbol();\nexport const Fragment: any = Frag;\nexport namespace Kit { export const el: any = make; export const Fr: any = Frag; }\n`;
  if (runtime === "classic") {
    p.o.jsx = "react";
    p.file(`${lib}.ts`, lt);
    head = r.chance(0.5) ? `import * as React from "${spec}";\n` : `import * as React from "${spec}";\nimport { type JSX } from "${spec}";\n`;
  } else if (runtime === "classic-factory") {
    p.o.jsx = "react";
    p.o.jsxFactory = "h";
    p.o.jsxFragmentFactory = r.pick(["Frag", "null"]);
    p.file(`${lib}.ts`, lt);
    head = `import { h, Frag${r.chance(0.5) ? ", type JSX" : ""} } from "${spec}";\n`;
    if (p.o.jsxFragmentFactory === "null" && !p.verbatim) head = head.replace(", Frag", "");
  } else if (runtime === "classic-member") {
    p.o.jsx = "react";
    p.o.jsxFactory = "Kit.el";
    p.o.jsxFragmentFactory = "Kit.Fr";
    p.file(`${lib}.ts`, lt);
    head = `import { Kit } from "${spec}";\n`;
  } else if (runtime === "namespace") {
    p.o.jsx = "react";
    p.o.reactNamespace = "Own";
    p.file(`${lib}.ts`, lt);
    head = `import * as Own from "${spec}";\n`;
  } else if (runtime === "automatic" || runtime === "automatic-dev") {
    p.o.jsx = runtime === "automatic" ? "react-jsx" : "react-jsxdev";
    pkg("react");
  } else if (runtime === "automatic-source") {
    p.o.jsx = "react-jsx";
    p.o.jsxImportSource = "mini-ui";
    pkg("mini-ui");
  } else if (runtime === "pragma") {
    p.o.jsx = r.pick(["react", "react-jsx"]);
    p.file(`${lib}.ts`, lt);
    head = `import { h as mk, Frag as Fg } from "${spec}";\n`;
    pragma = (p.o.jsx === "react-jsx" ? "/** @jsxRuntime classic */\n" : "") + `/** @jsx mk */\n/** @jsxFrag Fg */\n`;
  } else {
    p.o.jsx = r.pick(["react", "react-jsx"]);
    pkg("other-ui");
    pragma = (p.o.jsx === "react" ? "/** @jsxRuntime automatic */\n" : "") + `/** @jsxImportSource other-ui */\n`;
  }
  if (p.o.jsx === "react") delete p.o.jsxImportSource;
  p.ext2 = ".tsx";
  const tags = ["div", "span", "my-el", "Comp", "Ns.Part", "Gen<string>", "obj.Tag"];
  const attr = (i) => r.pick([`a${i}="s"`, `b${i}={${i}}`, `c${i}`, `{...rest}`, `{...{ z: ${i} }}`, `d-${i}="x"`, `e${i}="&amp;&nbsp;q"`, `f${i}='it"s'`, `key="k"`, `key={${i}}`, `g${i}={<b/>}`, `x:y${i}="n"`, `h${i}="multi\n   line"`, `key="k" {...rest}`, `{...rest} key="k"`, `children="kids"`, `ref={null}`, `__proto__="pp"`, `i${i}="back\\slash"`, `j${i}={"str\\n"}`, `k${i}="é&#233;&#xe9;&unknown;"`].filter((s) => !(s.includes("__proto__"))));
  const el = (d) => {
    const t = r.pick(tags);
    const attrs = [];
    const seenNames = new Set();
    for (const a of r.times(r.int(4), attr)) {
      const n = a.match(/^[\w:-]+/)?.[0] ?? "spread" + attrs.length;
      if ((n === "key" || /key=/.test(a)) && seenNames.has("key")) continue;
      if (/key=/.test(a)) seenNames.add("key");
      if (seenNames.has(n) && n !== "key") continue;
      seenNames.add(n);
      attrs.push(a);
    }
    const kids = d > 2 ? [] : r.times(r.int(4), () => kid(d + 1));
    const as = attrs.length ? " " + attrs.join(" ") : "";
    const close = t.replace(/<.*/, "");
    const noKids = seenNames.has("children");
    if (!kids.length || noKids) return `<${t}${as} />`;
    return `<${t}${as}>${kids.join("")}</${close}>`;
  };
  const kid = (d) => r.pick([() => "text", () => " spaced  text ", () => "\n   line one\n   line two\n", () => "{1}", () => '{"s"}', () => "{/* note */}", () => "{}".replace("{}", "{null}"), () => el(d), () => el(d), () => `<>${r.times(r.int(3), () => kid(d + 1)).join("")}</>`, () => "{...list}".replace("...list", "list"), () => "&lt;&copy;&#65;", () => "{cond && " + el(d) + "}", () => "{list.map((x) => <i key={x}>{x}</i>)}", () => "\n", () => " {1} ", () => "a{' '}b", () => "\\n", () => "\u00a0nb\u00a0", () => "{list as any}", () => "{cond!}", () => '"quoted"', () => "{`t${1}`}", () => "\t tab\n"])();
  let text = pragma + p.logImport() + head + `
const rest: any = { r: 1 };
const list: any = [1, 2];
const cond: boolean = true;
function Comp(props: any): any { return null; }
namespace Ns { export const Part: any = () => 1; }
function Gen<T>(props: any): any { return null; }
const obj: any = { Tag: () => 1 };
const generic = <T,>(x: T): T => x;
const extended = <T extends object>(x: T): T => x;
log(generic(1), extended({ a: 1 }));
`;
  for (let i = r.between(1, 5); i > 0; i--) text += `log(${r.chance(0.8) ? el(0) : `<>${kid(1)}${kid(1)}</>`});\n`;
  if (r.chance(0.3)) text += `class Holder { Tag: any = "own"; render(): any { return <this.Tag a={1} />; } }\nlog(new Holder().render());\n`;
  return text;
};

// Small things ------------------------------------------------------------------------------------

units.small = (p, id) => {
  const { r } = p;
  const y = p.year;
  const snippets = [
    () => `const o1: any = ${r.pick(["null", "undefined", "{ b: { c: 1 } }", "{}"])};\nlog(attempt(() => o1?.b!.c), attempt(() => (o1?.b)!.c), attempt(() => o1!?.b?.c!), attempt(() => (o1?.b as any).c), attempt(() => o1?.b!.c!.d), attempt(() => o1?.["b"]!["c"]), attempt(() => (o1?.b!).c), attempt(() => (<any>o1?.b).c));`,
    () => `const o2: any = { n: 1, f(): any { return this === o2; } };\nlog((o2.f as any)(), (o2.f)!(), (o2!.f)(), (o2.f satisfies any)(), (0, o2.f)(), o2.f?.(), (o2?.f)!(), (o2.f as () => any)?.());`,
    () => `let v3: any = 1;\n(v3 as any) = 5;\n(v3!) += 1;\nv3!++;\n(v3 as number)--;\nlog(v3);\n[(v3 as any)] = [7];\n({ a: (v3 as any) } = { a: 8 });\nlog(v3);\nfor ((v3 as any) of [1, 2]) log(v3);\nconst d3: any = { x: 1, y: 2 };\ndelete (d3 as any).x;\ndelete d3!.y;\nlog(d3);`,
    () => `const c4 = { a: [1, 2], b: "x" } as const satisfies object;\nlog(c4, (["p", "q"] as const)[1], <const>"lit");`.replace(', <const>"lit"', p.noAngle ? "" : ', <const>"lit"'),
    () => `function over5(a: string): string;\nfunction over5(a: number): number;\nfunction over5(a: any): any { return a; }\nlog(over5(1), over5("s"));`,
    () => `abstract class A6 { abstract x: number; abstract get y(): number; abstract m(): void; static make(): any { return 1; } constructor(protected z: number = 2) { } }\nclass B6 extends A6 { x = 1; get y() { return 2; } m() { } override toString(): string { return "b6"; } }\nlog(new B6(), String(new B6()), A6.make());`,
    () => `declare const missing7: string;\ndeclare function gone7(): void;\ndeclare class Un7 { }\ndeclare enum Ae7 { A }\ndeclare namespace Dn7 { const a: number; }\nlog(typeof missing7, typeof gone7, typeof Un7, typeof Ae7, typeof Dn7);`,
    () => `let def8!: number;\nfunction set8(): void { def8 = 3; }\nset8();\nlog(def8);`,
    () => `function thisy9(this: any, a: number, b?: string, ...c: any[]): any { return [this, a, b, c.length, thisy9.length]; }\nlog(thisy9.call("t", 1));`,
    () => `const ins10 = Array<string>;\nconst mk10 = Map<string, number>;\nlog(new ins10(2).length, new mk10().size, typeof (over10<string>), [over10<number>].length);\nfunction over10<T>(x?: T): any { return x; }`,
    () => `type Rec11 = { [k: string]: Rec11 };\ninterface Multi11 { a: 1 }\ninterface Multi11 { b: 2 }\nconst m11: Multi11 = { a: 1, b: 2 };\nlog(m11);`,
    () => `function isStr12(x: any): x is string { return typeof x === "string"; }\nfunction ass12(x: any): asserts x { if (!x) throw new Error(); }\nlog(isStr12("a"), attempt(() => ass12(0)), attempt(() => ass12(1)));`,
    () => `const fn13 = async <T extends object = {}>(x: T): Promise<T> => x;\nfn13({ a: 1 }).then((v) => log("async", v));`,
    () => `label14: for (const a of [1, 2]) { for (const b of [1, 2]) { if (b === 2) continue label14; log(a, b as any, a!); } }`,
    () => `const t15 = (a: any): any => (a ? (b: any): any => (b) : (c: any): any => c);\nlog(typeof t15(1), t15(0)(3));`,
    () => `class Idx16 { [k: string]: any; static [k: number]: any; readonly a = 1; m?(): void; get z(): number { return 1; } }\nlog(new Idx16(), "m" in new Idx16());`,
    () => `const get17 = { get a(): number { return 1; }, set a(v: number) { log("set", v); }, async b(): Promise<void> { }, *c(): any { yield 1; }, [("d" as any)]: 4, "e": 5, 6: 7 };\nget17.a = 2;\nlog(get17.a, Object.keys(get17));`,
    () => `try { throw { a: 1 }; } catch ({ a: x18 }: any) { log(x18); }\ntry { throw 2; } catch (e: unknown) { log(e); } finally { log("fin"); }`,
    () => `function strict19(this: any): any { return this === undefined ? "undef" : typeof this; }\nlog(strict19(), (function (this: any): any { return typeof this; })());`,
    () => `function args20(a: any): any { arguments[0] = 9; return a; }\nlog(args20(1));`,
    () => `type A21 = 1; namespace A21 { export type B = 2; }\nnamespace Empty21 { }\ndeclare global { interface Glob21 { x: 1 } }\nlog(typeof (globalThis as any).Empty21);`,
    () => `interface Both22 { a: 1 }\nconst Both22 = { made: (): Both22 => ({ a: 1 }) };\nclass Mix22 { z = 1; }\ninterface Mix22 { q: string }\nlog(Both22.made(), new Mix22(), new Mix22().q);`,
    () => `const x23: any = { y: 2 };\nlog(x23.y as number < 3, (x23.y as any) > 1, x23.y! < 3, typeof x23.y as string, !x23!.y, -x23.y!, void x23 as any, ((x23 as any).y as number) ** 2);`,
    () => `class P24 { constructor(readonly a: number, public b = a + 1, protected c?: string, private readonly d: any[] = [a, b]) { log(this.a, this.b, this.c, this.d); a = 50; log(this.a); } }\nlog(new P24(1));`,
    () => `class Q25 { constructor(public x: number) { x = 9; this.x++; } }\nclass R25 extends Q25 { y = this.x * 2; constructor(x: number, public z = x) { super(x + 1); this.z += this.y; } }\nlog(new R25(2));`,
    () => `export type { Ty26 };\ntype Ty26 = 1;\nexport interface If26 { }\nexport declare const dc26: number;\nexport declare function df26(): void;\nexport abstract class Ab26 { }\nlog("26");`,
    () => `const e27 = { ...(null as any), ...({ a: 1 } as any), b: 2 as const };\nlog(e27, [...([1] as any), 2]);`,
    () => `const nul28: any = 0;\nlog(nul28! ?? 1, (nul28 as any) ?? 1, nul28! || 2, (nul28 as any) && 3);\nlet as28: any = null;\nas28! ??= 4;\n(as28 as any) ||= 5;\nlog(as28);`,
    () => `const big29 = ${y >= 2020 ? "10n ** 2n" : "100"};\nlog(big29);`,
    () => `function* gen30(): Generator<number, void, any> { const x = (yield 1) as any; log("got", x); yield* [2, 3] as any; }\n{ const g = gen30(); log(g.next().value, g.next("in").value, g.next().value); }`,
    () => `const opt31: any = { f: null, g: { h(): any { return this === opt31.g; } } };\nlog(opt31.f?.(), opt31.g?.h!(), opt31.g!.h?.(), opt31?.g!.h(), opt31.zz?.a.b.c(), delete opt31?.g!.q);`,
    () => `let un32: { a?: { b?: () => number } } | undefined;\nun32 = { a: { b: () => 5 } } as any;\nlog(un32!.a!.b!(), un32?.a?.b?.()!);`,
    () => `class Opt33 { m?(): number; p?: string; static s?: number; constructor(a?: number, b = 1) { } }\nlog(new Opt33(), "p" in new Opt33(), "s" in Opt33, Opt33.length);`,
    () => `enum Dir34 { Up = 1, Down }\nconst dirs34: Record<Dir34, string> = { [Dir34.Up]: "u", [Dir34.Down]: "d" };\nlog(dirs34, Dir34[Dir34.Up as number], (Dir34 as any)["Up"], Dir34?.Up, Dir34!.Down);`,
    () => `var dup35 = 1;\nvar dup35 = 2;\nfunction dup35b(): number { return 1; }\nlog(dup35, dup35b());`,
    () => `const sym36 = { [Symbol.iterator]: function* (): any { yield 1; yield 2; } } as any;\n${y > 5 || p.o.downlevelIteration ? "log([...sym36]);" : "log(0);"}`,
    () => `import type37 from "${p.spec("log")}";`.replace(/.*/, `type import37 = 1;\nconst type = 1, as = 2, of = 3, declare = 4, namespace = 5, module37 = 6, abstract = 7, satisfies = 8, accessor = 9, get = 10, async = 11, is = 12, keyof = 13, override = 14;\nlog(type, as, of, declare, namespace, abstract, satisfies, accessor, get, async, is, keyof, override, as as any, satisfies satisfies number);`),
    () => `abstract\nclass Asi38 { }\n`.replace(/abstract\n/, "") + `class Kw38 { static: any = 1; get: any = 2; set: any = 3; async: any = 4; readonly: any = 5; declare: any = 6; abstract: any = 7; accessor: any = 8; static static: any = 9; type(): any { return 1; } static async(): any { return 2; } get get2(): any { return 3; } }\nlog(new Kw38(), (Kw38 as any).static);`,
    () => `const f39 = (a: number, b: number): number => a < b ? 1 : 2;\nlog(f39(1, 2), f39<any>.length ?? 0);`.replace(", f39<any>.length ?? 0", ""),
    () => `const tpl40 = (s: TemplateStringsArray, ...v: any[]): any => [s.raw.length, v];\nlog(tpl40\`a\${1 as any}b\${2!}\`, tpl40<any>\`x\`);`.replace(", tpl40<any>", ", tpl40"),
    () => `switch (1 as number) { case 1 as any: { enum Sw41 { A = 5 } log(Sw41.A); break; } default: log("no"); }`,
    () => `export default ${r.pick(["abstract class Def42 { }", "class { }", "function (this: any) { }", "{ a: 1 } as const", "(1 as any)", "[1]!", "<any>5"])};`.replace("<any>5", p.noAngle ? "5" : "<any>5") + `\nlog("42");`,
  ];
  const chosen = r.shuffle(snippets.filter((_, i) => !(p.no("enum-in-block") && i === 40))).slice(0, r.between(3, 9));
  let text = p.logImport();
  return text + chosen.map((s) => s()).join("\n") + "\n";
};

// Files and names ------------------------------------------------------------------------------

units.files = (p, id) => {
  const { r } = p;
  let text = p.logImport();
  let body = "";
  const forms = ["json", "js", "paths", "baseurl", "index", "cts", "mts", "jsx-ext", "imports", "self", "dts", "rootdirs", "cycle", "dynamic"];
  const nodeish = /node(16|next)/i.test(p.o.module);
  for (const f of r.shuffle(forms).slice(0, r.between(1, 4))) {
    if (f === "json") {
      p.o.resolveJsonModule = true;
      p.file(`${id}_data.json`, JSON.stringify({ a: 1, list: [1, 2], "odd-key": true, default: "d" }, null, 2).replace(r.chance(0.5) ? /,\n {2}"default": "d"/ : /$^/, ""));
      const attr = nodeish && p.esm;
      const w = attr ? ' with { type: "json" }' : "";
      if (p.o.esModuleInterop || p.mode !== "cjs") {
        if (p.mode === "bundler-esm") continue;
        text += `import data from "./${id}_data.json"${w};\n`;
        body += `log((data as any).a, (data as any).list);\n`;
      }
      if (!p.esm) (text += `import * as dataNs from "./${id}_data.json";\nimport dataEq = require("./${id}_data.json");\n`), (body += `log(dataNs.a, (dataNs as any)["odd-key"], dataEq);\n`);
    }
    if (f === "js") {
      p.o.allowJs = true;
      if (r.chance(0.3)) p.o.checkJs = false;
      p.file(`${id}_plain.js`, r.pick([`export const plain = "js";\nexport class Q { f = 1; static g = 2; }\n`, ...(p.esm ? [] : [`exports.plain = "cjs";\nexports.Q = class { constructor() { this.f = 1; } };\nexports.Q.g = 3;\n`])]));
      text += `import { plain, Q } from "./${id}_plain${p.ext || (nodeish ? ".js" : "")}";\n`;
      body += `log(plain, new Q(), (Q as any).g);\n`;
    }
    if (f === "paths") {
      p.o.paths = { ...p.o.paths, [`@lib${id}/*`]: [`./${id}_lib/*`], [`one${id}`]: [r.chance(0.5) ? `./nowhere/*` : `./${id}_lib/one.ts`, `./${id}_lib/one.ts`].slice(r.int(2)) };
      p.o.paths[`one${id}`] = [`./${id}_lib/one.ts`];
      if (p.o.baseUrl === undefined && r.chance(0.4) && p.mode === "cjs") p.o.baseUrl = ".";
      p.file(`${id}_lib/one.ts`, `${p.logImport("log").replace('"./', '"../')}log("one");\nexport const one = 1;\n`);
      p.file(`${id}_lib/two.ts`, `export const two = 2;\nexport enum Three { A = 3 }\n`);
      text += `import { one } from "one${id}";\nimport { two, Three } from "@lib${id}/two${p.ext && r.chance(0.5) ? ".js" : ""}";\n`;
      body += `log(one, two, Three.A);\n`;
      p.mapped = true;
    }
    if (f === "baseurl" && p.mode === "cjs") {
      p.o.baseUrl = ".";
      p.file(`${id}_base/deep/thing.ts`, `export const thing = "thing";\nexport default class { d = 1; }\n`);
      text += `import Thing, { thing } from "${id}_base/deep/thing";\n`;
      body += `log(thing, new Thing());\n`;
      p.mapped = true;
    }
    if (f === "index" && !p.esm) {
      p.file(`${id}_dir/index.ts`, `export const idx = "index";\n`);
      text += `import { idx } from "./${id}_dir";\n`;
      body += `log(idx);\n`;
    }
    if (f === "cts" && nodeish && !p.no("cts")) {
      p.file(`${id}_c.cts`, `export const cts = "cts";\nconst def = { inner: 1 };\nexport default def;\nconsole.log("load cts", typeof require);\n`);
      if (p.verbatim) continue;
      text += `import cdef, { cts } from "./${id}_c.cjs";\nimport * as cns from "./${id}_c.cjs";\n`;
      body += `log(cts, (cdef as any).inner, (cdef as any).default, Object.keys(cns).sort());\n`;
    }
    if (f === "mts" && p.esm && nodeish) {
      p.file(`${id}_m.mts`, `export const mts = "mts";\nexport default class { q = 1; }\nconsole.log("load mts", typeof import.meta);\n`);
      text += `import Mdef, { mts } from "./${id}_m.mjs";\n`;
      body += `log(mts, new Mdef());\n`;
    }
    if (f === "imports" && nodeish) {
      p.pkg.imports = { ...p.pkg.imports, [`#in${id}`]: `./${id}_in.js` };
      p.file(`${id}_in.ts`, `export const inner = "imports";\n`);
      text += `import { inner } from "#in${id}";\n`;
      body += `log(inner);\n`;
    }
    if (f === "dts") {
      p.file(`${id}_types.d.ts`, `export interface Q { a: 1 }\nexport type R = string;\n`);
      if (p.verbatim || p.isolated) text += `import type { Q as Qt } from "${p.spec(id + "_types")}";\n`;
      else text += `import { Q as Qt, R } from "${p.spec(id + "_types")}";\nexport { R };\n`;
      body += `const q: Qt = { a: 1 };\nlog(q);\n`;
    }
    if (f === "cycle") {
      p.file(`${id}_c1.ts`, `${p.logImport("log")}import { two, Two } from "${p.spec(id + "_c2")}";\nexport class One { static n = "one"; peer(): any { return new Two(); } }\nexport function one(): any { return "one"; }\nexport enum E1 { A = 1 }\nlog("c1", two());\n`);
      p.file(`${id}_c2.ts`, `${p.logImport("log")}import { one, One, E1 } from "${p.spec(id + "_c1")}";\nexport class Two { x: One | null = null; peer(): any { return [One.n, E1.A]; } }\nexport function two(): any { return "two"; }\nlog("c2", one());\n`);
      text += `import { One } from "${p.spec(id + "_c1")}";\n`;
      body += `log(new One().peer().peer());\n`;
    }
    if (f === "dynamic") {
      p.file(`${id}_dyn.ts`, `export const dyn = 1;\nexport default "dd";\nexport enum De { A }\nexport interface Dt { }\n`);
      body += `import("${nodeish ? "./" + id + "_dyn.js" : p.spec(id + "_dyn")}").then((m) => log("dyn", Object.keys(m).sort(), m.default, m.De.A));\n`;
    }
  }
  return text + body;
};

// What only the target shows ---------------------------------------------------------------------

units.target = (p, id) => {
  const { r } = p;
  const y = p.year;
  let text = p.logImport();
  const list = [
    `class M1 { m(): void { } get g(): number { return 1; } static s(): void { } }\nlog(Object.keys(M1.prototype), Object.keys(M1));`,
    `log(attempt(() => (class { } as any)()));`,
    `const o2: any = { toString: () => "str", valueOf: () => 4 };\nlog(\`\${o2}\`, "a" + o2, \`\${o2}b\${o2}\`);`,
    `class Er3 extends Error { code = 1; m(): number { return 1; } }\nlog(new Er3() instanceof Er3, attempt(() => new Er3().m()));`,
    `class Ar4 extends Array<any> { first(): any { return this[0]; } }\nlog(attempt(() => (Ar4 as any).of(1, 2).first()), new Ar4(3).length);`,
    `const hole5 = [1, , 3];\nlog([...hole5], Math.max(...[1, 2]));`,
    `const fns6: any[] = [];\nfor (let i = 0; i < 3; i++) fns6.push(() => i);\nlog(fns6.map((f) => f()));`,
    `log((() => typeof (async () => 1)())(), Object.prototype.toString.call((async () => 1)()));`,
    `const sp7 = { ...{ get a(): number { log("get"); return 1; } }, b: 2 };\nlog(Object.getOwnPropertyDescriptor(sp7, "a")!.get === undefined);`,
    `class Sp8 { set a(v: any) { log("setter", v); } }\nlog({ __proto__: new Sp8(), ...{ a: 1 } } as any);`,
    `function def9(a: any, b: any = a, c?: any): any { return def9.length; }\nlog(def9(1));`,
    `log((function () { "use strict"; return typeof (this as any); } as any)());`.replace("function ()", "function (this: any)"),
    `class St10 { static a = 1; static b = this.a + 1; static { log(this.b); } }\nlog(St10.b);`,
    `{ function hoist11(): any { return 1; } }\nlog(typeof (globalThis as any).hoist11);`,
    `class Pr12 { #x = 1; static t(o: any): any { try { return o.#x; } catch (e) { return e instanceof TypeError; } } }\nlog(Pr12.t({}), Pr12.t(new Pr12()));`,
    `async function* ag13(): any { yield 1; }\n(async () => { for await (const x of ag13()) log("ag", x); })();`,
    `const { a: a14, ...r14 } = { a: 1, b: 2, c: 3 } as any;\nlog(a14, r14);`,
    `const x15 = 2 ** 3;\nlog(x15, (-2) ** 2);`,
  ].filter((s) => y > 5 || !/#x|async function\*|static \{|\.\.\.hole|Ar4/.test(s));
  return text + r.shuffle(list).slice(0, r.between(2, 6)).join("\n") + "\n";
};

// ---------------------------------------------------------------------------------------------

export const TAGS = Object.keys(units);

export function generate(seed, { only = null, skip = new Set() } = {}) {
  const r = random(seed);
  const p = new Project(r, settings(r, skip), skip);
  p.pkg = { name: "app", version: "1.0.0", private: true };
  if (p.esm) p.pkg.type = "module";
  else if (r.chance(0.2)) p.pkg.type = "commonjs";
  const order = only ?? TAGS;
  const want = r.between(1, 3);
  const done = [];
  let tries = 0;
  let main = "";
  while (done.length < want && tries++ < 12) {
    const tag = r.pick(order);
    const id = `u${done.length}`;
    p.ext2 = ".ts";
    p.noAngle = false;
    const text = units[tag](p, id);
    if (text === null) continue;
    const tsx = p.ext2 === ".tsx";
    p.file(`${id}${tsx ? ".tsx" : ".ts"}`, text);
    done.push(tag);
    main += `import "${p.spec(id)}";\n`;
  }
  if (!done.length) {
    p.file("u0.ts", units.small(p, "u0"));
    done.push("small");
    main = `import "${p.spec("u0")}";\n`;
  }
  p.file("log.ts", LOG);
  p.file("globals.d.ts", GLOBALS);
  p.file("main.ts", main + `export { };\n`);
  const options = p.o;
  if (r.chance(0.2)) {
    // Part of the settings in files that it extends.
    const base = {};
    for (const key of Object.keys(options)) if (r.chance(0.5) && !["paths", "baseUrl"].includes(key)) (base[key] = options[key]), delete options[key];
    const form = r.pick(["file", "package", "list", "chain"]);
    const conf = (o, extra = {}) => JSON.stringify({ ...extra, compilerOptions: o }, null, 2);
    if (form === "file") (p.files["tsconfig.base.json"] = conf(base)), (p.extends = "./tsconfig.base.json");
    if (form === "package") (p.files["node_modules/shared-config/tsconfig.json"] = conf(base)), (p.files["node_modules/shared-config/package.json"] = `{"name":"shared-config","version":"1.0.0"}`), (p.extends = r.pick(["shared-config/tsconfig.json", "shared-config"]));
    if (form === "list") (p.files["a.json"] = conf({ ...base, target: "es2020", useDefineForClassFields: !base.useDefineForClassFields })), (p.files["b.json"] = conf({ useDefineForClassFields: undefined, ...base })), (p.extends = ["./a.json", "./b.json"]);
    if (form === "list") {
      // The last of the list wins; what it leaves open must not differ.
      p.files["a.json"] = conf({ ...base });
    }
    if (form === "chain") (p.files["conf/deep.json"] = conf(base)), (p.files["conf/mid.json"] = conf({}, { extends: "./deep" })), (p.extends = "./conf/mid.json");
  }
  const config = { ...(p.extends ? { extends: p.extends } : {}), compilerOptions: options, include: ["**/*.ts", "**/*.tsx", "**/*.mts", "**/*.cts", ...(options.allowJs ? ["*.js"] : [])], exclude: ["node_modules", ".truth", "out*"] };
  let ts = JSON.stringify(config, null, 2);
  if (r.chance(0.15)) ts = ts.replace("{", "{\n  // Comments are allowed here.").replace(/\n\}$/, ",\n}");
  p.files["tsconfig.json"] = ts;
  p.files["package.json"] = JSON.stringify(p.pkg, null, 2);
  return { seed, tags: done, files: p.files, esm: p.esm };
}

export function write(dir, project) {
  for (const [name, text] of Object.entries(project.files)) {
    const file = path.join(dir, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const arg = (name, other) => {
    const at = process.argv.indexOf("--" + name);
    return at < 0 ? other : process.argv[at + 1];
  };
  const set = (name) => new Set((arg(name, "") || "").split(",").filter(Boolean));
  const only = set("only");
  const [seed, count, out] = [+arg("seed", 1), +arg("count", 10), arg("out", "out")];
  const list = [];
  for (let i = 0; i < count; i++) {
    const project = generate(seed + i, { only: only.size ? [...only] : null, skip: set("skip") });
    write(path.join(out, String(i)), project);
    list.push({ dir: path.join(out, String(i)), seed: seed + i, tags: project.tags, files: Object.keys(project.files).length });
  }
  console.log(JSON.stringify(list));
}
