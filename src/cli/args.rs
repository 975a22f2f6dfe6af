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
  coldcut init                          see what is here, write first settings
  coldcut pack                          one small, verified zip for each function
  coldcut pack --entry src/api.ts --event e.json
  coldcut pack --report report.html     what is in it, and why
  coldcut check --budget zip=2MB        for CI: status 3 where it is exceeded
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
    /// Say how two zips, or two reports, differ.
    Diff(DiffArgs),
    /// Make one report of several: of shards, or of projects.
    Merge(MergeArgs),
    /// Bundle entries into one file each, with only what they need.
    Bundle(Box<BundleArgs>),
    /// List the files that entries need at run time, and why each.
    Trace(Box<TraceArgs>),
    /// Load a zip away from its project, call it, compare it with the original.
    Verify(Box<VerifyArgs>),
    /// Time how long zips take to load, and say which packages take it.
    Measure(Box<MeasureArgs>),
    /// Read logs of deployed functions: how cold, how slow, how full.
    Observe(Box<ObserveArgs>),
    /// Say why a file or a package ships, or what leaves it out.
    Why(Box<WhyArgs>),
    /// List what artifacts are made of, for Turborepo, Nx, Bazel and others.
    Inputs(Box<InputsArgs>),
    /// List the built-in ignore rules.
    Rules,
    /// Print the JSON Schema of a document that coldcut reads or writes.
    Schema {
        /// Which document.
        #[arg(value_enum)]
        what: SchemaOf,
    },
    /// Write first settings for a project, and say what was found in it.
    Init(InitArgs),
    /// Print a man page: `coldcut man pack > coldcut-pack.1`.
    Man {
        /// Of this command; the program's own without it.
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
    /// The handler, as a platform's setting has it; without it, the one that there is.
    #[arg(long, value_name = "FILE.EXPORT")]
    pub handler: Option<String>,
    /// How long one run may take.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
    /// How much memory one run may take.
    #[arg(long, value_name = "MB", default_value = "2048", value_parser = clap::value_parser!(u32).range(64..))]
    pub memory: u32,
    /// A variable of the environment that it runs in.
    #[arg(long, value_name = "KEY=VALUE")]
    pub env: Vec<String>,
    /// Let the code reach the network, which is cut off where the system allows it.
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
    /// The project's folder, or another zip, that it must do the same as.
    #[arg(long, value_name = "DIR|ZIP")]
    pub against: Option<PathBuf>,
    /// A package that the platform or a layer has, taken from the folder in `--against`; `@scope/*`
    /// names a whole scope.
    #[arg(long, value_name = "PACKAGE")]
    pub external: Vec<String>,
}

/// Which project and functions, and how they are read: shared by all commands.
#[derive(Debug, Args)]
pub struct ProjectArgs {
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// How to choose files: `auto` takes the smallest way that passes verification.
    #[arg(long, value_parser = parse::<Strategy>, env = "COLDCUT_STRATEGY", value_name = "auto|bundle|trace|prune")]
    pub strategy: Option<Strategy>,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub packages: PackageArgs,
    #[command(flatten)]
    pub files: FileArgs,
    /// A value that is known before the code runs, such as `process.env.NODE_ENV=production`.
    #[arg(long, value_name = "EXPR=VALUE")]
    pub define: Vec<String>,
    /// Where artifacts and working copies go.
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
    /// Only this function; may be given more than once.
    #[arg(long = "function", short = 'f', value_name = "NAME")]
    pub functions: Vec<String>,
    /// A source file to pack as a function, instead of what the project's files declare.
    #[arg(long = "entry", value_name = "FILE")]
    pub entries: Vec<String>,
    /// Only the functions of one of several runs, as `2/8`: each run takes every eighth function, and
    /// `coldcut merge` makes one report of their reports.
    #[arg(long, value_name = "NUMBER/OF", value_parser = shard)]
    pub shard: Option<Shard>,
    /// The Serverless Framework's configuration with its variables resolved, in JSON, instead of the
    /// project's own file; `-` reads standard input.
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
    /// The platform whose rules and limits hold.
    #[arg(long, env = "COLDCUT_PLATFORM", value_name = "NAME")]
    pub platform: Option<String>,
    /// The runtime, as the platform names it.
    #[arg(long, env = "COLDCUT_RUNTIME", value_name = "NAME")]
    pub runtime: Option<String>,
    /// The processor the function runs on.
    #[arg(long, env = "COLDCUT_ARCH", value_parser = ["x86_64", "arm64"], value_name = "x86_64|arm64")]
    pub arch: Option<String>,
}

/// Which packages ship.
#[derive(Debug, Args)]
pub struct PackageArgs {
    /// A package that the platform or a layer has; `@scope/*` names a whole scope.
    #[arg(long, value_name = "PACKAGE")]
    pub external: Vec<String>,
    /// Whether the AWS SDK ships.
    #[arg(long, value_parser = parse::<SdkChoice>, env = "COLDCUT_SDK", value_name = "auto|bundle|external")]
    pub sdk: Option<SdkChoice>,
}

/// Which files ship.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Files to ship whatever the rules say; comes after every file of rules, last match wins.
    #[arg(long, action = ArgAction::Append, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Files never to ship, unless the handler imports them.
    #[arg(long, action = ArgAction::Append, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// A built-in ignore rule to switch off, or `all`; `coldcut rules` lists them.
    #[arg(long = "rule-off", value_name = "RULE")]
    pub rules_off: Vec<String>,
    /// Files that hold secrets and shall ship all the same.
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
    /// What becomes of symbolic links inside the project.
    #[arg(long, value_parser = parse::<Links>, env = "COLDCUT_LINKS", value_name = "keep|follow")]
    pub links: Option<Links>,
    /// How hard to compress.
    #[arg(long, value_parser = parse::<Compression>, env = "COLDCUT_COMPRESSION", value_name = "fast|default|max")]
    pub compression: Option<Compression>,
}

/// How bundles are written.
#[derive(Debug, Args)]
pub struct PackBundleArgs {
    /// Leave the text of bundles readable.
    #[arg(long)]
    pub no_minify: bool,
    /// A map from each bundle to its sources.
    #[arg(long, value_parser = parse::<SourceMap>, num_args = 0..=1, require_equals = true, default_missing_value = "external", env = "COLDCUT_SOURCEMAP", value_name = "none|external|inline")]
    pub sourcemap: Option<SourceMap>,
    /// Keep the names of functions in bundles; those of classes always stay.
    #[arg(long)]
    pub keep_names: bool,
    /// Lay a small `package.json` (name, version, licence) of each package in a bundle beside it, so
    /// that vulnerability scanners see what it is made of.
    #[arg(long)]
    pub manifests: bool,
}

/// How Rust functions are built.
#[derive(Debug, Args)]
pub struct RustArgs {
    /// What cargo's release build is traded for: `keep` takes the project's own profile.
    #[arg(long, value_parser = parse::<RustProfile>, env = "COLDCUT_RUST_PROFILE", value_name = "keep|balanced|smallest")]
    pub rust_profile: Option<RustProfile>,
    /// What a panic of a Rust function does; `balanced` and `smallest` abort unless told.
    #[arg(long, value_parser = parse::<Panic>, env = "COLDCUT_PANIC", value_name = "unwind|abort")]
    pub panic: Option<Panic>,
    /// The target of Rust functions, with the oldest glibc that they have to run with if need be:
    /// `aarch64-unknown-linux-gnu.2.26`.
    #[arg(long, env = "COLDCUT_RUST_TARGET", value_name = "TRIPLE")]
    pub rust_target: Option<String>,
    /// Keep symbols and line numbers of Rust functions beside each artifact.
    #[arg(long)]
    pub debug_file: bool,
    /// A folder that becomes one layer for all Rust functions: what is in it lies in `/opt`.
    #[arg(long, env = "COLDCUT_SHARED_LAYER", value_name = "DIR")]
    pub shared_layer: Option<PathBuf>,
    /// Build Rust functions in every profile, and show sizes and build times side by side.
    #[arg(long)]
    pub compare_profiles: bool,
    /// Build Rust functions once more for each known cause of bloat, without it, and show what that
    /// saves.
    #[arg(long)]
    pub what_if: bool,
    /// Where builds of Rust functions are kept from run to run; `cargo` below `--out` unless told.
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
    /// Pack, and then again what a change touches, until it is interrupted.
    #[arg(long, conflicts_with_all = ["json", "terraform", "sam", "shard", "reports", "install", "baseline_ref", "service"])]
    pub watch: bool,
    /// Lay each artifact out as a folder too, named as its function, in this folder.
    #[arg(long, value_name = "DIR")]
    pub unpack: Option<PathBuf>,
}

/// How artifacts are proven and measured.
#[derive(Debug, Args)]
pub struct PackVerifyArgs {
    /// Do not load the artifact and the original to compare them.
    #[arg(long)]
    pub no_verify: bool,
    /// Verify even what an earlier run proved with the same content.
    #[arg(long, conflicts_with = "no_verify")]
    pub verify_again: bool,
    #[command(flatten)]
    pub load: LoadArgs,
    /// A file with an event, in JSON, that each artifact must answer as the original does.
    #[arg(long, value_name = "FILE", conflicts_with = "no_verify")]
    pub event: Option<PathBuf>,
    /// A variable of the environment that artifacts are verified in, over what the framework's
    /// file says.
    #[arg(long, value_name = "KEY=VALUE")]
    pub env: Vec<String>,
    /// Pack twice, elsewhere and with other threads, and compare the bytes.
    #[arg(long)]
    pub check_reproducible: bool,
}

/// How long loading takes, and what it costs.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// Measure how long the original and the artifact take to load, in fresh processes taken in turn,
    /// instead of estimating it: N runs of each, 5 unless told.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "5", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub measure: Option<u32>,
    /// Show what loading costs at this many cold starts a month.
    #[arg(long, value_name = "N")]
    pub cold_starts_per_month: Option<u64>,
    /// The memory in MB that costs are for; 1024 unless told.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(128..=10_240))]
    pub memory: Option<u32>,
    /// The region whose prices hold.
    #[arg(long, value_name = "NAME", default_value = crate::pipeline::REGION)]
    pub region: String,
}

/// Which limits hold, what is compared, and how results are reported.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What functions may weigh at most: `zip=2MB`, `api:files=300`, `sum:zip=9MB`,
    /// `package:lodash=0`, `zip=+5%,warn` against the baseline. Names are `zip`, `unpacked`, `files`,
    /// `package:NAME`, `download_ms`, `init_ms` and `cold_start_ms`.
    #[arg(long = "budget", value_name = "[FUNCTION:]NAME=LIMIT")]
    pub budgets: Vec<String>,
    /// An earlier report, in JSON, to compare with.
    #[arg(long, env = "COLDCUT_BASELINE", value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// A git ref to compare with: it is laid out in a temporary folder and packed in the same way.
    #[arg(
        long,
        env = "COLDCUT_BASELINE_REF",
        value_name = "REF",
        conflicts_with = "baseline"
    )]
    pub baseline_ref: Option<String>,
    /// A file for the report, whose form is in its name: `.html`, `.md`, `.json`, `.baseline.json`
    /// (small, for committing), `.xml` (JUnit), `.sarif`, `.cdx.json` (CycloneDX), `.licenses.txt`,
    /// `.meta.json` (esbuild's metafile).
    #[arg(long = "report", value_name = "FILE", value_parser = report_file)]
    pub reports: Vec<ReportFile>,
    /// Print one JSON document instead of the report.
    #[arg(long)]
    pub json: bool,
    /// Print what Terraform's `external` data source reads: one flat object of texts.
    #[arg(long, conflicts_with = "json")]
    pub terraform: bool,
    /// Print on standard error how long each stage took, and how much it worked through.
    #[arg(long)]
    pub timings: bool,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A zip, or a report in JSON.
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// What it became.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Name every package and file that differs.
    #[arg(long)]
    pub all: bool,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Reports in JSON, as `pack --json` and `pack --report FILE.json` write them.
    #[arg(required = true, value_name = "REPORT")]
    pub inputs: Vec<PathBuf>,
    /// What the sum may weigh at most, as `pack` takes it; those of the shards hold without.
    #[arg(long = "budget", value_name = "[FUNCTION:]NAME=LIMIT")]
    pub budgets: Vec<String>,
    /// An earlier report, in JSON, to compare with.
    #[arg(long, env = "COLDCUT_BASELINE", value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// A file for the report, whose form is in its name, as `pack` takes it.
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
    /// A package, file or pattern with `*` that is left out and loaded when the bundle runs.
    #[arg(long = "external", value_name = "NAME")]
    pub external: Vec<String>,
    /// Write the bundle alone, without the files that its code reads by path, addons, and packages
    /// that cannot be part of it.
    #[arg(long)]
    pub no_assets: bool,
    /// The architecture that native addons are wanted for; this machine's unless told.
    #[arg(long, value_parser = ["x86_64", "arm64"])]
    pub arch: Option<String>,
    #[command(flatten)]
    pub text: BundleTextArgs,
    /// What each bundle is made of, as JSON in esbuild's form, for the viewers that read it.
    #[arg(long, value_name = "FILE")]
    pub metafile: Option<PathBuf>,
    /// A value known at build time: `process.env.NODE_ENV=production`.
    #[arg(long = "define", value_name = "KEY=VALUE")]
    pub define: Vec<String>,
    /// What files that are no code become, by the ends of their names: `.sql=text`; `text`,
    /// `base64`, `json` or `empty`. `with { type: "text" }` at an import says it too.
    #[arg(long = "loader", value_name = ".EXT=KIND")]
    pub loaders: Vec<String>,
    /// Print on standard error how long each stage took, and how much it worked through.
    #[arg(long)]
    pub timings: bool,
}

/// Where bundles go, and what runs them.
#[derive(Debug, Args)]
pub struct BundleOutputArgs {
    /// Where the bundle goes; for one entry.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "outdir",
        required_unless_present = "outdir"
    )]
    pub outfile: Option<PathBuf>,
    /// The folder that bundles go to, each named as its entry.
    #[arg(long, value_name = "DIR")]
    pub outdir: Option<PathBuf>,
    /// What the bundle is; without it, what its name says, and else what the entry is.
    #[arg(long, value_enum)]
    pub format: Option<coldcut_js::bundle::Format>,
    /// Where the bundle runs.
    #[arg(long, value_parser = ["node"], default_value = "node")]
    pub platform: String,
    /// The Node.js that runs the bundle: newer syntax is written in older, or named where that
    /// cannot be.
    #[arg(long, value_name = "node18|node20|node22|node24")]
    pub target: Option<coldcut_js::syntax::target::Engine>,
}

/// How the text of a bundle is written.
#[derive(Debug, Args)]
pub struct BundleTextArgs {
    /// Make the text small.
    #[arg(long, overrides_with = "no_minify")]
    pub minify: bool,
    /// Leave the text readable: the default.
    #[arg(long)]
    pub no_minify: bool,
    /// Take longer where that makes it smaller, as `coldcut pack` does.
    #[arg(long, requires = "minify")]
    pub thorough: bool,
    /// Keep every statement of every module that is reached.
    #[arg(long)]
    pub no_shake: bool,
    /// Keep the names of functions.
    #[arg(long)]
    pub keep_names: bool,
    /// A map from the bundle to its sources.
    #[arg(long, value_parser = parse::<SourceMap>, num_args = 0..=1, require_equals = true, default_missing_value = "external", default_value = "none", value_name = "none|external|inline")]
    pub sourcemap: SourceMap,
}

#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The files to start from.
    #[arg(required = true, value_name = "ENTRY")]
    pub entries: Vec<PathBuf>,
    /// The folder that holds everything, from which files are named; the current one unless told.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
    /// The architecture that native addons are wanted for; this machine's unless told.
    #[arg(long, value_parser = ["x86_64", "arm64"])]
    pub arch: Option<String>,
    /// The runtime that native addons are wanted for, such as `nodejs22.x`: what needs a newer
    /// glibc than it has is refused. Unless told, no glibc is too old.
    #[arg(long, value_name = "RUNTIME")]
    pub runtime: Option<String>,
    /// A package, or a pattern with `*`, that is left to the platform.
    #[arg(long = "external", value_name = "NAME")]
    pub external: Vec<String>,
    /// Follow imports that are written out, and nothing else: neither computed ones nor files that
    /// code reads.
    #[arg(long)]
    pub imports_only: bool,
    /// Print one JSON document and nothing else.
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
    /// Print one line for each function, which changes when its artifact may: a `runtime` input of
    /// Nx, a stamp for make.
    #[arg(long, group = "form")]
    pub digest: bool,
    /// Print a `turbo.json` for the project's folder, whose task `pack` has these inputs.
    #[arg(long, group = "form")]
    pub turbo: bool,
}

#[derive(Debug, Args)]
pub struct MeasureArgs {
    /// The artifacts; the others are compared with the first.
    #[arg(required = true, value_name = "ZIP")]
    pub zips: Vec<PathBuf>,
    /// How often each is loaded.
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
    /// The function, where the lines do not say which.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Its runtime, where the lines do not say which: it decides how long a start may take.
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// Compare what was before this moment with what came after; without it, the newest version
    /// with the one before it, where lines say which.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    #[command(flatten)]
    pub fit: FitArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    /// The JSON result of AWS Lambda Power Tuning: says which memory is cheapest and which fastest.
    #[arg(long, value_name = "FILE")]
    pub power_tuning: Option<PathBuf>,
    /// Print the queries and commands that get such logs, and do nothing else.
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
    /// What versions weigh, for `--fit`: a CSV file with the columns
    /// `function,version,zip_bytes,loaded_bytes,loaded_files`, or `VERSION=FILE` with a report of
    /// `pack --json`.
    #[arg(long, value_name = "FILE", requires = "fit")]
    pub sizes: Vec<String>,
    /// What callers waited, for the transfer part of `--fit`: a CSV file with the columns
    /// `request_id,wall_ms`.
    #[arg(long, value_name = "FILE", requires = "fit")]
    pub wall: Option<PathBuf>,
    /// Write the parameters into this file, such as `coldcut.toml`, whose other settings stay.
    #[arg(long, value_name = "FILE", requires = "fit")]
    pub write: Option<PathBuf>,
}

/// What starts cost.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// Price starts at this many a month, and show what calls cost with other sizes of memory.
    #[arg(long, value_name = "N")]
    pub cold_starts_per_month: Option<u64>,
    /// The region whose prices hold.
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    pub region: String,
    /// The processor whose prices hold.
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
