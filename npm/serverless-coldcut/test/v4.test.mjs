// Version 4 of the framework, from its source.
//
// What npm has of version 4 is an installer that asks for a licence, so these tests run only where
// SERVERLESS_V4 names a checkout of serverless/serverless with its dependencies installed. They run
// the real classes (plugins, configuration schema, packaging, `invoke local`) and stand in for what
// is around them: the command line, variables, credentials.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { call, environment, here, project, read, run, zipsIn } from './support.mjs';

const source = process.env.SERVERLESS_V4;
const skip = source ? false : 'SERVERLESS_V4 names no checkout of serverless/serverless';
const PLAIN = {
  'serverless.yml': (text) => `${text.replace("${opt:stage, 'dev'}", 'dev').replace('${self:custom.names.${self:provider.stage}}', 'the test shop')}\nbuild:\n  esbuild: false\n`,
};

const v4 = (folder, ...args) =>
  run(process.execPath, [here('v4.mjs'), source, folder, ...args], { cwd: folder, env: environment() });

test('v4: `package` takes the artifacts', { skip }, async () => {
  const folder = project('shop', PLAIN);
  const done = await v4(folder, 'package');
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['hello.zip', 'wait.zip']);
  assert.match(done.all, /hello .*verified equal/);
  assert.deepEqual(await call(path.join(folder, '.serverless/wait.zip'), 'src/wait.handler'), { milliseconds: 172800000 });
  assert.ok(!read(folder, '.serverless/serverless-state.json').includes(folder));
});

test('v4: `invoke local` runs the packed handler', { skip }, async () => {
  const folder = project('shop', { ...PLAIN, 'src/wait.js': 'exports.handler = async () => ({ folder: __dirname });\n' });
  const done = await v4(folder, 'invoke', 'local', '--function', 'wait', '--data', '{}');
  assert.equal(done.status, 0, done.all);
  assert.match(done.all, /\.coldcut\/unpacked\/wait\/src"/);
});

test('v4: its own bundler has to be off', { skip }, async () => {
  const folder = project('shop', { 'serverless.yml': (text) => PLAIN['serverless.yml'](text).replace(/\nbuild:[^]*/, '\n') });
  const done = await v4(folder, 'package');
  assert.equal(done.status, 1);
  assert.match(done.all, /ServerlessError COLDCUT_BUILT_IN_BUNDLER[^]*build:\n    esbuild: false/);
});

test('v4: the framework refuses an unknown key', { skip }, async () => {
  const folder = project('shop', { 'serverless.yml': (text) => PLAIN['serverless.yml'](text).replace('keepNames', 'keepNamse') });
  const done = await v4(folder, 'package');
  assert.equal(done.status, 1);
  assert.match(done.all, /unrecognized property 'keepNamse'/);
});
