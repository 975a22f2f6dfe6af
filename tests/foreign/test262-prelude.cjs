// What test262 puts before each of its programs. `TEST262` says which files of its harness, where they lie, and
// whether the program says by `print` when it is done.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');

const { includes, async, harness } = JSON.parse(process.env.TEST262);
let verdict;
globalThis.print = (text) => {
  verdict ??= String(text);
};
for (const name of ['assert.js', 'sta.js', 'doneprintHandle.js', ...includes]) {
  vm.runInThisContext(readFileSync(join(harness, name), 'utf8'), name);
}
process.on('exit', (code) => {
  if (async && code === 0 && verdict !== 'Test262:AsyncTestComplete') {
    console.error(`Error: ${verdict ?? 'it never said that it is done'}`);
    process.exitCode = 1;
  }
});
