// `examples/serverless` is packed and answers; its README shows what comes out.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { call, here, project, read, sls, unzip } from './support.mjs';

test('the example', async () => {
  const folder = project(here('../../../examples/serverless'));
  const done = await sls('osls', folder, ['package', '--stage', 'prod']);
  assert.equal(done.status, 0, done.all);
  const zip = (name) => path.join(folder, '.serverless', `${name}.zip`);

  const invited = await call(zip('invite'), 'src/invite.handler', JSON.parse(read(folder, 'events/invite.json')), { SENDER: 'here' });
  assert.deepEqual(JSON.parse(invited.body), { from: 'here', to: 'ada@example.org', day: 'Monday, 1 March 2027' });
  assert.equal((await call(zip('invite'), 'src/invite.handler', { body: '{}' })).statusCode, 400);
  assert.ok(unzip(zip('remind')).has('templates/reminder.hbs'));
  assert.deepEqual(await call(zip('remind'), 'src/remind.handler', JSON.parse(read(folder, 'events/remind.json'))), [
    'Dear Ada, we look forward to seeing you on Monday.\n',
    'Dear Grace, we look forward to seeing you on Tuesday.\n',
  ]);

  // Sizes before differ with what the package manager lays down; those after are coldcut's alone.
  const shown = (text) => [...text.matchAll(/^(\w+) +.* -> (.*) \(-.*\), verified equal$/gm)].map(([, name, size]) => `${name} ${size}`);
  assert.equal(shown(done.all).length, 2);
  assert.deepEqual(shown(done.all), shown(read(here('../../../examples/serverless'), 'README.md')));
});
