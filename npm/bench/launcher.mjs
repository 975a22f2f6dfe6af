// What the launcher adds to the program: `node npm/bench/launcher.mjs`, with the program in
// COLDCUT_BINARY. Medians of 20 runs of `--version` each, taken in turn.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const binary = process.env.COLDCUT_BINARY;
const launcher = fileURLToPath(new URL("../coldcut/bin/coldcut.cjs", import.meta.url));
const time = (program, args) => {
  const start = process.hrtime.bigint();
  const { status } = spawnSync(program, args);
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
};
const runs = { program: [], launcher: [], node: [] };
for (let run = 0; run < 20; run += 1) {
  runs.program.push(time(binary, ["--version"]));
  runs.launcher.push(time(process.execPath, [launcher, "--version"]));
  runs.node.push(time(process.execPath, ["-e", "0"]));
}
for (const [name, all] of Object.entries(runs)) {
  all.sort((a, b) => a - b);
  console.log(`${name.padEnd(9)} ${all[10].toFixed(1)} ms (${all[0].toFixed(1)} to ${all[19].toFixed(1)})`);
}
