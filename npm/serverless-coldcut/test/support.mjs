// What the tests share: real frameworks, projects in folders of their own, zips and their handlers.
//
// In: names of frameworks (`test/frameworks/`) and fixtures. Out: folders, finished processes, files
// of zips. Frameworks and dependencies are installed once, by `npm ci` from lock files.

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

export const here = (file) => fileURLToPath(new URL(file, import.meta.url));

const ROOT = path.join(tmpdir(), `serverless-coldcut-test-${process.getuid?.() ?? 'user'}`);
const BIN = { v3: 'serverless/bin/serverless.js', osls3: 'osls/bin/serverless.js', osls: 'osls/bin/serverless.js' };
export const FRAMEWORKS = Object.keys(BIN);

export const binary = process.env.COLDCUT_BINARY;
if (!binary) throw new Error('set COLDCUT_BINARY to the coldcut to run');

/** Made beside and then renamed, so that test files that run at once share it. */
function once(folder, make) {
  if (existsSync(folder)) return folder;
  mkdirSync(path.dirname(folder), { recursive: true });
  const beside = mkdtempSync(`${folder}.`);
  make(beside);
  try {
    renameSync(beside, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(beside, { recursive: true });
  }
  return folder;
}

function npmCi(folder) {
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Outside of the repository, so that nothing is found by chance; named by its lock file. */
function installed(source, files) {
  const lock = readFileSync(path.join(source, 'package-lock.json'));
  const name = `${path.basename(source)}-${lock.length}-${hash(lock)}`;
  return once(path.join(ROOT, name), (folder) => {
    for (const file of files) cpSync(path.join(source, file), path.join(folder, file));
    npmCi(folder);
  });
}

function hash(bytes) {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return sum.toString(16);
}

const MANIFESTS = ['package.json', 'package-lock.json'];

export function framework(name) {
  const folder = installed(here(`frameworks/${name}`), MANIFESTS);
  return path.join(folder, 'node_modules', BIN[name]);
}

/** A temporary folder that goes with the process. */
process.setMaxListeners(0);
export function temporary() {
  const folder = mkdtempSync(path.join(tmpdir(), 'serverless-coldcut-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The plugin as npm would publish and install it: what `files` names, and nothing else. */
export function addPlugin(project) {
  const target = path.join(project, 'node_modules/serverless-coldcut');
  const { files } = JSON.parse(readFileSync(here('../package.json'), 'utf8'));
  rmSync(target, { recursive: true, force: true });
  for (const file of ['package.json', ...files]) {
    const source = path.join(here('..'), file);
    if (existsSync(source)) cpSync(source, path.join(target, file), { recursive: true });
  }
}

/**
 * A fixture with its dependencies and the plugin, in a folder of its own.
 *
 * @param {object} files what to write over it: texts, or functions of the text that is there
 */
export function project(fixture, files = {}) {
  const source = path.isAbsolute(fixture) ? fixture : here(`fixtures/${fixture}`);
  const folder = temporary();
  cpSync(source, folder, {
    recursive: true,
    filter: (file) => !/[\\/](node_modules|\.serverless|\.coldcut)$/.test(file),
  });
  if (existsSync(path.join(source, 'package-lock.json'))) {
    const ready = installed(source, MANIFESTS);
    cpSync(path.join(ready, 'node_modules'), path.join(folder, 'node_modules'), { recursive: true });
  }
  addPlugin(folder);
  for (const [file, text] of Object.entries(files)) write(folder, file, text);
  return folder;
}

export function write(folder, file, text) {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, typeof text === 'function' ? text(readFileSync(target, 'utf8')) : text);
}

export const read = (folder, file) => readFileSync(path.join(folder, file), 'utf8');
export const exists = (folder, file) => existsSync(path.join(folder, file));
export const zipsIn = (folder) =>
  existsSync(folder) ? readdirSync(folder).filter((file) => file.includes('.zip')).sort() : [];

/** No credentials that count, no network, no reports home, no colour. */
export function environment(extra = {}) {
  const { PATH, TMPDIR } = process.env;
  const home = path.join(ROOT, 'home');
  mkdirSync(home, { recursive: true });
  const nowhere = 'http://127.0.0.1:9';
  const env = {
    PATH,
    ...(TMPDIR ? { TMPDIR } : {}),
    HOME: home,
    COLDCUT_BINARY: binary,
    SLS_TELEMETRY_DISABLED: '1',
    SLS_TRACKING_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    HTTPS_PROXY: nowhere,
    HTTP_PROXY: nowhere,
    SLS_AWS_MONITORING_FREQUENCY: '50',
    NO_COLOR: '1',
    ...extra,
  };
  for (const key of Object.keys(env)) if (env[key] === undefined) delete env[key];
  return env;
}

/** Runs a program to its end. */
export function run(program, args, { cwd, env = environment(), input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'pipe' });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].on('data', (chunk) => (texts[stream] += chunk));
    }
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...texts, all: texts.stdout + texts.stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** `serverless ARGS` in a project. */
export function sls(name, cwd, args, { env } = {}) {
  return run(process.execPath, [framework(name), ...args], { cwd, env: environment(env) });
}

/** The files of a zip by their names. */
export function unzip(file) {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  const files = new Map();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + packed);
    files.set(zip.toString('utf8', at + 46, at + 46 + name), method ? inflateRawSync(bytes) : bytes);
    at += 46 + name + extra + comment;
  }
  return files;
}

/** What a zip's handler answers, called from an empty folder. */
export async function call(file, handler, event = {}, env = {}) {
  const folder = temporary();
  for (const [name, bytes] of unzip(file)) {
    if (!name.endsWith('/')) write(folder, name, bytes);
  }
  const [module, name] = [handler.slice(0, handler.lastIndexOf('.')), handler.slice(handler.lastIndexOf('.') + 1)];
  const found = ['.js', '.mjs', '.cjs'].map((end) => path.join(folder, module + end)).find((one) => existsSync(one));
  const program = `
    const code = await import(${JSON.stringify(found)});
    const handle = code[${JSON.stringify(name)}] ?? code.default[${JSON.stringify(name)}];
    console.log(JSON.stringify(await handle(${JSON.stringify(event)}, {})));`;
  const done = await run(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout);
}

export const template = (folder) =>
  JSON.parse(read(folder, '.serverless/cloudformation-template-update-stack.json')).Resources;
