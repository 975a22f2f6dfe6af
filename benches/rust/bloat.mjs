// Attribution against `cargo bloat --crates`, crate by crate.
//
//   node benches/rust/bloat.mjs [--fixtures hello,trio] [--coldcut FILE] [--work DIR] [--from BYTES]
//
// Both look at the code of the release build as the project has it (`--rust-profile keep`). Printed for
// each crate that has at least `--from` bytes (40,000 unless told) by either count: both figures, and
// how far they are apart. Needs `cargo-bloat`, and says so where it is not installed.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { flag, functions, repository } from "./shared.mjs";

const coldcut = resolve(flag("coldcut", join(repository, "target/release/coldcut")));
const from = Number(flag("from", "40000"));
const work = flag("work", null) ?? mkdtempSync(join(tmpdir(), "coldcut-bloat-"));
mkdirSync(work, { recursive: true });

const run = (program, args, options = {}) => {
  const done = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}\n${done.error ?? done.stderr}`);
  return done.stdout;
};
if (spawnSync("cargo", ["bloat", "--version"]).status !== 0) {
  console.error("cargo-bloat is not installed: `cargo install cargo-bloat`");
  process.exit(1);
}

let worst = 0;
for (const fixture of flag("fixtures", "hello,trio").split(",")) {
  for (const [workspace, inner, bin] of functions[fixture]) {
    const folder = join(repository, "fixtures/rust", workspace);
    const pack = ["pack", folder, "--function", bin, "--json", "--no-verify", "--rust-profile", "keep"];
    const report = JSON.parse(run(coldcut, [...pack, "--out", join(work, bin), "--cache", join(work, "cache")]));
    const bloat = ["bloat", "--release", "--crates", "-n", "0", "--message-format", "json", "--bin", bin, "--target-dir", join(work, "bloat")];
    const theirs = JSON.parse(run("cargo", bloat, { cwd: join(folder, inner) })).crates;
    const ours = report.functions[0].rust.sizes.crates;
    console.log(`\n${bin}\n${"crate".padEnd(28)} ${"coldcut".padStart(10)} ${"bloat".padStart(10)}  apart`);
    for (const { name, size } of theirs) {
      const known = ours.find((one) => one.name === name)?.code_bytes ?? 0;
      if (name === "[Unknown]" || Math.max(size, known) < from) continue;
      const apart = (known / size - 1) * 100;
      worst = Math.max(worst, Math.abs(apart));
      console.log(`${name.padEnd(28)} ${String(known).padStart(10)} ${String(size).padStart(10)} ${apart.toFixed(1).padStart(6)} %`);
    }
  }
}
console.log(`\nfarthest apart: ${worst.toFixed(1)} %`);
if (!flag("work", null)) rmSync(work, { recursive: true, force: true });
