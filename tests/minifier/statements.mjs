// The statements of random programs. Each maker takes the generator, and makes nothing where its statement may not
// stand.
import { classOf, iterator } from "./classes.mjs";
import { mixed, still } from "./expressions.mjs";
import { KEYS, TYPES } from "./literals.mjs";
import { expression as E, plain as P, statement as S, textOf } from "./tree.mjs";

const log = (g, node) => S`log(${node});\n`;

export const simpleStatements = {
  log: (g) => log(g, g.some(3)),
  log2: (g) => S`log("${g.id("l")}", ${g.some(3)});\n`,
  logVariables: (g) => {
    const found = g.r.shuffle(g.variables((v) => v.type !== "fn")).slice(0, 3);
    return found.length ? S`log(${found.map((v, i) => P`${i ? ", " : ""}${E`${v.name}`}`)});\n` : null;
  },
  declare: (g) => {
    const how = g.r.pick(["let", "const", "var", "let"]);
    const type = g.r.pick(TYPES);
    const value = g.e(type, 3);
    const made = g.name(type, how);
    made.declare();
    return S`${how} ${made.name} = ${value};\n`;
  },
  declareTwo: (g) => {
    const how = g.r.pick(["let", "const", "var"]);
    const [one, two] = [g.r.pick(TYPES), g.r.pick(TYPES)];
    const first = P`${g.e(one, 2)}`;
    const a = g.declared(one, how);
    const second = P`${g.e(two, 2)}`;
    return S`${how} ${a} = ${first}, ${g.declared(two, how)} = ${second};\n`;
  },
  assign: (g) => {
    const type = g.r.pick(TYPES);
    const name = g.mutable(type);
    return name && S`${name} = ${g.e(type, 3)};\n`;
  },
  unused: (g) => S`(${g.leading(g.r.pick(TYPES), 3)});\n`,
  unusedThrowing: (g) => S`try { ${E`(${g.r.pick([() => E`${mixed(g, 1)} ${g.r.pick(["+", "-", "*", "<", "==", "in", "instanceof", "**", "/"])} ${mixed(g, 1)}`, () => E`nothing`, () => E`new ${g.some(1)}()`, () => E`null.a`, () => E`[...${g.some(1)}]`, () => E`class extends ${g.some(1)} {}`, () => E`\`${"${"}${mixed(g, 1)}${"}"}\``, () => E`({ [${mixed(g, 1)}]: 1 })`, () => E`-${mixed(g, 1)}`, () => E`new ${g.r.pick(["Array", "Map", "Set", "Uint8Array", "Date", "Number", "String", "Symbol", "BigInt", "RegExp", "WeakMap", "Proxy", "Promise", "ArrayBuffer", "Error", "Object", "Boolean"])}(${mixed(g, 1)})`, () => E`${g.r.pick(["Array", "BigInt", "Symbol", "Number", "String", "Object.keys", "Object.create", "Symbol.keyFor", "isNaN", "parseInt", "Math.max", "JSON.stringify", "decodeURI", "String.fromCodePoint", "Reflect.ownKeys", "Array.from", "Error", "Date", "RegExp", "Boolean", "Object"])}(${mixed(g, 1)})`, () => E`${g.some(1)}.a.b`, () => E`${g.e("str", 0)}.${g.r.pick(["repeat", "normalize", "concat", "charAt", "at", "padEnd", "localeCompare"])}(${mixed(g, 1)})`, () => E`(${g.e("num", 0)}).${g.r.pick(["toFixed", "toString", "toPrecision"])}(${mixed(g, 1)})`])()})`}; } catch (error) { log("caught", error); }\n`,
  unusedDeclared: (g) => S`${g.r.pick(["const", "let", "var"])} ${g.id("unused")} = ${g.some(3)};\n`,
  readGetter: (g) => {
    const name = g.variable("obj");
    return name && S`${name}${g.r.pick([".a", ".b", "?.a", '["a"]', ".c"])};\n`;
  },
  setMember: (g) => {
    const name = g.variable("obj");
    return name && S`attempt(() => { ${name}.${g.r.pick(["a", "b", "c"])} ${g.r.pick(["=", "=", "+=", "??=", "||=", "&&="])} ${still(g, () => g.some(2))}; });\n`;
  },
  setMemberSame: (g) => {
    const name = g.variable("obj");
    const key = g.r.pick(["a", "b"]);
    return name && S`attempt(() => { ${name}.${key} = ${name}.${key} ${g.r.pick(["+", "||", "??", "&&", "-"])} ${still(g, () => g.some(1))}; });\n`;
  },
  setElement: (g) => {
    const name = g.variable("arr");
    return name && S`${name}[${g.r.int(3)}] = ${g.some(2)};\n`;
  },
  deleteMember: (g) => {
    const name = g.variable("obj");
    return name && S`attempt(() => delete ${name}.${g.r.pick(["a", "b"])});\n`;
  },
  guard: (g) => S`${g.leading("bool", 2)} ${g.r.pick(["&&", "||"])} ${g.r.pick(["log", "note"])}("${g.id("s")}", ${g.some(1)});\n`,
  choice: (g) => S`${g.leading("bool", 2)} ? log("${g.id("y")}") : ${g.r.pick([() => E`log("${g.id("no")}")`, () => g.some(1)])()};\n`,
  break: (g) => (g.place.breaks && g.r.chance(0.6) ? S`${g.r.chance(0.6) ? P`if (${g.e("bool", 2)}) ` : ""}break;\n` : null),
  continue: (g) => (g.place.loop && g.r.chance(0.6) ? S`${g.r.chance(0.6) ? P`if (${g.e("bool", 2)}) ` : ""}continue;\n` : null),
  jump: (g) => {
    if (!g.place.labels.length) return null;
    const [label, loop] = g.r.pick(g.place.labels);
    return S`if (${g.e("bool", 2)}) ${loop && g.r.chance(0.5) ? "continue" : "break"} ${label};\n`;
  },
  return: (g) => (g.place.returns && g.place.depth > 0 && g.r.chance(0.5) ? S`${g.r.chance(0.6) ? P`if (${g.e("bool", 2)}) ` : ""}return${g.r.chance(0.2) ? "" : P` ${g.e(g.place.returns, 2)}`};\n` : null),
  throw: (g) => (g.r.chance(0.3) ? S`${P`if (${g.e("bool", 2)}) `}throw ${g.e("obj", 1)};\n` : null),
  yield: (g) => (g.place.generator ? S`${g.r.pick(["yield", "yield*"])} ${g.e("arr", 2)};\n` : null),
  await: (g) => (g.place.async ? S`log(await ${g.r.pick([() => g.some(2), () => E`Promise.resolve(${g.some(2)})`, () => E`Promise.reject(${g.some(1)}).catch((w) => [w])`, () => E`{ then(f) { log("then"); f(${g.some(1)}); } }`])()});\n` : null),
  setConstant: (g) => {
    const found = g.variables((v) => v.how === "const");
    if (!found.length) return null;
    const name = g.r.pick(found).name;
    const how = g.r.pick([() => P`${name} = ${g.some(2)}`, () => P`${name}++`, () => P`[${name}] = ${g.e("arr", 1)}`, () => P`({ a: ${name} } = ${g.e("obj", 1)})`, () => P`${name} += ${g.some(1)}`]);
    return S`try { ${how()}; log("set"); } catch (error) { log("caught", error); }\n`;
  },
  implicit: (g) => (g.strict ? null : S`global${g.id("")} = ${g.some(1)};\n`),
  arguments: (g) => {
    const name = g.place.call && g.place.depth && g.mutable("any");
    return name && S`${name} = ${g.some(1)};\nlog(${E`arguments[0]`}, ${E`arguments.length`});\n`;
  },
  directiveLike: (g) => (g.skip.has("directive") ? null : S`${g.r.pick(['"use strict"', "`x`", '("use strict")'])};\n`),
  empty: () => S`;\n`,
};

const consequent = (g) => {
  if (g.r.chance(0.7)) return P`${g.block()}\n`;
  const { log, guard, assign, break: end, return: leave, continue: next } = simpleStatements;
  return g.nested(() => g.choose({ log, guard, assign, end, leave, next }) ?? S`;\n`);
};

export const statements = {
  if: (g) => S`if (${g.r.chance(0.25) ? E`${g.r.pick(["true", "false", "0", "1", '""', "null", "typeof x === \"undefined\"", "!{}", "[]", "NaN"])}` : g.e(g.r.pick(["bool", "any"]), 2)}) ${consequent(g)}${g.r.chance(0.5) ? P`else ${consequent(g)}` : ""}`,
  block: (g) => S`${g.block()}\n`,
  for: (g) => {
    const how = g.r.pick(["let", "let", "var"]);
    const name = g.scoped(false, () => g.declared("none", how));
    const made = { name, type: "num", how: "fixed" };
    const label = g.r.chance(0.3) ? g.id("L") : null;
    const declare = () => g.scopes.at(-1).names.set(name, made);
    return S`${label ? label + ": " : ""}for (${how} ${name} = 0; ${name} < ${g.r.between(1, 3)}; ${name}++) ${g.loopBlock([declare], label)}\n`;
  },
  captured: (g) => {
    const list = g.id("list");
    const how = g.r.pick(["let", "var"]);
    const i = g.id("i");
    const change = g.r.pick(["", `${i}++; `, `if (${i} === 1) continue; `]);
    return S`const ${list} = [];\nfor (${how} ${i} = 0; ${i} < 3; ${i}++) { ${list}.push(() => ${i}); ${change}}\nlog(${list}.map((f) => f()));\n`;
  },
  forOf: (g) => {
    const type = g.r.pick(["any", "any"]);
    const made = g.scoped(false, () => g.name(type, "let"));
    const label = g.r.chance(0.3) ? g.id("L") : null;
    const wait = g.place.async && g.r.chance(0.4) ? " await" : "";
    const over = g.r.chance(0.3) ? iterator(g) : g.e("arr", 2);
    const declare = () => g.scopes.at(-1).names.set(made.name, { name: made.name, type, how: "let" });
    return S`${label ? label + ": " : ""}for${wait} (${g.r.pick(["let", "var"])} ${made.name} of ${over}) ${g.loopBlock([declare], label)}\n`;
  },
  forIn: (g) => {
    const name = g.id("key");
    return S`for (${g.r.pick(["const", "let", "var"])} ${name} in ${g.e(g.r.pick(["obj", "arr"]), 2)}) ${g.loopBlock([() => g.scopes.at(-1).names.set(name, { name, type: "str", how: "const" })])}\n`;
  },
  while: (g) => {
    const n = g.id("n");
    const label = g.r.chance(0.3) ? g.id("L") : null;
    return S`let ${n} = 0;\n${label ? label + ": " : ""}${g.r.chance(0.5) ? P`while (${n}++ < ${g.r.between(0, 3)}) ${g.loopBlock([], label)}` : P`do ${g.loopBlock([], label)} while (++${n} < ${g.r.between(0, 3)});`}\n`;
  },
  labelled: (g) => {
    const label = g.id("B");
    return S`${label}: ${g.block(g.r.between(1, 4), { labels: [...g.place.labels, [label, false]] })}\n`;
  },
  switch: (g) => {
    const type = g.r.pick(["num", "str", "bool", "any"]);
    const on = g.r.chance(0.4) ? g.literal(type) : g.e(type, 2);
    const total = g.r.between(1, 4);
    const middle = g.r.chance(0.6) ? g.r.int(total) : -1;
    return g.nested(() => {
      g.place = { ...g.place, breaks: true };
      return g.scoped(false, () => S`switch (${on}) {\n${g.r.times(total, (i) => P`${i === middle ? "default:\n" : P`case ${g.e(type, 1)}:\n`}${g.statements(g.r.int(3))}${g.r.chance(0.5) ? S`break;\n` : ""}`)}}\n`);
    });
  },
  try: (g) => {
    const form = g.r.pick(["catch", "finally", "both", "pattern", "bare"]);
    const body = g.block();
    const name = g.id("error");
    const end = form === "finally" || form === "both" ? P` finally ${g.block()}` : "";
    if (form === "finally") return S`try ${body}${end}\n`;
    if (form === "bare") return S`try ${body} catch ${g.block()}\n`;
    const pattern = form === "pattern" ? P`{ ${g.r.pick(["a", "length", `[note("${g.id("k")}", "a")]`])}: ${name} = ${g.some(1)} }` : name;
    return S`try ${body} catch (${pattern}) {\nlog("caught", ${name});\n${g.block()}\n}${end}\n`;
  },
  function: (g) => {
    const returns = g.r.pick(TYPES);
    const made = g.name("fn", "function");
    const text = g.function(`function ${made.name}`, { returns });
    g.scopes.at(-1).names.set(made.name, { name: made.name, type: "fn", how: "function", returns });
    return P`${S`${text}\n`}${S`log(${E`${made.name}(${g.some(1)}, ${g.some(1)})`});\n`}`;
  },
  functionValue: (g) => {
    const returns = g.r.pick(TYPES);
    const value = g.functionExpression(returns);
    const made = g.name("fn", "const");
    g.scopes.at(-1).names.set(made.name, { name: made.name, type: "fn", how: "const", returns });
    return S`const ${made.name} = ${value};\n`;
  },
  hoisted: (g) => {
    const name = g.id("hoisted");
    const returns = g.r.pick(TYPES);
    return P`${S`attempt(() => log(typeof ${name}, ${name}()));\n`}${S`${g.function(`function ${name}`, { returns })}\n`}`;
  },
  blockFunction: (g) => {
    const name = g.id("inner");
    const before = g.r.chance(0.5) ? S`log("${g.id("before")}", attempt(() => typeof ${name}));\n` : "";
    const open = g.r.pick(["{", "if (true) {", "try {"]);
    const change = g.r.pick(["", `${name} = 1;\n`, `log(typeof ${name});\n`]);
    return P`${before}${S`${open}\n${g.function(`function ${name}`, {})}\n${change}}${open === "try {" ? " finally {}" : ""}\n`}${S`log("${g.id("after")}", attempt(() => typeof ${name}));\n`}`;
  },
  tdz: (g) => {
    const name = g.id("late");
    const how = g.r.pick(["let", "const", "class", "var"]);
    const declared = how === "class" ? S`class ${name} {}\n` : S`${how} ${name} = ${g.some(1)};\n`;
    const read = g.r.pick([`${name}`, `typeof ${name}`, `(${name} = 1)`, `[${name}]`, `{ a: ${name} }.a`]);
    return P`${S`const ${name}Read = () => ${name};\n`}${S`log(attempt(${name}Read), attempt(() => ${read.startsWith("{") ? `(${read})` : read}));\n`}${S`try { ${name}; } catch (error) { log(error); }\n`}${declared}${S`log(typeof ${name}Read());\n`}`;
  },
  class: (g) => {
    const name = g.id("C");
    const made = classOf(g, name);
    return P`${S`${g.r.pick(["", `const ${name} = `])}${made};\n`}${S`log(${name}, attempt(() => new ${name}()), Reflect.ownKeys(${name}.prototype));\n`}`;
  },
  generator: (g) => {
    const name = g.id("gen");
    const made = g.function(`function* ${name}`, { generator: true });
    const use = g.r.pick([
      (it) => P`log([...${it}]);`,
      (it) => P`{ const it = ${it}; log(attempt(() => it.next()), attempt(() => it.return(${still(g, () => g.some(1))})), attempt(() => it.next())); }`,
      (it) => P`{ const it = ${it}; log(attempt(() => it.next()), attempt(() => it.throw(new RangeError())), attempt(() => it.next(1))); }`,
      (it) => P`for (const v of ${it}) { log(v); break; }`,
      (it) => P`{ const [one, two = 5] = ${it}; log(one, two); }`,
    ]);
    return P`${S`${made}\n`}${S`${use(`${name}(${textOf(g.some(0))})`)}\n`}`;
  },
  async: (g) => {
    const name = g.id("later");
    const arrow = g.r.chance(0.4);
    const made = arrow ? P`const ${name} = ${g.function("async ", { async: true, arrow: true })};` : g.function(`async function ${name}`, { async: true });
    const use = g.place.async ? `log(await ${name}().catch((w) => [w]));` : `${name}().then((v) => log("then", v), (w) => log("failed", w));`;
    return P`${S`${made}\n`}${S`${use}\n`}`;
  },
  asyncGenerator: (g) => {
    if (!g.place.async) return null;
    const name = g.id("stream");
    return P`${S`${g.function(`async function* ${name}`, { async: true, generator: true })}\n`}${S`try { for await (const v of ${name}()) { log(v); ${g.r.pick(["", "break;"])} } } catch (error) { log(error); }\n`}`;
  },
  destructure: (g) => {
    const how = g.r.pick(["let", "const", "var"]);
    const from = g.r.pick(["obj", "arr", "iterator"]);
    if (from === "obj") {
      const value = g.e("obj", 2);
      const first = P`${g.e("num", 1)}`;
      const [a, rest] = [g.declared("any", how), g.declared("any", how)];
      return S`${how} { ${g.r.pick(KEYS)}: ${a} = ${first}, [note("${g.id("k")}", "b")]: ${g.declared("any", how)} = ${g.some(1)}, ...${rest} } = ${value};\nlog(${a}, ${rest});\n`;
    }
    const value = from === "arr" ? g.e("arr", 2) : iterator(g);
    const first = P`${g.some(1)}`;
    const a = g.declared("any", how);
    const rest = g.r.chance(0.4) ? `, ...${g.declared("arr", how)}` : "";
    return S`${how} [${g.r.pick(["", ", "])}${a} = ${first}${rest}] = ${value};\nlog(${a});\n`;
  },
  unusedPattern: (g) => S`attempt(() => { ${g.r.pick(["let", "const", "var"])} ${g.r.pick([() => P`{}`, () => P`[]`, () => P`{ a: unusedA }`, () => P`[unusedA, , unusedB]`, () => P`{ ...unusedA }`, () => P`{ a: { b: unusedA } }`, () => P`[{}]`])()} = ${g.r.chance(0.3) ? iterator(g) : still(g, () => g.some(2))}; });\n`,
  unusedFunctionCall: (g) => S`(${g.functionExpression("any")})(${g.some(1)});\n`,
  regex: (g) => {
    const name = g.id("re");
    return S`const ${name} = /${g.r.pick(["a", "b|c", "(?<n>a)", "."])}/${g.r.pick(["g", "y", "", "gd"])};\nlog(${name}.test(${g.e("str", 1)}), ${name}.lastIndex, ${name}.exec(${g.e("str", 1)})?.index, ${name}.lastIndex);\n`;
  },
  hasInstance: (g) => {
    const name = g.id("H");
    return P`${S`class ${name} { static [Symbol.hasInstance](v) { log("has", v); return ${still(g, () => g.some(1))}; } }\n`}${S`${g.r.pick([`log(${textOf(g.some(1))} instanceof ${name});`, `${textOf(g.some(0))} instanceof ${name};`, `if (${textOf(g.some(1))} instanceof ${name}) log("is");`])}\n`}`;
  },
  with: (g) => (g.strict || g.r.chance(0.8) ? null : S`with (${g.e("obj", 1)}) {\nlog(typeof a, typeof b);\n}\n`),
  evaluated: (g) => {
    if (g.r.chance(0.8)) return null;
    const name = g.id("local");
    return S`{ const ${name} = ${g.some(1)}; log(eval("${name}"), attempt(() => (0, eval)("${name}")), eval("var ${name}v = 1; ${name}v")); }\n`;
  },
  dead: (g) => {
    const name = g.id("dead");
    return S`log((() => { ${name} = ${still(g, () => g.some(1))}; return ${name}; ${g.r.pick([`var ${name};`, `if (1) { var ${name} = 1; }`, `for (var ${name} of []) {}`, `try { var ${name}; } catch {}`])} })());\n`;
  },
  deadFunction: (g) => {
    const name = g.id("dead");
    return S`log((function () { return typeof ${name} + ${name}(); function ${name}() { return ${still(g, () => g.e("str", 1))}; } })());\n`;
  },
  links: (g) => (g.strict ? null : S`log((function (p, q) { ${g.r.pick(["p = 1;", "arguments[0] = 2;", "arguments[1] = 3;", "p++;", "delete arguments[0]; p = 5;", "arguments.length = 0;", "[p] = [9];", "var p = 4;"])} return [p, q, ...arguments]; })(${g.some(1)}${g.r.chance(0.5) ? P`, ${g.some(1)}` : ""}));\n`),
  boxedThis: (g) => S`log((function () { ${g.r.pick(["", '"use strict"; '])}return typeof this; }).call(${g.some(0)}));\n`,
  constructed: (g) => {
    const name = g.id("F");
    return P`${S`${g.function(`function ${name}`, { returns: g.r.pick(["any", "obj"]) })}\n`}${S`log(attempt(() => new ${name}(${still(g, () => g.some(1))})), ${name}.length);\n`}`;
  },
  symbols: (g) => S`log({ [Symbol.toStringTag]: "T" } + "", \`${"${"}{ toString() { return ${still(g, () => g.e("str", 1))}; } }${"}"}\`);\n`,
  proxyUse: (g) => {
    const name = g.id("px");
    const use = g.r.pick([`${name}.a;`, `"a" in ${name};`, `delete ${name}.a;`, `Object.keys(${name});`, `${name}.b = 1;`, `({ ...${name} });`, `const { a } = ${name};`, `${name} instanceof Object;`, `for (const k in ${name}) ;`, `${name} == 1;`, `typeof ${name};`, `[${name}.a];`, `({ a: ${name}.a });`, `void ${name}.a;`, `${name}?.a;`, `!${name}.a;`]);
    return P`${S`const ${name} = new Proxy({}, new Proxy({}, { get(t, k) { log("trap", k); } }));\n`}${S`attempt(() => { ${use} });\n`}`;
  },
};

/** What may stand at the top of a file: it must not throw there. */
export const topStatements = {
  function: (g) => {
    const returns = g.r.pick(TYPES);
    const made = g.name("fn", "function");
    const text = g.function(`function ${made.name}`, { returns });
    g.scopes.at(-1).names.set(made.name, { name: made.name, type: "fn", how: "function", returns });
    return S`${text}\n`;
  },
  functionValue: statements.functionValue,
  constant: (g) => {
    const type = g.r.pick(TYPES);
    const how = g.r.pick(["const", "let", "var"]);
    const value = g.literal(type);
    return S`${how} ${g.declared(type, how)} = ${value};\n`;
  },
  class: (g) => {
    const made = g.name("fn", "class");
    return S`class ${made.name} { m() { return ${g.within({ call: true, depth: 2 }, () => g.some(1))}; } }\n`;
  },
};
