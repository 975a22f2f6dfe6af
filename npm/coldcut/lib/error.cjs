"use strict";
// What goes wrong: `code` is coldcut's own where there is one (`CC023`), `status` the exit status,
// `stderr` everything that was said, `report` what was printed all the same.

class ColdcutError extends Error {
  constructor(message, { help, code, status, stderr = "", report } = {}) {
    super(help ? `${message}\n  help: ${help}` : message);
    this.name = "ColdcutError";
    this.code = code ?? null;
    this.status = status ?? null;
    this.stderr = stderr;
    this.report = report ?? null;
  }
}

module.exports = { ColdcutError };
