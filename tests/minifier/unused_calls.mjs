// Calls of what the language has, with a value that nobody uses and arguments that may throw or run code:
// `COLDCUT_BIN=… node unused_calls.mjs`. One program of all of them must print what Node.js prints for it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileFunction } from "node:vm";

const noted = `({ valueOf() { console.log("valueOf"); return 1; }, toString() { console.log("toString"); return "1"; }, [Symbol.iterator]() { console.log("iterator"); return [][Symbol.iterator](); }, get length() { console.log("length"); return 0; } })`;
const called = "isNaN isFinite BigInt decodeURIComponent decodeURI encodeURI encodeURIComponent escape unescape Symbol Date Array Object Boolean Number String parseInt parseFloat Error RegExp Array.from Array.of Object.keys Object.values Object.entries Object.assign Object.fromEntries Object.freeze Object.getOwnPropertyNames Object.is String.raw String.fromCharCode String.fromCodePoint Symbol.for Symbol.keyFor Number.isInteger Number.parseFloat Math.max Math.abs JSON.stringify JSON.parse Date.parse Date.UTC Reflect.ownKeys Promise.resolve BigInt.asIntN ArrayBuffer.isView Array.isArray Object.getPrototypeOf Object.setPrototypeOf Object.create structuredClone".split(" ");
const made = "Date Array Object Boolean Number String Error RegExp Map Set WeakMap WeakSet Uint8Array ArrayBuffer DataView Proxy Function AggregateError WeakRef FinalizationRegistry URL Symbol BigInt TextDecoder".split(" ");
const given = [noted, '"%"', "-1", "1.5", "1n", "null", "undefined", "Symbol()", String.raw`"\ud800"`, '"("', "{}", ""];
const computed = ['"a".repeat(-1)', "(1).toFixed(101)", "(1).toString(1)", '"a".at(Symbol())', `"a".concat(${noted})`, `[1].join(${noted})`, "`${Symbol()}`", `\`\${${noted}}\``, `"" + ${noted}`, `+${noted}`, `~${noted}`, `!${noted}`, `typeof ${noted}`, `${noted} < 1`, `${noted} == 1`, `${noted} in {}`, "1 in 2", "({}) instanceof 5", "1n + 1", "Symbol() + 1", "1n / 0n", "1n >>> 0n", "[...5]", `[...${noted}]`, `({ [${noted}]: 1 })`, "null.x", "undefined[0]", "null?.x", "(void 0)()", "new 5", "new (() => {})", "zz", "zz.y", "typeof zz", "void zz", "zz, 1", "delete globalThis.zz", "(function () {}).apply(null, 5)", "window", "document", "self", "navigator", "localStorage", "process.zz", "Math.zz.y"];

const statements = [
  ...called.flatMap((name) => given.map((argument) => `${name}(${argument});`)),
  ...made.flatMap((name) => given.map((argument) => `new ${name}(${argument});`)),
  ...computed.map((expression) => `(${expression});`),
].filter((statement) => {
  try {
    return compileFunction(statement);
  } catch {
    return false;
  }
});
const folder = mkdtempSync(join(tmpdir(), "unused-calls-"));
const [program, bundle] = ["program.cjs", "bundle.cjs"].map((name) => join(folder, name));
const guarded = (statement, at) => `console.log("#${at}"); try { ${statement} } catch (error) { console.log(error.name); }`;
writeFileSync(program, statements.map(guarded).join("\n"));
const run = (file) => execFileSync("node", [file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split(/^#/m).slice(1);
const want = run(program);
let wrong = statements.length < 700;
for (const mode of ["--no-minify", "--minify"]) {
  execFileSync(process.env.COLDCUT_BIN, ["bundle", program, "--outfile", bundle, "--format", "cjs", mode], { stdio: "ignore" });
  run(bundle).forEach((got, at) => {
    if (got === want[at]) return;
    wrong = true;
    console.log(`${mode} ${statements[at]}\n   Node.js: ${want[at]}\n   bundle: ${got}`);
  });
}
rmSync(folder, { recursive: true });
console.log(`${wrong ? "XX" : "ok"} ${statements.length} statements`);
process.exitCode = wrong ? 1 : 0;
