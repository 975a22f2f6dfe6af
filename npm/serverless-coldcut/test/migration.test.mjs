// A service that serverless-esbuild or serverless-webpack packed moves over by one line of `plugins`.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { call, project, sls, unzip, zipsIn } from './support.mjs';

/** As it was under the other plugin, all but that one line. */
const moved = (custom) => ({
  'serverless.yml': (text) => text.replace(/  coldcut:\n    keepNames: true\n/, custom).replace('    coldcut:\n      minify: false\n', '    skipEsbuild: false\n'),
});

async function packs(files) {
  const folder = project('shop', files);
  const done = await sls('v3', folder, ['package']);
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['hello.zip', 'wait.zip']);
  const file = path.join(folder, '.serverless/wait.zip');
  assert.deepEqual(await call(file, 'src/wait.handler'), { milliseconds: 172800000 });
  return unzip(file);
}

test('from serverless-esbuild', async () => {
  const files = await packs(moved(`  esbuild:
    bundle: true
    minify: false
    sourcemap: true
    exclude: [aws-sdk]
    target: node20
    platform: node
    packager: npm
    concurrency: 10
`));
  assert.match(files.get('src/wait.js').toString(), /\n +(return|const|var) /, 'not minified');
  assert.ok(files.has('src/wait.js.map'), [...files.keys()].join());
});

test('from serverless-webpack', async () => {
  await packs(moved(`  webpack:
    webpackConfig: webpack.config.js
    includeModules: true
    packager: npm
`));
});

test('what another bundler was told and coldcut does not do is refused by name', async () => {
  const folder = project('shop', moved('  esbuild:\n    inject: [./shim.js]\n'));
  const done = await sls('v3', folder, ['package']);
  assert.equal(done.status, 1, done.all);
  assert.match(done.all, /coldcut CC035: coldcut does not support the option `custom\.esbuild\.inject`[^]*import that file at the top of the handler/);
});
