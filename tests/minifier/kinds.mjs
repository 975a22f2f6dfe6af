// Each kind of difference that was found, as the smallest program: `COLDCUT_BIN=… node kinds.mjs [name…]`.
// Exits with 1 where one differs that is not known to, and where one that is known to does not.
import { judge, said, variantsOf } from "./compare.mjs";

// Where it matters, a name starts with the form of the program; the others are strict.
const KINDS = {
  // The printed text is not the program, minified or not.
  "paren-iife-member": "((function () { return [1]; })().length); log(1);",
  "paren-iife-and": "((function () { return true; })() && log(1));",
  "paren-iife-compare": "((function () { return 5; })() === 5) || log(1);",
  "paren-iife-conditional": "((function () { return 5; })() ? log(1) : 0);",
  "paren-object-or": "(({} || 0) || 1) ? log(1) : 0;",
  "paren-arrow-object": "const f = () => (({ a: 1 } || 0) ? 1 : 2); log(f());",
  "sloppy-paren-directive": '(function () { ("use strict"); log(this === undefined); })();',
  "sloppy-paren-directive-default": '(function (a = 1) { ("use strict"); log(a); })();',
  "typeof-unbound-folded": "log(attempt(() => typeof (true && nothing)), attempt(() => typeof (1 ? nothing : 0)));",
  "rest-in-default": 'const a = "outer"; log(((g = () => a, ...a) => g())(undefined, 1));',
  "later-name-in-catch": 'const e = "outer"; try { throw { r: 1 }; } catch ({ q = () => e, r: e }) { log(q()); }',
  "sloppy-nested-block-functions": "{ function two() { return 1; } { function two() { return 2; } } } log(two());",

  // oxc computes something else than the engine.
  "index-of-bytes": 'log("naïve-x".indexOf("-"), "5€".lastIndexOf("€"), "éb".indexOf("b"), "éb".lastIndexOf("b"));',
  "slice-code-points": 'log("a😀b".slice(2), "a😀b".substring(0, 2), "😀".slice(0, 1).length);',
  "substring-undefined": 'log("abc".substring(1, undefined), "abc".slice(1, undefined), "abc".substring(1, NaN));',
  "index-of-empty": 'log("abc".indexOf("", 4), "".indexOf("", 1));',
  "last-index-of-undefined": 'log("abc".lastIndexOf("b", undefined), "abc".lastIndexOf("c", NaN), "undefined".indexOf());',
  "number-space-behind": 'log(+"5 ", Number("7\\n"), "5 " * 2, "5 " == 5, "5 " | 0, isNaN("5 "));',
  "number-underscore": 'log(parseFloat("1_0"), 10n == "1_0", attempt(() => BigInt("1_0")));',
  "is-integer-tiny": "log(Number.isInteger(1e-17), Number.isSafeInteger(1e-17));",
  "round-below-half": "log(Math.round(0.49999999999999994));",
  "trim-code-points": 'log("\\ufeffa".trim().length, "\\x85a".trim().length);',
  "lone-surrogate-index": 'log("\\ud800"[0].length);',
  "lone-surrogate-beside": 'log("a\\ud800b"[1].charCodeAt(0));',
  "object-prototype-text": 'log(attempt(() => String({ __proto__: null })), `${{ __proto__: [1] }}`, attempt(() => +{ __proto__: null }));',
  "changed-prototype-text": 'const old = Array.prototype.join; Array.prototype.join = () => "changed"; const text = [1] + ""; Array.prototype.join = old; log(text);',
  "minus-negative-bigint": "log(((x) => x - ~2n)(1n));",
  "minus-negative-bigint-constant": "const k = -3n; log(((x) => x - k)(1n));",

  // oxc changes what code means.
  "this-of-returned-method": "const o = { f() { return this === o; } }; log((() => o.f)()());",
  "this-of-returned-getter": "class A { m() { return this === undefined; } } const a = new A(); const get = () => a.m; log(get()());",
  "sloppy-delete-of-values": "log(delete (0 / 0), delete (1, NaN), delete (1 / 0), delete void 0, delete 5);",
  "delete-of-returned": "const o = { a: 1 }; delete (() => o.a)(); log(o);",
  "typeof-of-returned": "log(attempt(() => typeof (() => nothing)()));",
  "indirect-eval": 'log((function (z) { const e = eval; return e("typeof z"); })(1));',
  "sloppy-arrow-directive": 'log((() => { "use strict"; return (function () { return this === undefined; })(); })());',
  "sloppy-arguments-var": "log((function (p) { var p = 4; return arguments[0]; })(1));",
  "sloppy-arguments-block-var": "log((function (p) { if (true) { var p = 4; } return arguments[0]; })(1));",
  "sloppy-arguments-function": "log((function (p) { function p() {} return typeof arguments[0]; })(1));",
  "switch-constant-later": 'const v = "outer"; switch (1) { case 0: const v = "in"; break; case 1: log(attempt(() => v)); }',

  // What should throw or run is dropped.
  "early-read": "try { late; log(1); } catch (error) { log(error); } const late = 1;",
  "early-typeof": "try { typeof late; log(1); } catch (error) { log(error); } const late = 1;",
  "early-declaration": "try { const x = late; log(1); } catch (error) { log(error); } const late = 1;",
  "early-default": "function f(a = b, b) { return a; } try { f(); log(1); } catch (error) { log(error); }",
  "early-default-empty": "function f(a = a) {} try { f(); log(1); } catch (error) { log(error); }",
  "early-set": "try { late = 5; } catch (error) { log(error); } const late = 1;",
  "early-static": "try { (class { static x = late; }); log(1); } catch (error) { log(error); } const late = 1;",
  "extends-no-class": "try { (class extends 5 {}); log(1); } catch (error) { log(error); }",
  "extends-declared": "try { class A extends undefined {} log(1); } catch (error) { log(error); }",
  "extends-generator": "function* g() {} try { class A extends g {} log(1); } catch (error) { log(error); }",
  "equal-unused": '({ valueOf() { log("asked"); } }) == "a";',
  "new-string-unused": 'new String({ toString() { log("asked"); return ""; } });',

  "early-in-switch": "switch (1) { case 0: let later; case 1: log(attempt(() => later)); }",
  "unset-global": "try { window; log(1); } catch (error) { log(error); }",
  "refused-text": 'try { decodeURIComponent("%"); log(1); } catch (error) { log(error); }',
  "static-prototype": 'try { class A { static ["prototype"]() {} } log(1); } catch (error) { log(error); }',
  "computed-key-unused": '{ class A { [{ toString() { log("asked"); return "k"; } }]() {} } }',
  "private-added-twice": "class Base { constructor(o) { return o; } } class A extends Base { #x = 1; } const o = {}; new A(o); log(attempt(() => new A(o)));",
  "private-methods-added-twice": "class Base { constructor(o) { return o; } } class A extends Base { get #x() { return 1; } set #x(v) {} #m() {} } const o = {}; new A(o); log(attempt(() => new A(o)));",

  // What is printed is another program.
  "default-of-own-name": "let x; ({ x: x = 5 } = {}); log(x); let y; for ({ y: y = 6 } of [{}]) log(y);",
  "prototype-shorthand": "const __proto__ = 2; log(Object.keys({ __proto__ }), Object.keys(((__proto__) => ({ __proto__ }))(1)));",
  "bare-optional-callee": 'const o = { a: 1, f() { return this === undefined; } }; log((0, o?.f)(), (0, o?.f)``);',
  "negative-keys": "class A { static [-1] = 1; static [-0] = 2; } const { [-1]: q } = { [-1]: 4 }; log(A[-1], A[0], q);",
  "private-in-operand": "class A { #x; t(o) { return [(#x in o) + 1, 2 * (#x in o), -(#x in o)]; } } const a = new A(); log(a.t(a), a.t({}));",
  "raw-script-end": "log(String.raw`<script></script></SCRIPT>`, ((strings) => strings.raw)`</script`);",
  "in-at-the-head-of-for": "for (let f = (a) => { 1 in a; return 'a' in a; }, g = (x = 'b' in { b: 1 }) => x, i = 0; i < 1; i++) log(f({ a: 1 }), g());",
  "sloppy-delete-of-constants": "log(delete undefined, delete NaN, delete Infinity, delete [].length, delete 'a'.length);",
  "sloppy-arguments-variable": "log((function () { var arguments = 5; return [arguments, (function () { return arguments.length; })(1, 2)]; })());",

  // The workaround for `instanceof` gives what the method gives.
  "folded-keys": "const k = -1, endless = 1 / 0; class A { static [k] = 1; static [1 - 3]() {} static [Infinity] = 2; } const { [k]: q, [endless]: r } = { [k]: 4, [endless]: 5, get [k - 1]() { return 6; } }; log(Object.getOwnPropertyNames(A), q, r);",
  "async-generator-returns": "let told = 'early'; async function* make(a, b) { try { if (a) return; else if (b) return; for (const x of [1]) { if (b === x) return; } yield 1; } finally { told = 'done'; } } make(1).next(); log(told); told = 'early'; make(0, 1).next(); log(told);",
  "has-instance-truthy": "class Odd { static [Symbol.hasInstance](n) { return n % 2; } } log(3 instanceof Odd);",
  "has-instance-null": "class Plain { static [Symbol.hasInstance] = null; } log(attempt(() => 1 instanceof Plain));",
};

// What still differs, each rare: defaults and static fields that read too early where nobody uses them, a method of
// every object that the program replaces, a search without an argument, and a block function in another.
const KNOWN = new Set(["sloppy-nested-block-functions", "last-index-of-undefined", "changed-prototype-text", "early-default", "early-default-empty", "early-static"]);

const only = process.argv.slice(2);
const one = (text) => text.trim().replace(/\n/g, " ⏎ ");
let unexpected = 0;
for (const [name, body] of Object.entries(KINDS)) {
  if (only.length && !only.some((start) => name.startsWith(start))) continue;
  const form = name.startsWith("sloppy-") ? "sloppy" : "strict";
  const text = `${form === "strict" ? '"use strict";\n' : ""}const { log, attempt } = require("./show.cjs");\nexports.run = function () {\n${body}\n};\n`;
  const [verdict] = judge([text], form, [...variantsOf(form, true), ...variantsOf(form, false)]);
  if (!verdict) console.log(`?? ${name}: Node.js does not run it`);
  else if (!verdict.found.length) {
    unexpected += KNOWN.has(name);
    console.log(`${KNOWN.has(name) ? "no longer known" : "ok"} ${name}: ${one(verdict.want)}`);
  } else {
    unexpected += !KNOWN.has(name);
    console.log(`${KNOWN.has(name) ? "known" : "XX"} ${name}: ${body}\n   Node.js: ${one(verdict.want)}`);
    for (const { variant, got } of verdict.found) console.log(`   ${said(variant)}: ${one(got)}`);
  }
}
process.exitCode = unexpected ? 1 : 0;
