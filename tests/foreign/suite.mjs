// Programs of other projects' suites, bundled and run.
//
// In: `node suite.mjs SUITE FOLDER COLDCUT SAMPLE`: which suite (`test262`, `terser`, `uglifyjs`), where its checkout
// is, the program, and how many of its programs to take (spread over all by a hash of their names). Out: a line of
// JSON for each that Node runs: its name, and how its readable and its minified bundle failed, or nothing.
// The truth is what Node does with the program as it stands; what Node itself fails is left out.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const [suite, folder, coldcut, sample] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'foreign-'));
const prelude = join(dirname(fileURLToPath(import.meta.url)), 'test262-prelude.cjs');

function* files(dir) {
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

const key = (name) => createHash('sha256').update(name).digest('hex');
const spread = (all) => all.sort((a, b) => (key(a.name) < key(b.name) ? -1 : 1)).slice(0, +sample);

// ---- test262: https://github.com/tc39/test262/blob/main/INTERPRETING.md
function test262() {
  const root = join(folder, 'test');
  const all = ['language', 'annexB/language'].flatMap((top) => [...files(join(root, top))]);
  const named = all
    .filter((file) => file.endsWith('.js') && !file.endsWith('_FIXTURE.js'))
    .map((file) => ({ name: relative(root, file), file }));
  return spread(named).flatMap(({ name, file }) => {
    const text = readFileSync(file, 'utf8');
    const front = /\/\*---([^]*?)---\*\//.exec(text)?.[1] ?? '';
    const list = (field) => {
      const inline = new RegExp(`^${field}: *\\[(.*?)\\]`, 'ms').exec(front)?.[1];
      const block = new RegExp(`^${field}: *\\n((?: *- .*\\n?)+)`, 'm').exec(front)?.[1];
      return (inline?.split(',') ?? block?.split('\n').map((line) => line.replace(/^ *- /, '')) ?? [])
        .map((one) => one.trim())
        .filter(Boolean);
    };
    const flags = list('flags');
    if (/^negative:/m.test(front) || flags.includes('raw') || text.includes('$262.')) return [];
    const module = flags.includes('module');
    const at = join(work, key(name), 'source', module ? relative(root, dirname(file)) : '');
    mkdirSync(at, { recursive: true });
    let entry = join(at, basename(file));
    if (module) {
      for (const beside of readdirSync(dirname(file)).filter((one) => /_FIXTURE\.|\.(json|txt)$/.test(one))) {
        const from = join(dirname(file), beside);
        if (statSync(from).isFile()) copyFileSync(from, join(at, beside));
      }
      writeFileSync(join(work, key(name), 'source', 'package.json'), '{ "type": "module" }');
    } else entry = entry.replace(/js$/, 'cjs');
    writeFileSync(entry, (flags.includes('onlyStrict') ? '"use strict";\n' : '') + text);
    const needs = { includes: list('includes'), async: flags.includes('async'), harness: join(folder, 'harness') };
    return [{ name, entry, module, args: ['--require', prelude], env: { TEST262: JSON.stringify(needs) }, passes: true }];
  });
}

// ---- terser and UglifyJS: the `input` of each case is a program; what it prints is what its bundle must print.
function compress() {
  const named = [...files(join(folder, 'test/compress'))]
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => {
      const cases = readFileSync(file, 'utf8').split(/^(?=[\w$]+: \{$)/m);
      return cases.flatMap((text) => {
        const input = /^( +)input: \{\n([^]*?)\n\1\}$/m.exec(text)?.[2];
        return input ? [{ name: `${basename(file)}/${/^[\w$]+/.exec(text)?.[0]}`, input }] : [];
      });
    });
  return spread(named).map(({ name, input }) => {
    const entry = join(work, key(name), 'source', 'main.cjs');
    mkdirSync(dirname(entry), { recursive: true });
    writeFileSync(entry, input);
    return { name, entry, module: false, args: [], env: {} };
  });
}

const run = (file, args, env = {}) =>
  new Promise((done) => {
    const options = { env: { ...process.env, ...env }, timeout: 20000, cwd: work };
    execFile(file, args, options, (error, out, err) => done({ failed: !!error, out, err }));
  });

async function verdict(test) {
  const node = async (file) => {
    const { failed, out, err } = await run(process.execPath, ['--no-warnings', ...test.args, file], test.env);
    // Some print where they are.
    const shown = out.replaceAll(dirname(file), 'FOLDER');
    return failed ? `failed: ${/^.*Error.*$/m.exec(err)?.[0] ?? err.slice(0, 200)}` : `printed: ${shown}`;
  };
  const want = await node(test.entry);
  if (want.startsWith('failed') || (!test.passes && (want === 'printed: ' || want !== (await node(test.entry))))) return;
  const found = { name: test.name };
  for (const mode of ['readable', 'minified']) {
    const out = join(work, key(test.name), mode, basename(test.entry).replace(/\.js$/, '.mjs'));
    const args = ['bundle', test.entry, '--outfile', out, '--format', test.module ? 'esm' : 'cjs', '--no-assets'];
    const made = await run(coldcut, [...args, mode === 'minified' ? '--minify' : '--no-minify']);
    const got = made.failed ? `refused: ${made.err.slice(0, 300)}` : await node(out);
    if (got !== want) found[mode] = got;
  }
  console.log(JSON.stringify(found));
}

const tests = suite === 'test262' ? test262() : compress();
await Promise.all(Array.from({ length: availableParallelism() }, async () => {
  while (tests.length) await verdict(tests.shift());
}));
rmSync(work, { recursive: true });
