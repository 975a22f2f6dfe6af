'use strict';

// Where coldcut's binary is.
//
// In: an environment. Out: a path, or an `Problem` that says how to get one. `COLDCUT_BINARY` comes
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
  try {
    const { binary } = load();
    if (binary && existsSync(binary)) return binary;
    throw new Error(`it names no binary for ${process.platform} on ${process.arch}`);
  } catch (error) {
    const reason =
      error.code === 'MODULE_NOT_FOUND' ? 'the package "coldcut" is not installed' : error.message;
    throw new Problem(
      'BINARY_MISSING',
      `There is no coldcut binary for this machine (${process.platform}, ${process.arch}): ${reason}.\n` +
        'Run "npm install --save-dev coldcut" without "--omit=optional" (its binaries are optional ' +
        'dependencies), or set COLDCUT_BINARY to a binary that you built.'
    );
  }
};
