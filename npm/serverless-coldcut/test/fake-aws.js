'use strict';

// A plugin for tests: answers the framework's requests as AWS would, and keeps what is uploaded.
//
// In: FAKE_AWS, a folder. Out: in it `NAME.zip` for each upload to the bucket and
// `FUNCTION.uploaded` for each that goes to the function itself.

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const ACCOUNT = { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/nobody', UserId: 'nobody' };
const stack = { StackName: 'shop-dev', StackId: 'arn:aws:cloudformation:eu-central-1:123456789012:stack/shop-dev/1', StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputKey: 'ServerlessDeploymentBucketName', OutputValue: 'bucket' }] };

const event = (status) => ({ EventId: status, StackName: stack.StackName, StackId: stack.StackId, PhysicalResourceId: stack.StackId, ResourceType: 'AWS::CloudFormation::Stack', LogicalResourceId: 'shop-dev', ResourceStatus: status, Timestamp: new Date() });

module.exports = class FakeAws {
  constructor(serverless) {
    this.hooks = {
      initialize: () => {
        const folder = process.env.FAKE_AWS;
        if (!folder) return;
        fs.mkdirSync(folder, { recursive: true });
        const provider = serverless.getProvider('aws');
        const told = {
          request: async (service, method, params) => answer(folder, service, method, params || {}),
          getCredentials: () => ({ credentials: { accessKeyId: 'none', secretAccessKey: 'none' } }),
          getAccountInfo: async () => ({ accountId: ACCOUNT.Account, partition: 'aws' }),
          getAccountId: async () => ACCOUNT.Account,
        };
        for (const [name, value] of Object.entries(told)) Object.defineProperty(provider, name, { value });
        clients(folder);
      },
    };
  }
};

/** osls 4 has no `request`: it sends commands by clients of the AWS SDK, which have one base class. */
function clients(folder) {
  let base;
  try {
    base = createRequire(process.argv[1])('@smithy/core/client').Client;
  } catch {
    return;
  }
  base.prototype.send = function (command) {
    const service = this.constructor.name.replace(/Client$/, '');
    const [first, ...rest] = command.constructor.name.replace(/Command$/, '');
    return answer(folder, service, first.toLowerCase() + rest.join(''), command.input);
  };
}

async function answer(folder, service, method, params) {
  if (params.Key && params.Body) await keep(path.join(folder, path.basename(params.Key)), params.Body);
  if (method === 'updateFunctionCode') await keep(path.join(folder, `${params.FunctionName}.uploaded`), params.ZipFile);
  switch (`${service}.${method}`) {
    case 'STS.getCallerIdentity':
      return ACCOUNT;
    case 'CloudFormation.describeStacks':
      return { Stacks: [stack] };
    case 'CloudFormation.describeStackResource':
      return { StackResourceDetail: { PhysicalResourceId: 'bucket' } };
    case 'CloudFormation.describeStackEvents':
      return { StackEvents: ['UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS'].map(event) };
    case 'CloudFormation.listStackResources':
      return { StackResourceSummaries: [] };
    case 'S3.listObjectsV2':
      return { Contents: [] };
    case 'Lambda.getFunction':
      return { Configuration: { FunctionName: params.FunctionName, CodeSha256: 'another', LastModified: new Date(0).toISOString(), State: 'Active', LastUpdateStatus: 'Successful', PackageType: 'Zip' } };
    default:
      return { StackId: stack.StackId, Changes: [], Status: 'CREATE_COMPLETE' };
  }
}

async function keep(file, body) {
  if (!body.pipe) return fs.promises.writeFile(file, body);
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return fs.promises.writeFile(file, Buffer.concat(chunks));
}
