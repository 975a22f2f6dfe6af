// The settings that the framework is told of are coldcut's, all of them, in both spellings.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { generate } from '../scripts/schema.mjs';
import { FRAMEWORKS, here, project, sls } from './support.mjs';

test('src/schema.json is what scripts/schema.mjs makes of docs/config.schema.json', () => {
  assert.equal(readFileSync(here('../src/schema.json'), 'utf8'), generate(), 'run `npm run schema`');
});

test('every setting has both spellings', () => {
  const { settings } = JSON.parse(generate());
  const source = JSON.parse(readFileSync(here('../../../docs/config.schema.json'), 'utf8'));
  for (const key of Object.keys(source.properties).filter((key) => key !== 'functions')) {
    assert.ok(settings.properties[key], key);
    assert.ok(settings.properties[key.replace(/-(.)/g, (_, letter) => letter.toUpperCase())], key);
  }
  assert.ok(!settings.properties.functions);
});

for (const name of FRAMEWORKS) {
  test(`${name}: the framework takes the schema, and what is left of other packers`, async () => {
    const folder = project('shop', {
      'serverless.yml': (text) => text.replace(/  coldcut:\n    keepNames: true\n/, `  esbuild:
    minify: true
    external: [left-pad]
  webpack:
    includeModules: true
  coldcut:
    strategy: auto
    keep-secrets: [certs/*.pem]
    rulesOff: [docs]
    external: left-pad
    layerBytes: { tools: 1000 }
    define: { process.env.NODE_ENV: production }
    cherryPick: { own: { slug: own/lib/slug } }
    rule:
      - package: own
        read: [data/*.dat]
    budget:
      zip: 2MB
      unpacked: [10MB]
`).replace('    coldcut:\n      minify: false\n', '    skipEsbuild: false\n    entrypoint: src/wait.js\n'),
    });
    const done = await sls(name, folder, ['package']);
    assert.equal(done.status, 0, done.all);
    assert.match(done.all, /^hello .*verified equal$/m);
  });
}
