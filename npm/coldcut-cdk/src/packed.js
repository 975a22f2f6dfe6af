'use strict';

// Runs coldcut while a stack is made, which cannot wait.
//
// In: a project, a function of it, options by the names of the command line in camelCase. Out: the zip
// with its digest and settings. What a project declares is packed in one run for all of its functions,
// and once a process; a source file has a run of its own.

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const coldcut = require('coldcut');
const { words } = require('coldcut/words');

const runs = new Map();

function run(dir, args) {
  const key = JSON.stringify([dir, args]);
  if (!runs.has(key)) {
    const { status, stdout, stderr, error } = spawnSync(coldcut.binary, args, { cwd: dir, encoding: 'utf8', maxBuffer: 1 << 30 });
    if (error) throw error;
    runs.set(key, { status, stdout, stderr });
  }
  return runs.get(key);
}

/** Of each function alone: it is said for one, and would hold for all of a run. */
const OWN = ['runtime', 'arch', 'env', 'event'];

module.exports = function packed({ where, dir, entry, name, options }) {
  // An entry has a folder of its own, since two may have one name.
  const out = path.join('.coldcut', 'cdk', entry ? entry.replace(/[^A-Za-z0-9]+/g, '-') : 'project');
  let said = options;
  if (!entry) said = Object.fromEntries(Object.entries(options).filter(([key]) => !OWN.includes(key)));
  const args = ['pack', '--json', `--out=${out}`, ...words(said), ...(entry ? [`--entry=${entry}`] : [])];
  const { status, stdout, stderr } = run(dir, args);
  const fail = (why) => {
    throw new Error(`${where}: ${why}\n${stderr.trim()}`);
  };
  if (status === 3) fail('coldcut: a budget is exceeded');
  if (status === 4) fail('coldcut: an artifact does not do what the original does');
  if (status !== 0) fail('coldcut could not pack it');
  const report = JSON.parse(stdout);
  const found = report.functions.find((one) => entry || one.name === name);
  if (!found) fail(`coldcut knows no function \`${name}\` in ${dir}: ${report.functions.map((one) => one.name).join(', ')}`);
  if (!entry && (found.runtime !== options.runtime || found.arch !== options.arch)) {
    fail(`\`${name}\` was packed for ${found.runtime} on ${found.arch}, but the construct uses ${options.runtime} on ${options.arch}: set the same values in coldcut.toml`);
  }
  return {
    report: found,
    zip: path.resolve(dir, found.artifact.path),
    sha256: found.artifact.sha256,
    handler: found.handler,
    setting: found.handler_setting,
  };
};
