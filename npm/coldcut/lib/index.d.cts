// The options are those of the command line (`coldcut pack --help`), in camelCase.
import type { Report } from "./report";
import type { Verification } from "./verification";
import type { Measurement } from "./measurement";
import type { Diff } from "./diff";

export type { Report, Verification, Measurement, Diff };

/** How a command is run. */
export interface RunOptions {
  /** The folder that paths are seen from; the process's own unless told. */
  cwd?: string;
  /** The environment of coldcut itself; the process's own unless told. */
  processEnv?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Is given each line of progress and of messages. */
  onLog?: (line: string) => void;
}

export interface PackOptions extends RunOptions {
  /** The project's folder; `cwd` unless told. */
  dir?: string;
  function?: string[];
  entry?: string[];
  /** A framework's resolved configuration: a file in JSON, or the configuration itself. */
  service?: string | object;
  opt?: Record<string, string>;
  stage?: string;
  strategy?: "auto" | "bundle" | "trace" | "prune";
  platform?: string;
  runtime?: string;
  arch?: "x86_64" | "arm64";
  external?: string[];
  sdk?: "auto" | "bundle" | "external";
  include?: string[];
  exclude?: string[];
  ruleOff?: string[];
  keepSecrets?: string[];
  define?: Record<string, string>;
  out?: string;
  install?: boolean;
  links?: "keep" | "follow";
  compression?: "fast" | "default" | "max";
  noMinify?: boolean;
  sourcemap?: boolean | "none" | "external" | "inline";
  keepNames?: boolean;
  manifests?: boolean;
  rustProfile?: "keep" | "balanced" | "smallest";
  panic?: "unwind" | "abort";
  rustTarget?: string;
  debugFile?: boolean;
  sharedLayer?: string;
  compareProfiles?: boolean;
  whatIf?: boolean;
  cache?: string;
  sam?: boolean;
  unpack?: string;
  noVerify?: boolean;
  verifyAgain?: boolean;
  timings?: boolean;
  measure?: boolean | number;
  coldStartsPerMonth?: number;
  memory?: number;
  region?: string;
  event?: string;
  env?: Record<string, string>;
  checkReproducible?: boolean;
  budget?: string[];
  baseline?: string;
  baselineRef?: string;
  report?: string[];
}

export interface BundleOptions extends RunOptions {
  entries: string[];
  outfile?: string;
  outdir?: string;
  format?: "cjs" | "esm";
  target?: string;
  external?: string[];
  noAssets?: boolean;
  arch?: "x86_64" | "arm64";
  minify?: boolean;
  thorough?: boolean;
  noShake?: boolean;
  keepNames?: boolean;
  sourcemap?: boolean | "none" | "external" | "inline";
  metafile?: string;
  define?: Record<string, string>;
  loader?: Record<string, "text" | "base64" | "json" | "empty">;
  timings?: boolean;
}

export interface ArtifactOptions extends RunOptions {
  event?: string;
  handler?: string;
  timeout?: number;
  memory?: number;
  env?: Record<string, string>;
  allowNetwork?: boolean;
}

export interface VerifyOptions extends ArtifactOptions {
  zip: string;
  against?: string;
  external?: string[];
}

export interface MeasureOptions extends ArtifactOptions {
  zips: string[];
  runs?: number;
}

export interface DiffOptions extends RunOptions {
  old: string;
  new: string;
}

/** What esbuild calls a metafile. */
export interface Metafile {
  inputs: Record<string, { bytes: number }>;
  outputs: Record<string, { bytes: number; inputs: Record<string, { bytesInOutput: number }> }>;
}

export declare function pack(options?: PackOptions): Promise<Report>;
/** `pack` for CI: rejects with status 3 where a budget is exceeded. */
export declare function check(options?: PackOptions): Promise<Report>;
export declare function bundle(options: BundleOptions): Promise<Metafile>;
export declare function verify(options: VerifyOptions): Promise<Verification>;
export declare function measure(options: MeasureOptions): Promise<Measurement>;
export declare function diff(options: DiffOptions): Promise<Diff>;

export declare class ColdcutError extends Error {
  /** The code of the first message, `CC023`. */
  readonly code: string | null;
  /** The exit status: 1 failed, 2 wrong options, 3 over a budget, 4 not equal to the original. */
  readonly status: number | null;
  readonly stderr: string;
  /** What was printed all the same, with status 3 and 4. */
  readonly report: unknown;
}

/** The absolute path of the program. */
export declare const binary: string;
