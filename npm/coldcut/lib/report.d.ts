/* Made of docs/report.schema.json by npm/scripts/types.mjs. */

/**
 * The form of the document. A field that changes its meaning, or goes, makes a new one.
 */
export type SchemaId = "coldcut.report/1";
/**
 * What a function is made of.
 */
export type FunctionKind = "node" | "rust";
/**
 * How an artifact was made.
 */
export type Strategy = "bundle" | "trace" | "prune" | "cargo";
/**
 * What a step of the waterfall does.
 */
export type StepName =
  | ("dev-dependencies" | "ignored-files" | "platform-provided" | "unreachable-files")
  | "transpile"
  | "bundle"
  | "profile"
  | "strip"
  | "unwind-tables"
  | "compression";
/**
 * What happens to the AWS SDK that the platform already has.
 */
export type SdkChoice = "auto" | "bundle" | "external";
/**
 * That the times are no measurements.
 */
export type EstimateKind = "estimate";
/**
 * How a cold start stands to its target.
 */
export type Verdict = "beyond" | "within" | "typically";
/**
 * How an artifact compares with the original.
 */
export type Status = "equal" | "differs" | "unverified";
/**
 * What became of something.
 */
export type Kind = ("new" | "grown" | "shrunk" | "gone" | "same") | "changed";
/**
 * What happens where a budget is exceeded.
 */
export type Level = "warn" | "fail";
/**
 * What the figures of a budget count.
 */
export type Unit = "bytes" | "files" | "ms";
/**
 * How a budget stands.
 */
export type BudgetState = ("ok" | "warned" | "failed") | "unknown";

/**
 * What `coldcut pack` did.
 */
export interface Report {
  schema: SchemaId;
  project: Project;
  /**
   * In the order of the file that declares them.
   */
  functions: Function[];
  /**
   * Declared functions that are not coldcut's to pack.
   */
  skipped: Skipped[];
  totals: Totals;
  /**
   * Layers that were packed for several functions at once.
   */
  shared_layers?: SharedLayer[];
  /**
   * What concerns the project as a whole.
   */
  warnings: Warning[];
  /**
   * Against an earlier report, where one was given.
   */
  comparison?: Comparison | null;
  /**
   * What several functions ship alike; `None` where nothing is.
   */
  shared?: Shared | null;
  /**
   * Every budget that was asked for, held against what came out.
   */
  budgets?: Budget[];
  /**
   * Which part of the project's functions these are; `None` where they are all.
   */
  shard?: Shard | null;
}
export interface Project {
  name: string;
  /**
   * The project's folder as the command line named it; never an absolute path of coldcut's own
   * finding.
   */
  root?: string | null;
}
/**
 * One packed function.
 */
export interface Function {
  name: string;
  kind: FunctionKind;
  /**
   * The source file, relative to the project: `src/users.ts`; for Rust the binary's name.
   */
  entry: string;
  /**
   * The file inside the artifact that the platform loads: `src/users.js`, `bootstrap`.
   */
  handler: string;
  /**
   * What the platform's setting must say for it: `src/users.main`, `bootstrap`; nothing for an
   * entry whose export is not known.
   */
  handler_setting?: string | null;
  /**
   * The platform's name, `aws-lambda`.
   */
  platform: string;
  /**
   * As the platform names it: `nodejs22.x`.
   */
  runtime: string;
  /**
   * `x86_64` or `arm64`.
   */
  arch: string;
  strategy: Strategy;
  /**
   * Why this way and no smaller one.
   */
  strategy_reason?: string | null;
  /**
   * The kind of file that declares the function: `serverless.yml`, `--entry`.
   */
  declared_by: string;
  /**
   * Settled options and where each was said.
   */
  settings: Setting[];
  layers: Layer[];
  artifact: Artifact;
  baseline: Baseline;
  /**
   * From the baseline to the artifact; each step begins where the one before it ended.
   */
  steps: Step[];
  /**
   * What the built-in ignore rules dropped.
   */
  dropped_rules: DroppedRule[];
  /**
   * Packages that only development needs, as `name@version`.
   */
  dropped_dev_dependencies: string[];
  /**
   * Packages that ship, biggest first.
   */
  packages: Package[];
  /**
   * Bytes of the bundle, unpacked, that keep the names of classes as they were written, since code
   * that looks them up would break; 0 where it is not minified, `None` where there is no bundle.
   */
  class_names_bytes?: number | null;
  /**
   * What is in the binary; `None` for functions that have none.
   */
  rust?: Rust | null;
  /**
   * What the AWS SDK's packages became; `None` where the function uses none.
   */
  sdk?: Sdk | null;
  /**
   * `None` where nobody has measured the platform.
   */
  estimate?: Estimate | null;
  /**
   * What is loaded at start; `None` where nobody looked.
   */
  loaded?: Loaded | null;
  /**
   * Only when measuring was asked for: the one part that differs from run to run.
   */
  measured?: Measured | null;
  verification: Verification;
  limits: Limit[];
  warnings: Warning[];
  /**
   * Everything that ships, by path.
   */
  files: File[];
  /**
   * Where the handler's file is a bundle: the files that are part of it, by path.
   */
  modules?: Module[];
  /**
   * Packages that ship more than once, the dearest first.
   */
  duplicates?: Duplicate[];
  /**
   * What is worth doing next, at most three things, the one that gains most first.
   */
  advice?: Advice[];
}
/**
 * One settled option.
 */
export interface Setting {
  /**
   * As settings files name it: `runtime`.
   */
  name: string;
  value: string;
  /**
   * Where it was said: `default`, `platform data`, `coldcut settings`, `framework file`,
   * `environment`, `command line`.
   */
  origin: string;
}
export interface Layer {
  /**
   * As the framework names it.
   */
  name: string;
  /**
   * From the setting `layer-bytes`; `None` where nothing says.
   */
  unpacked_bytes?: number | null;
}
/**
 * The zip.
 */
export interface Artifact {
  path: string;
  bytes: number;
  unpacked_bytes: number;
  files: number;
  /**
   * What of `bytes` is no file's: headers, names, the directory at the end. With the
   * `zipped_bytes` of all files it makes `bytes`.
   */
  container_bytes?: number;
  /**
   * In hexadecimal.
   */
  sha256: string;
  /**
   * The same digest as AWS shows it, `CodeSha256`.
   */
  code_sha256_base64: string;
}
/**
 * A plain zip of the function's folder, dependencies and all.
 */
export interface Baseline {
  bytes: number;
  unpacked_bytes: number;
  files: number;
}
/**
 * One step of the waterfall.
 */
export interface Step {
  name: StepName;
  /**
   * What a person calls it.
   */
  label: string;
  detail?: string | null;
  files_before: number;
  files_after: number;
  unpacked_before_bytes: number;
  unpacked_after_bytes: number;
  zipped_before_bytes: number;
  zipped_after_bytes: number;
  /**
   * Whether the zipped sizes are those of zips that were really written.
   */
  measured: boolean;
}
export interface DroppedRule {
  /**
   * As `rules-off` names it.
   */
  rule: string;
  files: number;
  bytes: number;
}
/**
 * A package that ships.
 */
export interface Package {
  name: string;
  version?: string | null;
  /**
   * Unpacked.
   */
  bytes: number;
  files: number;
  /**
   * What its files take in the zip; `None` where some of it is in a file of several packages,
   * which is compressed as one.
   */
  zipped_bytes?: number | null;
  /**
   * The same, with its share of such a file by unpacked length: a reckoning, no measurement.
   */
  zipped_share_bytes?: number;
  /**
   * What brings it in.
   */
  why: string;
}
/**
 * A binary, and what it is made of.
 */
export interface Rust {
  /**
   * `keep`, `balanced` or `smallest`.
   */
  profile: string;
  /**
   * `unwind` or `abort`: what a panic does.
   */
  panic: string;
  /**
   * As rustc names it.
   */
  target: string;
  needs: Needs;
  /**
   * Where symbols and line numbers lie; `None` where they were not asked for.
   */
  debug_file?: string | null;
  sizes: BinarySizes;
  /**
   * What could be smaller, biggest first.
   */
  findings: Finding[];
  /**
   * Every profile, where they were asked to be compared.
   */
  profiles: ProfileTrial[];
  /**
   * What each known cause of bloat costs this very build, where that was asked.
   */
  what_if: WhatIf[];
}
/**
 * What the platform must have for it to start; all of it was found to be there.
 */
export interface Needs {
  /**
   * The program that starts it; `None` for a static one.
   */
  interpreter?: string | null;
  /**
   * The newest version of glibc whose symbols it uses.
   */
  glibc?: string | null;
  /**
   * The platform's own, where its data says it.
   */
  platform_glibc?: string | null;
  /**
   * Shared libraries.
   */
  libraries: string[];
}
/**
 * Where the bytes come from: `crates` and `rest` add up to `file_bytes`.
 */
export interface BinarySizes {
  file_bytes: number;
  /**
   * Biggest first; `std` is all that comes with the compiler.
   */
  crates: CrateBytes[];
  /**
   * What no symbol covers, biggest first.
   */
  rest: RestBytes[];
  /**
   * The biggest functions, all copies of a generic one counted as one.
   */
  functions: FunctionBytes[];
  /**
   * By what the file itself is divided in.
   */
  sections: SectionBytes[];
}
export interface CrateBytes {
  /**
   * As symbols have it: `serde_json`.
   */
  name: string;
  /**
   * Several where several versions are linked, of which symbols do not tell.
   */
  versions: string[];
  code_bytes: number;
  data_bytes: number;
  unwind_bytes: number;
  bytes: number;
}
export interface RestBytes {
  /**
   * A section's name, or `(headers)`.
   */
  name: string;
  what: string;
  bytes: number;
}
export interface FunctionBytes {
  name: string;
  krate: string;
  copies: number;
  bytes: number;
}
export interface SectionBytes {
  name: string;
  bytes: number;
}
/**
 * Something that could be smaller.
 */
export interface Finding {
  /**
   * `duplicate-versions`, `unused-dependency`, `default-features`, `known-cause`,
   * `embedded-data`, `panic-machinery`, `formatting`.
   */
  kind: string;
  /**
   * The crate, or what else it is about.
   */
  subject: string;
  /**
   * What it is about takes so much; not what a change saves, which `--what-if` measures.
   */
  bytes: number;
  message: string;
  /**
   * What to write, and where.
   */
  change: string;
}
/**
 * One profile, built.
 */
export interface ProfileTrial {
  /**
   * `default` is what `cargo build --release` gives, with its symbols.
   */
  profile: string;
  bytes: number;
  zipped_bytes: number;
  /**
   * Of the whole build, dependencies and all; `None` where it was built already.
   */
  build_ms?: number | null;
  /**
   * `unwind` or `abort`.
   */
  panic: string;
  /**
   * The one of the artifact.
   */
  chosen: boolean;
}
/**
 * A build without one cause of bloat.
 */
export interface WhatIf {
  /**
   * As the table of causes names it.
   */
  cause: string;
  /**
   * What was changed, as `Cargo.toml` has it.
   */
  change: string;
  /**
   * What is lost by it.
   */
  price: string;
  bytes?: number | null;
  /**
   * Against the artifact's own binary; positive where it got smaller.
   */
  saved_bytes?: number | null;
  saved_zipped_bytes?: number | null;
  /**
   * Why there is no figure.
   */
  failed?: string | null;
}
/**
 * What became of the AWS SDK.
 */
export interface Sdk {
  choice: SdkChoice;
  /**
   * Whether the SDK is in the artifact.
   */
  shipped: boolean;
  reason: string;
  /**
   * Unpacked bytes that the other choice would take away (where it ships) or add (where it
   * does not); `None` where they are not known, because the SDK is not installed.
   */
  other_choice_bytes?: number | null;
}
/**
 * Phases of a cold start, as a model tells them.
 */
export interface Estimate {
  kind: EstimateKind;
  /**
   * The day the data behind it was last held against its sources.
   */
  data_date?: string;
  download_ms: RangeMs;
  download_before_ms: RangeMs1;
  download_saved_ms: RangeMs2;
  /**
   * Both zips are smaller than `knee_bytes`.
   */
  below_knee: boolean;
  knee_bytes: number;
  /**
   * Always `null`: what is known of unpacking is part of `download_ms`.
   */
  unpack_ms?: RangeMs3 | null;
  /**
   * The load (parse, compile, run) with the artifact and the runtime's own start, rounded to
   * 5 ms; `null` where nobody knows what is loaded. It is billed, and logged as the
   * initialisation.
   */
  load_ms?: RangeMs3 | null;
  /**
   * The same with the original.
   */
  load_before_ms?: RangeMs3 | null;
  load_saved_ms?: RangeMs3 | null;
  /**
   * Of both, what the runtime takes before it loads anything.
   */
  load_base_ms?: RangeMs3 | null;
  /**
   * Why there is no estimate of the load.
   */
  load_unknown?: string | null;
  /**
   * Transfer and load with the artifact; `null` where the load is neither estimated nor
   * measured.
   */
  cold_start_ms?: RangeMs3 | null;
  /**
   * The same with the original.
   */
  cold_start_before_ms?: RangeMs3 | null;
  /**
   * What a sum of both phases is made of.
   */
  cold_start_basis?: "estimated" | "load-measured-here";
  /**
   * What a cold start should stay below.
   */
  cold_start_target_ms?: number | null;
  cold_start_verdict?: Verdict | null;
  cold_start_target_source?: Source | null;
  /**
   * How many cold starts of the project's own logs the parameters are fitted to; `null` where
   * they are those of the sources.
   */
  calibrated_on_cold_starts?: number | null;
  /**
   * What the load costs a million times, by the typical figure (or the measured one) and with the
   * memory, region and processor of `cost`. The transfer has no price.
   */
  cost_usd_per_million_cold_starts?: number | null;
  cost?: InitCost | null;
  /**
   * What the figures leave out.
   */
  notes?: string[];
  /**
   * What the smaller size saves where the same code is shipped otherwise, or to another cloud.
   */
  elsewhere?: Elsewhere[];
  sources: Source[];
}
/**
 * The transfer (download and unpack) with the artifact, rounded to 5 ms. It is neither logged
 * nor billed.
 */
export interface RangeMs {
  low: number;
  typical: number;
  high: number;
}
/**
 * The same with the baseline's zip.
 */
export interface RangeMs1 {
  low: number;
  typical: number;
  high: number;
}
/**
 * The difference; below zero where the zip grew. Where `below_knee` is true it is within
 * what nobody could measure, and is to be shown as "about 0 ms".
 */
export interface RangeMs2 {
  low: number;
  typical: number;
  high: number;
}
/**
 * Milliseconds by three sets of parameters.
 */
export interface RangeMs3 {
  low: number;
  typical: number;
  high: number;
}
/**
 * Where a figure comes from.
 */
export interface Source {
  name: string;
  url: string;
  /**
   * The day or month it was published or read: `2026-11-24`.
   */
  date: string;
}
/**
 * What the billed phase costs, in US dollars.
 */
export interface InitCost {
  memory_mb: number;
  region: string;
  arch: string;
  usd_per_gb_second: number;
  cold_starts_per_month: number;
  /**
   * Nobody said how many: the figures are for a million, to be scaled.
   */
  assumed: boolean;
  before_usd_per_month: number;
  after_usd_per_month: number;
  source: Source;
}
/**
 * The transfer of the same bytes, not as a zip on this platform.
 */
export interface Elsewhere {
  name: string;
  download_saved_ms: RangeMs3;
  /**
   * How far to trust it.
   */
  mark: string;
  source: Source;
}
/**
 * What is loaded at start, counted in a process that loaded it.
 */
export interface Loaded {
  before: Amount;
  after: Amount1;
}
/**
 * By the original.
 */
export interface Amount {
  files: number;
  bytes: number;
}
/**
 * Files of source and data, and their bytes.
 */
export interface Amount1 {
  files: number;
  bytes: number;
}
/**
 * The load, measured on the machine that packed: the original and the artifact in fresh processes,
 * taken in turn.
 */
export interface Measured {
  /**
   * The system and processor.
   */
  machine: string;
  /**
   * The version of the Node.js; none for a binary.
   */
  node?: string | null;
  /**
   * Of each, that count.
   */
  runs: number;
  /**
   * Before those.
   */
  warm_up_rounds: number;
  /**
   * Whether the times are from the start of the process on, as for a binary. Else they begin with
   * the first line of user code, and the runtime's own start is not in them.
   */
  with_runtime: boolean;
  load_before_ms: Spread;
  load_ms: Spread;
  ratio: Ratio;
}
/**
 * Times of several runs.
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
 * The artifact's median as a multiple of the original's.
 */
export interface Ratio {
  value: number;
  low: number;
  high: number;
}
export interface Verification {
  status: Status;
  detail: string;
  /**
   * An earlier run proved it, of the same content; this one did not load it again.
   */
  earlier?: boolean;
  /**
   * Every strategy that was tried, in order; the last one made the artifact.
   */
  attempts: Attempt[];
}
export interface Attempt {
  strategy: Strategy;
  status: Status;
  detail: string;
}
/**
 * One limit of the platform, held against the artifact.
 */
export interface Limit {
  /**
   * `zipped_direct_bytes`, `zipped_bytes` (in whatever way it is uploaded), `unpacked_bytes` (layers
   * counted) or `layers`.
   */
  name: string;
  limit: number;
  value: number;
  /**
   * Of both figures: `bytes` or `layers`.
   */
  unit: string;
  ok: boolean;
  /**
   * What the value leaves out.
   */
  note?: string | null;
  /**
   * What to do where it is too much.
   */
  help: string;
  source: Source;
}
/**
 * A problem that did not end the work.
 */
export interface Warning {
  /**
   * Such as `CC053`; listed in `docs/diagnostics.md`.
   */
  code: string;
  message: string;
  path?: string | null;
  /**
   * 1-based.
   */
  line?: number | null;
  /**
   * 1-based, in characters.
   */
  column?: number | null;
  notes: string[];
  help?: string | null;
}
/**
 * A file that ships.
 */
export interface File {
  /**
   * Inside the artifact.
   */
  path: string;
  /**
   * Unpacked.
   */
  bytes: number;
  /**
   * In the zip, without the headers and names that are counted as `container_bytes`.
   */
  zipped_bytes?: number;
  /**
   * The package it belongs to, as `name@version`; `None` for the project's own.
   */
  package?: string | null;
  /**
   * Why it ships, strongest first.
   */
  reasons: string[];
  /**
   * Who asks for it on the shortest way from the handler.
   */
  from?: Import | null;
}
/**
 * A place that asks for a file or a module.
 */
export interface Import {
  /**
   * Its path, as `files` or `modules` have it.
   */
  by: string;
  /**
   * 1-based.
   */
  line: number;
}
/**
 * A file of the project, or of a package, that is part of a bundle.
 */
export interface Module {
  /**
   * Of the source, relative to the function's folder.
   */
  path: string;
  /**
   * As `name@version`; `None` for the project's own.
   */
  package?: string | null;
  /**
   * What it adds to the bundle's unpacked text.
   */
  bytes: number;
  /**
   * Its share of the bundle's bytes in the zip, by unpacked length and rounded down; what is left
   * is the bundle's own.
   */
  zipped_share_bytes: number;
  /**
   * Who asks for it on the shortest way from the handler; `None` for the handler.
   */
  from?: Import | null;
}
/**
 * A package that ships more than once.
 */
export interface Duplicate {
  name: string;
  /**
   * The biggest first.
   */
  copies: Copy[];
  /**
   * Unpacked, of all copies but the one of `align_to`, or else the biggest: what one copy for all
   * would save at most.
   */
  extra_bytes: number;
  /**
   * Their share of what is zipped.
   */
  extra_zipped_share_bytes?: number;
  /**
   * What copies of a package differ in.
   */
  kind?: "versions" | "copies" | "formats";
  /**
   * The version that most of them could be; `None` where versions are not what differs.
   */
  align_to?: string | null;
  /**
   * Unpacked, of copies that everybody who asks for them would take as `align_to` today: what the
   * package manager's `dedupe` saves at most.
   */
  dedupe_bytes?: number;
  /**
   * Who keeps the other copies: their ranges do not take `align_to`.
   */
  blocked_by?: Asker[];
}
/**
 * One of several copies of a package.
 */
export interface Copy {
  version?: string | null;
  /**
   * Where it is installed or ships.
   */
  folder: string;
  bytes: number;
  zipped_share_bytes: number;
  /**
   * Who of outside asks for it first.
   */
  from?: Import | null;
  /**
   * Of kept packages, those whose manifests ask for it.
   */
  asked_by?: Asker[];
}
/**
 * A package that asks for another.
 */
export interface Asker {
  /**
   * `name@version`; the project's own name where it is the project.
   */
  by: string;
  /**
   * As its manifest has it.
   */
  range: string;
  /**
   * The version that it gets.
   */
  gets: string;
}
/**
 * One thing worth doing.
 */
export interface Advice {
  text: string;
  /**
   * Unpacked bytes at stake, at most; `None` where it is not about size.
   */
  bytes?: number | null;
}
/**
 * A declared function that is left alone.
 */
export interface Skipped {
  name: string;
  why: string;
  /**
   * Where it is declared.
   */
  path?: string | null;
  line?: number | null;
}
/**
 * Sums over all packed functions.
 */
export interface Totals {
  functions: number;
  skipped: number;
  baseline_bytes: number;
  baseline_unpacked_bytes: number;
  baseline_files: number;
  artifact_bytes: number;
  artifact_unpacked_bytes: number;
  artifact_files: number;
  /**
   * Functions whose artifact loads as the original.
   */
  verified: number;
  /**
   * Functions beyond a limit of the platform.
   */
  over_limit: number;
  warnings: number;
}
/**
 * A layer of several functions, packed from a folder of the project.
 */
export interface SharedLayer {
  /**
   * Seen from the project.
   */
  folder: string;
  artifact: Artifact;
  /**
   * Those whose settings name it.
   */
  functions: string[];
}
/**
 * The whole comparison.
 */
export interface Comparison {
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
/**
 * What several functions ship alike, and what a layer of it would change.
 */
export interface Shared {
  /**
   * The functions that ship something that another of them ships too.
   */
  functions: string[];
  /**
   * The dearest first.
   */
  packages: SharedPackage[];
  /**
   * Unpacked, in all functions together.
   */
  bytes: number;
  /**
   * Unpacked, each file once: what a layer would hold.
   */
  once_bytes: number;
  layer: LayerPrice;
}
/**
 * A package in several functions.
 */
export interface SharedPackage {
  /**
   * `name@version`.
   */
  package: string;
  functions: string[];
  /**
   * Unpacked, in all of them together.
   */
  bytes: number;
  /**
   * Unpacked, each file once, as big as in the function that has most of it.
   */
  once_bytes: number;
}
/**
 * A layer that holds what is shared, reckoned by shares of what is zipped. It is stored and uploaded
 * once, but each function that has it downloads all of it when it starts, and has all of it within
 * its limit.
 */
export interface LayerPrice {
  zipped_bytes: number;
  unpacked_bytes: number;
  /**
   * Less to upload and to store in all; negative where it would be more.
   */
  upload_saved_bytes: number;
  /**
   * More to download for a cold start, for the function that gains most and the one that loses
   * most; negative where it is less.
   */
  download_least_bytes: number;
  download_most_bytes: number;
  /**
   * Functions that would be past their platform's limit with it.
   */
  over_limit: string[];
}
/**
 * One budget.
 */
export interface Budget {
  /**
   * `zip`, `unpacked`, `files`, `package:NAME`, `download_ms`, `init_ms`, `cold_start_ms`.
   */
  name: string;
  /**
   * `None` for the sum of all functions.
   */
  function?: string | null;
  level: Level;
  /**
   * As it was written: `2MB`, `+5%`.
   */
  written: string;
  unit: Unit;
  /**
   * What the value may be at most; of a growth, from the baseline's value.
   */
  limit?: number | null;
  value?: number | null;
  /**
   * The baseline's, of a growth.
   */
  before?: number | null;
  /**
   * Limit less value: below zero where it is exceeded.
   */
  slack?: number | null;
  state: BudgetState;
  /**
   * Why there is no figure, or what kind of figure it is.
   */
  note?: string | null;
}
/**
 * One of several runs that share the functions of a project among them.
 */
export interface Shard {
  /**
   * 1 to `of`.
   */
  number: number;
  of: number;
}
