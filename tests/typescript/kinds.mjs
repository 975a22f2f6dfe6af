// Each kind of fault as a project of its own: `COLDCUT_BIN=… node kinds.mjs --typescript DIR [name…]`.
import { judge, nameOf } from "./compare.mjs";
const C = { target: "es2022", module: "commonjs", moduleResolution: "node10", esModuleInterop: true, strict: true, strictPropertyInitialization: false, noImplicitAny: false, lib: ["esnext"], types: [], useDefineForClassFields: true };
const N = { ...C, module: "nodenext", moduleResolution: "nodenext" };
const G = "declare var console: any; declare var require: any; declare var module: any; declare var exports: any; declare var process: any;\n";
const L = { ...C, experimentalDecorators: true, useDefineForClassFields: false };
const M = { ...L, emitDecoratorMetadata: true };
const meta = `(Reflect as any).metadata = (k: any, v: any) => (t: any, n: any) => { console.log(k, n ?? "class", Array.isArray(v) ? v.map(show).join() : show(v)); };\nfunction show(v: any): any { return v === undefined ? "undef" : [String, Number, Boolean, Object, Array, Function, Promise].includes(v) ? ["String","Number","Boolean","Object","Array","Function","Promise"][[String, Number, Boolean, Object, Array, Function, Promise].indexOf(v)] : typeof v === "function" ? "class" : typeof v; }\nfunction dec(...a: any[]): any {}\n`;
const std = `function d(n: any): any { return (v: any, c: any) => { console.log(n, c.kind, c.static, c.private); }; }\n`;
const m = (main, files = {}, o = C, pkg = {}) => ({ files: { "main.ts": main, ...files }, o, pkg });
const ns2 = (use) => m(`namespace A { export let s: any = 1; }\nnamespace A { ${use} }\nconsole.log(A.s);\nexport { };\n`);
const P = {
  "ns-merged-assign": ns2("s = 2;"),
  "ns-merged-compound": ns2("s += 2;"),
  "ns-merged-update": ns2("s++;"),
  "ns-merged-array-pattern": ns2("[s] = [5];"),
  "ns-merged-object-shorthand-pattern": ns2("({ s } = { s: 6 });"),
  "ns-merged-object-pattern": ns2("({ a: s = 8 } = {} as any);"),
  "ns-merged-shorthand": ns2("console.log({ s });"),
  "ns-merged-for-of": ns2("for (s of [1, 2]) { }"),
  "ns-merged-for-in": ns2("for (s in { q: 1 }) { }"),
  "ns-merged-typeof": ns2("console.log(typeof s);"),
  "ns-merged-call": ns2("console.log(s?.toFixed(1), s!, `${s}`, (s as any));"),
  "ns-merged-enum-init": ns2("export enum E { A = +s | 0 } console.log(E.A);"),
  "ns-merged-class-heritage": m(`namespace A { export class B { x = 1; } export function dec(t: any, c: any) { } }\nnamespace A { export class C extends B { y = 2; } console.log(new C()  .x, new B().x); }\nexport { };\n`),
  "ns-merged-decorator": m(`namespace A { export function dec(t: any, c: any): any { console.log("dec"); } }\nnamespace A { @dec class C { } }\nexport { };\n`),
  "ns-merged-decorator-legacy": m(`namespace A { export function dec(t: any): any { console.log("dec"); } }\nnamespace A { @dec class C { } }\nexport { };\n`, {}, L),
  "ns-merged-alias": m(`namespace A { export let s = 1; }\nnamespace A { export namespace In { export let v = 3; } import Al = In; console.log(Al.v); }\nexport { };\n`),
  "ns-merged-alias-other-block": m(`namespace A { export namespace In { export let v = 3; } }\nnamespace A { import Al = In; console.log(Al.v); import V = In.v; console.log(V); }\nexport { };\n`),
  "ns-alias-single": m(`namespace A { export namespace In { export let v = 3; } import Al = In; console.log(Al.v); }\nexport { };\n`),
  "ns-nested-merged-pattern": m(`namespace A { export namespace In { export let s: any = 1; } }\nnamespace A { export namespace In { s = 2; ({ s } = { s: 3 }); [s] = [4]; console.log(s, { s }); } }\nexport { };\n`),
  "ns-merged-class-ns": m(`class A { static s = 1; }\nnamespace A { export let t: any = 2; }\nnamespace A { t = 3; console.log(t, A.s); }\nexport { };\n`),
  "ns-const-enum-object": m(`namespace A { export const enum E { X = 1 } export const v = E.X; }\nconsole.log(Object.keys(A).join(), A.E.X);\nexport { };\n`),
  "ns-const-enum-only": m(`namespace A { export const enum E { X = 1 } }\nconsole.log(A.E.X, typeof (globalThis as any).A);\nexport { };\n`),
  "ns-const-enum-used-above": m(`console.log(A.E.X);\nnamespace A { export const enum E { X = 1 } }\nexport { };\n`),
  "const-enum-used-above": m(`console.log(E.X);\nconst enum E { X = 1 }\nexport { };\n`),
  "const-enum-import-only": m(`import { E } from "./a";\nconsole.log(E.X);\n`, { "a.ts": `console.log("loaded");\nexport const enum E { X = 1 }\n` }),
  "const-enum-ns-keys": m(`import * as a from "./a";\nconsole.log(Object.keys(a).join());\n`, { "a.ts": `export const enum E { X = 1 }\nexport const v = 2;\n` }),
  "const-enum-declare": m(`declare const enum E { X = 4 }\nconsole.log(E.X);\nexport { };\n`),
  "const-enum-dts": m(`import { E } from "./t";\nconsole.log(E.X);\n`, { "t.d.ts": `export declare const enum E { X = 4 }\n` }),
  "const-enum-package-dts": m(`import { E } from "pkg";\nconsole.log(E.X);\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `exports.other = 1;\n`, "node_modules/pkg/i.d.ts": `export declare const enum E { X = 4 }\n` }),
  "const-enum-alias": m(`import { N } from "./a";\nimport Al = N.E;\nconsole.log(Al.X, N.E["Y"]);\n`, { "a.ts": `export namespace N { export const enum E { X = 1, Y = "y" } }\n` }),
  "enum-string-const-ref": m(`const t = "txt";\nenum E { A = t }\nconsole.log(Object.keys(E).join());\nexport { };\n`),
  "enum-imported-string": m(`import { t } from "./a";\nenum E { A = t, B = \`\${t}x\` }\nconsole.log(Object.keys(E).join());\n`, { "a.ts": `export const t = "txt";\n` }),
  "enum-imported-string-enum": m(`import { S } from "./a";\nenum E { A = S.X, B = \`\${S.X}x\` }\nconsole.log(Object.keys(E).join());\n`, { "a.ts": `export enum S { X = "txt" }\n` }),
  "enum-imported-number": m(`import { S } from "./a";\nenum E { A = S.X, B }\nconsole.log(JSON.stringify(E));\n`, { "a.ts": `export enum S { X = 4 }\n` }),
  "enum-const-number-then-auto": m(`const n = 4;\nenum E { A = n, B }\nconsole.log(JSON.stringify(E));\nexport { };\n`),
  "enum-other-enum-string": m(`enum S { X = "txt" }\nenum E { A = S.X, B = \`\${S.X}x\` }\nconsole.log(JSON.stringify(E));\nexport { };\n`),
  "enum-merged-ref": m(`enum E { A = 1 }\nenum E { B = A + 1, C }\nconsole.log(JSON.stringify(E));\nexport { };\n`),
  "enum-merged-string-ref": m(`enum E { A = "x" }\nenum E { B = A }\nconsole.log(JSON.stringify(E));\nexport { };\n`),
  "enum-merged-computed-ref": m(`enum E { A = "abc".length }\nenum E { B = A }\nconsole.log(JSON.stringify(E));\nexport { };\n`),
  "enum-ns-merged-ref": m(`namespace N { export enum E { A = "abc".length } export enum E { B = A } console.log(JSON.stringify(E)); }\nexport { };\n`),
  "enum-name-members": m(`enum E { toString = 1, constructor, B = E.toString, C = constructor }\nconsole.log(JSON.stringify(E));\nexport { };\n`),
  "enum-shadow": m(`const A = 10;\nenum E { A = 1, B = A, C = (() => A)() }\nconsole.log(JSON.stringify(E), A);\nexport { };\n`),
  "enum-block-merge": m(`{ enum E { A = 1 } enum E { B = 2 } console.log(JSON.stringify(E)); }\nexport { };\n`),
  "enum-block": m(`for (let i = 0; i < 2; i++) { enum E { A = i } console.log(JSON.stringify(E)); }\nexport { };\n`),
  "enum-in-if-arrow": m(`const f = (x: boolean) => { if (x) { enum E { A = 1, B } console.log(JSON.stringify(E), E.B); } };\nf(true);\nexport { };\n`),
  "enum-typeof-hoist": m(`function f() { return E.A; }\nenum E { A = 3 }\nconsole.log(f());\nexport { };\n`),
  "cts-export": m(`import eq = require("./a.cjs");\nconsole.log(eq);\n`, { "a.cts": `export = 5;\n` }, N, { type: "module" }),
  "cts-esm-syntax": m(`import { x } from "./a.cjs";\nconsole.log(x);\n`, { "a.cts": `export const x = 5;\n` }, N, { type: "module" }),
  "cts-import-require": m(`import { x } from "./a.cjs";\nconsole.log(x);\n`, { "a.cts": `import fs = require("fs");\nexport const x = typeof fs;\n`, "fs.d.ts": `declare module "fs" { const x: any; export = x; }\n` }, N, { type: "module" }),
  "mts-in-cjs": m(`import("./a.mjs").then((a) => console.log(a.x));\nexport { };\n`, { "a.mts": `export const x = 5;\n` }, N),
  "import-equals-esm": m(`import eq = require("pkg");\nconsole.log(eq.a);\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `exports.a = 1;\n`, "node_modules/pkg/i.d.ts": `export declare const a: number;\n` }, N, { type: "module" }),
  "export-import-require": m(`import "./b";\n`, { "b.ts": `import { c } from "./c";\nexport import eq = require("./a");\nconsole.log(c);\n`, "a.ts": `enum E { A }\nexport = E;\n`, "c.ts": `export const c = 1;\n` }),
  "export-import-require-used": m(`import { eq } from "./b";\nconsole.log(eq);\n`, { "b.ts": `export import eq = require("./a");\n`, "a.ts": `export = 5;\n` }),
  "script-strict": m(`import "./s";\n`, { "s.ts": `console.log((function (this: any) { return typeof this; })());\n` }),
  "script-sloppy": m(`import "./s";\n`, { "s.ts": `console.log((function (this: any) { return typeof this; })());\n` }, { ...C, strict: false }),
  "script-order": m(`import "./a";\nimport "./s";\nimport "./b";\n`, { "a.ts": `console.log("a");\nexport { };\n`, "s.ts": `console.log("s");\n`, "b.ts": `console.log("b");\nexport { };\n` }),
  "import-equals-order": m(`import "./a";\nimport s = require("./s");\nimport "./b";\nconsole.log(s);\n`, { "a.ts": `console.log("a");\nexport { };\n`, "s.ts": `console.log("s");\nexport = 1;\n`, "b.ts": `console.log("b");\nexport { };\n` }),
  "empty-import": m(`import { } from "./a";\nexport { };\n`, { "a.ts": `console.log("a");\nexport const x = 1;\n` }),
  "dts-reexport": m(`import "./b";\n`, { "b.ts": `import { R } from "./t";\nexport { R };\nconsole.log("b");\n`, "t.d.ts": `export type R = string;\n` }),
  "dts-reexport-from": m(`import "./b";\n`, { "b.ts": `export { R } from "./t";\nexport * from "./t";\nconsole.log("b");\n`, "t.d.ts": `export type R = string;\n` }),
  "type-reexport-load": m(`import "./b";\n`, { "b.ts": `export { R } from "./t";\nconsole.log("b");\n`, "t.ts": `console.log("t");\nexport type R = string;\n` }),
  "type-import-export-load": m(`import "./b";\n`, { "b.ts": `import { R } from "./t";\nexport { R };\nconsole.log("b");\n`, "t.ts": `console.log("t");\nexport type R = string;\n` }),
  "type-export-default": m(`import "./b";\n`, { "b.ts": `import { R } from "./t";\nexport default R;\nconsole.log("b");\n`, "t.ts": `console.log("t");\nexport interface R { }\n` }),
  "dynamic-cjs-nodefault": m(`import("pkg").then((p: any) => console.log("default" in p));\nexport { };\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `Object.defineProperty(exports, "__esModule", { value: true });\nexports.a = 1;\n`, "node_modules/pkg/i.d.ts": `export declare const a: number;\n` }),
  "dynamic-cjs-esmodule-default": m(`import("pkg").then((p: any) => console.log(typeof p.default));\nexport { };\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `Object.defineProperty(exports, "__esModule", { value: true });\nexports.default = () => 1;\n`, "node_modules/pkg/i.d.ts": `declare const f: any; export default f;\n` }),
  "dynamic-ts-commonjs": m(`import("./a").then((p: any) => console.log(Object.keys(p).join(), typeof p.default));\nexport { };\n`, { "a.ts": `export default 5;\nexport const b = 1;\n` }),
  "fields-mangle": m(`import "./u0";\nfunction key<T extends string>(k: T): T { return k; }\nclass Base { }\nconst k = key("e");\nconst Two = class extends Base { [k] = 1; };\nconsole.log(Object.keys(new Two()).join());\n`, { "u0.ts": `class Base { }\nconst Three = class extends Base { a = 1; };\nconsole.log(typeof new Three());\n` }, { ...C, useDefineForClassFields: false }),
  "accessor-computed-order": m(`function key<T extends string>(k: T): T { console.log("key", k); return k; }\nclass Base { }\nclass A { accessor x = 1; }\nclass B extends (console.log("heritage"), Base) { [key("f") as any](): void { } }\nnew A(); new B();\nexport { };\n`),
  "accessor-computed-loop": m(`class A { accessor x = 1; }\nnew A();\nconst made: any[] = [];\nfor (let i = 0; i < 2; i++) { const k = "k" + i; made.push(class { [k as any] = i; }); }\nconsole.log(made.map((M) => Object.keys(new M()).join()).join());\nexport { };\n`),
  "assign-computed-loop": m(`const made: any[] = [];\nfor (let i = 0; i < 2; i++) { const k = "k" + i; made.push(class { [k as any] = i; }); }\nconsole.log(made.map((M) => Object.keys(new M()).join()).join());\nexport { };\n`, {}, { ...C, useDefineForClassFields: false }),
  "assign-computed-loop-arrow": m(`const mk = (k: string): any => class { [k as any] = 1; };\nconst a = mk("a"), b = mk("b");\nconsole.log(Object.keys(new a()).join(), Object.keys(new b()).join());\nexport { };\n`, {}, { ...C, useDefineForClassFields: false }),
  "assign-computed-param-default": m(`function f(k: string, C: any = class { [k as any] = 1; }): any { return C; }\nconst a = f("a"), b = f("b");\nconsole.log(Object.keys(new a()).join(), Object.keys(new b()).join());\nexport { };\n`, {}, { ...C, useDefineForClassFields: false }),
  "legacy-accessor": m(`function d(t: any, k: any, at?: any): any { console.log(typeof t, typeof k === "string" ? k : typeof k, typeof at, at && Object.keys(at).join()); }\nclass A { @d accessor x = 1; }\nnew A();\nexport { };\n`, {}, L),
  "define-low-target-param": m(`const n = (v: any): any => { console.log(v); return v; };\nclass A { h = n("h"); constructor(readonly q = n("q")) { } }\nnew A();\nexport { };\n`, {}, { ...C, target: "es2021", useDefineForClassFields: true }),
  "define-es2022-param": m(`const n = (v: any): any => { console.log(v); return v; };\nclass A { h = n("h"); constructor(readonly q = n("q")) { console.log(Object.keys(this).join()); } }\nnew A();\nexport { };\n`, {}, { ...C, useDefineForClassFields: true }),
  "std-metadata": m(`function d(v: any, c: any): any { console.log(typeof c.metadata); }\n@d class A { }\nconsole.log(typeof A);\nexport { };\n`),
  "react-namespace": m(`import "./x";\n`, { "x.tsx": `const Own = { createElement: (t: any) => t };\ndeclare global { namespace JSX { interface IntrinsicElements { [k: string]: any } } }\nconsole.log(<a />);\nexport { };\n` }, { ...C, jsx: "react", reactNamespace: "Own" }),
  "jsx-nbsp": m(`import "./x";\n`, { "x.tsx": `const React = { createElement: (...a: any[]) => a[2] };\ndeclare global { namespace JSX { interface IntrinsicElements { [k: string]: any } } }\nconsole.log(JSON.stringify(<a>x\u00a0\n</a>));\nexport { };\n` }, { ...C, jsx: "react" }),
  "meta-rest": m(meta + `class A { @dec m(...r: string[]) { } }\nexport { };\n`, {}, M),
  "meta-readonly-array": m(meta + `class A { @dec f: readonly string[]; @dec g: ReadonlyArray<string>; }\nexport { };\n`, {}, M),
  "meta-enum-setter": m(meta + `enum E { A }\nclass A { @dec set f(v: E) { } }\nexport { };\n`, {}, M),
  "meta-enum-member": m(meta + `enum E { A }\nclass A { @dec f: E.A; }\nexport { };\n`, {}, M),
  "meta-enum-imported": m(meta + `import { E } from "./e";\nclass A { @dec f: E; }\n`, { "e.ts": `export enum E { A }\n` }, M),
  "meta-enum-namespace": m(meta + `namespace N { export enum E { A } }\nclass A { @dec f: N.E; }\nexport { };\n`, {}, M),
  "meta-interface-imported": m(meta + `import { I } from "./e";\nclass A { @dec f: I; }\n`, { "e.ts": `console.log("loaded");\nexport interface I { a: 1 }\n` }, M),
  "meta-type-only-class": m(meta + `import type { K } from "./e";\nclass A { @dec f: K; }\n`, { "e.ts": `export class K { }\n` }, M),
  "meta-call-interface": m(meta + `interface F { (): void }\nclass A { @dec f: F; }\nexport { };\n`, {}, M),
  "meta-undefined-null": m(meta + `class A { @dec f: null | undefined; @dec g: void | undefined; }\nexport { };\n`, {}, M),
  "meta-same-union": m(meta + `enum E { A, B }\nclass K { }\nclass A { @dec f: E.A | E.B; @dec g: K | K; @dec h: E | number; }\nexport { };\n`, {}, M),
  "meta-untyped": m(meta + `class A { @dec f; @dec g = 1; @dec m(a, b = 1) { } @dec get h() { return 1; } @dec set i(v) { } }\nexport { };\n`, {}, M),
  "meta-pair": m(meta + `class A { @dec get f() { return "x"; } set f(v: string) { } @dec get g(): number { return 1; } set g(v: number) { } }\nexport { };\n`, {}, M),
  "meta-asserts": m(meta + `class A { @dec m(a: any): asserts a { } }\nexport { };\n`, {}, M),
  "meta-ctor-overload": m(meta + `@dec class A { constructor(a: string); constructor(a: number, b?: string); constructor(a: any, b?: any) { } }\nexport { };\n`, {}, M),
  "meta-class-type": m(meta + `@dec class A { constructor(a: string) { } }\nexport { };\n`, {}, M),
  "meta-null-loose": m(meta + `class A { @dec f: string | null; }\nexport { };\n`, {}, { ...M, strict: false }),
  "meta-alias": m(meta + `type T = string;\ntype F = () => void;\nclass A { @dec f: T; @dec g: F; }\nexport { };\n`, {}, M),
  "meta-element-access": m(meta + `class A { @dec f: globalThis.Date; }\nexport { };\n`, {}, M),
  "known-interop-off": m(`import * as f from "pkg";\nconsole.log((f as any)(1));\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `module.exports = (n) => n + 1;\n`, "node_modules/pkg/i.d.ts": `declare function f(n: number): number;\ndeclare namespace f { }\nexport = f;\n` }, { ...C, esModuleInterop: false }),
  "known-inner-ref": m(`function swap(C: any): any { return class extends C { e = 1; }; }\n@swap class A { static me: any = A; static make(): any { return new A(); } }\nconsole.log((A as any).me === A, Object.keys(A.make()).join());\nexport { };\n`, {}, L),
  "known-legacy-order": m(`const d = (n: any): any => () => console.log(n);\nclass A { @d("static") static s() { } @d("instance") i() { } }\nexport { };\n`, {}, L),
  "known-ns-outer": m(`const v = "outer";\nnamespace A { export let v: any = 1; }\nnamespace A { console.log(v); }\nconsole.log(v);\nexport { };\n`),
  "known-std-private": m(std + `class A { @d("x") #x = 1; @d("m") #m() { return 2; } static go(o: A) { return o.#m() + o.#x++; } }\nconsole.log(A.go(new A()));\nexport { };\n`),
  "std-private-accessor": m(std + `class A { @d("x") accessor #x = 1; static go(o: A) { o.#x = 5; return #x in o ? o.#x : 0; } }\nconsole.log(A.go(new A()));\nexport { };\n`),
  "std-static-private": m(std + `class A { @d("x") static #x = 1; @d("m") static #m() { return this.#x; } static go() { return this.#m(); } }\nconsole.log(A.go());\nexport { };\n`),
  "std-undecorated-private": m(std + `class A { #p = 3; @d("m") m() { return this.#p; } @d("s") static s(o: A) { return o.#p; } }\nconsole.log(new A().m(), A.s(new A()));\nexport { };\n`),
  "std-static-accessor-subclass": m(std + `class A { @d("x") static accessor x = 1; }\nclass B extends A { }\ntry { console.log(B.x); } catch (e) { console.log(e instanceof TypeError); }\nexport { };\n`),
  "static-accessor-subclass": m(`class A { static accessor x = 1; }\nclass B extends A { }\ntry { console.log(B.x); } catch (e) { console.log(e instanceof TypeError); }\nexport { };\n`),
  "std-static-accessor-replaced": m(std + `function r(v: any, c: any): any { return class extends v { }; }\n@r class A { @d("x") static accessor x = 1; }\ntry { console.log(A.x); } catch (e) { console.log(e instanceof TypeError); }\nexport { };\n`),
  "meta-cycle": m(`import { A } from "./a";\nimport { B } from "./b";\nconsole.log(new A().x, new B().y);\n`, { "a.ts": meta + `import { B } from "./b";\nexport class A { @dec b: B; x = 1; }\n`, "b.ts": meta + `import { A } from "./a";\nexport class B { @dec a: A; y = 2; @dec m(@dec a: A): A { return a; } }\n` }, M),
  "meta-package-interface": m(meta + `import { I, K } from "pkg";\nclass A { @dec f: I; @dec g: K; }\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","types":"i.d.ts"}`, "node_modules/pkg/i.d.ts": `export * from "./other";\nexport type K = string;\n`, "node_modules/pkg/other.d.ts": `export interface I { a: 1 }\n` }, M),
  "meta-package-namespace": m(meta + `import { I } from "pkg";\nclass A { @dec f: I; @dec g(i: I): void {} }\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `module.exports = () => 1;\n`, "node_modules/pkg/i.d.ts": `declare function e(): number;\ndeclare namespace e { interface I { a: 1 } }\nexport = e;\n` }, M),
  "meta-namespace-block": m(meta + `namespace N { export class K { } }\nnamespace N { class A { @dec f: K; } }\nexport { };\n`, {}, M),
  "declare-require": m(`declare const require: any;\ndeclare let __dirname: string;\nconst v = require("./v");\nconsole.log(v.n, typeof __dirname);\nexport { };\n`, { "v.ts": `export const n = 5;\n` }),
  "declare-class": m(`declare class URL { constructor(t: string); hostname: string; }\nconsole.log(new URL("http://a.b/").hostname);\nexport { };\n`),
  "ns-outer-pattern": m(`let v: any = "outer";\nnamespace A { export let v: any = 1; }\nnamespace A { [v] = [2]; v += 1; console.log(v); { const v = 3; console.log(v); } ((v: any) => console.log(v))(4); }\nconsole.log(v, A.v);\nexport { };\n`),
  "ns-outer-import": m(`import { v } from "./v";\nnamespace A { export let v: any = 1; }\nnamespace A { console.log(v); }\nconsole.log(v);\n`, { "v.ts": `export const v = "imported";\n` }),
  "enum-outer-name": m(`let one = 9;\nenum E { one = 1 }\nenum E { two = one + 1, three }\nconsole.log(E.two, E.three, one);\nexport { };\n`),
  "enum-namespace-value": m(`import { C } from "./c";\nenum E { A = C.L.X, B, D = C.n }\nconsole.log(JSON.stringify(E));\n`, { "c.ts": `export namespace C { export enum L { X = 3 } export const n = 7; }\n` }),
  "enum-through-barrel": m(`import { R, all } from "./b";\nenum E { A = R.X, B, D = all.S.X }\nconsole.log(JSON.stringify(E));\n`, { "b.ts": `export { S as R } from "./a";\nexport * as all from "./a";\n`, "a.ts": `export enum S { X = 3 }\n` }),
  "interop-off-default": m(`import d from "pkg";\nimport * as n from "pkg";\nexport { default as e } from "pkg";\nconsole.log(typeof d, Object.keys(n).join());\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `exports.a = 1; exports.default = () => 1;\n`, "node_modules/pkg/i.d.ts": `export declare const a: number; declare const f: any; export default f;\n` }, { ...C, esModuleInterop: false }),
  "interop-off-default-said": m(`import * as f from "pkg";\nconsole.log((f as any)(1));\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `module.exports = (n) => n + 1;\n`, "node_modules/pkg/i.d.ts": `declare function f(n: number): number;\ndeclare namespace f { }\nexport = f;\n` }, { ...C, esModuleInterop: undefined }),
  "interop-off-dynamic": m(`import("pkg").then((p: any) => console.log(typeof p, p(1)));\nexport { };\n`, { "node_modules/pkg/package.json": `{"name":"pkg","version":"1.0.0","main":"i.js","types":"i.d.ts"}`, "node_modules/pkg/i.js": `module.exports = (n) => n + 1;\n`, "node_modules/pkg/i.d.ts": `declare function f(n: number): number;\ndeclare namespace f { }\nexport = f;\n` }, { ...C, esModuleInterop: false }),
  "legacy-namespace-class": m(`function swap(C: any): any { return class extends C { e = 1; }; }\nnamespace N { @swap export class A { static me() { return A; } } console.log(A.me() === A); }\nconsole.log(N.A.me() === N.A, Object.keys(new N.A()).join());\nexport { };\n`, {}, L),
  "legacy-computed-key": m(`const d = (t: any, k: any): any => console.log(k);\nconst key = (k: any): any => { console.log("key", k); return k; };\nfor (const n of ["a", "b"]) { class A { @d [key(n)]() { } @d static [key(n + "s")]() { } } console.log(Object.getOwnPropertyNames(A.prototype).join()); }\nexport { };\n`, {}, L),
  "legacy-accessor-static": m(`function d(t: any, k: any, at?: any): any { console.log(typeof t, k, at && Object.keys(at).join()); }\nclass A { @d static accessor x = 1; }\nclass B extends A { }\nA.x = 2;\nconsole.log(B.x);\nexport { };\n`, {}, L),
  "accessor-anonymous": m(`const A = class { accessor y = 2; };\nconsole.log(A.name, new A().y, Object.keys(new A()).length);\nexport { };\n`),
  "accessor-computed": m(`const made: any[] = [];\nfor (const k of ["a", "b"]) made.push(class { accessor [k as any] = 1; });\nconsole.log(new made[0]().a, new made[1]().b, new made[0]().b);\nexport { };\n`),
  "assign-computed-loop-single": m(`const made: any[] = [];\nfor (const k of ["a", "b"]) made.push(class { [k as any] = 1; });\nconsole.log(made.map((M) => Object.keys(new M()).join()).join());\nexport { };\n`, {}, { ...C, useDefineForClassFields: false }),
  "export-import-require-by-namespace": m(`import * as p from "./p";\nconsole.log(p.E.A, p.c);\n`, { "p.ts": `import { c } from "./c";\nexport import E = require("./e");\nexport { c };\n`, "e.ts": `enum E { A = "a" }\nexport = E;\n`, "c.ts": `export const c = 1;\n` }),
  "import-equals-order-esm": m(`import s = require("./s");\nimport { b } from "./b";\nconsole.log(s.a, b);\n`, { "s.ts": `console.log("s");\nexport const a = 1;\n`, "b.ts": `console.log("b");\nexport const b = 2;\n` }),
  "std-class-init-order": m(`function i(n: any): any { return (v: any, c: any) => { c.addInitializer(function (this: any) { console.log("init", n, typeof this.g); }); }; }\n@i("class") class A { @i("static") static m() { } static g = (console.log("field"), 1); static { console.log("block"); } }\nexport { };\n`),
  "std-class-expr-init-order": m(`function i(n: any): any { return (v: any, c: any) => { c.addInitializer(function (this: any) { console.log("init", n); }); }; }\nfunction r(v: any, c: any): any { c.addInitializer(function (this: any) { console.log("init r"); }); return class extends v { }; }\nconst A = @i("class") @r class { @i("get") static get f() { return 3; } @i("acc") accessor c = 5; };\nnew A();\nexport { };\n`),
  "std-two-class-inits": m(`function i(n: any): any { return (v: any, c: any) => { console.log("apply", n); c.addInitializer(function (this: any) { console.log("init", n); }); }; }\n@i("a") @i("b") class A { @i("c") @i("d") static m() { } @i("e") @i("f") n() { } @i("g") @i("h") p = 1; @i("k") accessor q = 2; }\nnew A();\nexport { };\n`),
  "std-getter-static-init": m(`function i(n: any): any { return (v: any, c: any) => { console.log("apply", n); c.addInitializer(function (this: any) { console.log("init", n); }); }; }\n@i("class") class A { @i("get") static get f(): any { return 3; } static g: any; d = 1; }\nnew A();\nexport { };\n`),
};
const only = process.argv.slice(2).filter((word, at, all) => word !== "--typescript" && all[at - 1] !== "--typescript");
const out = [];
for (const [name, p] of Object.entries(P)) {
  if (only.length && !only.some((o) => name.startsWith(o))) continue;
  const files = { ...p.files, "globals.d.ts": G, "package.json": JSON.stringify({ name: "app", ...p.pkg }), "tsconfig.json": JSON.stringify({ compilerOptions: p.o, include: ["**/*.ts", "**/*.tsx", "**/*.cts", "**/*.mts"], exclude: ["node_modules", ".truth"] }) };
  const j = judge(files);
  const one = (s) => (s ?? "").trim().replace(/\n/g, " ⏎ ");
  if (j.invalid) console.log(`?? ${name}: invalid ${j.invalid.join(" | ").slice(0, 200)}`);
  else if (!j.found.length) console.log(`ok ${name}: ${one(j.expected.out).slice(0, 80)}`);
  else {
    console.log(`XX ${name}: expected ${one(j.expected.out)}`);
    if (process.env.SHOW) {
      const o = Object.fromEntries(Object.entries(p.o).filter(([k]) => !["lib", "types", "strictPropertyInitialization", "noImplicitAny"].includes(k)));
      console.log("  tsconfig " + JSON.stringify(o) + (p.pkg.type ? "  package type " + p.pkg.type : ""));
      for (const [n, t] of Object.entries(p.files)) if (!n.endsWith("package.json")) console.log("  -- " + n + "\n" + t.trimEnd().replace(meta, "/* meta: Reflect.metadata logs; dec does nothing */\n").replace(std, "/* d(n) logs n, kind, static, private */\n").split("\n").map((l) => "  | " + l).join("\n"));
    }
    const seen = new Set();
    for (const f of j.found) { const t = f.kind === "output" ? one(f.got.out) : (f.kind + " " + f.what).slice(0, 120); if (seen.has(t)) continue; seen.add(t); console.log(`     ${j.found.filter((g) => (g.kind === "output" ? one(g.got.out) : (g.kind + " " + g.what).slice(0, 120)) === t).map((g) => nameOf(g.variant)).join()}: ${t}`); }
  }
}
