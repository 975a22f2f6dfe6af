"use strict";
// coldcut from a program. In: the command's own options, in camelCase. Out: the document that the
// command prints; every error is a ColdcutError.

const { spawn } = require("node:child_process");
const fs = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const { find } = require("./binary.cjs");
const { ColdcutError } = require("./error.cjs");
const { words } = require("./words.cjs");

/** Runs the program to its end. */
function run(args, { cwd, processEnv, signal, onLog }, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(find(), args, {
      cwd,
      env: processEnv ?? process.env,
      signal,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    const stdout = [];
    let stderr = "";
    let line = "";
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
      if (!onLog) return;
      const lines = (line + text).split("\n");
      line = lines.pop();
      for (const whole of lines) onLog(whole);
    });
    child.on("error", reject);
    child.on("close", (status, by) => {
      if (line && onLog) onLog(line);
      resolve({ status, by, stdout: Buffer.concat(stdout).toString("utf8"), stderr });
    });
    if (input !== undefined) {
      // A program that ends before it has read all is judged by its status.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
    }
  });
}

const ENDS = {
  2: "the options are wrong",
  3: "a budget is exceeded",
  4: "an artifact does not do what the original does",
};

function failed(command, { status, by, stderr }, report) {
  const why = ENDS[status] ?? (by ? `it was ended by ${by}` : "it failed");
  const code = /\bCC\d{3}\b/.exec(stderr)?.[0];
  const said = stderr.trim();
  return new ColdcutError(`coldcut ${command}: ${why}${said ? `\n${said}` : ""}`, {
    code,
    status,
    stderr,
    report,
  });
}

/** Runs a command that prints one document. */
async function document(command, positional, options) {
  const { service, ...rest } = options;
  const args = [command, ...words(rest, positional), "--json"];
  let input;
  if (service !== undefined) {
    const isObject = typeof service === "object";
    args.push(`--service=${isObject ? "-" : service}`);
    if (isObject) input = JSON.stringify(service);
  }
  const named = positional.flatMap((name) => options[name] ?? []);
  if (named.length > 0) args.push("--", ...named);
  const ended = await run(args, options, input);
  let report = null;
  try {
    report = JSON.parse(ended.stdout);
  } catch {
    // Where nothing was made, nothing is printed.
  }
  if (ended.status !== 0 || report === null) throw failed(command, ended, report);
  return report;
}

const pack = (options = {}) => document("pack", ["dir"], options);
const check = (options = {}) => document("check", ["dir"], options);
const verify = (options) => document("verify", ["zip"], options);
const measure = (options) => document("measure", ["zips"], options);
const diff = (options) => document("diff", ["old", "new"], options);

/** Bundles, and gives esbuild's metafile of what was made. */
async function bundle(options) {
  const { entries = [], metafile, ...rest } = options;
  const scratch = await fs.mkdtemp(path.join(os.tmpdir(), "coldcut-"));
  try {
    const file = metafile ? path.resolve(options.cwd ?? ".", metafile) : path.join(scratch, "meta.json");
    const args = ["bundle", ...words(rest), `--metafile=${file}`, "--", ...entries];
    const ended = await run(args, options);
    if (ended.status !== 0) throw failed("bundle", ended, null);
    return JSON.parse(await fs.readFile(file, "utf8"));
  } finally {
    await fs.rm(scratch, { recursive: true, force: true });
  }
}

module.exports = { pack, check, bundle, verify, measure, diff, ColdcutError };
Object.defineProperty(module.exports, "binary", { enumerable: true, get: () => find() });
