/* Made of docs/measurement.schema.json by npm/scripts/types.mjs. */

/**
 * The form of the document. A field that changes its meaning, or goes, makes a new one.
 */
export type SchemaId = "coldcut.measurement/1";

/**
 * Artifacts, measured side by side.
 */
export interface Measurement {
  schema: SchemaId;
  /**
   * The version of the Node.js that ran them; none where only a `bootstrap` was measured.
   */
  node?: string | null;
  /**
   * The system and processor that it was measured on.
   */
  machine: string;
  /**
   * Runs of each artifact that count.
   */
  runs: number;
  /**
   * Rounds before those, which do not count.
   */
  warm_up_rounds: number;
  /**
   * As the command line named them; the first is what the others are compared with.
   */
  artifacts: Artifact[];
  isolation: Isolation;
}
/**
 * One artifact.
 */
export interface Artifact {
  path: string;
  /**
   * As a platform's setting has it.
   */
  handler: string;
  load_ms: Spread;
  /**
   * From the first call to its answer.
   */
  answer_ms?: Spread1 | null;
  /**
   * Its median load as a multiple of the first artifact's.
   */
  ratio?: Ratio | null;
  /**
   * Where the time goes; a `bootstrap` has none.
   */
  profile?: Profile | null;
}
/**
 * From the first line of user code until the handler can be called; of a `bootstrap`, from
 * the start of the process until it asks for an event.
 */
export interface Spread {
  median: number;
  quarter: number;
  three_quarters: number;
  least: number;
  most: number;
  /**
   * In the order in which they were measured.
   */
  runs: number[];
}
/**
 * Times of several runs.
 */
export interface Spread1 {
  median: number;
  quarter: number;
  three_quarters: number;
  least: number;
  most: number;
  /**
   * In the order in which they were measured.
   */
  runs: number[];
}
/**
 * A ratio with its 95 % interval.
 */
export interface Ratio {
  value: number;
  low: number;
  high: number;
}
/**
 * One run under Node's CPU profiler, apart from those that were timed: it slows code down.
 */
export interface Profile {
  /**
   * Of the load, under the profiler.
   */
  load_ms: number;
  /**
   * Dearest first.
   */
  packages: Package[];
  /**
   * What no file of the artifact's does: finding files, collecting garbage.
   */
  node_ms: number;
  /**
   * What could not be told apart.
   */
  note?: string | null;
}
/**
 * What one package takes while the handler is loaded.
 */
export interface Package {
  /**
   * The name of a package, or `own code`.
   */
  name: string;
  version?: string | null;
  /**
   * Its files being read and compiled, and its code.
   */
  self_ms: number;
  /**
   * The same with everything that it loads and calls.
   */
  with_callees_ms: number;
}
/**
 * In what it ran.
 */
export interface Isolation {
  /**
   * `cut`, `allowed` or `open`.
   */
  network: string;
  /**
   * Why the network could not be cut.
   */
  network_note?: string | null;
  /**
   * Whether processes that detach themselves are ended too.
   */
  detached_processes_ended: boolean;
  timeout_s: number;
  memory_mb: number;
}
