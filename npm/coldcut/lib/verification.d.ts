/* Made of docs/verification.schema.json by npm/scripts/types.mjs. */

/**
 * The form of the document. A field that changes its meaning, or goes, makes a new one.
 */
export type SchemaId = "coldcut.verification/1";
/**
 * How it ended.
 */
export type Status = "verified" | "failed";

/**
 * One artifact, verified.
 */
export interface Verification {
  schema: SchemaId;
  status: Status;
  /**
   * What was found, in a sentence without a full stop.
   */
  detail: string;
  handler?: Handler | null;
  artifact: Side;
  /**
   * What it was compared with.
   */
  against?: Side | null;
  isolation: Isolation;
}
/**
 * Which function was called.
 */
export interface Handler {
  /**
   * As a platform's setting has it: `src/http.handler`.
   */
  setting: string;
  /**
   * Whether the command line did not say so, and there was one candidate.
   */
  guessed: boolean;
}
/**
 * What one artifact, or the original, did.
 */
export interface Side {
  /**
   * As the command line named it.
   */
  path: string;
  /**
   * The file that was loaded, or `bootstrap`.
   */
  file: string;
  /**
   * The version of the Node.js that loaded it.
   */
  node?: string | null;
  /**
   * `commonjs` or `module`.
   */
  format?: string | null;
  /**
   * From the first line of user code to the last, before any event.
   */
  load_ms?: number | null;
  exports: Export[];
  /**
   * How loading it failed.
   */
  failure?: Failure | null;
  /**
   * What became of the event.
   */
  answer?: Answer | null;
  /**
   * Names of processes that it started and that were still there a second after it.
   */
  left_processes: string[];
  /**
   * The end of what it printed.
   */
  output: string;
}
/**
 * One export of the handler's file.
 */
export interface Export {
  name: string;
  /**
   * `function`, `class`, `object`, `array`, `string`, …
   */
  kind: string;
  async: boolean;
  /**
   * How many parameters a function or class takes.
   */
  arity?: number | null;
}
/**
 * How something failed.
 */
export interface Failure {
  /**
   * `thrown`, `rejected`, `exited`, `unsettled`, `timed out` or `crashed`.
   */
  kind: string;
  name: string;
  message: string;
  /**
   * The first frames of the stack.
   */
  frames: string[];
}
/**
 * What became of an event.
 */
export interface Answer {
  value?: unknown;
  failure?: Failure | null;
  /**
   * From the call to the answer.
   */
  answer_ms?: number | null;
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
