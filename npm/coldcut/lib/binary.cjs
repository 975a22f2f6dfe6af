"use strict";
// Where the program is: in the optional package of this machine's platform, of which npm installs
// the one that fits and no other. In: what the machine is. Out: an absolute path, or an error that
// says what to install.

const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { platforms } = require("../platforms.json");
const { ColdcutError } = require("./error.cjs");

/** The C library that this Node.js runs with; nothing outside of Linux. */
function libc() {
  if (process.platform !== "linux") return null;
  return process.report?.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
}

function machine() {
  return { os: process.platform, cpu: process.arch, libc: libc() };
}

/** How messages call a platform. */
function title({ os, cpu, libc }) {
  return `${os} ${cpu}${libc === "musl" ? " musl" : ""}`;
}

function fits(platform, { os, cpu, libc }) {
  return platform.os === os && platform.cpu === cpu && (platform.libc ?? null) === (libc ?? null);
}

function folder(name, from) {
  try {
    return path.dirname(createRequire(path.join(from, "_")).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

/** Where this file is part of a bundle, only `coldcut` itself, seen from there, sees its platforms. */
function resolved(name, from) {
  const own = folder(name, from);
  if (own) return own;
  const coldcut = folder("coldcut", from);
  return coldcut && folder(name, coldcut);
}

/**
 * The absolute path of the program. `COLDCUT_BINARY` goes before everything.
 * @param {{ host?: object, env?: object, from?: string }} [where] for tests: the machine, its
 *   environment, and the folder whose packages count
 */
function find({ host = machine(), env = process.env, from = __dirname } = {}) {
  const told = env.COLDCUT_BINARY;
  if (told) {
    const file = path.resolve(told);
    if (fs.existsSync(file)) return file;
    throw new ColdcutError(`COLDCUT_BINARY is \`${told}\`, but this file does not exist`, {
      help: "name the program, or unset the variable to take the installed one",
    });
  }
  const platform = platforms.find((one) => fits(one, host));
  if (!platform) {
    const all = platforms.map((one) => title(one)).join(", ");
    throw new ColdcutError(`coldcut has no program for ${title(host)}`, {
      help: `there are programs for ${all}; on other machines build it with \`cargo install coldcut\` and set COLDCUT_BINARY`,
    });
  }
  const installed = resolved(platform.package, from);
  if (!installed) {
    const other = platforms.find((one) => resolved(one.package, from));
    const why = other
      ? `\`${other.package}\` is installed instead: node_modules comes from another machine`
      : "optional dependencies were left out, or the lock file was written without them";
    throw new ColdcutError(`the package \`${platform.package}\` is not installed: ${why}`, {
      help: "install on this machine: `npm install --include=optional`; if the lock file is the cause, delete it and node_modules first",
    });
  }
  const file = path.join(installed, platform.binary);
  try {
    fs.accessSync(file, fs.constants.X_OK);
  } catch {
    throw new ColdcutError(`\`${file}\` is missing or may not be run`, {
      help: "install again: `npm install --force`",
    });
  }
  return file;
}

module.exports = { find };
