// The packed packages, installed into an empty project and used as people use them.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const npm = fileURLToPath(new URL("..", import.meta.url));
const built = process.env.COLDCUT_BIN;
const dir = mkdtempSync(join(tmpdir(), "coldcut-npm-test-"));
const app = join(dir, "app");
const require = createRequire(join(app, "x.js"));
const env = { ...process.env };
delete env.COLDCUT_BINARY;
delete process.env.COLDCUT_BINARY;

const run = (program, args, options = {}) =>
  spawnSync(program, args, { cwd: app, encoding: "utf8", env, ...options });
const works = (...all) => {
  const ended = run(...all);
  assert.equal(ended.status, 0, `${all[0]} ${all[1].join(" ")}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
};
const launcher = () => join(app, "node_modules/.bin/coldcut");

before(() => {
  assert.ok(built, "COLDCUT_BIN names the program to pack");
  mkdirSync(join(app, "src"), { recursive: true });
  const binary = `x86_64-unknown-linux-gnu=${built}`;
  const packed = join(dir, "packed");
  works(process.execPath, [join(npm, "scripts/pack.mjs"), "--binary", binary, "--out", packed], { cwd: dir });
  const tarballs = readdirSync(packed).filter((name) => !/serverless|cdk/.test(name));
  assert.equal(tarballs.length, 2);
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true }));
  writeFileSync(join(app, "src/api.js"), "exports.handler = async (event) => ({ got: event.n });\n");
  writeFileSync(join(app, "coldcut.toml"), '[functions.api]\nhandler = "src/api.handler"\n');
  const files = tarballs.map((name) => join(packed, name));
  works("npm", ["install", "--offline", "--no-audit", "--no-fund", ...files]);
});
after(() => rmSync(dir, { recursive: true, force: true }));

test("the program is run by its launcher, whose status is the program's", () => {
  assert.match(works(launcher(), ["--version"]), /^coldcut \d+\.\d+\.\d+\n$/);
  works("npx", ["--offline", "coldcut", "pack"]);
  assert.ok(existsSync(join(app, ".coldcut/api.zip")));
  assert.equal(run(launcher(), ["pack", "--budget", "zip=1B"]).status, 3);
  assert.equal(run(launcher(), ["pack", "--stratgey", "x"]).status, 2);
  assert.equal(run(launcher(), ["pack", "nowhere"]).status, 1);
});

test("no package of it runs a script", () => {
  for (const name of ["coldcut", "@coldcut/linux-x64"]) {
    const manifest = JSON.parse(readFileSync(join(app, "node_modules", name, "package.json"), "utf8"));
    assert.equal(manifest.scripts, undefined);
    assert.notEqual(manifest.version, "0.0.0");
  }
});

test("a signal to the launcher ends the program", async () => {
  const child = spawn(launcher(), ["observe", "-"], { cwd: app, env, stdio: ["pipe", "ignore", "ignore"] });
  await new Promise((go) => setTimeout(go, 700));
  const ended = new Promise((resolve) => child.on("close", (status, signal) => resolve(status ?? signal)));
  child.kill("SIGTERM");
  const how = await Promise.race([ended, new Promise((go) => setTimeout(go, 5000, "it went on"))]);
  assert.ok(how === 130 || how === "SIGTERM", `${how}`);
});

test("the API gives documents, from CommonJS and from ES modules", async () => {
  const coldcut = require("coldcut");
  const lines = [];
  const report = await coldcut.pack({ cwd: app, onLog: (line) => lines.push(line) });
  assert.equal(report.functions[0].verification.status, "equal");
  const zip = join(app, ".coldcut/api.zip");
  const verified = await coldcut.verify({ cwd: app, zip, against: app, handler: "src/api.handler" });
  assert.equal(verified.schema, "coldcut.verification/1");
  const service = {
    service: "s",
    provider: { name: "aws", runtime: "nodejs20.x" },
    functions: { other: { handler: "src/api.handler" } },
  };
  const handed = await coldcut.pack({ cwd: app, service, unpack: join(dir, "laid"), noVerify: true });
  assert.equal(handed.functions[0].name, "other");
  assert.ok(existsSync(join(dir, "laid/other/src/api.js")));
  const meta = await coldcut.bundle({ cwd: app, entries: ["src/api.js"], outfile: "out/a.js", minify: true });
  assert.deepEqual(Object.keys(meta.outputs).map((name) => name.split("/").pop()), ["a.js"]);
  writeFileSync(
    join(app, "use.mjs"),
    'import { pack, ColdcutError, binary } from "coldcut";\nconst r = await pack();\nconsole.log(r.functions.length, new ColdcutError("x") instanceof Error, binary().endsWith("coldcut"));\n',
  );
  assert.equal(works(process.execPath, ["use.mjs"]), "1 true true\n");
});

test("what goes wrong is one kind of error, with coldcut's own code", async () => {
  const { pack, check, ColdcutError } = require("coldcut");
  const wrong = async (promise) => {
    const error = await promise.then(() => assert.fail("it went well"), (error) => error);
    assert.ok(error instanceof ColdcutError, `${error}`);
    return error;
  };
  const over = await wrong(check({ cwd: app, budget: ["zip=1B"] }));
  assert.equal(over.status, 3);
  assert.equal(over.code, "CC224");
  assert.equal(over.report.functions.length, 1);
  const nowhere = await wrong(pack({ cwd: app, dir: "nowhere" }));
  assert.deepEqual([nowhere.status, nowhere.code], [1, "CC010"]);
  const slip = await wrong(pack({ cwd: app, stratgy: "trace" }));
  assert.equal(slip.status, 2);
  assert.match(slip.message, /--strategy/);
  const stopped = await pack({ cwd: app, signal: AbortSignal.timeout(1) }).then(() => null, (error) => error);
  assert.ok(stopped === null || stopped.name === "AbortError");
});

test("a program that is not there is named with what to do", () => {
  const { find } = require(join(app, "node_modules/coldcut/lib/binary.cjs"));
  const from = join(app, "node_modules/coldcut/lib");
  const said = (where) => {
    try {
      find({ env: {}, from, ...where });
    } catch (error) {
      return error.message;
    }
    return assert.fail("it was found");
  };
  const host = (os, cpu, libc = null) => ({ host: { os, cpu, libc } });
  assert.match(said(host("aix", "ppc64")), /no program for aix ppc64[^]*linux x64, /);
  assert.match(said(host("darwin", "arm64")), /`@coldcut\/darwin-arm64` is not installed: `@coldcut\/linux-x64` is installed instead/);
  assert.match(said(host("linux", "x64", "musl")), /linux-x64-musl/);
  assert.match(said({ ...host("linux", "x64", "glibc"), from: dir }), /--include=optional/);
  assert.match(said({ env: { COLDCUT_BINARY: "none" } }), /COLDCUT_BINARY is `none`/);
  assert.equal(find({ env: { COLDCUT_BINARY: built } }), built);
  // As part of a bundle beside pnpm's layout, where only `coldcut` sees the platform's package.
  const store = join(dir, "pnpm/node_modules/.pnpm/coldcut/node_modules");
  mkdirSync(join(store, "coldcut"), { recursive: true });
  for (const name of ["coldcut", "@coldcut"]) cpSync(join(app, "node_modules", name), join(store, name), { recursive: true });
  symlinkSync(join(store, "coldcut"), join(dir, "pnpm/node_modules/coldcut"));
  const bundled = { env: {}, from: join(dir, "pnpm/.sst/platform") };
  assert.equal(find({ ...host("linux", "x64", "glibc"), ...bundled }), join(store, "@coldcut/linux-x64/coldcut"));
  const ended = run(launcher(), ["--version"], { env: { ...env, COLDCUT_BINARY: "none" } });
  assert.deepEqual([ended.status, ended.stdout], [1, ""]);
  assert.match(ended.stderr, /^error: COLDCUT_BINARY/);
});

test("a program of another platform is not packed", () => {
  const script = join(npm, "scripts/pack.mjs");
  const pack = (said) => run(process.execPath, [script, "--binary", said, "--out", join(dir, "no")]);
  const wrong = pack(`aarch64-apple-darwin=${built}`);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /is for linux x64, and not for aarch64-apple-darwin/);
  assert.match(pack(`x=${built}`).stderr, /there is no platform `x`/);
});

test("the types are those of the schemas, and compile from both kinds of module", () => {
  works(process.execPath, [join(npm, "scripts/types.mjs"), "--check"]);
  const text =
    'import { pack, type Report } from "coldcut";\nexport const f = async (): Promise<number> => {\n  const r: Report = await pack({ strategy: "trace", budget: ["zip=1MB"] });\n  return r.functions[0].artifact.bytes;\n};\n';
  writeFileSync(join(app, "a.mts"), text);
  writeFileSync(join(app, "a.cts"), text);
  const slip = text.replace('"trace"', '"tracee"');
  writeFileSync(join(app, "slip.mts"), slip);
  mkdirSync(join(app, "node_modules/@types"), { recursive: true });
  const tsc = join(npm, "node_modules/typescript/lib/tsc.js");
  const args = ["--noEmit", "--strict", "--skipLibCheck", "false", "--types", "node", "--typeRoots", join(npm, "node_modules/@types"), "--target", "es2022"];
  for (const [resolution, module, files] of [
    ["node16", "node16", ["a.mts", "a.cts"]],
    ["bundler", "esnext", ["a.mts"]],
  ]) {
    works(process.execPath, [tsc, ...args, "--module", module, "--moduleResolution", resolution, ...files]);
  }
  const refused = run(process.execPath, [tsc, ...args, "--module", "node16", "slip.mts"]);
  assert.match(refused.stdout, /tracee/);
});
