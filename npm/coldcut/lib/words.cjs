"use strict";
// Options as the command line has them. In: the command's own options, in camelCase. Out: its words.
// The one place that knows, for the API and for the packages that go with coldcut.

/** How a run is done, and no option of the command's. */
const OF_THE_RUN = ["cwd", "processEnv", "signal", "onLog"];

function flag(name) {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Lists repeat the flag, maps give `KEY=VALUE`.
 * @param {object} options
 * @param {string[]} [positional] names of options that are no flags of the command
 */
function words(options, positional = []) {
  const out = [];
  for (const [name, value] of Object.entries(options)) {
    if (OF_THE_RUN.includes(name) || positional.includes(name)) continue;
    if (value === undefined || value === null || value === false) continue;
    if (value === true) out.push(flag(name));
    else if (Array.isArray(value)) out.push(...value.map((one) => `${flag(name)}=${one}`));
    else if (typeof value === "object") {
      out.push(...Object.entries(value).map(([key, one]) => `${flag(name)}=${key}=${one}`));
    } else out.push(`${flag(name)}=${value}`);
  }
  return out;
}

module.exports = { words };
