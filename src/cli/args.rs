//! The command line, as clap reads it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::cli::report_files::{ReportFile, report_file};
use coldcut_core::settings::{
    Compression, Links, Panic, RustProfile, SdkChoice, SourceMap, Strategy,
};
use coldcut_report::model::Shard;

const EXAMPLES: &str = "\
Examples:
  coldcut init                          find the functions, write first settings
  coldcut pack                          one small, verified zip for each function
  coldcut pack --entry src/api.ts --event e.json
  coldcut pack --report report.html     what is in it, and why
  coldcut check --budget zip=2MB        for CI: exit status 3 if it is exceeded
  coldcut why lodash                    which import brings it in";

/// Makes serverless deployment packages small, proves that they still work, and says what that
/// saves.
#[derive(Debug, Parser)]
#[command(name = "coldcut", version, about, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Pack every function into a small, verified, reproducible zip.
    Pack(Box<PackArgs>),
    /// Pack, and print every budget with its value and what is left.
    Check(Box<PackArgs>),
    /// Show how two zips, or two reports, differ.
    Diff(DiffArgs),
    /// Merge the reports of shards, or of several projects, into one.
    Merge(MergeArgs),
    /// Bundle each entry and the code that it needs into one file.
    Bundle(Box<BundleArgs>),
    /// List the files that entries need at run time, with the reasons.
    Trace(Box<TraceArgs>),
    /// Load a zip outside of its project, and compare it with the code.
    Verify(Box<VerifyArgs>),
    /// Measure how long zips take to load, and what takes the time.
    Measure(Box<MeasureArgs>),
    /// Read logs of deployed functions: cold starts, times, memory.
    Observe(Box<ObserveArgs>),
    /// Show why a file or a package ships, or why it is left out.
    Why(Box<WhyArgs>),
    /// List the inputs of artifacts, for the caches of build tools.
    Inputs(Box<InputsArgs>),
    /// List the built-in ignore rules.
    Rules,
    /// Print the JSON Schema of a document that coldcut reads or writes.
    Schema {
        /// The document.
        #[arg(value_enum)]
        what: SchemaOf,
    },
    /// Write first settings, and show which functions were found.
    Init(InitArgs),
    /// Print a man page: `coldcut man pack > coldcut-pack.1`.
    Man {
        /// The command to describe; without it, the man page of coldcut itself.
        command: Option<String>,
    },
    /// Print a completion script for a shell.
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SchemaOf {
    /// What `pack --json` prints.
    Report,
    /// `coldcut.toml`.
    Config,
    /// What `verify --json` prints.
    Verification,
    /// What `measure --json` prints.
    Measurement,
    /// What `observe --json` prints.
    Observation,
    /// What `inputs --json` prints.
    Inputs,
    /// What `diff --json` prints.
    Diff,
    /// What `pack --report FILE.baseline.json` writes.
    Baseline,
}

/// How an artifact is run.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A file with the event to call it with, in JSON; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub event: Option<PathBuf>,
    /// The handler, as in the platform's handler setting; needed only if there is more than one.
    #[arg(long, value_name = "FILE.EXPORT")]
    pub handler: Option<String>,
    /// How long one run may take.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
    /// How much memory one run may take.
    #[arg(long, value_name = "MB", default_value = "2048", value_parser = clap::value_parser!(u32).range(64..))]
    pub memory: u32,
    /// An environment variable for the run.
    #[arg(long, value_name = "KEY=VALUE")]
    pub env: Vec<String>,
    /// Allow network access; without this flag it is blocked, if the system supports that.
    #[arg(long)]
    pub allow_network: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// The project's folder.
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The artifact.
    #[arg(value_name = "ZIP")]
    pub zip: PathBuf,
    #[command(flatten)]
    pub run: RunArgs,
    /// The project's folder, or another zip, to compare the artifact with.
    #[arg(long, value_name = "DIR|ZIP")]
    pub against: Option<PathBuf>,
    /// A package that the platform or a layer provides, taken from the folder in `--against`;
    /// `@scope/*` names a whole scope.
    #[arg(long, value_name = "PACKAGE")]
    pub external: Vec<String>,
}

/// Which project and functions, and how they are read: shared by all commands.
#[derive(Debug, Args)]
pub struct ProjectArgs {
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// How to choose files: `auto` takes the smallest strategy that passes verification.
    #[arg(long, value_parser = parse::<Strategy>, env = "COLDCUT_STRATEGY", value_name = "auto|bundle|trace|prune")]
    pub strategy: Option<Strategy>,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub packages: PackageArgs,
    #[command(flatten)]
    pub files: FileArgs,
    /// A value that is known at build time, such as `process.env.NODE_ENV=production`.
    #[arg(long, value_name = "EXPR=VALUE")]
    pub define: Vec<String>,
    /// The folder for artifacts and working copies.
    #[arg(
        long,
        env = "COLDCUT_OUT",
        default_value = ".coldcut",
        value_name = "DIR"
    )]
    pub out: PathBuf,
    /// Install the dependencies first, in a copy of the project.
    #[arg(long)]
    pub install: bool,
}

/// Which project, and which of its functions.
#[derive(Debug, Args)]
pub struct FunctionArgs {
    /// The project's folder.
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// Only this function; can be given more than once.
    #[arg(long = "function", short = 'f', value_name = "NAME")]
    pub functions: Vec<String>,
    /// A source file to pack as a function, instead of what the project's files declare.
    #[arg(long = "entry", value_name = "FILE")]
    pub entries: Vec<String>,
    /// Only one part of the functions, for parallel runs: `2/8` is part 2 of 8. `coldcut merge`
    /// makes one report of all parts.
    #[arg(long, value_name = "NUMBER/OF", value_parser = shard)]
    pub shard: Option<Shard>,
    /// The Serverless Framework's configuration with its variables resolved, in JSON, instead of
    /// the project's own file; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "entries")]
    pub service: Option<PathBuf>,
    /// A value for `${opt:KEY}` in a framework's file.
    #[arg(long = "opt", value_name = "KEY=VALUE")]
    pub options: Vec<String>,
    /// Short for `--opt stage=NAME`.
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,
}

/// What functions run on.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// The platform whose rules and limits apply.
    #[arg(long, env = "COLDCUT_PLATFORM", value_name = "NAME")]
    pub platform: Option<String>,
    /// The runtime, as the platform names it.
    #[arg(long, env = "COLDCUT_RUNTIME", value_name = "NAME")]
    pub runtime: Option<String>,
    /// The processor architecture of the function.
    #[arg(long, env = "COLDCUT_ARCH", value_parser = ["x86_64", "arm64"], value_name = "x86_64|arm64")]
    pub arch: Option<String>,
}

/// Which packages ship.
#[derive(Debug, Args)]
pub struct PackageArgs {
    /// A package that the platform or a layer provides; `@scope/*` names a whole scope.
    #[arg(long, value_name = "PACKAGE")]
    pub external: Vec<String>,
    /// Whether the artifact contains the AWS SDK.
    #[arg(long, value_parser = parse::<SdkChoice>, env = "COLDCUT_SDK", value_name = "auto|bundle|external")]
    pub sdk: Option<SdkChoice>,
}

/// Which files ship.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Files to ship even if an ignore rule matches; applied after all ignore files, last match
    /// wins.
    #[arg(long, action = ArgAction::Append, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Files to leave out, unless the handler imports them.
    #[arg(long, action = ArgAction::Append, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// A built-in ignore rule to switch off, or `all`; `coldcut rules` lists the rules.
    #[arg(long = "rule-off", value_name = "RULE")]
    pub rules_off: Vec<String>,
    /// Files that contain secrets and must ship anyway.
    #[arg(long = "keep-secrets", value_name = "GLOB")]
    pub keep_secrets: Vec<String>,
}

/// What `pack` and `check` take.
#[derive(Debug, Args)]
pub struct PackArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    #[command(flatten)]
    pub zip: ZipArgs,
    #[command(flatten)]
    pub bundle: PackBundleArgs,
    #[command(flatten)]
    pub rust: RustArgs,
    #[command(flatten)]
    pub outputs: OutputArgs,
    #[command(flatten)]
    pub verify: PackVerifyArgs,
    #[command(flatten)]
    pub report: ReportArgs,
}

/// How the zip is written.
#[derive(Debug, Args)]
pub struct ZipArgs {
    /// What to do with symbolic links inside the project.
    #[arg(long, value_parser = parse::<Links>, env = "COLDCUT_LINKS", value_name = "keep|follow")]
    pub links: Option<Links>,
    /// The compression level; `max` gives the smallest zip and takes longest.
    #[arg(long, value_parser = parse::<Compression>, env = "COLDCUT_COMPRESSION", value_name = "fast|default|max")]
    pub compression: Option<Compression>,
}

/// How bundles are written.
#[derive(Debug, Args)]
pub struct PackBundleArgs {
    /// Do not minify bundles.
    #[arg(long)]
    pub no_minify: bool,
    /// Whether to make a source map for each bundle.
    #[arg(long, value_parser = parse::<SourceMap>, num_args = 0..=1, require_equals = true, default_missing_value = "external", env = "COLDCUT_SOURCEMAP", value_name = "none|external|inline")]
    pub sourcemap: Option<SourceMap>,
    /// Keep the names of functions in bundles; the names of classes are always kept.
    #[arg(long)]
    pub keep_names: bool,
    /// For each package in a bundle, add a small `package.json` (name, version, licence) to the
    /// artifact, so that vulnerability scanners see which packages the bundle contains.
    #[arg(long)]
    pub manifests: bool,
}

/// How Rust functions are built.
#[derive(Debug, Args)]
pub struct RustArgs {
    /// How to optimise the release build: for size, or as the project does (`keep`).
    #[arg(long, value_parser = parse::<RustProfile>, env = "COLDCUT_RUST_PROFILE", value_name = "keep|balanced|smallest")]
    pub rust_profile: Option<RustProfile>,
    /// What a panic in a Rust function does; with `balanced` and `smallest` the default is `abort`.
    #[arg(long, value_parser = parse::<Panic>, env = "COLDCUT_PANIC", value_name = "unwind|abort")]
    pub panic: Option<Panic>,
    /// The target of Rust functions; it can end with the oldest glibc version to support:
    /// `aarch64-unknown-linux-gnu.2.26`.
    #[arg(long, env = "COLDCUT_RUST_TARGET", value_name = "TRIPLE")]
    pub rust_target: Option<String>,
    /// Write a debug file with symbols and line numbers next to the artifact of each Rust function.
    #[arg(long)]
    pub debug_file: bool,
    /// A folder that becomes one layer for all Rust functions; its content is placed in `/opt`.
    #[arg(long, env = "COLDCUT_SHARED_LAYER", value_name = "DIR")]
    pub shared_layer: Option<PathBuf>,
    /// Build Rust functions in every profile, and show sizes and build times side by side.
    #[arg(long)]
    pub compare_profiles: bool,
    /// For each known cause of bloat, build Rust functions once more without it, and show what that
    /// saves.
    #[arg(long)]
    pub what_if: bool,
    /// The folder that keeps builds of Rust functions between runs; the default is `cargo` below
    /// `--out`.
    #[arg(long, env = "COLDCUT_CACHE", value_name = "DIR")]
    pub cache: Option<PathBuf>,
}

/// What is made beside the zips, and how often.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Fill `.aws-sam/build` beside the SAM template, as `sam build` does, for `sam deploy` and
    /// `sam local`.
    #[arg(long, conflicts_with = "shard")]
    pub sam: bool,
    /// Pack, then watch for changes and pack the changed functions again, until interrupted.
    #[arg(long, conflicts_with_all = ["json", "terraform", "sam", "shard", "reports", "install", "baseline_ref", "service"])]
    pub watch: bool,
    /// Also write each artifact as a folder, named like its function, into this folder.
    #[arg(long, value_name = "DIR")]
    pub unpack: Option<PathBuf>,
}

/// How artifacts are proven and measured.
#[derive(Debug, Args)]
pub struct PackVerifyArgs {
    /// Skip verification: do not load the artifact and the original to compare them.
    #[arg(long)]
    pub no_verify: bool,
    /// Verify again even if an earlier run verified the same content.
    #[arg(long, conflicts_with = "no_verify")]
    pub verify_again: bool,
    #[command(flatten)]
    pub load: LoadArgs,
    /// A JSON file with an event, which each artifact must answer as the original does.
    #[arg(long, value_name = "FILE", conflicts_with = "no_verify")]
    pub event: Option<PathBuf>,
    /// An environment variable for verification; it overrides the value in the framework's file.
    #[arg(long, value_name = "KEY=VALUE")]
    pub env: Vec<String>,
    /// Pack twice, in another folder and with another number of threads, and compare the bytes.
    #[arg(long)]
    pub check_reproducible: bool,
}

/// How long loading takes, and what it costs.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// Measure how long the original and the artifact take to load, instead of estimating it: N
    /// runs of each, in turn, each in a new process; without a number, 5 runs.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "5", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub measure: Option<u32>,
    /// Show what loading costs at this many cold starts a month.
    #[arg(long, value_name = "N")]
    pub cold_starts_per_month: Option<u64>,
    /// The memory size in MB for which costs are shown; the default is 1024.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(128..=10_240))]
    pub memory: Option<u32>,
    /// The region whose prices apply.
    #[arg(long, value_name = "NAME", default_value = crate::pipeline::REGION)]
    pub region: String,
}

/// Which limits hold, what is compared, and how results are reported.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A limit for a size, a number of files or a time: `zip=2MB`, `api:files=300`, `sum:zip=9MB`,
    /// `package:lodash=0`, `zip=+5%,warn` against the baseline. Names are `zip`, `unpacked`,
    /// `files`, `package:NAME`, `download_ms`, `init_ms` and `cold_start_ms`.
    #[arg(long = "budget", value_name = "[FUNCTION:]NAME=LIMIT")]
    pub budgets: Vec<String>,
    /// An earlier JSON report to compare with.
    #[arg(long, env = "COLDCUT_BASELINE", value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// A git ref to compare with: it is checked out into a temporary folder and packed in the same
    /// way.
    #[arg(
        long,
        env = "COLDCUT_BASELINE_REF",
        value_name = "REF",
        conflicts_with = "baseline"
    )]
    pub baseline_ref: Option<String>,
    /// A file for the report; its extension selects the format: `.html`, `.md`, `.json`,
    /// `.baseline.json` (small, for committing), `.xml` (JUnit), `.sarif`, `.cdx.json` (CycloneDX),
    /// `.licenses.txt`, `.meta.json` (esbuild's metafile).
    #[arg(long = "report", value_name = "FILE", value_parser = report_file)]
    pub reports: Vec<ReportFile>,
    /// Print one JSON document instead of the report.
    #[arg(long)]
    pub json: bool,
    /// Print one flat JSON object of strings, as Terraform's `external` data source needs it.
    #[arg(long, conflicts_with = "json")]
    pub terraform: bool,
    /// Print to standard error how long each stage took, and how many items it processed.
    #[arg(long)]
    pub timings: bool,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The old zip or JSON report.
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The new zip or JSON report.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// List every package and file that differs.
    #[arg(long)]
    pub all: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// JSON reports, as `pack --json` and `pack --report FILE.json` write them.
    #[arg(required = true, value_name = "REPORT")]
    pub inputs: Vec<PathBuf>,
    /// A budget for the sum of all functions, written as for `pack`; without it, the budgets of the
    /// shards apply.
    #[arg(long = "budget", value_name = "[FUNCTION:]NAME=LIMIT")]
    pub budgets: Vec<String>,
    /// An earlier JSON report to compare with.
    #[arg(long, env = "COLDCUT_BASELINE", value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// A file for the report; its extension selects the format, as for `pack`.
    #[arg(long = "report", value_name = "FILE", value_parser = report_file)]
    pub reports: Vec<ReportFile>,
    /// Print one JSON document instead of the report.
    #[arg(long)]
    pub json: bool,
}

/// What `bundle` takes.
#[derive(Debug, Args)]
pub struct BundleArgs {
    /// The files to start from.
    #[arg(required = true, value_name = "ENTRY")]
    pub entries: Vec<PathBuf>,
    #[command(flatten)]
    pub output: BundleOutputArgs,
    /// A package, a file or a pattern with `*` to leave out of the bundle; it is loaded when the
    /// bundle runs.
    #[arg(long = "external", value_name = "NAME")]
    pub external: Vec<String>,
    /// Write only the bundle, without sidecar files: files that its code reads by path, native
    /// addons, and packages that cannot be bundled.
    #[arg(long)]
    pub no_assets: bool,
    /// The architecture to choose native addons for; the default is that of this machine.
    #[arg(long, value_parser = ["x86_64", "arm64"])]
    pub arch: Option<String>,
    #[command(flatten)]
    pub text: BundleTextArgs,
    /// Write a JSON file that says what each bundle contains, in the format of esbuild's metafile,
    /// for tools that show it.
    #[arg(long, value_name = "FILE")]
    pub metafile: Option<PathBuf>,
    /// A value that is known at build time: `process.env.NODE_ENV=production`.
    #[arg(long = "define", value_name = "KEY=VALUE")]
    pub define: Vec<String>,
    /// How to import files that are not code, by file extension: `.sql=text`; the kinds are `text`,
    /// `base64`, `json` and `empty`. `with { type: "text" }` at an import does the same.
    #[arg(long = "loader", value_name = ".EXT=KIND")]
    pub loaders: Vec<String>,
    /// Print to standard error how long each stage took, and how many items it processed.
    #[arg(long)]
    pub timings: bool,
}

/// Where bundles go, and what runs them.
#[derive(Debug, Args)]
pub struct BundleOutputArgs {
    /// The file for the bundle; only for one entry.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "outdir",
        required_unless_present = "outdir"
    )]
    pub outfile: Option<PathBuf>,
    /// The folder for the bundles, each named like its entry.
    #[arg(long, value_name = "DIR")]
    pub outdir: Option<PathBuf>,
    /// The module format of the bundle; the default follows the extension of `--outfile`, else the
    /// format of the entry.
    #[arg(long, value_enum)]
    pub format: Option<coldcut_js::bundle::Format>,
    /// Where the bundle runs.
    #[arg(long, value_parser = ["node"], default_value = "node")]
    pub platform: String,
    /// The Node.js version that runs the bundle: newer syntax is compiled to older syntax, or
    /// reported if that is not possible.
    #[arg(long, value_name = "node18|node20|node22|node24")]
    pub target: Option<coldcut_js::syntax::target::Engine>,
}

/// How the text of a bundle is written.
#[derive(Debug, Args)]
pub struct BundleTextArgs {
    /// Minify the bundle.
    #[arg(long, overrides_with = "no_minify")]
    pub minify: bool,
    /// Do not minify the bundle; this is the default.
    #[arg(long)]
    pub no_minify: bool,
    /// Take more time to pack big JSON files, as `coldcut pack` does.
    #[arg(long, requires = "minify")]
    pub thorough: bool,
    /// Switch tree shaking off: keep every statement of every imported module.
    #[arg(long)]
    pub no_shake: bool,
    /// Keep the names of functions in the bundle.
    #[arg(long)]
    pub keep_names: bool,
    /// Whether to make a source map.
    #[arg(long, value_parser = parse::<SourceMap>, num_args = 0..=1, require_equals = true, default_missing_value = "external", default_value = "none", value_name = "none|external|inline")]
    pub sourcemap: SourceMap,
}

#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The files to start from.
    #[arg(required = true, value_name = "ENTRY")]
    pub entries: Vec<PathBuf>,
    /// The folder that contains all files; printed paths are relative to it. The default is the
    /// current folder.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
    /// The architecture to choose native addons for; the default is that of this machine.
    #[arg(long, value_parser = ["x86_64", "arm64"])]
    pub arch: Option<String>,
    /// The runtime to choose native addons for, such as `nodejs22.x`: an addon that needs a newer
    /// glibc than this runtime has is an error. Without it, the glibc version is not checked.
    #[arg(long, value_name = "RUNTIME")]
    pub runtime: Option<String>,
    /// A package, or a pattern with `*`, that the platform provides.
    #[arg(long = "external", value_name = "NAME")]
    pub external: Vec<String>,
    /// Follow only imports with a literal path: no computed imports, no files that the code reads.
    #[arg(long)]
    pub imports_only: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A file of the project or of the artifact, or the name of a package.
    #[arg(value_name = "FILE|PACKAGE")]
    pub what: String,
    #[command(flatten)]
    pub project: ProjectArgs,
}

#[derive(Debug, Args)]
pub struct InputsArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Print one JSON document: every file with its digest, patterns, variables, outputs.
    #[arg(long, group = "form")]
    pub json: bool,
    /// Print one line for each function, which changes when its artifact may change: for a
    /// `runtime` input of Nx, or a stamp file of make.
    #[arg(long, group = "form")]
    pub digest: bool,
    /// Print a `turbo.json` for the project's folder, with these inputs for its task `pack`.
    #[arg(long, group = "form")]
    pub turbo: bool,
}

#[derive(Debug, Args)]
pub struct MeasureArgs {
    /// The artifacts; the others are compared with the first.
    #[arg(required = true, value_name = "ZIP")]
    pub zips: Vec<PathBuf>,
    /// How many times each artifact is loaded.
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub runs: u32,
    #[command(flatten)]
    pub run: RunArgs,
}

/// What `observe` takes.
#[derive(Debug, Args)]
pub struct ObserveArgs {
    /// Logs as text or JSON, exports of Logs Insights as CSV or JSON, folders of them, compressed
    /// with gzip or not; `-` reads standard input.
    #[arg(required_unless_present = "queries", value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    /// The name of the function, if the log lines do not contain it.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The runtime of the function, if the log lines do not contain it: it decides which cold start
    /// target applies.
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// Compare the time before this moment with the time after it; without it, the newest version
    /// is compared with the one before it, if the log lines contain versions.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    #[command(flatten)]
    pub fit: FitArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    /// The JSON result of AWS Lambda Power Tuning, to show which memory size is cheapest and which
    /// is fastest.
    #[arg(long, value_name = "FILE")]
    pub power_tuning: Option<PathBuf>,
    /// Only print the queries and commands that fetch such logs.
    #[arg(long)]
    pub queries: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// How the estimates' parameters are fitted to the logs.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// Fit the estimates' parameters to these logs.
    #[arg(long, requires = "sizes")]
    pub fit: bool,
    /// The sizes of versions, for `--fit`: a CSV file with the columns
    /// `function,version,zip_bytes,loaded_bytes,loaded_files`, or `VERSION=FILE` with a report of
    /// `pack --json`.
    #[arg(long, value_name = "FILE", requires = "fit")]
    pub sizes: Vec<String>,
    /// How long callers waited, for the transfer part of `--fit`: a CSV file with the columns
    /// `request_id,wall_ms`.
    #[arg(long, value_name = "FILE", requires = "fit")]
    pub wall: Option<PathBuf>,
    /// Write the parameters into this file, such as `coldcut.toml`; its other settings are kept.
    #[arg(long, value_name = "FILE", requires = "fit")]
    pub write: Option<PathBuf>,
}

/// What starts cost.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// Show the cost of this many cold starts a month, and the cost of calls with other memory
    /// sizes.
    #[arg(long, value_name = "N")]
    pub cold_starts_per_month: Option<u64>,
    /// The region whose prices apply.
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    pub region: String,
    /// The processor architecture whose prices apply.
    #[arg(long, value_parser = ["x86_64", "arm64"], default_value = "x86_64")]
    pub arch: String,
}

/// `2/8`.
fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/');
    let parts = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((number, of)) if (1..=of).contains(&number) => Ok(Shard { number, of }),
        _ => Err("write NUMBER/OF, from 1/N to N/N".to_string()),
    }
}

/// A time that is more than nothing and less than a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_string())?;
    if seconds > 0.0 && seconds <= 86_400.0 {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must be more than 0 and at most 86400".to_string())
    }
}

/// Reads a value by the names it has in settings files.
fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_string()))
        .map_err(|error| error.to_string())
}
