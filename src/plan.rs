//! Every option of every function settled, with where it was said.
//!
//! In: the [`Project`], and what the environment and the command line say. Out: one [`Plan`] per
//! function. Later layers win: defaults, the platform's data, coldcut's own settings, the
//! framework's file, `COLDCUT_*`, flags.

use std::path::PathBuf;

use indexmap::IndexMap;

use coldcut_core::diagnostics::{Location, Result};
use coldcut_core::functions::{Function, FunctionKind, Project};
use coldcut_core::platform::Platform;
use coldcut_core::settings::{
    Calibration, Compression, Links, Panic, Pattern, Rule, RustProfile, SdkChoice, Settings,
    SourceMap, Strategy,
};

/// The platform, unless something names another.
pub const DEFAULT_PLATFORM: &str = "aws-lambda";

/// Where a value was said, as the report shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Default,
    Platform,
    Config,
    Framework,
    Environment,
    Flag,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Platform => "platform data",
            Self::Config => "coldcut settings",
            Self::Framework => "framework file",
            Self::Environment => "environment",
            Self::Flag => "command line",
        }
    }
}

/// A value and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled<T> {
    pub value: T,
    pub origin: Origin,
}

/// What the environment and the command line say.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub environment: Settings,
    pub flags: Settings,
    /// `--include` and `--exclude` in the order they were written.
    pub patterns: Vec<Pattern>,
}

/// One function with every option settled.
#[derive(Debug, Clone)]
pub struct Plan {
    pub function: Function,
    pub strategy: Settled<Strategy>,
    pub platform: &'static Platform,
    /// As the platform names it.
    pub runtime: Settled<String>,
    pub arch: Settled<String>,
    pub packages: PackagePlan,
    pub files: FilePlan,
    pub zip: ZipPlan,
    pub bundle: BundlePlan,
    pub verify: VerifyPlan,
    pub rust: RustPlan,
    pub report: ReportPlan,
}

/// Which packages ship.
#[derive(Debug, Clone)]
pub struct PackagePlan {
    pub sdk: Settled<SdkChoice>,
    /// Names and `@scope/*` of packages that the platform or a layer has.
    pub external: Vec<String>,
}

/// Which files ship.
#[derive(Debug, Clone)]
pub struct FilePlan {
    /// Everything that comes after `.serverlessignore`, in order.
    pub patterns: Vec<Pattern>,
    /// Built-in ignore rules that are off.
    pub rules_off: Vec<String>,
    /// Globs of files that hold secrets and ship all the same.
    pub keep_secrets: Vec<String>,
    /// The user's rules, those for all functions first.
    pub rules: Vec<Rule>,
}

/// How the zip is written.
#[derive(Debug, Clone)]
pub struct ZipPlan {
    pub links: Settled<Links>,
    pub compression: Settled<Compression>,
}

/// How a bundle is written.
#[derive(Debug, Clone)]
pub struct BundlePlan {
    pub minify: Settled<bool>,
    pub sourcemap: Settled<SourceMap>,
    pub keep_names: Settled<bool>,
    pub manifests: Settled<bool>,
    /// Values that are known when the code runs.
    pub define: IndexMap<String, String>,
    /// By package, where each name of its main file lies by itself.
    pub cherry_pick: IndexMap<String, IndexMap<String, String>>,
}

/// How the artifact is proven.
#[derive(Debug, Clone)]
pub struct VerifyPlan {
    pub enabled: Settled<bool>,
    /// The environment that the artifact is verified in.
    pub env: Vec<(String, String)>,
    /// The file with the event that it is called with.
    pub event: Option<PathBuf>,
}

/// How a Rust function is built.
#[derive(Debug, Clone)]
pub struct RustPlan {
    pub profile: Settled<RustProfile>,
    /// `None` leaves it to the profile.
    pub panic: Option<Panic>,
    pub target: Option<String>,
    pub debug_file: bool,
    /// The folder that Rust functions share as a layer.
    pub shared_layer: Option<PathBuf>,
}

/// What the report counts with.
#[derive(Debug, Clone)]
pub struct ReportPlan {
    /// Unpacked sizes of layers, in bytes, by their names.
    pub layer_bytes: IndexMap<String, u64>,
    /// What the project's own logs say of the estimates' parameters.
    pub calibration: Option<Calibration>,
}

impl Plan {
    /// The folder that becomes the artifact's root.
    pub fn root(&self) -> &PathBuf {
        &self.function.root
    }

    /// The major version of the runtime's Node.js; `None` where it has none, or is unknown.
    pub fn node(&self) -> Option<u32> {
        self.platform.runtime(&self.runtime.value).ok()?.node
    }
}

/// Settles all functions of a project.
pub fn plan(project: &Project, overrides: &Overrides) -> Result<Vec<Plan>> {
    project
        .functions
        .iter()
        .map(|function| settle(project, function, overrides))
        .collect()
}

fn settle(project: &Project, function: &Function, overrides: &Overrides) -> Result<Plan> {
    let layers = Layers::new(project, function, overrides);
    let platform_name = layers.last(|s| s.target.platform.clone());
    let platform = Platform::load(
        platform_name
            .as_ref()
            .map_or(DEFAULT_PLATFORM, |(_, name)| name),
    )?;
    let is_rust = matches!(function.kind, FunctionKind::Rust(_));
    let default_runtime = platform.default_runtime(is_rust)?.to_string();
    let default_arch = platform.default_arch().to_string();
    Ok(Plan {
        strategy: layers.settled(|s| s.artifact.strategy, Strategy::Auto),
        platform,
        runtime: layers.over_framework(
            &function.runtime,
            |s| s.target.runtime.clone(),
            default_runtime,
        ),
        arch: layers.over_framework(&function.arch, |s| s.target.arch.clone(), default_arch),
        packages: PackagePlan {
            sdk: layers.settled(|s| s.packages.sdk, SdkChoice::Auto),
            external: layers.joined(|s| &s.packages.external),
        },
        files: FilePlan {
            patterns: patterns(project, function, overrides),
            rules_off: layers.joined(|s| &s.files.rules_off),
            keep_secrets: layers.joined(|s| &s.files.keep_secrets),
            rules: layers.all(|s| &s.files.rules),
        },
        zip: ZipPlan {
            links: layers.settled(|s| s.artifact.links, Links::Keep),
            compression: layers.settled(|s| s.artifact.compression, Compression::Default),
        },
        bundle: bundle(&layers),
        verify: verify(&layers, project, function),
        rust: rust(&layers, project, is_rust),
        report: ReportPlan {
            layer_bytes: layers.merged(|s| &s.report.layer_bytes),
            calibration: layers.value(|s| s.report.calibration.clone()),
        },
        function: function.clone(),
    })
}

fn bundle(layers: &Layers<'_>) -> BundlePlan {
    BundlePlan {
        minify: layers.settled(|s| s.bundle.minify, true),
        sourcemap: layers.settled(|s| s.bundle.sourcemap, SourceMap::None),
        keep_names: layers.settled(|s| s.bundle.keep_names, false),
        manifests: layers.settled(|s| s.bundle.manifests, false),
        define: layers.merged(|s| &s.bundle.define),
        cherry_pick: layers.merged(|s| &s.bundle.cherry_pick),
    }
}

fn verify(layers: &Layers<'_>, project: &Project, function: &Function) -> VerifyPlan {
    let mut env = function.environment.clone();
    env.retain(|name, _| !NOT_FOR_VERIFYING.contains(&name.as_str()));
    env.extend(layers.merged(|s| &s.verify.env));
    let event = layers.value(|s| s.verify.event.clone());
    VerifyPlan {
        enabled: layers.settled(|s| s.verify.enabled, true),
        env: env.into_iter().collect(),
        event: event.map(|file| project.root.join(file)),
    }
}

fn rust(layers: &Layers<'_>, project: &Project, is_rust: bool) -> RustPlan {
    let shared_layer = layers.value(|s| s.rust.shared_layer.clone());
    RustPlan {
        profile: layers.settled(|s| s.rust.profile, RustProfile::Balanced),
        panic: layers.value(|s| s.rust.panic),
        target: layers.value(|s| s.rust.target.clone()),
        debug_file: layers.settled(|s| s.rust.debug_file, false).value,
        shared_layer: shared_layer
            .filter(|_| is_rust)
            .map(|folder| project.root.join(folder)),
    }
}

/// Variables of a framework's file that verification goes without: what a layer brings is not there
/// to be preloaded, and nothing runs with anybody's credentials.
const NOT_FOR_VERIFYING: [&str; 5] = [
    "NODE_OPTIONS",
    "AWS_LAMBDA_EXEC_WRAPPER",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What settings say of one function, from the weakest layer to the strongest.
struct Layers<'a>(Vec<(Origin, &'a Settings)>);

/// How many layers are coldcut's own settings: the project's, and the function's.
const OWN_LAYERS: usize = 2;

impl<'a> Layers<'a> {
    fn new(project: &'a Project, function: &'a Function, overrides: &'a Overrides) -> Self {
        let mut layers = vec![
            (Origin::Config, &project.settings),
            (Origin::Config, &function.settings),
        ];
        let framework = framework_settings(project, function);
        layers.extend(framework.map(|settings| (Origin::Framework, settings)));
        layers.extend([
            (Origin::Environment, &overrides.environment),
            (Origin::Flag, &overrides.flags),
        ]);
        Self(layers)
    }

    /// The strongest value, with where it was said.
    fn last<T>(&self, get: impl Fn(&Settings) -> Option<T>) -> Option<(Origin, T)> {
        last(&self.0, get)
    }

    /// The strongest value.
    fn value<T>(&self, get: impl Fn(&Settings) -> Option<T>) -> Option<T> {
        self.last(get).map(|(_, value)| value)
    }

    /// The strongest value, or the default.
    fn settled<T>(&self, get: impl Fn(&Settings) -> Option<T>, default: T) -> Settled<T> {
        match self.last(get) {
            Some((origin, value)) => Settled { value, origin },
            None => Settled {
                value: default,
                origin: Origin::Default,
            },
        }
    }

    /// A value that the framework's own file has a property for: it stands above coldcut's settings,
    /// and below all other layers.
    fn over_framework(
        &self,
        said: &Option<String>,
        get: fn(&Settings) -> Option<String>,
        default: String,
    ) -> Settled<String> {
        let (own, above) = self.0.split_at(OWN_LAYERS);
        let said = said.clone().map(|value| (Origin::Framework, value));
        let strongest = last(above, get).or(said).or_else(|| last(own, get));
        let (origin, value) = strongest.unwrap_or((Origin::Platform, default));
        Settled { value, origin }
    }

    /// Lists add up over the layers; what is said twice counts once.
    fn joined(&self, get: impl Fn(&Settings) -> &Vec<String>) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for (_, settings) in &self.0 {
            for value in get(settings) {
                if !out.contains(value) {
                    out.push(value.clone());
                }
            }
        }
        out
    }

    /// The lists of all layers, one behind the other.
    fn all<T: Clone>(&self, get: impl Fn(&Settings) -> &Vec<T>) -> Vec<T> {
        let lists = self.0.iter().flat_map(|(_, settings)| get(settings));
        lists.cloned().collect()
    }

    /// Maps are laid over each other, key by key.
    fn merged<T: Clone>(
        &self,
        get: impl Fn(&Settings) -> &IndexMap<String, T>,
    ) -> IndexMap<String, T> {
        let mut out = IndexMap::new();
        for (_, settings) in &self.0 {
            for (key, value) in get(settings) {
                out.insert(key.clone(), value.clone());
            }
        }
        out
    }
}

fn last<T>(
    layers: &[(Origin, &Settings)],
    get: impl Fn(&Settings) -> Option<T>,
) -> Option<(Origin, T)> {
    layers
        .iter()
        .rev()
        .find_map(|(origin, settings)| get(settings).map(|value| (*origin, value)))
}

/// coldcut's settings in the framework's file, weakest first.
fn framework_settings<'a>(
    project: &'a Project,
    function: &'a Function,
) -> impl Iterator<Item = &'a Settings> {
    let project = project.framework_settings.iter();
    project.chain([&function.framework_settings])
}

/// Every pattern that comes after `.serverlessignore`, in the order in which they hold.
fn patterns(project: &Project, function: &Function, overrides: &Overrides) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    let own = project
        .config_files
        .iter()
        .find(|path| path.file_name().is_some_and(|name| name == "coldcut.toml"))
        .map_or_else(|| function.declared.clone(), Location::file);
    for settings in [&project.settings, &function.settings] {
        patterns.extend(own_patterns(&own, settings));
    }
    patterns.extend(function.patterns.iter().cloned());
    let framework = framework_settings(project, function);
    for settings in framework.chain([&overrides.environment]) {
        patterns.extend(own_patterns(&function.declared, settings));
    }
    patterns.extend(overrides.patterns.iter().cloned());
    patterns
}

/// `include` and `exclude` of a settings file as patterns; a file has no order between the two
/// lists, so what is excluded wins.
fn own_patterns(said: &Location, settings: &Settings) -> Vec<Pattern> {
    let make = |glob: &String, keep: bool, key: &str| Pattern {
        glob: glob.clone(),
        keep,
        said: said.clone(),
        text: format!("{key} = \"{glob}\""),
    };
    let files = &settings.files;
    let includes = files.include.iter().map(|glob| make(glob, true, "include"));
    let excludes = files
        .exclude
        .iter()
        .map(|glob| make(glob, false, "exclude"));
    includes.chain(excludes).collect()
}
