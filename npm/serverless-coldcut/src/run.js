'use strict';

// Runs `coldcut pack`.
//
// In: the service's folder, its configuration, what is asked. Out: the report, and what is said where
// a budget is exceeded and that shall stop nobody; or a `Problem`.
// The configuration goes in by standard input, since the framework has resolved it already and a
// file would lie about with the secrets that are in it.

const { spawn } = require('node:child_process');
const Problem = require('./problem');
const words = require('./words');

/** coldcut's exit statuses that come with a report. */
const OVER_BUDGET = 3;
const DIFFERS = 4;

const HEADS = {
  [OVER_BUDGET]: 'coldcut packed the service, but it is over budget. The framework got nothing.',
  [DIFFERS]: 'coldcut packed the service, but an artifact does not do what the original does. The framework got nothing.',
};
const GOES_ON = 'coldcut: over budget, which `package` and `deploy` will refuse.';

/**
 * @param {object} ask
 * @param {string} ask.binary
 * @param {string} ask.cwd the service's folder
 * @param {object} ask.env
 * @param {string} ask.service the configuration as JSON
 * @param {string[]} ask.functions names; all where it is empty
 * @param {string} ask.out where artifacts go, seen from `cwd`
 * @param {string} [ask.unpack] where artifacts are laid out as folders
 * @param {boolean} [ask.mayBeOver] a budget that is exceeded is no failure
 * @returns {Promise<{ report: object, over?: string }>}
 */
async function pack({ binary, cwd, env, service, functions, out, unpack, mayBeOver }) {
  const args = ['pack', '.', '--service', '-', '--json', '--out', out];
  for (const name of functions) args.push(`--function=${name}`);
  if (unpack) args.push('--unpack', unpack);
  const { status, signal, stdout, stderr } = await run(binary, args, { cwd, env }, service);
  const isOver = status === OVER_BUDGET && mayBeOver;
  if (status !== 0 && !isOver) throw failure(status, signal, stderr);
  try {
    const report = JSON.parse(stdout);
    return isOver ? { report, over: `${GOES_ON}\n${words.errors(stderr).text}` } : { report };
  } catch (error) {
    throw new Problem(
      'NO_REPORT',
      `coldcut did not print a report that can be read (${error.message}).\n` +
        'Install "coldcut" and "serverless-coldcut" in the same version.'
    );
  }
}

function failure(status, signal, stderr) {
  if (status === null) {
    return new Problem('ENDED', `coldcut was ended by ${signal}; run the command again.`);
  }
  const { code, text } = words.errors(stderr);
  let message = text || `coldcut ended with status ${status} and printed nothing.`;
  if (HEADS[status]) message = `${HEADS[status]}\n\n${message}`;
  // Not one of coldcut's own diagnostics: its command line did not understand this plugin.
  if (status === 2 && !code) {
    message += '\n\nInstall "coldcut" and "serverless-coldcut" in the same version.';
  }
  return new Problem(code || `STATUS_${status}`, message);
}

function run(binary, args, options, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { ...options, stdio: 'pipe', windowsHide: true });
    const out = [];
    const err = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.on('error', (error) =>
      reject(
        new Problem(
          'CANNOT_START',
          `coldcut cannot be started (${error.code}): ${binary}\n` +
            'Install the package "coldcut" again, or correct COLDCUT_BINARY.'
        )
      )
    );
    child.on('close', (status, signal) =>
      resolve({
        status,
        signal,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      })
    );
    // A child that ends early says why on standard error; the broken pipe says nothing more.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

module.exports = { pack };
