'use strict';

// A construct for functions that coldcut packs.
//
// In: a source file, or a function that the project's own settings declare. Out: a Lambda function whose
// asset is the verified zip, hashed by its content: the same on every machine.

const path = require('node:path');
const { AssetHashType, Stack, Token } = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const packed = require('./packed');

class ColdcutFunction extends lambda.Function {
  constructor(scope, id, props) {
    const { project, entry, function: name, handler, coldcut, ...rest } = props;
    const where = `${scope.node.path}/${id}`.replace(/^\//, '');
    if ((entry === undefined) === (name === undefined)) {
      throw new Error(`${where}: set either \`entry\` (a source file) or \`function\` (a name in coldcut.toml)`);
    }
    const dir = path.resolve(project ?? '.');
    const runtime = rest.runtime ?? lambda.Runtime.NODEJS_22_X;
    const architecture = rest.architecture ?? lambda.Architecture.X86_64;
    if (!Stack.of(scope).bundlingRequired) {
      // Stacks that are not asked for are only named: nothing of them is packed.
      const nothing = lambda.Code.fromAsset(dir, { exclude: ['**'], assetHash: 'not-packed', assetHashType: AssetHashType.CUSTOM });
      super(scope, id, { ...rest, runtime, architecture, code: nothing, handler: 'index.handler' });
      return;
    }
    const env = Object.entries(rest.environment ?? {}).filter(([, value]) => !Token.isUnresolved(value));
    const found = packed({
      where,
      dir,
      entry,
      name,
      options: {
        runtime: runtime.name,
        arch: architecture.name,
        ...(env.length > 0 && { env: Object.fromEntries(env) }),
        ...coldcut,
      },
    });
    const code = lambda.Code.fromAsset(found.zip, {
      assetHash: found.sha256,
      assetHashType: AssetHashType.CUSTOM,
    });
    const file = found.handler.replace(/\.[^./]+$/, '');
    const setting = found.setting ?? `${file}.${handler ?? 'handler'}`;
    super(scope, id, { ...rest, runtime, architecture, code, handler: setting });
    this.report = found.report;
  }
}

module.exports = { ColdcutFunction };
