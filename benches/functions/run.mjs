// Many functions over common code: what a hundred of them cost against one.
//
// In: the program in COLDCUT_BIN (a release build), --functions N (100), --modules N (100 in each
// function), --shared SHARE (0.8 of them are those of all functions), --runs N (3), --verify to load
// every artifact and its original too. Out: the median times of one function and of all, their ratio
// against the bar of 3 x the share of unique modules, and the peak of memory.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    functions: { type: "string", default: "100" },
    modules: { type: "string", default: "100" },
    shared: { type: "string", default: "0.8" },
    runs: { type: "string", default: "3" },
    verify: { type: "boolean", default: false },
  },
});
const functions = Number(values.functions);
const modules = Number(values.modules);
const shared = Math.round(modules * Number(values.shared));
const own = modules - shared;
const program = process.env.COLDCUT_BIN;
if (!program) throw new Error("name the program in COLDCUT_BIN");

/** A module of some forty lines, as services have them, that asks for those in `imports`. */
function source(name, imports) {
  const head = imports.map((from, at) => `import { run as run${at} } from "${from}";`);
  const calls = imports.map((_, at) => `run${at}(input)`).join(" + ") || "0";
  const helpers = Array.from({ length: 6 }, (_, at) => `
function step${at}(input: { id: string; amount: number }, rate = ${at + 1}): number {
  const lines = Object.entries(input).map(([key, value]) => \`\${key}:\${String(value)}\`);
  return lines.length * rate + input.amount % ${at + 7};
}`);
  return `${head.join("\n")}
/** ${name} */
export interface ${name}Input { id: string; amount: number }
${helpers.join("\n")}
export const unused${name} = (text: string) => text.split(",").map((part) => part.trim());
export function run(input: ${name}Input): number {
  return step0(input) + step1(input, 2) + step2(input) + step3(input) + step4(input) + step5(input) + ${calls};
}
`;
}

function project(count) {
  const dir = mkdtempSync(path.join(tmpdir(), "coldcut-functions-"));
  const write = (name, text) => {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  };
  write("package.json", JSON.stringify({ name: "many", private: true }));
  for (let at = 0; at < shared; at += 1) {
    const imports = at + 1 < shared ? [`./m${at + 1}`] : [];
    write(`src/shared/m${at}.ts`, source(`Shared${at}`, imports));
  }
  const settings = [];
  for (let f = 0; f < count; f += 1) {
    for (let at = 0; at < own; at += 1) {
      const next = at + 1 < own ? `./m${at + 1}` : "../../shared/m0";
      const name = at === 0 ? `src/own/f${f}/handler.ts` : `src/own/f${f}/m${at}.ts`;
      write(name, `${source(`Own${f}x${at}`, [next])}export const handler = async (event: any) => run(event);\n`);
    }
    settings.push(`[functions.f${f}]\nhandler = "src/own/f${f}/handler.handler"\n`);
  }
  write("coldcut.toml", settings.join("\n"));
  return dir;
}

/** Seconds, and the peak of memory in MB, of one run from nothing. */
function pack(dir) {
  rmSync(path.join(dir, ".coldcut"), { recursive: true, force: true });
  const args = ["pack", dir, "--out", path.join(dir, ".coldcut"), "--json"];
  if (!values.verify) args.push("--no-verify");
  const started = process.hrtime.bigint();
  const run = spawnSync("/usr/bin/env", ["time", "-f", "PEAK %M", program, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (run.status !== 0) throw new Error(run.stderr);
  const packed = JSON.parse(run.stdout).functions.length;
  const peak = Number(/PEAK (\d+)/.exec(run.stderr)?.[1]) / 1024;
  return { seconds, peak, packed };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

const dirs = [project(1), project(functions)];
try {
  const rounds = [[], []];
  for (let run = 0; run < Number(values.runs); run += 1) {
    dirs.forEach((dir, at) => rounds[at].push(pack(dir)));
  }
  const [one, all] = rounds.map((round) => median(round.map((run) => run.seconds)));
  const unique = (shared + functions * own) / modules;
  const peak = Math.max(...rounds[1].map((run) => run.peak));
  if (rounds[1].some((run) => run.packed !== functions)) throw new Error("not all functions were packed");
  console.log(`${functions} functions of ${modules} modules, ${shared} of them shared${values.verify ? ", verified" : ""}`);
  console.log(`one function    ${one.toFixed(2)} s`);
  console.log(`all functions   ${all.toFixed(2)} s, ${((all / functions) * 1000).toFixed(0)} ms each`);
  console.log(`ratio           ${(all / one).toFixed(1)}, unique modules ${unique.toFixed(1)} x: ${(all / one / unique).toFixed(2)} x their share (bar 3)`);
  console.log(`peak of memory  ${peak.toFixed(0)} MB (bar 1,000)`);
} finally {
  if (!process.env.KEEP) for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}
