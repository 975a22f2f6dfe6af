// What a user does wrong, one test each: the message names the fix, the command fails, and no
// half-made artifact is left behind.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { environment, exists, project, sls, write, zipsIn } from './support.mjs';

const require = createRequire(import.meta.url);

/** Runs `package` on the fixture with another `serverless.yml`, and expects it to fail. */
async function fails(edit, { files = {}, env, framework = 'v3', left = [], args = ['package'] } = {}) {
  const folder = project('shop', { 'serverless.yml': edit, ...files });
  const done = await sls(framework, folder, args, { env });
  assert.equal(done.status, 1, done.all);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), left);
  if (!left.length) assert.ok(!exists(folder, '.serverless'), 'a half-made .serverless');
  // As the framework shows its own errors: no stack, no plugin's class.
  assert.match(done.stderr + done.stdout, /^Error:$/m);
  assert.doesNotMatch(done.all, /at .*serverless-coldcut.*\.js:\d+/);
  return done.all;
}

const same = (text) => text;
const lenient = (text) => text.replace('configValidationMode: error\n', '');
const withPlugin = (name) => (text) => text.replace('plugins:\n', `plugins:\n  - ${name}\n`);

test('an unknown key in `custom.coldcut`, whatever the framework thinks of it', async () => {
  const slip = (text) => text.replace('keepNames: true', 'keepNamse: true');
  assert.match(await fails(slip), /'custom\.coldcut': unrecognized property 'keepNamse'/);
  for (const mode of ['', 'configValidationMode: off\n']) {
    const output = await fails((text) => mode + lenient(slip(text)));
    assert.match(output, /coldcut CC014: there is no setting `keep-namse`/);
    assert.match(output, /did you mean `keep-names`\?/);
    assert.match(output, /serverless\.yml/);
  }
});

test('an unknown key in `functions.NAME.coldcut`', async () => {
  const slip = (text) => text.replace('minify: false', 'minfy: false');
  assert.match(await fails(slip), /'functions\.wait\.coldcut'/);
  assert.match(await fails((text) => lenient(slip(text))), /did you mean `minify`\?/);
});

test('a setting of the wrong kind', async () => {
  const output = await fails((text) => lenient(text).replace('keepNames: true', 'strategy: smallest'));
  assert.match(output, /strategy/);
  assert.match(output, /CC015/);
});

test('over budget', async () => {
  const output = await fails((text) => text.replace('keepNames: true', 'budget: { zip: 10kB }'));
  assert.match(output, /over budget. The framework got nothing/);
  assert.match(output, /coldcut CC224: .*`hello` is 1\d\.\d kB of 10\.0 kB/);
  assert.doesNotMatch(output, /of `wait` is/);
});

test('an artifact that does not answer as the original', async () => {
  // Its answer depends on its own text, which only a bundle changes.
  const files = { 'src/wait.js': "exports.handler = async () => String(exports.handler /* */).length;\n", 'event.json': '{}' };
  const output = await fails((text) => text.replace('minify: false', 'event: event.json\n      strategy: bundle'), { files });
  assert.match(output, /does not do what the original does. The framework got nothing/);
  assert.match(output, /wait/);
});

test('a handler whose file is not there', async () => {
  const output = await fails((text) => text.replace('src/hello.main', 'src/helo.main'));
  assert.match(output, /CC023/);
  assert.match(output, /src\/helo/);
});

test('a function without a handler', async () => {
  const output = await fails((text) => text.replace('    handler: src/wait.handler\n', ''));
  assert.match(output, /wait/);
  assert.match(output, /handler/);
});

test('an import that leads nowhere', async () => {
  const output = await fails(same, { files: { 'src/wait.js': "exports.handler = require('not-installed');\n" } });
  assert.match(output, /CC052[^]*not-installed/);
});

test('a variable that the framework leaves as it is', async () => {
  const files = {
    'serverless.js': `module.exports = { service: 'shop', provider: { name: 'aws', runtime: 'nodejs20.x' }, plugins: ['serverless-coldcut', './late.js'], functions: { wait: { handler: 'src/wait.handler' } } };`,
    'late.js': `module.exports = class { constructor(serverless) { this.hooks = { initialize() { serverless.service.functions.wait.handler = '\${late:handler}'; } }; } };`,
  };
  const folder = project('shop', files);
  const done = await sls('v3', folder, ['package', '--config', 'serverless.js']);
  assert.equal(done.status, 1);
  assert.match(done.all, /"functions\.wait\.handler" contains a variable that the framework did not resolve: \$\{late:handler\}/);
});

test('a variable without a value is the framework\'s to refuse', async () => {
  assert.match(await fails((text) => text.replace('src/hello.main', '${env:NOT_SET_ANYWHERE}')), /"functions\.hello\.handler": Value not found at "env" source/);
});

test('another plugin that packs', async () => {
  for (const name of ['serverless-esbuild', 'serverless-webpack', 'serverless-plugin-typescript', 'serverless-bundle', 'serverless-plugin-optimize']) {
    // A stand-in that defines what the real ones define: the key that two must not.
    const stand = `module.exports = class { constructor(serverless) { serverless.configSchemaHandler.defineFunctionProperties('aws', { properties: { skipEsbuild: { type: 'boolean' }, entrypoint: { type: 'string' } } }); } };`;
    const output = await fails(withPlugin(name), { files: { [`node_modules/${name}/index.js`]: stand } });
    assert.ok(output.includes(`Remove "${name}" from "plugins"`), output);
  }
});

test('commands that do not pack work beside another plugin that packs', async () => {
  const folder = project('shop', { 'serverless.yml': withPlugin('serverless-webpack'), 'node_modules/serverless-webpack/index.js': 'module.exports = class {};' });
  const done = await sls('v3', folder, ['print']);
  assert.equal(done.status, 0, done.all);
});

test('no binary', async () => {
  const missing = await fails(same, { env: { COLDCUT_BINARY: undefined } });
  assert.match(missing, /no coldcut binary for this machine[^]*npm install --save-dev coldcut/);
  assert.match(await fails(same, { env: { COLDCUT_BINARY: '/nowhere/coldcut' } }), /COLDCUT_BINARY names a file that does not exist: \/nowhere\/coldcut/);
  const files = { 'node_modules/coldcut/index.js': "Object.defineProperty(exports, 'binary', { get() { throw new Error('it has none for this platform'); } });" };
  assert.match(await fails(same, { env: { COLDCUT_BINARY: undefined }, files }), /it has none for this platform/);
});

test('the binary of the package `coldcut` is found', async () => {
  const folder = project('shop', { 'node_modules/coldcut/index.js': `exports.binary = ${JSON.stringify(environment().COLDCUT_BINARY)};` });
  const done = await sls('v3', folder, ['package'], { env: { COLDCUT_BINARY: undefined } });
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['hello.zip', 'wait.zip']);
});

test('a binary that cannot be run, that is ended, that gives no report, that is of another version', async () => {
  const folder = project('shop');
  const { chmodSync } = await import('node:fs');
  const binary = path.join(folder, 'fake');
  const cases = [
    ['no program', /cannot be started \(EACCES\)/, 0o644],
    ['#!/bin/sh\nkill -9 $$\n', /was ended by SIGKILL/, 0o755],
    ['#!/bin/sh\ncat >/dev/null; echo no report\n', /did not print a report that can be read[^]*same version/, 0o755],
    ["#!/bin/sh\necho \"error: unexpected argument '--service' found\" >&2; exit 2\n", /unexpected argument '--service'[^]*same version/, 0o755],
  ];
  for (const [text, expected, mode] of cases) {
    write(folder, 'fake', text);
    chmodSync(binary, mode);
    const done = await sls('v3', folder, ['package'], { env: { COLDCUT_BINARY: binary } });
    assert.equal(done.status, 1, done.all);
    assert.match(done.all, expected);
    assert.ok(!exists(folder, '.serverless/hello.zip'));
  }
});

test('a zip that cannot be put in place leaves nothing behind', async () => {
  const { place } = require('../src/artifacts.js');
  const folder = project('shop', { '.coldcut/a.zip': 'a' });
  const functions = ['a', 'b'].map((name) => ({ name, artifact: { path: `.coldcut/${name}.zip` } }));
  const serverless = { serviceDir: folder, service: { service: 'shop', functions: {}, package: {} } };
  await assert.rejects(place(serverless, { functions }), { code: 'CANNOT_WRITE', message: /b\.zip[^]*run the command again/ });
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), []);
  const blocked = project('shop', { '.serverless': 'a file' });
  await assert.rejects(place({ ...serverless, serviceDir: blocked }, { functions: [] }), { code: 'CANNOT_WRITE' });
});

test('frameworks that are too old', () => {
  const Plugin = require('../src/index.js');
  class Refused extends Error {
    constructor(message, code) {
      super(message);
      this.code = code;
    }
  }
  for (const version of ['1.83.3', '2.72.4']) {
    const old = { version, classes: { Error: Refused }, service: {} };
    assert.throws(() => new Plugin(old, {}), (error) => {
      assert.equal(error.code, 'COLDCUT_UNSUPPORTED_FRAMEWORK');
      assert.match(error.message, new RegExp(`3 and 4 and with osls, and this is version ${version.replaceAll('.', '\\.')}`));
      return error instanceof Refused;
    });
  }
});

test('version 4 with its own bundler on', () => {
  const Plugin = require('../src/index.js');
  const make = (build) => {
    const define = () => {};
    const serverless = {
      version: '4.39.0',
      classes: { Error },
      configSchemaHandler: { defineBuildProperty: define, defineCustomProperties: define, defineFunctionProperties: define },
      service: { service: 'shop', functions: {}, plugins: ['serverless-coldcut'], build },
      processedInput: { commands: ['package'] },
    };
    return new Plugin(serverless, {});
  };
  for (const build of [undefined, 'esbuild', {}, { esbuild: true }, { esbuild: { minify: true } }]) {
    assert.throws(() => make(build).hooks.initialize(), /build:\n    esbuild: false/);
  }
  make({ esbuild: false }).hooks.initialize();
});
