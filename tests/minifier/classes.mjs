// The classes and iterators of random programs.
import { KEYS } from "./literals.mjs";
import { expression as E, plain as P, statement as S } from "./tree.mjs";

/** A class that stands as an expression, or as a declaration with a name. */
export function classOf(g, name) {
  const parent = g.r.pick(["", "", "", " extends null", " extends Array", " extends (class { constructor() { log(\"base\", new.target === undefined); this.base = 1; } m() { return 1; } get g() { return 2; } static s = 3; })"]);
  const derived = parent.includes("(class");
  if (parent.includes("null")) return P`class ${name} extends null { static s = ${g.some(1)}; constructor() { ${g.r.pick(["return {};", "return Object.create(new.target.prototype);"])} } }`;
  return g.within({ call: false, async: false, generator: false, depth: 2 }, () => P`class ${name}${parent} {\n${g.r.times(g.r.between(1, 4), () => member(g, derived))}}`);
}

function member(g, derived) {
  const key = g.r.pick([...KEYS.slice(0, 6), `[note("${g.id("k")}", "x")]`, `["y"]`]);
  const isStatic = g.r.pick(["", "", "static "]);
  const secret = "#" + g.id("p");
  const within = (work) => g.within({ call: true, async: false, generator: false, depth: 2 }, work);
  const initial = (work) => g.within({ call: false, async: false, generator: false, depth: 2 }, work);
  return g.r.pick([
    () => S`${isStatic}${key} = ${initial(() => g.some(2))};\n`,
    () => S`${isStatic}${key};\n`,
    () => S`${isStatic}${secret} = ${initial(() => g.some(2))};\n${isStatic}has${secret.slice(1)}(o) { return attempt(() => ${secret} in o ? ${isStatic ? "o" : "this"}.${secret} : 0); }\n`,
    () => S`${isStatic}${g.function(key === "constructor" ? "cons" : key)}\n`,
    () => S`${isStatic}get ${key === "constructor" ? "cons" : key}() { return ${within(() => g.some(2))}; }\n`,
    () => S`${isStatic}set ${key === "constructor" ? "cons" : key}(v) { log("set", v); }\n`,
    () => S`static {\n${initial(() => g.statements(1))}}\n`,
    () => S`static { this.${g.id("s")} = ${initial(() => g.some(1))}; }\n`,
    () => S`static #${g.id("sp")}${g.r.pick([" = 1;", "() { return 1; }", ";"])}\n`,
    () => (derived ? S`m() { return [super.m(), super.g, super.nothing]; }\n` : S`*[Symbol.iterator]() { yield ${within(() => g.some(1))}; }\n`),
    () => S`static ${g.r.pick(["a", "b", "length"])} = ${initial(() => g.some(1))};\n`,
  ])();
}

/** An iterator that says what is asked of it. */
export function iterator(g) {
  const name = g.id("it");
  return E`({ [Symbol.iterator]() { let n = 0; return { next() { log("${name}", n); return { done: n++ > 2, value: n }; }, return() { log("${name} return"); return {}; } }; } })`;
}
