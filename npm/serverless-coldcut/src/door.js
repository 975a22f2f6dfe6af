'use strict';

// A CommonJS way into a handler that is an ES module.
//
// In: the folder that an artifact was laid out in, the handler's file, the export's name. Out: a
// `.cjs` beside it. `invoke local` of version 3 and of osls asks for a handler by `require` with no
// extension, and finds `.js` and `.cjs`, though Lambda itself takes `.mjs` too.

const fs = require('node:fs/promises');
const path = require('node:path');

module.exports = async function door(folder, file, name) {
  if (path.extname(file) !== '.mjs') return;
  const module = JSON.stringify(`./${path.basename(file)}`);
  const key = JSON.stringify(name);
  // A handler that gives no promise answers by its callback; a promise here would answer before it.
  const text = `'use strict';
exports[${key}] = async (event, context, callback) => {
  const code = await import(${module});
  const answer = code[${key}](event, context, callback);
  return answer && typeof answer.then === 'function' ? answer : new Promise(() => {});
};
`;
  await fs.writeFile(path.join(folder, file.replace(/\.mjs$/, '.cjs')), text);
};
