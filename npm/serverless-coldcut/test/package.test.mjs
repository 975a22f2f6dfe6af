// `serverless package` and `deploy` with real frameworks: what lies in `.serverless/`, what runs.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { FRAMEWORKS, binary, call, project, read, run, sls, template, temporary, unzip, write, zipsIn } from './support.mjs';

const zip = (folder, name) => path.join(folder, '.serverless', `${name}.zip`);

for (const name of FRAMEWORKS) {
  test(`${name}: every function has an artifact of its own, and it works`, async () => {
    const folder = project('shop');
    const done = await sls(name, folder, ['package']);
    assert.equal(done.status, 0, done.all);
    assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['hello.zip', 'wait.zip']);
    assert.match(done.all, /^hello  [\d.]+ kB -> [\d.]+ kB \(-\d+\.\d %\), verified equal$/m);
    assert.match(done.all, /^wait   [\d.]+ kB -> /m);

    assert.deepEqual([...unzip(zip(folder, 'hello')).keys()], ['src/hello.js']);
    const answer = await call(zip(folder, 'hello'), 'src/hello.main', { queryStringParameters: { file: 'a.png' } }, { SHOP_NAME: 'here' });
    assert.deepEqual(answer, { statusCode: 200, body: '{"shop":"here","type":"image/png"}' });
    assert.deepEqual(await call(zip(folder, 'wait'), 'src/wait.handler'), { milliseconds: 172800000 });

    // The settings of all functions and of the one.
    assert.match(unzip(zip(folder, 'wait')).get('src/wait.js').toString(), /\n +(return|const|var) /);

    const resources = template(folder);
    assert.match(resources.HelloLambdaFunction.Properties.Code.S3Key, /\/hello\.zip$/);
    assert.equal(resources.HelloLambdaFunction.Properties.Handler, 'src/hello.main');
    const version = Object.keys(resources).find((key) => key.startsWith('HelloLambdaVersion'));
    const digest = createHash('sha256').update(readFileSync(zip(folder, 'hello'))).digest('base64');
    assert.equal(resources[version].Properties.CodeSha256, digest);
    // Uploaded with the deployment: no path of this machine.
    assert.ok(!read(folder, '.serverless/serverless-state.json').includes(folder));
  });

  test(`${name}: without the plugin the same project gives the framework's own zip`, async () => {
    const folder = project('shop', {
      'serverless.yml': (text) => text.replace('  - serverless-coldcut', '  []').replace(/  coldcut:\n    keepNames: true\n|    coldcut:\n      minify: false\n/g, ''),
    });
    const done = await sls(name, folder, ['package']);
    assert.equal(done.status, 0, done.all);
    assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['shop.zip']);
  });
}

test('what is saved is told of what the framework would have shipped', async () => {
  const folder = project('shop', {
    'package.json': (text) => JSON.stringify({ ...JSON.parse(text), devDependencies: { tool: '1' } }),
    'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0" }',
    'node_modules/tool/data.bin': randomBytes(400_000),
  });
  const before = async () => {
    const done = await sls('v3', folder, ['package']);
    assert.equal(done.status, 0, done.all);
    return Number(/^wait +([\d.]+) kB -> /m.exec(done.all)[1]);
  };
  const without = await before();
  assert.ok(without < 300, `${without}`);
  write(folder, 'serverless.yml', (text) => `${text}\npackage:\n  excludeDevDependencies: false\n`);
  assert.ok((await before()) > without + 390);
});

test('the plugin and the command line give the same bytes', async () => {
  const folder = project('shop');
  assert.equal((await sls('v3', folder, ['package', '--stage', 'prod'])).status, 0);
  const out = temporary();
  const done = await run(binary, ['pack', '.', '--stage', 'prod', '--out', out], { cwd: folder });
  assert.equal(done.status, 0, done.all);
  for (const name of ['hello', 'wait']) {
    const byHand = readFileSync(path.join(out, `${name}.zip`));
    assert.ok(byHand.equals(readFileSync(zip(folder, name))), name);
  }
});

test('functions that are not for coldcut are the framework\'s as ever', async () => {
  const folder = project('shop', {
    ...fakeAws(),
    'serverless.yml': (text) => withFakeAws(text)
      .replace('functions:\n', `functions:
  python:
    handler: py/handler.main
    runtime: python3.11
  image:
    image: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:${'0'.repeat(64)}
  ready:
    handler: src/wait.handler
    package:
      artifact: ready/made.zip
  own:
    handler: src/wait.handler
    coldcut: false
`)
      .concat('\nlayers:\n  tools:\n    path: layer\n  wait:\n    path: layer\n'),
    'ready/made.zip': 'made elsewhere',
  });
  for (const individually of [false, true]) {
    if (individually) write(folder, 'serverless.yml', (text) => `${text}\npackage:\n  individually: true\n`);
    // The framework asks AWS which layers it has.
    const done = await sls('v3', folder, ['package', '--verbose'], { env: { FAKE_AWS: path.join(folder, 'aws') } });
    assert.equal(done.status, 0, done.all);
    const all = individually ? ['own.zip', 'python.zip'] : ['shop.zip'];
    // The layer `wait` has the name of a function, and the framework calls its zip by it.
    assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['hello.zip', ...all, 'tools.zip', 'wait.function.zip', 'wait.zip'].sort());
    const resources = template(folder);
    const key = (name) => resources[`${name}LambdaFunction`].Properties.Code.S3Key;
    assert.match(key('Wait'), /\/wait\.function\.zip$/);
    assert.match(key('Ready'), /\/made\.zip$/);
    assert.match(key('Python'), individually ? /\/python\.zip$/ : /\/shop\.zip$/);
    assert.match(key('Own'), individually ? /\/own\.zip$/ : /\/shop\.zip$/);
    assert.deepEqual([...unzip(zip(folder, 'wait')).keys()], ['nodejs/tool.js']);
    assert.ok(unzip(zip(folder, 'wait.function')).has('src/wait.js'));
    const shared = [...unzip(zip(folder, individually ? 'python' : 'shop')).keys()];
    assert.ok(shared.includes('py/handler.py') && shared.includes('src/hello.ts'));
    assert.ok(!shared.some((file) => file.startsWith('.coldcut')), shared.join());
    assert.match(done.all, /python +left to the framework: /);
  }
});

test('a service without a function of coldcut\'s packs as ever', async () => {
  const folder = project('shop', {
    'serverless.yml': (text) => text.replace(/functions:[^]*/, 'functions:\n  python:\n    handler: py/handler.main\n    runtime: python3.11\n'),
  });
  const done = await sls('v3', folder, ['package']);
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['shop.zip']);
});

test('a function may be called as its service is', async () => {
  const edit = (text) => text.replace('service: shop', 'service: hello');
  const folder = project('shop', { 'serverless.yml': edit });
  assert.equal((await sls('v3', folder, ['package'])).status, 0);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['hello.zip', 'wait.zip']);

  // Here the framework makes a zip of that name of what is left to it.
  write(folder, 'serverless.yml', (text) => text.replace('minify: false', 'minify: false\n  own:\n    handler: src/wait.handler\n    coldcut: false'));
  const done = await sls('v3', folder, ['package']);
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['hello.function.zip', 'hello.zip', 'wait.zip']);
  assert.deepEqual([...unzip(zip(folder, 'hello.function')).keys()], ['src/hello.js']);
  assert.ok(unzip(zip(folder, 'hello')).has('src/wait.js'));
});

test('a configuration that is a program is packed as it comes out', async () => {
  const folder = project('shop');
  rmSync(path.join(folder, 'serverless.yml'));
  write(folder, 'serverless.js', `
    const custom = { coldcut: { strategy: 'bundle' }, check() {} };
    custom.itself = custom.coldcut;
    module.exports = {
      service: 'program',
      provider: {
        name: 'aws',
        runtime: 'nodejs20.x',
        // What only AWS resolves.
        environment: { REGION: { 'Fn::Sub': 'in-\${AWS::Region}' }, TABLE: { Ref: 'Table' } },
      },
      plugins: { modules: ['serverless-coldcut'] },
      custom,
      functions: Object.fromEntries(['one', 'two'].map((name) => [name, { handler: 'src/wait.handler' }])),
    };`);
  const done = await sls('v3', folder, ['package']);
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(zipsIn(path.join(folder, '.serverless')), ['one.zip', 'two.zip']);
});

test('`--package` and `deploy --package` take the artifacts along', async () => {
  const folder = project('shop', fakeAws());
  const packed = await sls('v3', folder, ['package', '--package', 'parcel']);
  assert.equal(packed.status, 0, packed.all);
  assert.deepEqual(zipsIn(path.join(folder, 'parcel')), ['hello.zip', 'wait.zip']);
  const before = readFileSync(path.join(folder, 'parcel/hello.zip'));

  const done = await sls('v3', folder, ['deploy', '--package', 'parcel'], { env: { FAKE_AWS: path.join(folder, 'aws') } });
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(before, readFileSync(path.join(folder, 'aws/hello.zip')));
});

for (const name of FRAMEWORKS) {
  test(`${name}: \`deploy\` uploads what was packed, and \`deploy function\` the one`, async () => {
    const folder = project('shop', fakeAws());
    const aws = path.join(folder, 'aws');
    const done = await sls(name, folder, ['deploy'], { env: { FAKE_AWS: aws } });
    assert.equal(done.status, 0, done.all);
    assert.deepEqual(readFileSync(zip(folder, 'hello')), readFileSync(path.join(aws, 'hello.zip')));
    const packed = readFileSync(path.join(aws, 'wait.zip'));

    const one = await sls(name, folder, ['deploy', 'function', '--function', 'wait', '--force'], { env: { FAKE_AWS: aws } });
    assert.equal(one.status, 0, one.all);
    assert.deepEqual(packed, readFileSync(path.join(aws, 'shop-dev-wait.uploaded')));
    assert.ok(!/^hello /m.test(one.all), 'only the one is packed');
  });
}

test('a function that does not exist is the framework\'s to refuse', async () => {
  const folder = project('shop', fakeAws());
  for (const command of [['deploy', 'function'], ['invoke', 'local']]) {
    const done = await sls('v3', folder, [...command, '--function', 'nobody'], { env: { FAKE_AWS: path.join(folder, 'aws') } });
    assert.notEqual(done.status, 0);
    assert.match(done.all, /Function "nobody" doesn't exist in this Service/);
  }
});

/** A plugin that answers for AWS, and keeps what is uploaded. */
function fakeAws() {
  return {
    'fake-aws.js': readFileSync(new URL('fake-aws.js', import.meta.url), 'utf8'),
    'serverless.yml': withFakeAws,
  };
}

function withFakeAws(text) {
  return text.replace('  - serverless-coldcut\n', '  - serverless-coldcut\n  - ./fake-aws.js\n');
}
