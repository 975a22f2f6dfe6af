// Runs a command of version 4's framework from a checkout of its source.
//
// In: the checkout, a service's folder, a command with its options. Out: as the command line does it.
// Nothing asks AWS: `package` wants the name of a bucket only.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [source, folder, ...args] = process.argv.slice(2);
const framework = path.join(source, 'packages/serverless');
const yaml = createRequire(path.join(framework, 'package.json'))('js-yaml');
const { default: Serverless } = await import(pathToFileURL(path.join(framework, 'lib/serverless.js')));

const [commands, options] = [[], {}];
while (args.length) {
  const word = args.shift();
  if (word.startsWith('--')) options[word.slice(2)] = args.shift();
  else commands.push(word);
}
const serverless = new Serverless({
  version: '4.39.0',
  commands,
  options,
  servicePath: folder,
  serviceConfigFileName: 'serverless.yml',
  service: yaml.load(readFileSync(path.join(folder, 'serverless.yml'), 'utf8')),
  credentialProviders: { aws: async () => ({ accessKeyId: 'none', secretAccessKey: 'none' }) },
  region: 'eu-central-1',
  instanceId: 'test',
});
try {
  await serverless.init();
  serverless.getProvider('aws').getServerlessDeploymentBucketName = async () => 'bucket';
  await serverless.run();
} catch (error) {
  console.error(error.name, error.code, error.message);
  process.exitCode = 1;
}
