// How long the plugin takes over the binary that it runs.
//
// In: COLDCUT_BINARY; a number of runs, 5 unless told. Out: the median, in milliseconds, of the time
// inside the plugin's packaging hook less the binary's own wall time, in `serverless package` of the
// test fixture, by framework. The clock is two plugins, listed before and after; the binary is timed
// by a wrapper, whose own start counts as the plugin's. Exit status 1 above the bar.

import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { FRAMEWORKS, binary, project, sls, write } from '../test/support.mjs';

const BAR_MS = 300;
const runs = Number(process.argv[2] ?? 5);

const clock = (file) => `
module.exports = class ${file} {
  constructor(serverless) {
    this.hooks = { 'before:package:createDeploymentArtifacts': () => require('fs').appendFileSync(process.env.CLOCK, Date.now() + '\\n') };
  }
};`;

const folder = project('shop', {
  'before.js': clock('Before'),
  'after.js': clock('After'),
  'serverless.yml': (text) => text.replace('  - serverless-coldcut\n', '  - ./before.js\n  - serverless-coldcut\n  - ./after.js\n'),
});
const wrapper = path.join(folder, 'timed');
write(folder, 'timed', `#!/bin/sh
date +%s%3N >> "$CLOCK.binary"
${JSON.stringify(binary)} "$@"
status=$?
date +%s%3N >> "$CLOCK.binary"
exit $status
`);
chmodSync(wrapper, 0o755);

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const taken = (file) => {
  const [start, end] = readFileSync(file, 'utf8').trim().split('\n').map(Number);
  return end - start;
};

for (const name of FRAMEWORKS) {
  const over = [];
  const own = [];
  // The first fills the framework's and coldcut's caches.
  for (let run = 0; run <= runs; run += 1) {
    const marks = path.join(folder, 'marks');
    rmSync(marks, { recursive: true, force: true });
    mkdirSync(marks);
    const file = path.join(marks, 'clock');
    const done = await sls(name, folder, ['package'], { env: { CLOCK: file, COLDCUT_BINARY: wrapper } });
    if (done.status !== 0) throw new Error(done.all);
    if (run === 0) continue;
    own.push(taken(`${file}.binary`));
    over.push(taken(file) - own.at(-1));
  }
  console.log(`${name}: plugin ${median(over)} ms over the binary's ${median(own)} ms (median of ${runs}; ${over.join(', ')})`);
  if (median(over) >= BAR_MS) {
    console.error(`the bar is ${BAR_MS} ms`);
    process.exitCode = 1;
  }
}
