'use strict';

// Where coldcut's binary is.
//
// In: an environment. Out: a path, or a `Problem` that says how to get one. `COLDCUT_BINARY` comes
// first, so that a build of one's own can be tried without touching `node_modules`.

const { existsSync } = require('node:fs');
const Problem = require('./problem');

module.exports = function findBinary(env, load = () => require('coldcut')) {
  const told = env.COLDCUT_BINARY;
  if (told) {
    if (existsSync(told)) return told;
    throw new Problem(
      'BINARY_MISSING',
      `COLDCUT_BINARY names a file that does not exist: ${told}\n` +
        'Correct it, or unset it to use the binary of the package "coldcut".'
    );
  }
  let reason;
  try {
    const { binary } = load();
    if (binary && existsSync(binary)) return binary;
    reason = binary ? `${binary} does not exist` : 'the package "coldcut" has another version and names no binary';
  } catch (error) {
    // Where it is installed, `coldcut` itself knows best what is amiss.
    if (error.code !== 'MODULE_NOT_FOUND') throw new Problem('BINARY_MISSING', error.message);
    reason = 'the package "coldcut" is not installed';
  }
  throw new Problem(
    'BINARY_MISSING',
    `There is no coldcut binary for this machine (${process.platform}, ${process.arch}): ${reason}.\n` +
      'Run "npm install --save-dev coldcut" without "--omit=optional" (its binaries are optional ' +
      'dependencies), or set COLDCUT_BINARY to a binary that you built.'
  );
};
