/* Made of docs/diff.schema.json by npm/scripts/types.mjs. */

/**
 * The form of a comparison by itself.
 */
export type DiffSchema = "coldcut.diff/1";
/**
 * What became of something.
 */
export type Kind = ("new" | "grown" | "shrunk" | "gone" | "same") | "changed";

/**
 * A comparison by itself.
 */
export interface Diff {
  schema: DiffSchema;
  /**
   * What it is compared with: a file, as the command line named it.
   */
  with: string;
  zip_bytes: Pair;
  unpacked_bytes: Pair1;
  files: Pair1;
  /**
   * Those that are gone too.
   */
  functions: FunctionChange[];
}
/**
 * Of all functions.
 */
export interface Pair {
  before?: number | null;
  after?: number | null;
}
/**
 * A figure before and after; `None` where there was, or is, nothing to count.
 */
export interface Pair1 {
  before?: number | null;
  after?: number | null;
}
/**
 * What a size or a number was and is.
 */
export interface FunctionChange {
  name: string;
  kind: Kind;
  zip_bytes: Pair1;
  unpacked_bytes: Pair1;
  files: Pair1;
  download_ms: Pair2;
  init_ms?: Pair3;
  /**
   * Packages that differ, what changed most first.
   */
  packages: PackageChange[];
  /**
   * Files that differ, what changed most first; `None` where the baseline names no files.
   */
  changed_files?: FileChange[] | null;
}
/**
 * A figure before and after; `None` where there was, or is, nothing to count.
 */
export interface Pair2 {
  before?: number | null;
  after?: number | null;
}
/**
 * A figure before and after; `None` where there was, or is, nothing to count.
 */
export interface Pair3 {
  before?: number | null;
  after?: number | null;
}
/**
 * A package that differs.
 */
export interface PackageChange {
  name: string;
  kind: Kind;
  /**
   * All versions of it that shipped.
   */
  versions_before: string[];
  versions_after: string[];
  bytes: Pair4;
  zipped_share_bytes: Pair5;
  /**
   * What brings it in, where it is new.
   */
  why?: string | null;
}
/**
 * A figure before and after; `None` where there was, or is, nothing to count.
 */
export interface Pair4 {
  before?: number | null;
  after?: number | null;
}
/**
 * A figure before and after; `None` where there was, or is, nothing to count.
 */
export interface Pair5 {
  before?: number | null;
  after?: number | null;
}
/**
 * A file that differs.
 */
export interface FileChange {
  path: string;
  kind: Kind;
  bytes: Pair1;
  zipped_bytes: Pair1;
}
