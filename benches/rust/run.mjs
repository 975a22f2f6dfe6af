// Sizes, build times and init times of Rust functions by profile.
//
//   node benches/rust/run.mjs [--fixtures hello,trio,extension,api] [--coldcut FILE] [--work DIR] [--quick]
//
// For each function: what `cargo build --release` gives (`zip -9`), what cargo-lambda's defaults give
// (symbols stripped, thin LTO, one codegen unit, abort; `zip -9`), and coldcut's profiles with
// `--compression max`. Every build is from nothing, in a folder of its own. Init is the time from the
// start of `bootstrap` to its first request for an event, the median of 20. `--quick` builds each profile
// once, and then says nothing of how long coldcut's took. The end of each table has
// what coldcut adds to cargo, and how long a run takes with nothing changed.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { flag, functions, repository } from "./shared.mjs";

const coldcut = resolve(flag("coldcut", join(repository, "target/release/coldcut")));
const work = flag("work", null) ?? mkdtempSync(join(tmpdir(), "coldcut-rust-"));
mkdirSync(work, { recursive: true });

const profiles = ["keep", "balanced", "smallest"];
const lambda = [
  "profile.release.strip='symbols'",
  "profile.release.lto='thin'",
  "profile.release.codegen-units=1",
  "profile.release.panic='abort'",
];
// Nothing calls it, and the SDK wants to know.
const env = { ...process.env, AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };
const given = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].flatMap((name) => ["--env", `${name}=${env[name]}`]);

const run = (program, args) => {
  const started = performance.now();
  const done = spawnSync(program, args, { env, encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}\n${done.stderr}`);
  return { ms: performance.now() - started, out: done.stdout };
};
const size = (file) => statSync(file).size;

// One build by cargo itself, zipped as people do.
function byCargo(manifest, bin, name, config) {
  const target = join(work, `${bin}-${name}-target`);
  const args = ["build", "--release", "--locked", "--manifest-path", manifest, "--bin", bin, "--target-dir", target];
  rmSync(target, { recursive: true, force: true });
  const { ms } = run("cargo", [...args, ...config.flatMap((one) => ["--config", one])]);
  const dir = join(work, `${bin}-${name}`);
  mkdirSync(dir, { recursive: true });
  copyFileSync(join(target, "release", bin), join(dir, "bootstrap"));
  const zip = join(work, `${bin}-${name}.zip`);
  rmSync(zip, { force: true });
  execFileSync("zip", ["-9", "-X", "-q", "-j", zip, join(dir, "bootstrap")]);
  const fresh = run("cargo", [...args, ...config.flatMap((one) => ["--config", one])]).ms;
  rmSync(target, { recursive: true, force: true });
  return { name, bytes: size(join(dir, "bootstrap")), zip, zipped: size(zip), build: ms, fresh };
}

function byColdcut(folder, bin, profile, others) {
  const out = join(work, `${bin}-${profile}`);
  const args = ["pack", folder, "--function", bin, "--json", "--no-verify", "--compression", "max", "--rust-profile", profile, "--out", out, "--cache", join(work, "cache")];
  const report = JSON.parse(run(coldcut, profile === "balanced" && !process.argv.includes("--quick") ? [...args, "--compare-profiles"] : args).out);
  const again = Math.min(...[1, 2, 3].map(() => run(coldcut, args).ms));
  const made = report.functions[0];
  others.push(...made.rust.profiles);
  return { name: profile, bytes: made.artifact.unpacked_bytes, zip: join(out, `${bin}.zip`), zipped: made.artifact.bytes, again };
}

for (const fixture of flag("fixtures", "hello,trio,extension").split(",")) {
  for (const [workspace, inner, bin] of functions[fixture]) {
    const folder = join(repository, "fixtures/rust", workspace);
    const manifest = join(folder, inner, "Cargo.toml");
    const trials = [];
    const rows = [byCargo(manifest, bin, "default", []), byCargo(manifest, bin, "cargo-lambda", lambda)];
    for (const profile of profiles) rows.push(byColdcut(folder, bin, profile, trials));
    for (const row of rows) row.build ??= trials.find((trial) => trial.profile === row.name)?.build_ms;
    const extension = bin === "counter";
    if (!extension) {
      const { out } = run(coldcut, ["measure", ...rows.map((row) => row.zip), "--runs", "20", "--json", ...given]);
      const measured = JSON.parse(out);
      rows.forEach((row, at) => (row.init = measured.artifacts[at].load_ms.median));
    }
    const first = rows[0];
    console.log(`\n${bin}\n${"profile".padEnd(13)} ${"bytes".padStart(10)} ${"zipped".padStart(10)} ${"of default".padStart(10)} ${"of lambda".padStart(10)} ${"build s".padStart(8)} ${"init ms".padStart(8)}`);
    for (const row of rows) {
      const of = (other) => (row.zipped / other.zipped).toFixed(3).padStart(10);
      const number = (value, digits) => (value === undefined ? "" : value.toFixed(digits)).padStart(8);
      console.log(`${row.name.padEnd(13)} ${String(row.bytes).padStart(10)} ${String(row.zipped).padStart(10)} ${of(first)} ${of(rows[1])} ${number(row.build && row.build / 1000, 1)} ${number(row.init, 1)}`);
    }
    const again = rows.find((row) => row.name === "balanced").again;
    console.log(`nothing changed: cargo ${first.fresh.toFixed(0)} ms, coldcut ${again.toFixed(0)} ms`);
  }
}
if (!flag("work", null) && existsSync(work)) rmSync(work, { recursive: true, force: true });
