// `invoke local` and serverless-offline run what was packed, not the sources.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import test from 'node:test';
import { environment, exists, framework, project, sls, write, zipsIn } from './support.mjs';

/** Where the handler is run from shows what is run. */
const SPY = {
  'src/where.ts': "import ms from 'ms';\nexport const main = async () => ({ folder: __dirname, day: ms('1 day') });\n",
  'src/late.mjs': "import ms from 'ms';\nconst start = await 'late';\nexport const main = async () => ({ start, url: import.meta.url, day: ms('1 day') });\n",
  'src/callback.mjs': "import ms from 'ms';\nexport const main = (event, context, callback) => { setTimeout(() => callback(null, { day: ms(event.time) }), 10); };\n",
  'serverless.yml': (text) => `${text}
  where:
    handler: src/where.main
    events:
      - httpApi: GET /where
  late:
    handler: src/late.main
    events:
      - httpApi: GET /late
  callback:
    handler: src/callback.main
`,
};

for (const name of ['v3', 'osls3', 'osls']) {
  test(`${name}: \`invoke local\` runs the packed handler`, async () => {
    const folder = project('shop', SPY);
    const invoke = async (which, data = {}) => {
      const done = await sls(name, folder, ['invoke', 'local', '--function', which, '--data', JSON.stringify(data)]);
      assert.equal(done.status, 0, done.all);
      // Standard output is the answer alone, for programs to read.
      return JSON.parse(done.stdout);
    };
    const where = await invoke('where');
    assert.equal(where.day, 86400000);
    assert.match(where.folder, /\.coldcut\/unpacked\/where\/src$/);
    const late = await invoke('late');
    assert.equal(late.start, 'late');
    assert.match(late.url, /\.coldcut\/unpacked\/late\/src\/late\.mjs$/);
    assert.deepEqual(await invoke('callback', { time: '1h' }), { day: 3600000 });
    assert.equal((await invoke('hello')).body, '{"shop":"the test shop","type":"text/html"}');
    assert.ok(!exists(folder, '.serverless/where.zip'));
    assert.deepEqual(zipsIn(`${folder}/.coldcut`), ['callback.zip', 'hello.zip', 'late.zip', 'where.zip']);
  });
}

test('over budget: `invoke local` warns and goes on', async () => {
  const folder = project('shop', { 'serverless.yml': (text) => text.replace('keepNames: true', 'budget: { zip: 1B }') });
  const done = await sls('v3', folder, ['invoke', 'local', '--function', 'wait']);
  assert.equal(done.status, 0, done.all);
  assert.deepEqual(JSON.parse(done.stdout), { milliseconds: 172800000 });
  assert.match(done.stderr, /over budget, which `package` and `deploy` will refuse\.\n *coldcut CC224: .*`wait` is/);
  // An artifact that does not do what the original does is no matter of taste.
  write(folder, 'event.json', '{}');
  write(folder, 'src/wait.js', 'exports.handler = async () => String(exports.handler /* */).length;\n');
  write(folder, 'serverless.yml', (text) => text.replace('minify: false', 'event: event.json\n      strategy: bundle'));
  const differs = await sls('v3', folder, ['invoke', 'local', '--function', 'wait']);
  assert.equal(differs.status, 1, differs.all);
  assert.match(differs.all, /does not do what the original does/);
});

test('a function that is left to the framework is invoked as ever', async () => {
  const folder = project('shop', {
    ...SPY,
    'serverless.yml': (text) => text.replace('minify: false', 'minify: false\n  plain:\n    handler: src/plain.main\n    coldcut: false'),
    'src/plain.js': 'exports.main = async () => __dirname;\n',
  });
  const done = await sls('v3', folder, ['invoke', 'local', '--function', 'plain']);
  assert.equal(done.status, 0, done.all);
  assert.equal(JSON.parse(done.stdout), `${folder}/src`);
});

for (const command of [['offline', 'start'], ['offline']]) {
  test(`serverless-offline: \`${command.join(' ')}\` runs the packed handlers`, async () => {
    const folder = project('shop', {
      ...SPY,
      'serverless.yml': (text) => SPY['serverless.yml'](text)
        .replace('  - serverless-coldcut\n', '  - serverless-coldcut\n  - serverless-offline\n')
        // All are over it, at the start and whenever a source changes.
        .replace('keepNames: true', 'budget: { zip: 1B }'),
    });
    const [http, lambda] = [await freePort(), await freePort()];
    const args = [framework('v3'), ...command, '--httpPort', http, '--lambdaPort', lambda, '--noSponsor', '--noPrependStageInUrl'];
    const child = spawn(process.execPath, args, { cwd: folder, env: environment(), stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    try {
      await until(() => output.includes('Server ready') || child.exitCode !== null);
      assert.match(output, /Server ready/);
      const get = async (route) => (await fetch(`http://127.0.0.1:${http}${route}`)).json();
      const where = await get('/where');
      assert.equal(where.day, 86400000);
      assert.match(where.folder, /\.serverless-offline\/.*\/code\/src$/);
      assert.deepEqual(await get('/hello?file=a.json'), { shop: 'the test shop', type: 'application/json' });
      assert.match((await get('/late')).url, /\.serverless-offline\/.*\/code\/src\/late\.mjs$/);
      assert.match(output, /^where .*verified equal$/m);
      assert.match(output, /over budget, which `package` and `deploy` will refuse\.\n *coldcut CC224: .*is .* of 1 B/);

      // A mistake is said, and what ran before runs on; the next change counts.
      write(folder, 'src/where.ts', 'export const main = async () => ({ ');
      await until(() => /coldcut CC050/.test(output));
      assert.match(output, /coldcut CC050/);
      assert.equal((await get('/where')).day, 86400000);
      write(folder, 'src/new/day.ts', 'export const day = 2;\n');
      write(folder, 'src/where.ts', "import { day } from './new/day';\nexport const main = async () => ({ day });\n");
      // While it is reloaded a request may fail.
      const day = async () => (await get('/where').catch(() => ({}))).day;
      await until(async () => (await day()) === 2);
      write(folder, 'src/new/day.ts', 'export const day = 3;\n');
      await until(async () => (await day()) === 3);
      assert.equal(await day(), 3);
    } finally {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.on('close', resolve));
    }
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });
}

async function until(done) {
  const end = Date.now() + 60_000;
  while (!(await done()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
}
