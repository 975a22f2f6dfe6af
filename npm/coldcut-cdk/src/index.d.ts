import type { Construct } from 'constructs';
import type { Function as LambdaFunction, FunctionOptions, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { PackOptions, Report } from 'coldcut';

export interface ColdcutFunctionProps extends FunctionOptions {
  /** The project's folder; the one that the app runs in unless told. */
  readonly project?: string;
  /** A source file, seen from the project. Or else `function`. */
  readonly entry?: string;
  /** A function that the project's own settings declare, such as `coldcut.toml`. */
  readonly function?: string;
  /** The export of `entry` that Lambda calls; `handler` unless told. */
  readonly handler?: string;
  /** Node.js 22 unless told. */
  readonly runtime?: Runtime;
  /** Options of `coldcut pack`. */
  readonly coldcut?: Omit<PackOptions, 'dir' | 'entry' | 'function' | 'service' | 'out' | 'runtime' | 'arch' | 'cwd' | 'signal' | 'onLog' | 'processEnv'>;
}

/** A Lambda function whose code is a verified zip of coldcut's. */
export declare class ColdcutFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: ColdcutFunctionProps);
  /** What coldcut reports of it; nothing where its stack is not packed. */
  readonly report?: Report['functions'][number];
}
