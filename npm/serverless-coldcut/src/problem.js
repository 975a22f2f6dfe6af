'use strict';

// What goes wrong and is not this plugin's fault: a code and a text that names the fix. `index.js`
// turns it into the framework's own error class, which it prints without a stack.

module.exports = class Problem extends Error {
  /** @param {string} code without the prefix `COLDCUT_` */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
};
