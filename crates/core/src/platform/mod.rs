//! What a platform allows and brings along: limits, runtimes, its own copy of the SDK, and what
//! a cold start costs by size.
//!
//! In: a platform's name. Out: [`Platform`], read from a data file of this folder, in which every
//! figure names its source and its day. A new platform is a new data file and its name in the list
//! of this one.

pub mod prices;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::diagnostics::{Code, Diagnostic, Result};
use crate::settings::value::nearest;
use crate::settings::{SdkChoice, Strategy};

/// No such platform.
pub const UNKNOWN_PLATFORM: Code = Code("CC141");
/// The platform has no such runtime.
pub const UNKNOWN_RUNTIME: Code = Code("CC142");
/// A platform's data file is broken: a bug in coldcut, not an error of the user.
pub const BROKEN_DATA: Code = Code("CC143");
/// The platform no longer supports the runtime.
pub const DEPRECATED_RUNTIME: Code = Code("CC144");

/// A platform's data, read once; an error is told by whoever asks for the platform.
type Loaded = LazyLock<std::result::Result<Platform, String>>;

macro_rules! platforms {
    ($($name:literal),*) => {
        /// Every platform with data.
        static PLATFORMS: [(&str, Loaded); [$($name),*].len()] = [
            $(($name, LazyLock::new(|| parse(include_str!(concat!($name, ".toml")))))),*
        ];
    };
}

platforms!(
    "aws-lambda",
    "alibaba-fc",
    "azure-functions",
    "cloudflare-workers",
    "google-cloud-functions",
    "netlify",
    "tencent-scf",
    "vercel"
);

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    pub url: String,
    /// The day (or month) it was published or read: `2026-11-24`.
    pub date: String,
}

/// What a platform allows and brings along.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Platform {
    /// As users write it: `aws-lambda`.
    pub name: String,
    /// As people say it: `AWS Lambda`.
    pub title: String,
    /// The day the data was last held against its sources.
    pub date: String,
    pub arches: Vec<String>,
    default_arch: String,
    default_runtime: Defaults,
    /// The ways of packing whose artifacts it can run; all where none is named.
    #[serde(default)]
    pub strategies: Vec<Strategy>,
    pub limits: Limits,
    pub handler: HandlerShape,
    pub layout: Layout,
    /// What running costs; `None` where no source has it in US dollars.
    #[serde(default)]
    pub price: Option<BasePrice>,
    #[serde(default)]
    sdk: IndexMap<String, SdkSet>,
    #[serde(rename = "runtime")]
    pub runtimes: Vec<Runtime>,
    /// `None` where nobody has measured the platform: then only bytes are reported.
    #[serde(default)]
    pub download: Option<Download>,
    /// By kind of code, `javascript`, `compiled` or `compiled-aws-sdk`; a kind that is not there is
    /// not measured.
    #[serde(default)]
    pub load: IndexMap<String, Load>,
    /// What the same bytes cost elsewhere, as far as anybody measured it.
    #[serde(default)]
    pub elsewhere: Vec<Elsewhere>,
    /// What `observe` holds logs to.
    #[serde(default)]
    pub targets: Option<Targets>,
}

/// What a start and a call may take.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Targets {
    /// The 99th percentile of the start, by kind of runtime: `javascript`, `compiled`.
    pub cold_start_ms: IndexMap<String, f64>,
    /// The median of calls that need no start.
    pub warm_ms: f64,
    /// The 99th percentile of all calls.
    pub p99_ms: f64,
    /// Of all calls.
    pub error_share: f64,
    /// Of what is configured.
    pub memory_share: f64,
    pub source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    node: String,
    /// `None` where the platform runs no binary.
    #[serde(default)]
    rust: Option<String>,
}

/// What a function is to its platform.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandlerShape {
    pub setting: HandlerSetting,
    /// What functions are usually called by.
    pub default: String,
    pub call: Call,
    /// What it takes besides.
    #[serde(default)]
    pub also: Vec<Call>,
    pub source: Source,
}

impl HandlerShape {
    /// Whether functions are called with an event, so that one can be given to both sides.
    pub fn takes_events(&self) -> bool {
        self.call == Call::EventContextCallback || self.also.contains(&Call::EventContextCallback)
    }
}

/// How a platform's setting names a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum HandlerSetting {
    /// `src/users.main`.
    #[serde(rename = "FILE.EXPORT")]
    FileAndExport,
    #[serde(rename = "EXPORT")]
    Export,
    #[serde(rename = "FILE")]
    File,
    #[serde(rename = "none")]
    None,
}

/// What a call gives the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    EventContextCallback,
    /// As Express has it.
    RequestResponse,
    /// A web `Request`, for a `Response`.
    Fetch,
    /// The module registers functions when it is loaded.
    Registered,
}

/// What lies beside the code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// What a function's folder is called; `{name}` stands for the function.
    #[serde(default)]
    pub folder: Option<String>,
    /// The command that deploys.
    pub deploy: String,
    #[serde(default, rename = "file")]
    pub files: Vec<LayoutFile>,
    pub source: Source,
}

/// A file that the platform wants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutFile {
    pub path: String,
    /// With `{file}`, `{export}`, `{name}`, `{runtime}` and `{arch}` for what they name.
    pub text: String,
    /// A JSON file that is there keeps what it has, and gets these keys.
    #[serde(default)]
    pub merge: bool,
    #[serde(default)]
    pub only: Option<Runs>,
    /// For handlers that are called so.
    #[serde(default)]
    pub call: Option<Call>,
    /// It lies above the folders of all functions.
    #[serde(default)]
    pub root: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runs {
    Node,
    Binary,
}

/// What running costs where nothing else is said.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BasePrice {
    #[serde(default)]
    pub usd_per_gb_second: Option<f64>,
    #[serde(default)]
    pub usd_per_vcpu_second: Option<f64>,
    pub billed: Billed,
    pub source: Source,
}

/// Which time is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Billed {
    #[serde(rename = "init and call")]
    InitAndCall,
    #[serde(rename = "call")]
    Call,
    /// Only what the processor works.
    #[serde(rename = "cpu")]
    Cpu,
}

/// What an upload must stay within; `None` where a platform has no such limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// The zip, when it is uploaded directly.
    #[serde(default)]
    pub zipped_direct_bytes: Option<Limit>,
    /// The zip, in whatever way it is uploaded.
    #[serde(default)]
    pub zipped_bytes: Option<Limit>,
    /// The unpacked files of the function and of all its layers.
    #[serde(default)]
    pub unpacked_bytes: Option<Limit>,
    /// How many layers a function may have.
    #[serde(default)]
    pub layers: Option<Limit>,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub value: u64,
    /// `bytes` or `layers`.
    pub unit: String,
    /// Whether a value that equals the limit is allowed.
    pub inclusive: bool,
    /// What to do when it is exceeded.
    pub help: String,
    pub source: Source,
}

impl Limit {
    /// Whether `value` is within the limit.
    pub fn allows(&self, value: u64) -> bool {
        value < self.value || (self.inclusive && value == self.value)
    }
}

/// How the time to fetch and unpack a zip follows from its size.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Download {
    /// Where both zips are smaller, a difference is not measurable.
    pub below_knee_bytes: u64,
    pub low: DownloadModel,
    pub typical: DownloadModel,
    pub high: DownloadModel,
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// `floor + slope * max(0, zip - knee)`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DownloadModel {
    pub slope_ms_per_mb: f64,
    pub knee_bytes: u64,
    pub floor_ms: f64,
}

/// How the time to load code follows from how much is loaded.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Load {
    pub low: LoadModel,
    pub typical: LoadModel,
    pub high: LoadModel,
    /// What the figures leave out.
    #[serde(default)]
    pub note: Option<String>,
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// `base + slope * loaded MB + per file * loaded files`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LoadModel {
    pub slope_ms_per_mb: f64,
    pub per_file_ms: f64,
    pub base_ms: f64,
}

/// A way to ship the same code, or another cloud.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Elsewhere {
    pub name: String,
    /// Of fetching and unpacking: low, typical, high.
    pub slope_ms_per_mb: [f64; 3],
    /// How far it can be trusted.
    pub mark: String,
    pub source: Source,
}

/// Packages that a runtime brings along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SdkSet {
    title: String,
    /// The title in a word or two, for the head of a row.
    label: String,
    packages: Vec<String>,
    unless_shipped: bool,
    /// A copy in the artifact would not do what the platform's own does.
    #[serde(default)]
    platform_only: bool,
}

/// How a project has the packages of the SDK, taken as one set. The order is that of strength:
/// the set's is the greatest of its members' (`max`), because the set stays together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Declared {
    /// No package of the set is installed.
    NotInstalled,
    /// Only development needs it: the author means the runtime's own.
    Dev,
    /// Listed under `dependencies`, or needed by a package that is.
    Production,
}

/// A runtime of a platform.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Runtime {
    /// As the platform names it: `nodejs22.x`.
    pub name: String,
    /// The major version of Node.js; `None` for a runtime that starts a binary.
    #[serde(default)]
    pub node: Option<u32>,
    /// The name of its set in the platform's table.
    #[serde(default)]
    sdk: Option<String>,
    /// By what it reads a package's `exports`, where it is not Node.js.
    #[serde(default)]
    conditions: Vec<String>,
    /// Of Node.js's own modules those that it has, where it is not Node.js.
    #[serde(default)]
    modules: Vec<String>,
    /// What names in the code stand for there, as the platform's own tool has it.
    #[serde(default)]
    define: BTreeMap<String, String>,
    /// The version of glibc, such as `2.34`: a binary or addon that needs a newer one fails.
    #[serde(default)]
    pub glibc: Option<String>,
    /// The day from which the platform no longer looks after it.
    #[serde(default)]
    pub deprecated_on: Option<String>,
    /// Whether that day had come when the data was written. Not by the clock: the same input
    /// gives the same report.
    #[serde(skip)]
    pub deprecated: bool,
    #[serde(skip)]
    set: SdkSet,
}

impl Platform {
    /// The platform of that name.
    pub fn load(name: &str) -> Result<&'static Self> {
        let Some((_, loaded)) = PLATFORMS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = PLATFORMS.iter().map(|(known, _)| *known).collect();
            let message = format!("there is no platform `{name}`");
            return Err(unknown(UNKNOWN_PLATFORM, message, name, &known));
        };
        loaded.as_ref().map_err(|error| {
            Box::new(
                Diagnostic::error(
                    BROKEN_DATA,
                    format!("the data of the platform `{name}` cannot be read: {error}"),
                )
                .help("this is a bug in coldcut: please report it"),
            )
        })
    }

    /// The runtime of that name.
    pub fn runtime(&self, name: &str) -> Result<&Runtime> {
        self.runtimes
            .iter()
            .find(|runtime| runtime.name == name)
            .ok_or_else(|| {
                let known: Vec<&str> = self.runtimes.iter().map(|r| r.name.as_str()).collect();
                let message = format!("{} has no runtime `{name}` that coldcut knows", self.title);
                unknown(UNKNOWN_RUNTIME, message, name, &known)
            })
    }

    /// The runtime for a function that nothing gives one.
    pub fn default_runtime(&self, is_rust: bool) -> Result<&str> {
        if !is_rust {
            return Ok(&self.default_runtime.node);
        }
        self.default_runtime.rust.as_deref().ok_or_else(|| {
            let message = format!("{} does not run binaries", self.title);
            Box::new(
                Diagnostic::error(UNKNOWN_RUNTIME, message)
                    .help("choose another `platform` for it, or ship it as a container image"),
            )
        })
    }

    /// The processor for a function that nothing gives one.
    pub fn default_arch(&self) -> &str {
        &self.default_arch
    }
}

impl Runtime {
    /// Whether `specifier` (`@aws-sdk/client-s3`, `aws-sdk/clients/s3`) belongs to the SDK that
    /// the runtime brings along.
    pub fn covers(&self, specifier: &str) -> bool {
        self.set.packages.iter().any(|package| {
            let rest = match package.strip_suffix('*') {
                Some(scope) => {
                    return specifier.len() > scope.len() && specifier.starts_with(scope);
                }
                None => specifier.strip_prefix(package.as_str()),
            };
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// What the packages that it covers are called, in a word or two.
    pub fn sdk_label(&self) -> &str {
        &self.set.label
    }

    /// Why `specifier` is left to the runtime; `None` where it ships (or is no part of the SDK).
    /// `declared` is how the project has the SDK as a whole: the `max` over the packages that
    /// [`Runtime::covers`], so that they stay together or go together.
    ///
    /// A package that the runtime does not bring along is never left out, whatever `choice` says:
    /// the function would not load.
    pub fn is_external(
        &self,
        choice: SdkChoice,
        declared: Declared,
        specifier: &str,
    ) -> Option<String> {
        if !self.covers(specifier) {
            return None;
        }
        let why = match (choice, declared) {
            _ if self.set.platform_only => "a copy in the artifact would not work the same way",
            (SdkChoice::Bundle, _) => return None,
            (SdkChoice::External, _) => "the settings leave it to the runtime",
            (SdkChoice::Auto, _) if !self.set.unless_shipped => "the runtime's copy loads faster",
            (SdkChoice::Auto, Declared::Production) => return None,
            (SdkChoice::Auto, Declared::Dev) => "the project uses it only for development",
            (SdkChoice::Auto, Declared::NotInstalled) => "it is not installed",
        };
        Some(format!(
            "{} has the {}, and {why}",
            self.name, self.set.title
        ))
    }

    /// Whether it has a module of Node.js's, `node:fs`, itself.
    pub fn has_builtin(&self, name: &str) -> bool {
        let name = name.strip_prefix("node:").unwrap_or(name);
        self.conditions.is_empty() || self.modules.iter().any(|own| own == name)
    }

    /// What names in the code stand for, where the project does not say so: JSON or names.
    pub fn define(&self) -> &BTreeMap<String, String> {
        &self.define
    }

    /// The conditions by which it reads a package's `exports`, before `import` or `require` and
    /// `default`; empty where it is Node.js that does, or where there is no JavaScript.
    pub fn conditions(&self) -> &[String] {
        &self.conditions
    }

    /// A warning where the platform no longer looks after the runtime; the help names
    /// `instead`, the platform's default.
    pub fn deprecation(&self, instead: &str) -> Option<Diagnostic> {
        let day = self.deprecated_on.as_ref().filter(|_| self.deprecated)?;
        Some(
            Diagnostic::warning(
                DEPRECATED_RUNTIME,
                format!(
                    "the runtime `{}` has been deprecated since {day}",
                    self.name
                ),
            )
            .help(format!("move the function to `{instead}`")),
        )
    }
}

fn parse(text: &str) -> std::result::Result<Platform, String> {
    let mut platform: Platform = toml::from_str(text).map_err(|error| error.to_string())?;
    for runtime in &mut platform.runtimes {
        // Days are written year first, so their order is that of their letters.
        runtime.deprecated = runtime
            .deprecated_on
            .as_ref()
            .is_some_and(|day| *day <= platform.date);
        if let Some(name) = &runtime.sdk {
            let set = platform.sdk.get(name);
            runtime.set = set
                .cloned()
                .ok_or_else(|| format!("`{}` has an unknown SDK", runtime.name))?;
        }
    }
    let defaults = &platform.default_runtime;
    for default in std::iter::once(&defaults.node).chain(&defaults.rust) {
        if !platform.runtimes.iter().any(|r| r.name == *default) {
            return Err(format!(
                "the default runtime `{default}` is not in the list"
            ));
        }
    }
    Ok(platform)
}

fn unknown(code: Code, message: String, name: &str, known: &[&str]) -> Box<Diagnostic> {
    let list: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
    let list = list.join(", ");
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? Known names are {list}"),
        None => format!("known names are {list}"),
    };
    Box::new(Diagnostic::error(code, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lambda() -> &'static Platform {
        Platform::load("aws-lambda").unwrap()
    }

    fn external(runtime: &str, choice: SdkChoice, how: Declared, name: &str) -> Option<String> {
        let runtime = lambda().runtime(runtime).unwrap();
        runtime.is_external(choice, how, name)
    }

    #[test]
    fn every_data_file_is_read_and_called_by_its_name() {
        for (name, _) in &PLATFORMS {
            assert_eq!(Platform::load(name).unwrap().name, *name);
        }
    }

    #[test]
    fn limits_are_those_of_the_platform() {
        let limits = &lambda().limits;
        let zipped = limits.zipped_direct_bytes.as_ref().unwrap();
        let unpacked = limits.unpacked_bytes.as_ref().unwrap();
        assert_eq!(zipped.value, 50 * 1024 * 1024);
        assert_eq!(unpacked.value, 250 * 1024 * 1024);
        assert!(unpacked.allows(262_143_999) && !unpacked.allows(262_144_000));
        let layers = limits.layers.as_ref().unwrap();
        assert!(layers.allows(5) && !layers.allows(6));
        assert!(zipped.source.url.starts_with("https://"));
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_and_the_list() {
        let error = Platform::load("aws-lamda").unwrap_err();
        assert_eq!(error.code, UNKNOWN_PLATFORM);
        assert!(error.help.unwrap().contains("did you mean `aws-lambda`?"));
        let error = lambda().runtime("nodejs22").unwrap_err();
        assert_eq!(error.code, UNKNOWN_RUNTIME);
        let help = error.help.unwrap();
        assert!(help.contains("did you mean `nodejs22.x`?"), "{help}");
        assert!(help.contains("`provided.al2`"), "{help}");
        let far = lambda().runtime("cobol85-on-mainframe").unwrap_err();
        assert!(
            far.help
                .unwrap()
                .starts_with("known names are `nodejs12.x`")
        );
    }

    #[test]
    fn defaults() {
        assert_eq!(lambda().default_runtime(false).unwrap(), "nodejs22.x");
        assert_eq!(lambda().default_runtime(true).unwrap(), "provided.al2023");
        let vercel = Platform::load("vercel").unwrap();
        assert!(vercel.default_runtime(true).is_err());
        assert_eq!(lambda().default_arch(), "x86_64");
    }

    #[test]
    fn sdk_v2_is_the_runtimes_unless_bundled() {
        for how in [Declared::Production, Declared::Dev, Declared::NotInstalled] {
            let auto = external("nodejs16.x", SdkChoice::Auto, how, "aws-sdk");
            assert!(auto.unwrap().contains("loads faster"));
            let deep = external("nodejs14.x", SdkChoice::External, how, "aws-sdk/clients/s3");
            assert!(deep.is_some());
            assert_eq!(
                external("nodejs16.x", SdkChoice::Bundle, how, "aws-sdk"),
                None
            );
        }
        for name in ["aws-sdk-mock", "@aws-sdk/client-s3", "express"] {
            assert_eq!(
                external("nodejs16.x", SdkChoice::External, Declared::Dev, name),
                None
            );
        }
    }

    #[test]
    fn sdk_v3_ships_where_production_needs_it() {
        for name in ["@aws-sdk/client-s3", "@smithy/core/protocols"] {
            let ask = |choice, how| external("nodejs18.x", choice, how, name);
            assert_eq!(ask(SdkChoice::Auto, Declared::Production), None);
            let dev = ask(SdkChoice::Auto, Declared::Dev).unwrap();
            assert_eq!(
                dev,
                "nodejs18.x has the AWS SDK for JavaScript v3, and the project uses it only for development"
            );
            assert!(ask(SdkChoice::Auto, Declared::NotInstalled).is_some());
            assert!(ask(SdkChoice::External, Declared::Production).is_some());
            assert_eq!(ask(SdkChoice::Bundle, Declared::NotInstalled), None);
        }
        assert_eq!(
            Declared::Dev.max(Declared::Production),
            Declared::Production
        );
    }

    #[test]
    fn what_the_runtime_does_not_have_is_never_left_to_it() {
        let ask = |runtime, name| external(runtime, SdkChoice::External, Declared::Dev, name);
        assert_eq!(ask("nodejs22.x", "aws-sdk"), None);
        assert_eq!(ask("provided.al2023", "@aws-sdk/client-s3"), None);
        assert_eq!(ask("nodejs22.x", "@aws-sdk/"), None);
    }

    #[test]
    fn deprecation_goes_by_the_day_of_the_data() {
        let of = |name: &str| lambda().runtime(name).unwrap();
        let warning = of("nodejs20.x").deprecation("nodejs22.x").unwrap();
        assert_eq!(
            warning.message,
            "the runtime `nodejs20.x` has been deprecated since 2026-04-30"
        );
        assert_eq!(of("nodejs22.x").deprecation("nodejs24.x"), None);
        assert_eq!(of("provided.al2").glibc.as_deref(), Some("2.26"));
    }

    #[test]
    fn broken_data_is_an_error_and_no_panic() {
        assert!(parse("name = 1").is_err());
        let without = include_str!("aws-lambda.toml").replace("[sdk.v3]", "[sdk.v9]");
        assert!(parse(&without).unwrap_err().contains("unknown SDK"));
    }
}
