// Wall time of `coldcut trace` against @vercel/nft, and against following imports alone, as ratios
// in the same run.
//
//   COLDCUT_BIN=… node benches/trace/run.mjs --nft DIR --programs DIR [--base DIR] [--runs N] [--only TEXT]
//
// DIR of `--nft` has @vercel/nft installed below `node_modules`. Every `.js`, `.mjs` and `.ts` file
// of `--programs` is traced on its own, by whole processes, one tool after the other in turn; the
// best of N counts. "walk" is `coldcut trace --imports-only`: modules are read, parsed and resolved, and nothing
// is worked out. Tracing finds more modules than that walk, so its ratio is given as it is and, beside
// it, for the programs of which both parse the same number of files. Node's own start, measured by an empty program, is shown, since nft cannot do
// without it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    nft: { type: 'string' },
    programs: { type: 'string' },
    base: { type: 'string' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const coldcut = process.env.COLDCUT_BIN;
if (!coldcut || !flags.nft || !flags.programs) {
  console.error('COLDCUT_BIN=… node run.mjs --nft DIR --programs DIR [--base DIR] [--runs N] [--only TEXT]');
  process.exit(2);
}
const programs = path.resolve(flags.programs);
const base = path.resolve(flags.base ?? programs);
const nft = path.join(path.resolve(flags.nft), 'node_modules/@vercel/nft');
const script = `require(${JSON.stringify(nft)}).nodeFileTrace([process.argv[1]], { base: ${JSON.stringify(base)}, processCwd: ${JSON.stringify(programs)} }).then((found) => process.stdout.write(String(found.fileList.size)))`;

/** How many files are parsed. */
function modules(file, ...more) {
  const ran = spawnSync(coldcut, ['trace', file, '--base', base, '--json', ...more], { cwd: programs, encoding: 'utf8', maxBuffer: 1 << 28 });
  return ran.status === 0 ? JSON.parse(ran.stdout).files.filter((name) => /\.[cm]?[jt]s$/.test(name)).length : 0;
}

function timed(command, args) {
  const start = process.hrtime.bigint();
  const ran = spawnSync(command, args, { cwd: programs, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  return ran.status === 0 ? ms : null;
}

const mean = (list) => Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length);
const rows = [];
for (const name of fs.readdirSync(programs).filter((name) => /\.(m?js|ts)$/.test(name) && name.includes(flags.only)).sort()) {
  const file = path.join(programs, name);
  let [ours, theirs, walk] = [Infinity, Infinity, Infinity];
  for (let run = 0; run < Number(flags.runs); run++) {
    ours = Math.min(ours, timed(coldcut, ['trace', file, '--base', base, '--json']) ?? Infinity);
    walk = Math.min(walk, timed(coldcut, ['trace', file, '--base', base, '--json', '--imports-only']) ?? Infinity);
    theirs = Math.min(theirs, timed(process.execPath, ['-e', script, file]) ?? Infinity);
  }
  if (!Number.isFinite(ours) || !Number.isFinite(theirs)) {
    console.log(`${name.padEnd(34)} not traced by ${Number.isFinite(ours) ? 'nft' : 'coldcut'}`);
    continue;
  }
  rows.push({ name, ours, theirs, walk, alike: modules(file) === modules(file, '--imports-only') });
  console.log(`${name.padEnd(34)} coldcut ${ours.toFixed(0).padStart(6)} ms   walk ${walk.toFixed(0).padStart(6)} ms   nft ${theirs.toFixed(0).padStart(6)} ms   ${(theirs / ours).toFixed(1).padStart(5)} x`);
}
const start = Math.min(...Array.from({ length: 5 }, () => timed(process.execPath, ['-e', '']) ?? Infinity));
console.log(`\n${rows.length} programs: nft takes ${mean(rows.map((row) => row.theirs / row.ours)).toFixed(2)} x coldcut's time in the geometric mean, ${(rows.reduce((sum, row) => sum + row.theirs, 0) / rows.reduce((sum, row) => sum + row.ours, 0)).toFixed(2)} x in sum; Node alone starts in ${start.toFixed(0)} ms`);
const alike = rows.filter((row) => row.alike);
const cost = (list) => `${mean(list.map((row) => row.ours / row.walk)).toFixed(3)} x in the geometric mean, ${(list.reduce((sum, row) => sum + row.ours, 0) / list.reduce((sum, row) => sum + row.walk, 0)).toFixed(3)} x in sum`;
console.log(`against the walk alone: ${cost(rows)}; of the ${alike.length} that parse the same files in both: ${cost(alike)}`);
