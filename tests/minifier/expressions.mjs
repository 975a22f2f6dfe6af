// The expressions of random programs, by what they give. Each maker takes the generator and how deep it may go, and
// makes nothing where its expression may not stand.
import { classOf } from "./classes.mjs";
import { KEYS } from "./literals.mjs";
import { expression as E, plain as P, textOf } from "./tree.mjs";

export const anyType = {
  note: (g, d, t) => E`note("${g.id("n")}", ${g.e(t, d)})`,
  conditional: (g, d, t) => E`(${g.e("bool", d)} ? ${g.e(t, d)} : ${g.e(t, d)})`,
  conditionalSame: (g, d, t) => {
    const inner = g.e(t, 1);
    return E`(${g.some(d)} ? ${inner} : ${textOf(inner)})`;
  },
  comma: (g, d, t) => E`(${g.some(d)}, ${g.e(t, d)})`,
  and: (g, d, t) => (t === "any" || t === "bool" ? E`(${g.some(d)} ${g.r.pick(["&&", "||", "??"])} ${g.e(t, d)})` : null),
  nullish: (g, d, t) => E`(${g.r.pick(["null", "undefined", "void 0"])} ?? ${g.e(t, d)})`,
  arrowCall: (g, d, t) => (g.functions > 8 ? null : E`(${g.function("", { arrow: true, returns: t, deep: d })})()`),
  functionCall: (g, d, t) => (g.functions > 8 ? null : E`(${g.function("function ", { returns: t, deep: d })})(${g.some(d)})`),
  assign: (g, d, t) => {
    const name = g.mutable(t);
    return name && E`(${name} = ${g.e(t, d)})`;
  },
  logicalAssign: (g, d, t) => {
    const name = g.mutable(t);
    return name && E`(${name} ${g.r.pick(["&&=", "||=", "??="])} ${g.e(t, d)})`;
  },
  element: (g, d, t) => E`[${g.e(t, d)}, ${g.some(0)}][0]`,
  member: (g, d, t) => E`({ a: ${g.e(t, d)}, b: ${g.some(0)} }).a`,
  optionalMember: (g, d, t) => E`({ a: ${g.e(t, d)} })?.${g.r.pick(["a", '["a"]'])}`,
  defaulted: (g, d, t) => E`(({ a = ${g.e(t, d)} }) => a)(${g.r.pick(["{}", "0", '""', "[]", "{ a: undefined }"])})`,
  attempted: (g, d, t) => (t === "any" ? quiet(g, () => g.some(d)) : null),
  awaited: (g, d, t) => (g.place.async ? E`(await ${g.e(t, d)})` : null),
  yielded: (g, d, t) => (g.place.generator && t === "any" ? E`(yield ${g.some(d)})` : null),
  call: (g, d, t) => {
    const found = g.variables((v) => v.type === "fn" && (v.returns === t || t === "any"));
    if (!found.length) return null;
    const f = g.r.pick(found).name;
    return E`${f}${g.r.pick(["", "", "?."])}(${g.r.times(g.r.int(3), (i) => P`${i ? ", " : ""}${g.some(d)}`)})`;
  },
  apply: (g, d, t) => {
    const found = g.variables((v) => v.type === "fn" && (v.returns === t || t === "any"));
    if (!found.length) return null;
    const f = g.r.pick(found).name;
    return g.r.pick([() => E`${f}.call(${g.some(d)}, ${g.some(d)})`, () => E`${f}.apply(null, ${g.e("arr", d)})`, () => E`${f}(...${g.e("arr", d)})`])();
  },
  pattern: (g, d, t) => {
    const name = g.mutable(t);
    if (!name) return null;
    const wild = g.e(t, d);
    return g.r.pick([() => E`([${name} = ${wild}] = [], ${name})`, () => E`({ a: ${name} } = { a: ${wild} }).a`, () => E`({ [note("${g.id("k")}", "x")]: ${name} = ${wild} } = {}, ${name})`])();
  },
  newTarget: (g, d, t) => (t === "any" && g.place.call ? E`(new.target === undefined)` : null),
  this: (g, d, t) => (t === "any" && g.place.call ? E`${g.r.pick(["typeof this", "(this === undefined)", "(this == null)"])}` : null),
  arguments: (g, d, t) => (t === "any" && g.place.call ? E`${g.r.pick(["arguments[0]", "arguments.length", "[...arguments]", "arguments[1]", "typeof arguments"])}` : null),
  argumentsSet: (g, d, t) => (t === "any" && g.place.call && g.place.depth ? E`(arguments[0] = ${g.some(d)})` : null),
  iife: (g, d, t) => still(g, () => E`(() => ${g.e(t, d)})()`),
  eval: (g, d, t) => {
    const name = g.r.chance(0.15) && g.variable(t);
    return name && E`attempt(() => ${g.r.pick(["eval", "(0, eval)", "eval", "globalThis.eval"])}("${g.r.pick(["", "typeof "])}${name}"))`;
  },
  tagged: (g, d, t) => E`((s, v) => v)\`a${"${"}${g.e(t, d)}${"}"}b\``,
  generatorFirst: (g, d, t) => E`(function* () { yield ${g.within({ generator: true, async: false, call: true }, () => g.e(t, d))}; })().next().value`,
  classField: (g, d, t) => E`new (class { a = ${g.within({ call: false, async: false, generator: false }, () => g.e(t, d))}; })().a`,
  getter: (g, d, t) => E`({ get a() { return ${g.within({ call: true, async: false, generator: false, depth: 2 }, () => g.e(t, d))}; } }).a`,
  superCall: (g, d, t) => E`new (class extends (class { m() { return ${g.within({ call: true, async: false, generator: false, depth: 2 }, () => g.e(t, d))}; } }) { m() { return super.m(); } })().m()`,
  constant: (g, d, t) => {
    const found = g.variables((v) => v.type === t && v.how === "const");
    return t === "any" && found.length ? still(g, () => E`attempt(() => { ${g.r.pick(found).name} ${g.r.pick(["=", "+=", "&&=", "??="])} ${g.some(d)}; })`) : null;
  },
};

// Expressions by type -----------------------------------------------------------------------------

/** A call of what the language gives, with arguments at random: what a minifier may compute itself. */
function known(g, deep, owner, methods) {
  const many = g.r.int(3);
  return E`${owner}.${g.r.pick(methods)}(${g.r.times(many, (i) => P`${i ? ", " : ""}${g.e(g.r.pick(["num", "num", "str", "any"]), deep)}`)})`;
}
const quiet = (g, work) => still(g, () => E`attempt(() => ${work()})`);

/** Works where no `await` and no `yield` may stand. */
export const still = (g, work) => {
  const before = g.place;
  g.place = { ...before, async: false, generator: false };
  try {
    return work();
  } finally {
    g.place = before;
  }
};

/** An object that says when it becomes a primitive. */
function spoken(g) {
  const name = g.id("o");
  const value = g.r.pick(["1", '"a"', "2n", "undefined", "{}", "null", "NaN"]);
  const form = g.r.pick(["valueOf", "toString", "both", "primitive", "class"]);
  if (form === "class") return E`new (class { valueOf() { return note("${name}", ${value}); } })()`;
  if (form === "both") return E`({ valueOf() { return note("${name}v", ${value}); }, toString() { return note("${name}s", ${value}); } })`;
  if (form === "primitive") return E`({ [Symbol.toPrimitive](hint) { return note("${name}" + hint, ${value}); } })`;
  return E`({ ${form}() { return note("${name}", ${value}); } })`;
}

export const mixed = (g, d) => (g.r.chance(0.3) ? spoken(g) : g.some(d));

export const expressions = {
  num: {
    arith: (g, d) => E`(${g.e("num", d)} ${g.r.pick(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>"])} ${g.e("num", d)})`,
    power: (g, d) => E`((${g.e("num", d)}) ** ${g.e("num", d)})`,
    unary: (g, d) => E`(${g.r.pick(["-", "+", "~", "- -", "+ +"])} ${g.e(g.r.pick(["num", "num", "str", "bool"]), d)})`,
    update: (g) => {
      const name = g.mutable("num");
      return name && g.r.pick([() => E`(${name}++)`, () => E`(--${name})`, () => E`(${name} += ${g.e("num", 1)})`, () => E`(${name} *= ${g.e("num", 1)})`, () => E`(${name} |= ${g.e("num", 1)})`])();
    },
    length: (g, d) => E`${g.e(g.r.pick(["str", "arr"]), d)}.length`,
    functionLength: (g) => E`(${g.functionExpression("any")}).length`,
    math: (g, d) => known(g, d, "Math", ["max", "min", "round", "sign", "abs", "trunc", "floor", "ceil", "imul", "clz32", "fround", "sqrt", "hypot", "cbrt"]),
    number: (g, d) => E`${g.r.pick(["Number", "parseInt", "parseFloat", "Math.abs"])}(${g.e(g.r.pick(["str", "num", "bool"]), d)})`,
    unusual: (g) => E`${g.r.pick(["5e-324", "1e-17", "0.49999999999999994", "4503599627370497.5", "1e308"])}`,
    search: (g, d) => E`${g.e("str", d)}.${g.r.pick(["indexOf", "lastIndexOf", "charCodeAt", "codePointAt", "search"])}(${g.e(g.r.pick(["str", "num"]), d)})`,
    index: (g, d) => E`${g.e("arr", d)}.${g.r.pick(["indexOf", "push", "unshift", "lastIndexOf"])}(${g.e("num", d)})`,
    mixedArith: (g, d) => quiet(g, () => E`(${g.some(d)} ${g.r.pick(["-", "*", "/", "%", "&", "|", "<<", ">>>"])} ${mixed(g, d)})`),
    enum: (g, d) => E`(${g.e("bool", d)} + ${g.e("bool", d)})`,
  },
  str: {
    concat: (g, d) => E`(${g.e("str", d)} + ${g.e(g.r.pick(["str", "num", "bool", "big", "arr"]), d)})`,
    concatLeft: (g, d) => E`(${g.e(g.r.pick(["num", "bool", "arr"]), d)} + ${g.e("str", d)})`,
    chain: (g, d) => E`(${g.e("num", d)} + ${g.e("num", d)} + ${g.e("str", d)} + ${g.e("num", d)} + ${g.e("num", d)})`,
    template: (g, d) => E`\`a${"${"}${g.e(g.r.pick(["str", "num", "bool", "big", "arr"]), d)}${"}"}${g.r.pick(["", "b", "\\n", "\\`"])}${"${"}${g.e("str", d)}${"}"}\``,
    typeof: (g, d) => E`typeof ${g.some(d)}`,
    typeofNothing: () => E`typeof nothing`,
    string: (g, d) => E`String(${g.some(d)})`,
    method: (g, d) => quiet(g, () => known(g, d, g.e("str", d), ["slice", "charAt", "substring", "substr", "repeat", "padStart", "concat", "trim", "toUpperCase", "toLowerCase", "replace", "replaceAll", "at", "normalize", "toString", "valueOf", "toWellFormed"])),
    unusual: (g) => E`${g.r.pick(['"\\ud800"', '"a\\u{1F600}b"', '"éb"', '"\u00a0a "', '" 12 "', '"1_0"', '"İ"', '"\\ufeff1"', '"\\x85a"', '"ß"'])}`,
    from: (g, d) => known(g, d, "String", ["fromCharCode"]),
    raw: (g, d) => E`String.raw\`a\\n${"${"}${g.e("num", d)}${"}"}\\u0041\``,
    at: (g, d) => E`String(${g.e("str", d)}[${g.r.pick(["0", "-1", "1.5", '"length"', '"0"', "5"])}])`,
    numberMethod: (g, d) => quiet(g, () => E`(${g.e("num", d)}).${g.r.pick(["toString(2)", "toString(36)", "toString(1)", "toFixed(2)", "toPrecision(3)", "toString()", "toExponential(1)"])}`),
    json: (g, d) => E`String(JSON.stringify(${g.e(g.r.pick(["obj", "arr", "str", "num"]), d)}))`,
    join: (g, d) => E`${g.e("arr", d)}.${g.r.pick(["join()", 'join("")', 'join("-")', "toString()"])}`,
    append: (g, d) => {
      const name = g.mutable("str");
      return name && E`(${name} += ${g.e(g.r.pick(["str", "num"]), d)})`;
    },
    replaceBy: (g, d) => E`${g.e("str", d)}.replace(/a|b/${g.r.pick(["g", ""])}, ${g.r.pick(['"$&$&"', '"$1"', "(m) => m + m", '"\\\\$"'])})`,
    coercedKey: (g, d) => E`Object.keys({ [${g.some(d)}]: 1 }).join()`,
    uri: (g, d) => quiet(g, () => E`${g.r.pick(["encodeURIComponent", "decodeURIComponent", "escape", "encodeURI"])}(${g.e("str", d)})`),
  },
  bool: {
    compare: (g, d) => {
      const type = g.r.pick(["num", "str", "big", "bool"]);
      return E`(${g.e(type, d)} ${g.r.pick(["<", ">", "<=", ">=", "==", "!=", "===", "!=="])} ${g.e(type, d)})`;
    },
    compareMixed: (g, d) => quiet(g, () => E`(${mixed(g, d)} ${g.r.pick(["<", ">", "<=", ">=", "==", "!=", "===", "!=="])} ${mixed(g, d)})`),
    not: (g, d) => E`${g.r.pick(["!", "!!"])}${g.some(d)}`,
    logical: (g, d) => E`(${g.e("bool", d)} ${g.r.pick(["&&", "||"])} ${g.e("bool", d)})`,
    in: (g, d) => E`(${g.e(g.r.pick(["str", "num"]), d)} in ${g.e(g.r.pick(["obj", "arr"]), d)})`,
    instance: (g, d) => E`(${g.some(d)} instanceof ${g.r.pick(["Object", "Array", "Function", "Map", "Error"])})`,
    is: (g, d) => E`Object.is(${g.e("num", d)}, ${g.e("num", d)})`,
    test: (g, d) => E`${g.r.pick(["isNaN", "Number.isInteger", "Array.isArray", "Number.isNaN", "isFinite", "Boolean", "Number.isSafeInteger"])}(${g.e("num", d)})`,
    includes: (g, d) => E`${g.e("arr", d)}.includes(${g.e("num", d)})`,
    string: (g, d) => E`${g.e("str", d)}.${g.r.pick(["includes", "startsWith", "endsWith"])}(${g.e("str", d)})`,
    typeofIs: (g, d) => E`(typeof ${g.some(d)} ${g.r.pick(["===", "==", "!=", "!=="])} ${g.r.pick(['"undefined"', '"number"', '"object"', '"function"', '"bigint"', '"nothing"'])})`,
    nullish: (g, d) => E`(${g.some(d)} ${g.r.pick(["==", "!=", "===", "!=="])} ${g.r.pick(["null", "undefined", "void 0"])})`,
    nullishTwo: (g) => {
      const name = g.variable("any");
      return name && E`(${name} === null ${g.r.pick(["||", "&&"])} ${name} ${g.r.pick(["===", "!=="])} undefined)`;
    },
    delete: (g, d) => E`(delete ({ a: ${g.some(d)} }).a)`,
    deleteAny: (g, d) => quiet(g, () => E`(delete ${g.e("obj", d)}.a)`),
    not3: (g, d) => E`!(${g.e("bool", d)} ${g.r.pick(["&&", "||", "===", "!=="])} ${g.e("bool", d)})`,
  },
  big: {
    arith: (g, d) => E`(${g.e("big", d)} ${g.r.pick(["+", "-", "*", "&", "|", "^"])} ${g.e("big", d)})`,
    negate: (g, d) => E`(${g.r.pick(["-", "~"])}${g.e("big", d)})`,
    divide: (g, d) => E`(${g.e("big", d)} ${g.r.pick(["/", "%"])} ${g.r.pick(["2n", "-3n", "7n"])})`,
    asInt: (g, d) => E`BigInt.${g.r.pick(["asIntN", "asUintN"])}(${g.r.pick(["3", "8", "64"])}, ${g.e("big", d)})`,
    update: (g) => {
      const name = g.mutable("big");
      return name && E`(${g.r.pick(["++", "--"])}${name})`;
    },
  },
  arr: {
    literal: (g, d) => E`[${g.r.times(g.r.int(4), (i) => P`${i ? ", " : ""}${g.r.chance(0.15) ? "" : g.some(d)}`)}${g.r.pick(["", ",", ""])}]`,
    spread: (g, d) => E`[${g.some(d)}, ...${g.e(g.r.pick(["arr", "str"]), d)}]`,
    slice: (g, d) => E`${g.e("arr", d)}.slice(${g.e("num", d)})`,
    map: (g, d) => E`${g.e("arr", d)}.${g.r.pick(["map", "filter", "flatMap"])}((${g.id("it")}) => ${still(g, () => g.e(g.r.pick(["num", "bool"]), d))})`,
    keys: (g, d) => E`Object.${g.r.pick(["keys", "values", "entries"])}(${g.e("obj", d)})`,
    split: (g, d) => E`${g.e("str", d)}.split(${g.e("str", d)})`,
    concat: (g, d) => E`${g.e("arr", d)}.concat(${g.some(d)})`,
    make: (g, d) => E`Array.${g.r.pick(["of", "from"])}(${g.e("arr", d)})`,
    array: (g) => E`${g.r.pick(["new Array", "Array"])}(${g.r.pick(["", "3", "0", '"3"', "1, 2", "2.0"])})`,
    arguments: (g, d) => E`(function () { return [...arguments]; })(${g.some(d)}, ${g.some(d)})`,
    match: (g, d) => E`[...(${g.e("str", d)}.match(/[a-b]|(z)/${g.r.pick(["", "g"])}) ?? [])]`,
  },
  obj: {
    literal: (g, d) => E`({ ${g.r.times(g.r.int(4), (i) => P`${i ? ", " : ""}${property(g, d)}`)} })`,
    spread: (g, d) => E`({ ...${g.some(d)}, ${g.r.pick(KEYS)}: ${g.some(d)} })`,
    getters: (g, d) => E`({ get ${g.r.pick(["a", "b"])}() { return note("${g.id("g")}", ${g.within({ call: true, async: false, generator: false, depth: 2 }, () => g.some(d))}); } })`,
    class: (g) => E`new (${classOf(g, "")})()`,
    assigned: (g, d) => E`Object.assign({}, ${g.e("obj", d)}, ${g.e("obj", d)})`,
    boxed: (g, d) => E`Object(${g.some(d)})`,
    frozen: (g, d) => E`Object.freeze(${g.e("obj", d)})`,
    thrown: (g, d) => E`new ${g.r.pick(["Error", "TypeError", "RangeError"])}(${g.e("str", 0)})`,
    proxy: (g) => E`new Proxy({ a: 1 }, { ${g.r.pick(["get(t, k) { log(\"trap\", k); return t[k]; }", 'has(t, k) { log("has", k); return true; }', 'ownKeys(t) { log("keys"); return ["a"]; }', 'deleteProperty(t, k) { log("del", k); return true; }'])} })`,
    collection: (g, d) => E`new ${g.r.pick(["Map", "Set"])}(${g.r.pick(["", "[]", "null"])})`,
    prototypeless: () => E`({ __proto__: null, a: 1 })`,
    functionObject: (g) => E`(${g.functionExpression("any")})`,
  },
  any: {
    optional: (g, d) => quiet(g, () => E`(${g.some(d)})?.${g.r.pick(["a", "b", "[0]", "a?.b", "a.b.c", "a?.()", "length"])}`),
    read: (g, d) => quiet(g, () => E`(${g.some(d)}).${g.r.pick(["a", "b", "length", "x.y", "constructor.length"])}`),
    functionAny: (g) => E`(${g.functionExpression("any")})`,
    added: (g, d) => quiet(g, () => E`(${mixed(g, d)} + ${mixed(g, d)})`),
    spoken: (g) => quiet(g, () => E`${g.r.pick(["+", "-", "~", "!", "typeof "])}${spoken(g)}`),
    void: (g, d) => E`void ${g.some(d)}`,
    thrown: (g, d) => still(g, () => E`attempt(() => { throw ${g.some(d)}; })`),
    nothing: () => E`attempt(() => nothing)`,
    extracted: (g) => E`attempt(() => { const { m } = { m() { return ${g.r.pick(["typeof this", "this === undefined"])}; } }; return m(); })`,
    extractedCall: (g) => E`attempt(() => (0, { a: 1, m() { return this?.a; } }.m)())`,
    returnedMethod: (g) => E`attempt(() => { const own = { m() { return this === own; } }; return ${g.r.pick(["(() => own.m)()()", "(0, own.m)()", "(own.m)()", "(own.m || 0)()", "own?.m()", "(() => own?.m)()?.()", "(true && own.m)()"])}; })`,
    typeofUnbound: (g, d) => quiet(g, () => E`typeof (${g.e("bool", d)} ${g.r.pick(["&&", "||"])} nothing)`),
    closedOver: (g, d) => still(g, () => E`((one = () => two, ${g.r.pick(["two", "...two", "[two]", "{ a: two = 2 }"])}) => one())(undefined, ${g.e("arr", d)})`),
    deleted: (g) => E`(() => { const own = { a: 1 }; ${g.r.pick(["delete (() => own.a)()", "delete (0, own.a)", "delete own?.a", "delete (own.a)", "delete own[\"a\"]", "delete (own, own).a"])}; return own; })()`,
    keptCall: (g) => E`attempt(() => ({ a: 1, m() { return this.a; } }${g.r.pick([".m)()", "?.m)()", '["m"])()'])})`,
  },
};

function property(g, d) {
  const key = g.r.pick(KEYS);
  const within = (work) => g.within({ call: true, async: false, generator: false, depth: 2 }, work);
  return g.r.pick([
    () => P`${key}: ${g.some(d)}`,
    () => P`${key}: ${g.some(d)}`,
    () => P`[note("${g.id("k")}", ${g.e("str", 0)})]: ${g.some(d)}`,
    () => P`...${g.some(d)}`,
    () => P`get ${key}() { return ${within(() => g.some(d))}; }`,
    () => P`${key}() { return ${within(() => g.some(d))}; }`,
    () => P`set ${key}(v) { log("set", v); }`,
    () => P`__proto__: ${g.r.pick(["null", "{ a: 5 }", "[]"])}`,
    () => P`"__proto__"() {}`,
  ])();
}

export const functionForms = {
  arrow: (g, returns) => g.function("", { arrow: true, returns }),
  arrowShort: (g, returns) => g.within({ generator: false, async: false, depth: (g.place.depth ?? 0) + 1 }, () => P`(${g.parameters(false)}) => ${g.e(returns, 2)}`),
  function: (g, returns) => g.function("function ", { returns }),
  named: (g, returns) => {
    const name = g.id("self");
    return g.function(`function ${name}`, { returns });
  },
};
