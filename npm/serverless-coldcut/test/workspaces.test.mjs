// Services in a pnpm workspace and under Yarn's Plug'n'Play, installed by the package managers.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { addPlugin, binary, call, environment, framework, here, read, run, temporary, write } from './support.mjs';

const fixtures = here('../../../fixtures');
const listed = (text) => `${text}\nplugins:\n  - serverless-coldcut\n`;

function copy(name) {
  const folder = temporary();
  cpSync(path.join(fixtures, name), folder, { recursive: true, filter: (file) => !/node_modules|\.pnp\.|\.yarn$/.test(file) });
  return folder;
}

/** The package managers come by npm, so this is the network that the other tests do without. */
async function by(manager, args, cwd) {
  const done = await run('npm', ['exec', '--yes', `--package=${manager}`, '--', ...args], {
    cwd,
    env: { ...process.env, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' },
  });
  assert.equal(done.status, 0, done.all);
}

for (const name of ['v3', 'osls']) {
  test(`${name}: a service in a pnpm workspace`, async () => {
    const root = copy('pnpm-workspace');
    await by('pnpm@9.15.9', ['pnpm', 'install', '--frozen-lockfile'], root);
    const service = path.join(root, 'services/hello');
    addPlugin(service);
    write(service, 'serverless.yml', listed);
    const done = await run(process.execPath, [framework(name), 'package'], { cwd: service });
    assert.equal(done.status, 0, done.all);
    const event = JSON.parse(read(service, 'events/hello.json'));
    const expected = JSON.parse(read(service, 'expected/hello.json'));
    assert.deepEqual(await call(path.join(service, '.serverless/hello.zip'), 'src/hello.handler', event), expected);
  });

  test(`${name}: services under Yarn's Plug'n'Play`, async () => {
    const root = copy('yarn-pnp');
    const vendor = path.join(root, 'vendor');
    for (const file of ['package.json', 'src']) {
      cpSync(here(`../${file}`), path.join(vendor, 'serverless-coldcut', file), { recursive: true });
    }
    mkdirSync(path.join(vendor, 'coldcut'));
    write(vendor, 'coldcut/package.json', '{ "name": "coldcut", "version": "0.1.0", "main": "index.js" }');
    write(vendor, 'coldcut/index.js', `exports.binary = ${JSON.stringify(binary)};`);
    json(root, 'package.json', () => ({ resolutions: { coldcut: 'portal:./vendor/coldcut' } }));
    const functions = { validate: 'src/handler.main', report: 'src/report.handler' };
    for (const service of Object.keys(functions)) {
      json(root, `services/${service}/package.json`, (manifest) => ({
        devDependencies: { ...manifest.devDependencies, 'serverless-coldcut': 'portal:../../vendor/serverless-coldcut' },
      }));
      write(root, `services/${service}/serverless.yml`, listed);
    }
    await by('@yarnpkg/cli-dist@4.18.1', ['yarn', 'install'], root);

    for (const [service, handler] of Object.entries(functions)) {
      const cwd = path.join(root, 'services', service);
      // The plugin and the binary's package are found by the table alone, as under `yarn serverless`.
      const env = environment({ COLDCUT_BINARY: undefined, NODE_OPTIONS: `--require ${path.join(root, '.pnp.cjs')}` });
      const done = await run(process.execPath, [framework(name), 'package'], { cwd, env });
      assert.equal(done.status, 0, done.all);
      const event = JSON.parse(read(cwd, `events/${service}.json`));
      const expected = JSON.parse(read(cwd, `expected/${service}.json`));
      assert.deepEqual(await call(path.join(cwd, `.serverless/${service}.zip`), handler, event), expected);
    }
  });
}

function json(folder, file, more) {
  write(folder, file, (text) => {
    const value = JSON.parse(text);
    return JSON.stringify({ ...value, ...more(value) }, null, 2);
  });
}
