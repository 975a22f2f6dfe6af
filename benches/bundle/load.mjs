// Loads one bundle in a fresh process, calls it, and writes what shows to a file:
// `node load.mjs REQUEST.json`, where the request says file, export, event and where the answer goes.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const request = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const finish = (answer) => {
  writeFileSync(request.answer, JSON.stringify(answer));
  process.reallyExit(0);
};
const failed = (error) => finish({ error: String(error?.message ?? error).split('\n')[0] });
process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
process.on('beforeExit', () => failed('the load never settles'));

if (request.dynamo) {
  // Just enough of a table: what is put is there.
  const items = new Map();
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const piece of incoming) body += piece;
    const call = JSON.parse(body);
    const operation = String(incoming.headers['x-amz-target']).split('.')[1];
    if (operation === 'PutItem') items.set(call.Item.id.S, call.Item);
    const answer = operation === 'GetItem' ? { Item: items.get(call.Key.id.S) } : {};
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${server.address().port}`;
}

try {
  const loaded = request.format === 'cjs' ? createRequire(request.file)(request.file) : await import(pathToFileURL(request.file));
  const keys = Object.keys(loaded).filter((key) => key !== '__esModule' && key !== 'default' && key !== 'module.exports').sort();
  const handler = loaded[request.export] ?? loaded.default?.[request.export];
  if (typeof handler !== 'function') throw new Error(`no function \`${request.export}\` among its exports: ${keys.join(', ') || 'none'}`);
  if (!('event' in request)) finish({ keys });
  const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 10000 };
  const result = await new Promise((resolve, reject) => {
    const given = handler(request.event, context, (error, value) => (error ? reject(error) : resolve(value)));
    if (typeof given?.then === 'function') given.then(resolve, reject);
  }).then((value) => ({ value }), (error) => ({ thrown: String(error?.message ?? error) }));
  finish({ keys, ...result });
} catch (error) {
  failed(error);
}
