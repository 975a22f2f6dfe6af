#!/usr/bin/env node
// Bundles the same handlers with coldcut and its peers, proves each result in an empty folder, and
// prints sizes, times and memory. See README.md. Writes only below `--work` and to `--json`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import zlib from 'node:zlib';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const FIXTURES = path.join(HERE, '../../fixtures');
const { values: flags } = parseArgs({
  options: {
    work: { type: 'string' },
    apps: { type: 'string', default: process.env.COLDCUT_BENCH_APPS },
    checkouts: { type: 'string', default: process.env.COLDCUT_BENCH_CHECKOUTS },
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    tools: { type: 'string', default: '' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const USAGE = `node run.mjs --work DIR [--apps LIST_DIR --checkouts DIR] [--runs N] [--only TEXT] [--tools a,b] [--json FILE]`;
if (flags.help) {
  console.log(USAGE);
  process.exit(0);
}
const RUNS = Number(flags.runs);
if (!flags.work || !Number.isInteger(RUNS) || RUNS < 1) {
  console.error(USAGE);
  process.exit(2);
}

// ---- the work folder ---------------------------------------------------------------------------

fs.mkdirSync(flags.work, { recursive: true });
const WORK = fs.realpathSync(flags.work);
for (let dir = WORK; ; dir = path.dirname(dir)) {
  if (fs.existsSync(path.join(dir, 'node_modules'))) {
    console.error(`${dir} holds a node_modules: results under ${WORK} could find packages there; choose another --work`);
    process.exit(2);
  }
  if (dir === path.dirname(dir)) break;
}
if (WORK.startsWith(fs.realpathSync(path.join(HERE, '../..')) + path.sep)) {
  console.error('--work must lie outside the repository');
  process.exit(2);
}
const at = (...parts) => path.join(WORK, ...parts);
const SUBJECTS = at('subjects');
// While results are loaded, the projects lie under another name: a bundle that names a file of its project must not find it.
const AWAY = at('subjects.away');
if (fs.existsSync(AWAY)) fs.renameSync(AWAY, SUBJECTS);
fs.mkdirSync(SUBJECTS, { recursive: true });
fs.mkdirSync(at('home'), { recursive: true });
const PEERS = at('peers');
const notes = [];

const read = (file) => fs.readFileSync(file, 'utf8');
const readJson = (file) => JSON.parse(read(file));
const say = (text) => process.stderr.write(`${text}\n`);

function firstError(text) {
  const lines = text.replace(/\x1b\[[0-9;]*m/g, '').split('\n').map((line) => line.trim()).filter(Boolean);
  // Headings that say no more than that it failed.
  const telling = lines.filter((line) => !/^ERROR\s+(Build failed|in )|^Error: \[tsl\] ERROR$|^Module build failed|^Panic occurred|^thread .* panicked|^ncc: (Version|Compiling|Using)|^npm warn/i.test(line));
  const found = telling.find((line) => /error|cannot|can't|could not|unable|failed|not found|TS\d+:/i.test(line)) ?? telling[0] ?? lines[0] ?? 'no message';
  return shorten(found);
}

// Paths of this machine are no part of a result.
const shorten = (text) => text.replaceAll(WORK, 'WORK').slice(0, 240);

// ---- subjects ----------------------------------------------------------------------------------

const SKIPPED = new Set(['node_modules', '.git', '.coldcut', 'target', '.serverless']);
const exec = (spec, ...args) => ['npm', 'exec', '--yes', `--package=${spec}`, '--', ...args];
const INSTALLERS = [
  ['package-lock.json', ['npm', 'ci', '--no-audit', '--no-fund']],
  ['pnpm-lock.yaml', exec('pnpm@10', 'pnpm', 'install', '--frozen-lockfile')],
  ['yarn.lock', exec('yarn@1', 'yarn', 'install', '--frozen-lockfile', '--non-interactive')],
];

/** Fills a folder once and installs it from its lock file; again when the lock has changed. */
function installed(dir, fill) {
  const fresh = `${dir}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fill(fresh);
  const installer = INSTALLERS.find(([lock]) => fs.existsSync(path.join(fresh, lock)));
  if (!installer) throw new Error(`${path.basename(dir)} has no lock file`);
  const stamp = createHash('sha256').update(read(path.join(fresh, installer[0]))).update(read(path.join(fresh, 'package.json'))).digest('hex');
  const mark = `${dir}.installed`;
  if (fs.existsSync(mark) && read(mark) === stamp && fs.existsSync(path.join(dir, 'node_modules'))) {
    fs.cpSync(fresh, dir, { recursive: true });
    fs.rmSync(fresh, { recursive: true });
    return dir;
  }
  fs.rmSync(dir, { recursive: true, force: true });
  fs.rmSync(mark, { force: true });
  fs.renameSync(fresh, dir);
  say(`installing ${path.basename(dir)}`);
  const [command, ...args] = installer[1];
  const options = { cwd: dir, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'development' } };
  let ran = spawnSync(command, args, options);
  if (/EUSAGE/.test(ran.stderr) && dir.startsWith(SUBJECTS)) {
    // An app whose author let the lock file fall behind its package.json.
    fs.writeFileSync(`${dir}.unlocked`, '');
    ran = spawnSync('npm', ['install', '--no-audit', '--no-fund'], options);
  }
  if (ran.status !== 0) throw new Error(`${command} failed in ${path.basename(dir)}: ${firstError(ran.stderr || String(ran.error))}`);
  fs.writeFileSync(mark, stamp);
  return dir;
}

const copyOf = (source) => (dir) => fs.cpSync(source, dir, { recursive: true, filter: (file) => !SKIPPED.has(path.basename(file)) });

// The packages of this case stand for what the platform provides, too.
const DYNAMO = path.join(HERE, 'cases/dynamo');
const PROVIDED = Object.keys(readJson(path.join(DYNAMO, 'package.json')).dependencies);

/** `files`: read at run time or required by a computed name; copied by hand where a result does not work without. */
const FIXTURE_CASES = [
  { fixture: 'orders-api', name: 'api', entry: 'src/http.ts', provided: true },
  { fixture: 'orders-api', name: 'createOrder', entry: 'src/create-order.ts', export: 'main', provided: true },
  { fixture: 'orders-api', name: 'report', entry: 'src/report.ts', export: 'main', provided: true, files: ['templates'] },
  { fixture: 'legacy-cjs', name: 'invoice', entry: 'handlers/invoice.js', files: ['locale'] },
  { fixture: 'legacy-cjs', name: 'sync', entry: 'handlers/sync.js', export: 'run' },
  // Both functions as one bundle, called as `sync` is.
  { fixture: 'legacy-cjs', name: 'both', like: 'sync', entry: 'both.js', export: 'run', files: ['locale'], text: "exports.handler = require('./handlers/invoice').handler;\nexports.run = require('./handlers/sync').run;\n" },
  { fixture: 'esm-tla', name: 'IngestFunction', entry: 'src/ingest.js', format: 'esm', files: ['config/settings.json', 'package.json'] },
  { fixture: 'esm-tla', name: 'DigestFunction', entry: 'src/digest.js', format: 'esm', files: ['config/settings.json', 'package.json', 'src/formatters'] },
  { fixture: 'pnpm-workspace', folder: 'services/hello', name: 'hello', entry: 'src/hello.ts' },
  { fixture: 'npm-workspace', folder: 'packages/fn', name: 'caption', entry: 'src/caption.js' },
  { fixture: 'yarn1', folder: 'packages/api', name: 'api', entry: 'src/index.js' },
];

function fixtureCase(spec) {
  const root = path.join(installed(path.join(SUBJECTS, spec.fixture), copyOf(path.join(FIXTURES, spec.fixture))), spec.folder ?? '');
  const source = path.join(FIXTURES, spec.fixture, spec.folder ?? '');
  if (spec.text) fs.writeFileSync(path.join(root, spec.entry), spec.text);
  return {
    id: `${spec.fixture}/${spec.name}`,
    root,
    entry: spec.entry,
    export: spec.export ?? 'handler',
    format: spec.format ?? 'cjs',
    provided: spec.provided,
    files: (spec.files ?? []).map((file) => [file, file]),
    env: { NODE_ENV: 'production' },
    event: readJson(path.join(source, `events/${spec.like ?? spec.name}.json`)),
    right: ({ value }) => isDeepStrictEqual(JSON.parse(JSON.stringify(value ?? null)), readJson(path.join(source, `expected/${spec.like ?? spec.name}.json`))),
  };
}

function dynamoCase() {
  const note = { id: 'n1', text: 'cut it cold', words: 3 };
  return {
    id: 'dynamo (SDK bundled)',
    root: installed(path.join(SUBJECTS, 'dynamo'), copyOf(DYNAMO)),
    entry: 'index.mjs',
    export: 'handler',
    format: 'cjs',
    files: [],
    env: {},
    dynamo: true,
    event: { id: note.id, text: note.text },
    right: ({ value }) => isDeepStrictEqual(value, { statusCode: 200, note }),
  };
}

function gitDirOf(repo) {
  const names = [repo, repo.replace('/', '+'), `${repo.replace('/', '+')}/repo`, path.basename(repo)];
  return names.map((name) => path.join(flags.checkouts, name)).find((dir) => spawnSync('git', ['-C', dir, 'rev-parse', '--absolute-git-dir']).status === 0);
}

/** The app's folder at its commit, and the TypeScript settings in the folders above it. */
function checkOut(app, locks, dir) {
  const git = gitDirOf(app.repo);
  if (!git) throw new Error(`no checkout of ${app.repo}`);
  const listed = spawnSync('git', ['-C', git, 'ls-tree', '-r', '--name-only', app.commit], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (listed.status !== 0) throw new Error(`commit ${app.commit.slice(0, 12)} is not in the checkout of ${app.repo}`);
  const above = (file) => /^tsconfig[^/]*\.json$/.test(path.posix.basename(file)) && `${app.path}/`.startsWith(path.posix.dirname(file) === '.' ? '' : `${path.posix.dirname(file)}/`);
  const wanted = [app.path, ...listed.stdout.split('\n').filter(above)];
  fs.mkdirSync(dir, { recursive: true });
  const archive = spawnSync('git', ['-C', git, 'archive', app.commit, ...wanted], { maxBuffer: 1 << 30 });
  if (archive.status !== 0) throw new Error(firstError(String(archive.stderr)));
  if (spawnSync('tar', ['-x', '-C', dir], { input: archive.stdout }).status !== 0) throw new Error('the archive does not unpack');
  const lock = path.join(locks, `${app.id}.package-lock.json`);
  if (fs.existsSync(lock)) fs.copyFileSync(lock, path.join(dir, app.path, 'package-lock.json'));
}

function appCases(app, list, locks) {
  const top = path.join(SUBJECTS, app.id);
  const fresh = `${top}.git`;
  fs.rmSync(fresh, { recursive: true, force: true });
  checkOut(app, locks, fresh);
  fs.cpSync(fresh, top, { recursive: true });
  const root = installed(path.join(top, app.path), copyOf(path.join(fresh, app.path)));
  fs.rmSync(fresh, { recursive: true });
  if (fs.existsSync(`${root}.unlocked`)) notes.push(`${app.id}: its lock file is behind its package.json, so \`npm install\`, not \`npm ci\`: its sizes can change with the registry`);
  return app.functions.map((fn) => ({
    id: app.functions.length > 1 ? `${app.id}/${path.basename(fn.entry).replace(/\.\w+$/, '')}` : app.id,
    root,
    entry: fn.entry,
    export: fn.export,
    format: app.esm ? 'esm' : 'cjs',
    provided: app.awsRuntime,
    // In the list, a copy's place is relative to the bundle's.
    files: (app.manual?.copy ?? []).map(([from, to]) => [from, path.join(path.dirname(fn.entry), to)]),
    env: { ...list.env, ...app.env },
    ...(fn.invoke && {
      event: fn.invoke.event,
      right: ({ value, thrown }) => (fn.invoke.expectError ? (thrown ?? '').includes(fn.invoke.expectError) : (JSON.stringify(value) ?? '').includes(fn.invoke.expect)),
    }),
  }));
}

function collectCases() {
  const wanted = (id) => flags.only.split(',').some((text) => id.includes(text));
  const cases = [];
  const add = (id, make) => {
    try {
      cases.push(...[make()].flat());
    } catch (error) {
      notes.push(`${id} skipped: ${shorten(error.message)}`);
    }
  };
  for (const spec of FIXTURE_CASES) if (wanted(`${spec.fixture}/${spec.name}`)) add(`${spec.fixture}/${spec.name}`, () => fixtureCase(spec));
  if (wanted('dynamo (SDK bundled)')) add('dynamo', dynamoCase);
  if (!flags.apps) notes.push('apps skipped: no --apps');
  else if (!flags.checkouts) notes.push('apps skipped: no --checkouts');
  else {
    const folder = flags.apps.endsWith('.json') ? path.dirname(flags.apps) : flags.apps;
    const list = readJson(flags.apps.endsWith('.json') ? flags.apps : path.join(folder, 'apps.json'));
    for (const app of list.apps) {
      const ids = app.functions.map((fn) => `${app.id}/${fn.entry}`);
      if (ids.some(wanted)) add(app.id, () => appCases(app, list, path.join(folder, 'locks')));
    }
  }
  return cases;
}

// ---- tools -------------------------------------------------------------------------------------

const BANNER =
  "import{createRequire as __bcr}from'node:module';import{fileURLToPath as __bfu}from'node:url';import{dirname as __bdn}from'node:path';" +
  'const require=__bcr(import.meta.url),__filename=__bfu(import.meta.url),__dirname=__bdn(__filename);';

const peer = (name) => path.join(PEERS, 'node_modules', name);
const peerVersion = (name) => readJson(path.join(peer(name), 'package.json')).version;
const each = (flag, values) => values.flatMap((value) => [flag, value]);

const esbuild = (more) => ({
  version: () => peerVersion('esbuild'),
  command: (job) => [
    path.join(peer('esbuild'), 'bin/esbuild'), job.entry, '--bundle', '--minify', '--platform=node', '--target=node20', `--format=${job.format}`, `--outfile=${job.out}`,
    '--legal-comments=external', '--log-level=error', ...job.external.map((name) => `--external:${name}`), ...(job.banner ? [`--banner:js=${BANNER}`] : []), ...more,
  ],
});

const TOOLS = {
  coldcut: {
    version: () => spawnSync(process.env.COLDCUT_BIN, ['--version'], { encoding: 'utf8' }).stdout.trim(),
    command: (job) => [process.env.COLDCUT_BIN, 'bundle', job.entry, '--outfile', job.out, '--format', job.format, '--platform', 'node', '--minify', ...(job.thorough ? ['--thorough'] : []), ...each('--external', job.external)],
  },
  esbuild: esbuild([]),
  'esbuild-mf': esbuild(['--main-fields=module,main']),
  rspack: {
    version: () => peerVersion('@rspack/core'),
    command(job) {
      const config = at('configs', `${job.slug}.mjs`);
      fs.mkdirSync(path.dirname(config), { recursive: true });
      fs.writeFileSync(config, `export default ${JSON.stringify(rspackConfig(job), null, 1).replace('"TYPESCRIPT"', String(/\.[cm]?tsx?$/))};\n`);
      return [process.execPath, path.join(peer('@rspack/cli'), readJson(path.join(peer('@rspack/cli'), 'package.json')).bin.rspack), 'build', '-c', config];
    },
  },
  rolldown: {
    version: () => peerVersion('rolldown'),
    command: (job) => [
      process.execPath, path.join(peer('rolldown'), 'bin/cli.mjs'), job.entry, '--file', job.out, '--format', job.format, '--platform', 'node', '--minify', '--no-codeSplitting',
      '--transform.target', 'node20', '--legalComments', 'none', '--logLevel', 'silent', ...(job.external.length ? ['--external', job.external.join(',')] : []),
    ],
  },
  ncc: {
    version: () => peerVersion('@vercel/ncc'),
    // It names the file and chooses the format itself.
    command: (job) => [
      process.execPath, path.join(peer('@vercel/ncc'), 'dist/ncc/cli.js'), 'build', job.entry, '-o', path.dirname(job.out), '-m', '-C', '-q', '-t', '--target', 'es2022', ...each('-e', job.external),
    ],
    out: (job) => ['index.js', 'index.mjs', 'index.cjs'].map((name) => path.join(path.dirname(job.out), name)).find((file) => fs.existsSync(file)),
  },
};

function rspackConfig(job) {
  const tsconfig = path.join(job.cwd, 'tsconfig.json');
  const typed = fs.existsSync(tsconfig);
  const esm = job.format === 'esm';
  return {
    mode: 'production',
    target: 'node20',
    context: job.cwd,
    entry: { main: job.entry },
    devtool: false,
    output: { path: path.dirname(job.out), filename: path.basename(job.out), library: { type: esm ? 'module' : 'commonjs2' }, ...(esm ? { module: true, chunkFormat: 'module' } : { asyncChunks: false }) },
    externals: Object.fromEntries(job.external.map((name) => [name, `${esm ? 'module' : 'commonjs'} ${name}`])),
    externalsPresets: { node: true },
    resolve: { extensions: ['.ts', '.tsx', '...'], extensionAlias: { '.js': ['.ts', '.js'] }, ...(typed && { tsConfig: tsconfig }) },
    module: {
      // Otherwise `import.meta.url` becomes the path of the source on the machine that builds.
      ...(esm && { parser: { javascript: { importMeta: false } } }),
      rules: [{
        test: 'TYPESCRIPT',
        loader: 'builtin:swc-loader',
        options: { jsc: { parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: typed && /"experimentalDecorators"\s*:\s*true/.test(read(tsconfig)) }, externalHelpers: false }, env: { targets: 'node 20' } },
        type: 'javascript/auto',
      }],
    },
    performance: false,
    stats: 'errors-only',
  };
}

// ---- one build and its proof -------------------------------------------------------------------

const GNU_TIME = fs.existsSync('/usr/bin/time') && spawnSync('/usr/bin/time', ['-v', 'true'], { encoding: 'utf8' }).stderr.includes('Maximum resident') ? '/usr/bin/time' : null;

function jobOf(subject, tool, banner) {
  const slug = `${subject.id}-${tool}`.replace(/[^\w.-]+/g, '_');
  const task = at('out', slug, 'task');
  const base = subject.entry.replace(/\.\w+$/, subject.format === 'esm' ? '.mjs' : '.cjs');
  return { tool, slug, task, banner, cwd: subject.root, entry: path.join(subject.root, subject.entry), out: path.join(task, base), format: subject.format, external: subject.provided ? PROVIDED : [] };
}

/** Whole process, start to end. With `rss`, under GNU time, whose figure is that of the largest single process. */
function build(job, rss) {
  fs.rmSync(path.dirname(job.task), { recursive: true, force: true });
  fs.mkdirSync(path.dirname(job.out), { recursive: true });
  let command = TOOLS[job.tool].command(job);
  const sheet = at('rss.txt');
  fs.rmSync(sheet, { force: true });
  if (rss && GNU_TIME) command = [GNU_TIME, '-v', '-o', sheet, ...command];
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  delete env.NODE_ENV;
  const start = process.hrtime.bigint();
  const ran = spawnSync(command[0], command.slice(1), { cwd: job.cwd, encoding: 'utf8', env, timeout: 300_000, maxBuffer: 1 << 28 });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  const file = (TOOLS[job.tool].out ?? (() => job.out))(job);
  const built = ran.status === 0 && file && fs.existsSync(file);
  const peak = fs.existsSync(sheet) && /Maximum resident set size \(kbytes\): (\d+)/.exec(read(sheet));
  return { file, ms, rss: peak ? Number(peak[1]) * 1024 : null, error: built ? null : `build: ${ran.error ? ran.error.message : firstError(`${ran.stderr}\n${ran.stdout}`)}` };
}

/** What shows of the project itself where no event is known: its own files joined, its packages as installed. */
function reference(subject) {
  const file = path.join(subject.root, path.dirname(subject.entry), `.bench-reference.${subject.format === 'esm' ? 'mjs' : 'cjs'}`);
  const ran = spawnSync(path.join(peer('esbuild'), 'bin/esbuild'), [subject.entry, '--bundle', '--packages=external', '--platform=node', '--target=node20', `--format=${subject.format}`, `--outfile=${file}`, '--log-level=error'], { cwd: subject.root, encoding: 'utf8' });
  if (ran.status !== 0) return { error: firstError(ran.stderr) };
  const got = load(subject, file, subject.root);
  fs.rmSync(file);
  return got;
}

/** Loads a file in a fresh process, and calls its export where the subject has an event. */
function load(subject, file, cwd) {
  const request = at('request.json');
  const answer = at('answer.json');
  fs.rmSync(answer, { force: true });
  // What a tool emits as ES module is loaded as such, whatever was asked of it.
  const nearest = path.join(path.dirname(file), 'package.json');
  const esm = file.endsWith('.mjs') || (file.endsWith('.js') && fs.existsSync(nearest) && readJson(nearest).type === 'module');
  fs.writeFileSync(request, JSON.stringify({ file, answer, export: subject.export, format: esm ? 'esm' : 'cjs', dynamo: subject.dynamo, ...('event' in subject && { event: subject.event }) }));
  const env = {
    PATH: process.env.PATH, HOME: at('home'), AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true', ...subject.env,
  };
  const ran = spawnSync(process.execPath, [path.join(HERE, 'load.mjs'), request], { cwd, env, encoding: 'utf8', timeout: 30_000 });
  return fs.existsSync(answer) ? readJson(answer) : { error: firstError(ran.stderr || 'no answer in 30 s') };
}

function prove(subject, job, file) {
  const beside = path.dirname(job.task);
  if (subject.provided) {
    fs.mkdirSync(path.join(beside, 'node_modules'), { recursive: true });
    const link = path.join(beside, 'node_modules/@aws-sdk');
    if (!fs.existsSync(link)) fs.symlinkSync(at('runtime/node_modules/@aws-sdk'), link);
  }
  const got = load(subject, file, job.task);
  if (got.error && got.error === subject.reference?.error) return { keys: null };
  if (got.error) return { error: `load: ${shorten(got.error)}` };
  const right = subject.right ? subject.right(got) : isDeepStrictEqual(got.keys, subject.reference.keys);
  if (right) return { keys: got.keys };
  if (!subject.right) return { error: `load: exports ${got.keys.join(', ') || 'nothing'} instead of ${(subject.reference.keys ?? ['an error']).join(', ')}` };
  return { error: `invoke: ${got.thrown ? `throws ${shorten(got.thrown).split('\n')[0]}` : `wrong answer ${(JSON.stringify(got.value) ?? 'undefined').slice(0, 90)}…`}` };
}

function proven(subject, job, file) {
  fs.renameSync(SUBJECTS, AWAY);
  try {
    return prove(subject, job, file);
  } finally {
    fs.renameSync(AWAY, SUBJECTS);
  }
}

/** Builds, loads, and where that fails tries what a user would do by hand, a step at a time. */
function attempt(subject, tool) {
  let first, last, broken;
  for (const help of [[], ['files'], ['banner'], ['files', 'banner']]) {
    if (help.includes('files') && !subject.files.length) continue;
    if (help.includes('banner') && !(tool.startsWith('esbuild') && subject.format === 'esm')) continue;
    const job = jobOf(subject, tool, help.includes('banner'));
    const built = build(job, true);
    if (built.error) return { job, help: [], error: last ?? built.error, broken };
    broken ??= sizes(job);
    if (help.includes('files')) for (const [from, to] of subject.files) fs.cpSync(path.join(subject.root, from), path.join(job.task, to), { recursive: true });
    const proof = proven(subject, job, built.file);
    if (!proof.error) {
      const measured = sizes(job);
      const ships = tool === 'coldcut' ? thorough(subject, job, help) : measured.zip;
      return { job, help, rss: built.rss, keys: proof.keys, ...measured, ships, withoutHelp: first };
    }
    first ??= proof.error;
    last = help.length ? `${proof.error} (with ${help.join(' and ')} by hand)` : proof.error;
  }
  return { job: jobOf(subject, tool, false), help: [], error: last, broken };
}

const GZIP = spawnSync('gzip', ['--version']).status === 0;

/** Header and trailer take 18 bytes of it; the rest is what a zip would hold. Node's zlib is not as small as the program. */
const gzipped = (bytes) => (GZIP ? spawnSync('gzip', ['-9nc'], { input: bytes, maxBuffer: 1 << 28 }).stdout.length : zlib.gzipSync(bytes, { level: 9 }).length);

const NOTICES = /(\.LICENSE\.txt|\.LEGAL\.txt|^licen[cs]es?\.txt|\.map)$/i;

/** What `coldcut pack` makes of it unasked: bundled thoroughly, proven once more, and zipped. */
function thorough(subject, job, help) {
  const again = { ...job, thorough: true };
  const built = build(again, false);
  if (help.includes('files')) for (const [from, to] of subject.files) fs.cpSync(path.join(subject.root, from), path.join(job.task, to), { recursive: true });
  const proof = built.error ? built : proven(subject, again, built.file);
  if (!proof.error) return packed(again, sizes(again).files);
  notes.push(`${subject.id}: with --thorough: ${proof.error}`);
  return null;
}

function sizes(job) {
  const files = fs.readdirSync(job.task, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOTICES.test(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name)).sort();
  let raw = 0, gzip = 0, zip = 22;
  for (const file of files) {
    const bytes = fs.readFileSync(file);
    const name = Buffer.byteLength(path.relative(job.task, file));
    raw += bytes.length;
    const packed = gzipped(bytes);
    gzip += packed;
    // A local header, a central one and the end record, without extra fields.
    zip += Math.min(bytes.length, packed - 18) + 30 + 46 + 2 * name;
  }
  const names = files.map((file) => path.relative(job.task, file));
  return { raw, gzip, zip, files: names };
}

/** A stored package.json of two bytes in a zip: local header, central header, name twice. */
const PROJECT = 30 + 46 + 2 * 'package.json'.length + 2;

/** Files in the zip that `coldcut pack` writes, without the package.json that makes them a project: where `pack` bundles, there is none. */
function packed(job, names) {
  const [dir, out] = [at('packed/project'), at('packed/out')];
  fs.rmSync(at('packed'), { recursive: true, force: true });
  for (const name of names) fs.cpSync(path.join(job.task, name), path.join(dir, name));
  fs.writeFileSync(path.join(dir, 'package.json'), '{}');
  const entry = path.relative(job.task, job.out);
  const args = ['pack', dir, '--entry', entry, '--strategy', 'prune', '--runtime', 'nodejs20.x', '--compression', 'max', '--include', '**', '--no-verify', '--json', '--out', out];
  const ran = spawnSync(process.env.COLDCUT_BIN, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  try {
    return JSON.parse(ran.stdout).functions[0].artifact.bytes - PROJECT;
  } catch {
    say(`${job.slug}: not packed: ${firstError(ran.stderr)}`);
    return null;
  }
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const geometric = (numbers) => (numbers.length ? Math.exp(numbers.reduce((sum, n) => sum + Math.log(n), 0) / numbers.length) : null);

// ---- tables ------------------------------------------------------------------------------------

const MEASURES = [
  ['raw', 'bytes shipped, raw', (n) => Math.round(n).toLocaleString('en')],
  ['gzip', 'bytes, gzip -9', (n) => Math.round(n).toLocaleString('en')],
  ['zip', 'bytes of a zip (deflated as by gzip -9, headers computed)', (n) => Math.round(n).toLocaleString('en')],
  ['ships', 'bytes of the zip that ships (of coldcut pack; of peers as above)', (n) => Math.round(n).toLocaleString('en')],
  ['ms', `wall time of the whole process, ms, median of ${RUNS}`, (n) => n.toFixed(0)],
  ['rss', 'peak resident memory of the largest process, MiB, one run', (n) => (n / 1048576).toFixed(0)],
];

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('  ').trimEnd()).join('\n');
}

function print(tools, results) {
  const feet = [];
  const foot = (text) => {
    if (!feet.includes(text)) feet.push(text);
    return feet.indexOf(text) + 1;
  };
  const show = (n) => (n === null || n === undefined ? '-' : n.toFixed(3));
  const summary = {};
  for (const [key, title, format] of MEASURES) {
    const ratios = { esbuild: [], smallest: [] };
    const perTool = Object.fromEntries(tools.map((tool) => [tool, []]));
    const head = [title, ...tools, 'coldcut/esbuild', `coldcut/${key === 'ms' || key === 'rss' ? 'least' : 'smallest'} peer`];
    const rows = [head];
    for (const { id, cells } of results) {
      const value = (tool) => (cells[tool] && !cells[tool].error ? cells[tool][key] : null) ?? null;
      const peers = tools.filter((tool) => tool !== 'coldcut').map(value).filter((n) => n !== null);
      const own = value('coldcut');
      const toEsbuild = own !== null && value('esbuild') !== null ? own / value('esbuild') : null;
      const toSmallest = own !== null && peers.length ? own / Math.min(...peers) : null;
      if (toEsbuild !== null) ratios.esbuild.push(toEsbuild);
      if (toSmallest !== null) ratios.smallest.push(toSmallest);
      for (const tool of tools) if (value(tool) !== null && value('esbuild') !== null) perTool[tool].push(value(tool) / value('esbuild'));
      rows.push([id, ...tools.map((tool) => {
        const cell = cells[tool];
        if (cell.error) return `FAIL[${foot(`${tool}, ${id}: ${cell.error}${cell.broken ? `; what it built has ${cell.broken.gzip.toLocaleString('en')} bytes, gzip -9` : ''}`)}]`;
        if (value(tool) === null) return 'n/a';
        return format(value(tool)) + (cell.help.length ? '*' : '');
      }), show(toEsbuild), show(toSmallest)]);
    }
    summary[key] = { coldcut_to_esbuild: geometric(ratios.esbuild), coldcut_to_least_peer: geometric(ratios.smallest), to_esbuild: {} };
    rows.push(['geometric mean of tool/esbuild (cases)', ...tools.map((tool) => {
      summary[key].to_esbuild[tool] = { ratio: geometric(perTool[tool]), cases: perTool[tool].length };
      return perTool[tool].length ? `${show(geometric(perTool[tool]))} (${perTool[tool].length})` : '-';
    }), show(summary[key].coldcut_to_esbuild), show(summary[key].coldcut_to_least_peer)]);
    console.log(`\n${table(rows)}`);
  }
  console.log('\n* works only with help given by hand, whose bytes are counted:');
  for (const { id, cells } of results) {
    for (const tool of tools) if (cells[tool].help?.length) console.log(`  ${id}, ${tool}: ${cells[tool].help.join(' and ')} (without: ${cells[tool].withoutHelp})`);
  }
  if (feet.length) console.log('\nFailures, the first line of each:');
  feet.forEach((text, index) => console.log(`  [${index + 1}] ${text}`));
  if (notes.length) console.log('\nNotes:');
  for (const note of notes) console.log(`  ${note}`);
  return summary;
}

// ---- the run -----------------------------------------------------------------------------------

installed(PEERS, (dir) => {
  fs.mkdirSync(dir, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) fs.copyFileSync(path.join(HERE, file), path.join(dir, file));
});
installed(at('runtime'), copyOf(DYNAMO));
const cases = collectCases();

const chosen = flags.tools ? flags.tools.split(',') : Object.keys(TOOLS);
const tools = Object.keys(TOOLS).filter((tool) => chosen.includes(tool)).filter((tool) => {
  if (tool !== 'coldcut') return true;
  const bin = process.env.COLDCUT_BIN;
  const helped = bin && spawnSync(bin, ['bundle', '--help'], { encoding: 'utf8' });
  if (helped?.status === 0) {
    process.env.COLDCUT_BIN = path.resolve(bin);
    return true;
  }
  notes.push(`coldcut's column skipped: ${bin ? `\`COLDCUT_BIN bundle --help\` fails: ${firstError(helped.stderr || String(helped.error))}` : 'COLDCUT_BIN is not set'}`);
  return false;
});
if (!GZIP) notes.push('compressed by Node\'s zlib, which is up to 1 % larger: no `gzip` program');
if (!GNU_TIME) notes.push('peak memory not measured: no GNU time at /usr/bin/time');

const results = cases.map((subject) => {
  say(`measuring ${subject.id}`);
  if (!subject.right) {
    subject.reference = reference(subject);
    const { error, keys } = subject.reference;
    notes.push(`${subject.id}: no event is known; a result must ${error ? `fail as the project itself does here: ${shorten(error)}` : `export what the project itself does: ${keys.join(', ')}`}`);
  }
  const cells = Object.fromEntries(tools.map((tool) => [tool, attempt(subject, tool)]));
  const times = Object.fromEntries(tools.map((tool) => [tool, []]));
  // In rounds, so that a slow minute of the machine falls on all of them.
  for (let run = 0; run < RUNS; run++) {
    for (const tool of tools) if (!cells[tool].error) times[tool].push(build(cells[tool].job, false).ms);
  }
  for (const tool of tools) {
    const { job, ...cell } = cells[tool];
    cells[tool] = cell.error ? cell : { ...cell, ms: median(times[tool]), times_ms: times[tool] };
  }
  const shown = new Set(Object.values(cells).filter((cell) => cell.keys).map((cell) => cell.keys.join()));
  if (shown.size > 1) notes.push(`${subject.id}: the results export different names: ${[...shown].join(' | ')}`);
  return { id: subject.id, format: subject.format, cells };
});

const versions = Object.fromEntries(tools.map((tool) => [tool, TOOLS[tool].version()]));
console.log(`node ${process.version}, ${os.cpus().length} cores; ${tools.map((tool) => `${tool} ${versions[tool]}`).join(', ')}`);
const summary = print(tools, results);
if (flags.json) fs.writeFileSync(flags.json, `${JSON.stringify({ schema: 'coldcut.bench.bundle/1', node: process.version, cores: os.cpus().length, runs: RUNS, versions, cases: results, summary, notes }, null, 1)}\n`);
