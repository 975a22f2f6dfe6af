// The example with SST's own program and types. `sst install` is real; Pulumi and Bun, which it would
// download, are stand-ins that only say their versions. `run` of the configuration is called with a
// stand-in for `sst.aws`, since SST's own components need an engine and an account.
// `npm ci`, then COLDCUT_BINARY=… node --test test.mjs

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const require = createRequire(import.meta.url);
process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const home = mkdtempSync(join(tmpdir(), "coldcut-example-sst-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** What this version of SST asks for. */
const PROGRAMS = { pulumi: "v3.210.0", bun: "1.2.1" };

before(() => {
  const bin = join(home, ".config/sst/bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, version] of Object.entries(PROGRAMS)) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${version}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  rmSync(".sst", { recursive: true, force: true });
  const sst = join(dirname(require.resolve("sst")), "../bin/sst.mjs");
  const env = { PATH: process.env.PATH, HOME: home, SST_TELEMETRY_DISABLED: "1" };
  execFileSync(process.execPath, [sst, "install", "--stage", "test"], { env, stdio: "pipe" });
});

const CONFIG = "sst.config.ts";
const text = readFileSync(CONFIG, "utf8");

/** What TypeScript says of the configuration, by SST's types; those of providers that are not installed are left open. */
function mistakes(source, before) {
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === CONFIG ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true) : getSourceFile(name, ...rest);
  const program = ts.createProgram([CONFIG], options, host, before);
  const file = program.getSourceFile(CONFIG);
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  return { program, said: found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")) };
}

test("the configuration has SST's types", () => {
  const { program, said } = mistakes(text);
  assert.deepEqual(said, []);
  for (const [right, wrong, expected] of [
    ["handler: handler_setting!,", "", /handler/],
    ["bundle: `${FOLDER}/${name}`", "bundle: 1", /bundle: 1.*not assignable/],
    ["unpack:", "unpak:", /unpak/],
  ]) {
    assert.ok(text.includes(right), right);
    assert.match(mistakes(text.replace(right, wrong), program).said.join("\n"), expected);
  }
});

test("what `bundle` names is ready to ship, and answers", async () => {
  const made = {};
  class StandIn {
    constructor(name, args) {
      made[name] = args.function ?? args;
      this.url = `https://${name}`;
    }
  }
  globalThis.$config = (config) => config;
  globalThis.sst = { aws: { Function: StandIn, Cron: StandIn } };
  const plain = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
  const beside = ".sst/config.mjs";
  writeFileSync(beside, plain.outputText);
  const { default: config } = await import(pathToFileURL(beside));
  rmSync(".coldcut/unpacked", { recursive: true, force: true });
  await config.run();
  assert.deepEqual(Object.keys(made), ["Api", "Nightly"]);

  const answers = {};
  for (const [name, { bundle, handler, environment, architecture }] of Object.entries(made)) {
    assert.equal(architecture, "arm64");
    const [module, exported] = handler.split(".");
    const file = [".js", ".mjs", ".cjs"].map((end) => join(bundle, module + end)).find(existsSync);
    assert.ok(file, `${handler} in ${bundle}`);
    const event = readFileSync(name === "Api" ? "events/get.json" : "events/nothing.json", "utf8");
    const call = `const code = await import(${JSON.stringify(pathToFileURL(file))});
      console.log(JSON.stringify(await code[${JSON.stringify(exported)}](${event}, {})));`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", call], { cwd: home, env: environment ?? {}, encoding: "utf8" });
    answers[name] = JSON.parse(said);
    assert.ok(!existsSync(join(bundle, "node_modules")), "one file, and no package beside it");
  }
  assert.deepEqual(JSON.parse(answers.Api.body), { order: "17", total: 4498, currency: "EUR" });
  assert.deepEqual(answers.Nightly, { sold: 0 });
});
