// The construct in real stacks: synthesised, and the assets loaded.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const require = createRequire(import.meta.url);
const { App, Stack } = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const { ColdcutFunction } = require('../src/index.js');

const binary = process.env.COLDCUT_BINARY;
assert.ok(binary, 'COLDCUT_BINARY names the program');
const made = [];
after(() => made.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

const SOURCES = {
  'package.json': '{"name":"orders","dependencies":{"words":"1"}}',
  'node_modules/words/package.json': '{"name":"words","version":"1.0.0"}',
  'node_modules/words/index.js': 'exports.used = (n) => `word ${n}`;\nexports.unused = () => "never shipped";\n',
  'src/api.ts': 'import { used } from "words";\nexport const handler = async (event: { n: number }) => used(event.n);\n',
  'src/jobs.js': 'exports.run = async () => process.env.TABLE;\n',
  'coldcut.toml': '[functions.jobs]\nhandler = "src/jobs.run"\nruntime = "nodejs22.x"\n[functions.api]\nhandler = "src/api.handler"\nruntime = "nodejs22.x"\n',
};

function project(changes = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'coldcut-cdk-'));
  made.push(dir);
  for (const [name, text] of Object.entries({ ...SOURCES, ...changes })) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** The template of a stack, and the folder that it was written to. */
function synthesised(build, context) {
  const outdir = mkdtempSync(join(tmpdir(), 'coldcut-cdk-out-'));
  made.push(outdir);
  const app = new App({ outdir, context });
  build(new Stack(app, 'Shop'));
  app.synth();
  return { outdir, template: JSON.parse(readFileSync(join(outdir, 'Shop.template.json'), 'utf8')) };
}

const both = (dir) => (stack) => {
  new ColdcutFunction(stack, 'Api', { project: dir, entry: 'src/api.ts' });
  new ColdcutFunction(stack, 'Jobs', { project: dir, function: 'jobs', environment: { TABLE: 'orders' } });
};
const keys = ({ template }) =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => Properties.Code.S3Key);

test('a stack has the same assets wherever it is made, and they answer', () => {
  const one = synthesised(both(project()));
  const other = synthesised(both(project()));
  assert.deepEqual(one.template, other.template);
  const [api] = keys(one);
  const zip = join(one.outdir, readdirSync(one.outdir).find((name) => name.includes(api.replace('.zip', ''))));
  const event = join(one.outdir, 'event.json');
  writeFileSync(event, '{"n":7}');
  const verified = spawnSync(binary, ['verify', zip, '--handler', 'src/api.handler', '--event', event, '--json'], { encoding: 'utf8' });
  assert.equal(verified.status, 0, verified.stderr);
  assert.match(verified.stdout, /word 7/);
  assert.ok(!readFileSync(zip).includes('never shipped'));
  const [properties] = Object.values(one.template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => Properties);
  assert.deepEqual([properties.Handler, properties.Runtime], ['src/api.handler', 'nodejs22.x']);
});

test('a change of one function changes its asset alone, and a file that does not ship none', () => {
  const before = keys(synthesised(both(project())));
  const [api, jobs] = keys(synthesised(both(project({ 'src/jobs.js': 'exports.run = async () => 2;\n' }))));
  assert.equal(api, before[0]);
  assert.notEqual(jobs, before[1]);
  assert.deepEqual(keys(synthesised(both(project({ 'README.md': '# orders\n' })))), before);
  // As CDK's own asset of the folder does not.
  const plain = (dir) => (stack) =>
    new lambda.Function(stack, 'F', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'src/jobs.run', code: lambda.Code.fromAsset(dir) });
  const plainly = (changes) => keys(synthesised(plain(project(changes))))[0];
  assert.notEqual(plainly({}), plainly({ 'README.md': '# orders\n' }));
});

test('a stack that is not asked for is not packed', () => {
  const dir = project({ 'src/api.ts': 'this is no code' });
  const context = { 'aws:cdk:bundling-stacks': [] };
  const { template } = synthesised((stack) => new ColdcutFunction(stack, 'Api', { project: dir, entry: 'src/api.ts' }), context);
  assert.equal(keys({ template }).length, 1);
});

test('what cannot be packed fails with the construct and with coldcut\'s own words', () => {
  const fails = (props, changes) => {
    const dir = project(changes);
    try {
      synthesised((stack) => new ColdcutFunction(stack, 'Api', { project: dir, ...props }));
    } catch (error) {
      return error.message;
    }
    return assert.fail('it was made');
  };
  assert.match(fails({ entry: 'src/none.ts' }), /^Shop\/Api: coldcut could not pack it[^]*CC029/);
  assert.match(fails({ entry: 'src/api.ts', coldcut: { budget: ['zip=1B'] } }), /a budget is exceeded[^]*CC224/);
  assert.match(fails({ entry: 'src/api.ts', coldcut: { stratgy: 'trace' } }), /--strategy/);
  assert.match(fails({ function: 'none' }), /no function `none`[^]*jobs, api/);
  assert.match(fails({ function: 'jobs', runtime: lambda.Runtime.NODEJS_24_X ?? lambda.Runtime.NODEJS_20_X }), /set the same values in coldcut\.toml/);
  assert.match(fails({}), /set either `entry` \(a source file\) or `function`/);
  assert.match(fails({ entry: 'src/api.ts' }, { 'src/api.ts': 'import "nowhere";\nexport const handler = 1;\n' }), /nowhere/);
});

test('a program that is not there is said', () => {
  process.env.COLDCUT_BINARY = '/nowhere/coldcut';
  try {
    assert.throws(() => synthesised(both(project())), /COLDCUT_BINARY is `\/nowhere\/coldcut`, but this file does not exist/);
  } finally {
    process.env.COLDCUT_BINARY = binary;
  }
});
