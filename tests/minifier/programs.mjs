// Random JavaScript programs that end, and that print what they compute.
//
//   node programs.mjs --seed N [--form sloppy|strict|module] [--skip name,name]
//
// prints one. What a program prints does not depend on names or texts of functions, nor on messages of errors.
// `skip` leaves out statements and expressions by the names they have here.
import { fileURLToPath } from "node:url";
import { random } from "../random.mjs";
import { anyType, expressions, functionForms, still } from "./expressions.mjs";
import { KEYS, LITERALS, NAMES, TYPES } from "./literals.mjs";
import { simpleStatements, statements, topStatements } from "./statements.mjs";
import { expression as E, plain as P, statement as S, textOf } from "./tree.mjs";

class Generator {
  constructor(seed, form, skip) {
    this.r = random(seed);
    this.form = form;
    this.skip = skip;
    this.strict = form !== "sloppy";
    this.scopes = [];
    this.place = { labels: [], loop: false, breaks: false, call: false, async: false, generator: false };
    this.count = 0;
    this.functions = 0;
  }

  id(prefix) {
    return prefix + this.count++;
  }

  /** One of the makers of a table that may be used here. */
  choose(table, ...given) {
    const names = Object.keys(table).filter((name) => !this.skip.has(name));
    for (let tries = 0; tries < 20; tries++) {
      const made = table[this.r.pick(names)](this, ...given);
      if (made) return made;
    }
    return null;
  }

  // Names ---------------------------------------------------------------------------------------

  scoped(isFunction, work) {
    this.scopes.push({ isFunction, names: new Map(), taken: new Set() });
    try {
      return work();
    } finally {
      this.scopes.pop();
    }
  }

  /** A new variable of the innermost scope, or of the function for `var`. */
  name(type, how) {
    const inner = this.scopes.at(-1);
    let name = this.r.pick(NAMES);
    const at = how === "var" ? this.scopes.findLastIndex((scope) => scope.isFunction) : this.scopes.length - 1;
    const clash = (n) => this.scopes.slice(at).some((scope) => scope.taken.has(n));
    if (clash(name) || (this.skip.has("shadow") && !["var", "param"].includes(how))) name = this.id(name);
    for (const scope of this.scopes.slice(at)) scope.taken.add(name);
    inner.taken.add(name);
    const variable = { name, type, how };
    return { ...variable, declare: () => this.scopes[at].names.set(name, variable) };
  }

  declared(type, how) {
    const made = this.name(type, how);
    made.declare();
    return made.name;
  }

  variables(test) {
    const seen = new Map();
    for (const scope of this.scopes) for (const [name, variable] of scope.names) seen.set(name, variable);
    return [...seen.values()].filter(test);
  }

  variable(type) {
    const found = this.variables((v) => v.type === type || (type === "any" && v.type !== "fn"));
    return found.length ? this.r.pick(found).name : null;
  }

  mutable(type) {
    const found = this.variables((v) => v.type === type && ["let", "var", "param"].includes(v.how));
    return found.length ? this.r.pick(found).name : null;
  }

  // Expressions ----------------------------------------------------------------------------------

  literal(type) {
    const text = this.r.pick(LITERALS[type]);
    return /^[-{]|\*\*/.test(text) ? E`(${text})` : E`${text}`;
  }

  e(type, deep = 3) {
    if (type === "any" && this.r.chance(0.6)) type = this.r.pick(TYPES);
    if (deep <= 0 || this.r.chance(0.15)) {
      const name = this.r.chance(0.65) && this.variable(type);
      return name ? E`${name}` : this.literal(type);
    }
    const table = this.r.chance(0.4) ? anyType : expressions[type];
    return this.choose(table, deep - 1, type) ?? this.literal(type);
  }

  /** An expression that a statement may start with. */
  leading(type, deep) {
    const made = this.e(type, deep);
    return this.skip.has("leading") && /^\(+(\{|function)/.test(textOf(made)) ? E`true` : made;
  }

  some(deep) {
    return this.e(this.r.pick(TYPES), deep);
  }

  // Functions ------------------------------------------------------------------------------------

  /** Works with what a function of its own has around it. */
  within(place, work) {
    const [before, strict] = [this.place, this.strict];
    this.place = { ...before, labels: [], loop: false, breaks: false, ...place };
    try {
      return this.scoped(true, work);
    } finally {
      this.place = before;
      this.strict = strict;
    }
  }

  parameters(simple) {
    const list = [];
    for (let i = this.r.int(4); i > 0; i--) {
      const type = this.r.pick(TYPES);
      const made = this.name(type, "param");
      const early = !this.skip.has("shadow") && this.r.chance(0.2);
      if (early) made.declare();
      const name = made.name;
      const form = simple || this.r.chance(0.6) ? "plain" : this.r.pick(["default", "object", "array", "given"]);
      if (form === "plain") list.push(P`${name}`);
      if (form === "default") list.push(P`${name} = ${this.e(type, 1)}`);
      if (form === "object") list.push(P`{ ${this.r.pick(KEYS)}: ${name} = ${this.e(type, 1)} } = ${this.e("obj", 1)}`);
      if (form === "array") list.push(P`[${this.r.pick(["", ", "])}${name} = ${this.e(type, 1)}] = ${this.e("arr", 1)}`);
      if (form === "given") list.push(P`${name} = ${this.r.pick(["undefined", "void 0", "null", "[]"])}`);
      if (!early) made.declare();
    }
    if (!simple && this.r.chance(0.15)) list.push(P`...${this.declared("arr", "param")}`);
    return list.map((node, i) => P`${i ? ", " : ""}${node}`);
  }

  /** `head` parameters and body of a function; its kind decides what may stand in it. */
  function(head, { arrow = false, generator = false, async = false, returns = "any", deep = 2 } = {}) {
    this.functions++;
    const place = { generator, async, call: arrow ? this.place.call : true, depth: (this.place.depth ?? 0) + 1, returns };
    return this.within(place, () => {
      const directive = this.r.chance(this.skip.has("directive") ? 0 : 0.06);
      const parameters = still(this, () => this.parameters(directive));
      if (directive) this.strict = true;
      const body = this.statements(this.r.between(0, place.depth > 1 ? 2 : 3));
      const last = returns && this.r.chance(0.8) ? S`return ${this.e(returns, deep)};\n` : "";
      return P`${head}(${parameters})${arrow ? " =>" : ""} {\n${directive ? '"use strict";\n' : ""}${body}${last}}`;
    });
  }

  functionExpression(returns) {
    return this.choose(functionForms, returns);
  }

  // Statements -----------------------------------------------------------------------------------

  statements(count) {
    const list = [];
    for (let i = 0; i < count; i++) list.push(this.s());
    return list;
  }

  s() {
    const simple = (this.place.nesting ?? 0) > 3 || this.functions > 8 || this.r.chance(0.45);
    return this.choose(simple ? simpleStatements : statements) ?? "";
  }

  nested(work) {
    const before = this.place;
    this.place = { ...before, nesting: (before.nesting ?? 0) + 1 };
    try {
      return work();
    } finally {
      this.place = before;
    }
  }

  block(count = this.r.between(1, 3), place = {}) {
    const before = this.place;
    return this.nested(() => {
      this.place = { ...this.place, ...place };
      const made = this.scoped(false, () => P`{\n${this.statements(count)}}`);
      this.place = before;
      return made;
    });
  }

  loopBlock(names = [], label = null) {
    return this.nested(() => {
      this.place = { ...this.place, loop: true, breaks: true, labels: label ? [...this.place.labels, [label, true]] : this.place.labels };
      return this.scoped(false, () => {
        names.forEach((declare) => declare());
        return P`{\n${this.statements(this.r.between(1, 3))}}`;
      });
    });
  }

  program() {
    this.scopes.push({ isFunction: true, names: new Map(), taken: new Set(["run", "log", "note", "attempt"]) });
    const top = [];
    for (let i = this.r.int(4); i > 0; i--) top.push(this.choose(topStatements) ?? "");
    const async = this.r.chance(0.3);
    const run = this.within({ async, call: true, depth: 0, returns: "any" }, () => P`${this.statements(this.r.between(3, 8))}`);
    const head = {
      sloppy: 'const { log, note, attempt } = require("./show.cjs");\n',
      strict: '"use strict";\nconst { log, note, attempt } = require("./show.cjs");\n',
      module: 'import { log, note, attempt } from "./show.cjs";\n',
    }[this.form];
    const start = this.form === "module" ? "export " : "exports.run = ";
    return P`${head}${top}${start}${async ? "async " : ""}function run() {\n${run}}${this.form === "module" ? "\n" : ";\n"}`;
  }
}

export const FORMS = ["sloppy", "strict", "module"];

export function generate(seed, form, skip = new Set()) {
  return new Generator(seed, form, skip).program();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const arg = (name, other) => (process.argv.includes("--" + name) ? process.argv[process.argv.indexOf("--" + name) + 1] : other);
  console.log(textOf(generate(+arg("seed", 1), arg("form", "sloppy"), new Set(arg("skip", "").split(",")))));
}
