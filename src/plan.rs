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
    pub sdk: Settled<SdkChoice>,
    pub external: Vec<String>,
    /// Everything that comes after `.serverlessignore`, in order.
    pub patterns: Vec<Pattern>,
    /// The first this many patterns are the framework's and coldcut's settings' own.
    pub rules_off: Vec<String>,
    pub keep_secrets: Vec<String>,
    pub links: Settled<Links>,
    pub compression: Settled<Compression>,
    pub verify: Settled<bool>,
    pub minify: Settled<bool>,
    pub sourcemap: Settled<SourceMap>,
    pub keep_names: Settled<bool>,
    pub manifests: Settled<bool>,
    pub layer_bytes: IndexMap<String, u64>,
    pub define: IndexMap<String, String>,
    /// The environment that the artifact is verified in.
    pub env: Vec<(String, String)>,
    /// The file with the event that it is called with.
    pub event: Option<PathBuf>,
    pub cherry_pick: IndexMap<String, IndexMap<String, String>>,
    /// The user's rules, those for all functions first.
    pub rules: Vec<Rule>,
    pub rust_profile: Settled<RustProfile>,
    /// `None` leaves it to the profile.
    pub panic: Option<Panic>,
    pub rust_target: Option<String>,
    pub debug_file: bool,
    /// What the project's own logs say of the estimates' parameters.
    pub calibration: Option<Calibration>,
    /// The folder that Rust functions share as a layer.
    pub shared_layer: Option<PathBuf>,
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
    // Weakest first.
    let said = project.framework_settings.iter();
    let said = said.chain([&function.framework_settings]);
    let mut layers = vec![
        (Origin::Config, &project.settings),
        (Origin::Config, &function.settings),
    ];
    layers.extend(said.clone().map(|settings| (Origin::Framework, settings)));
    layers.extend([
        (Origin::Environment, &overrides.environment),
        (Origin::Flag, &overrides.flags),
    ]);
    let platform_name = last(&layers, |s| s.platform.clone());
    let platform = Platform::load(
        platform_name
            .as_ref()
            .map_or(DEFAULT_PLATFORM, |(_, name)| name),
    )?;
    let is_rust = matches!(function.kind, FunctionKind::Rust(_));
    let default_runtime = platform.default_runtime(is_rust)?.to_string();
    let framework =
        |said: &Option<String>, get: fn(&Settings) -> Option<String>, default: String| {
            let mut out = Settled {
                value: default,
                origin: Origin::Platform,
            };
            let config = last(&layers[..2], get);
            let above = last(&layers[2..], get);
            let said = said.clone().map(|value| (Origin::Framework, value));
            for (origin, value) in [config, said, above].into_iter().flatten() {
                out = Settled { value, origin };
            }
            out
        };
    let runtime = framework(&function.runtime, |s| s.runtime.clone(), default_runtime);
    let arch = framework(
        &function.arch,
        |s| s.arch.clone(),
        platform.default_arch().to_string(),
    );
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
    for settings in said.chain([&overrides.environment]) {
        patterns.extend(own_patterns(&function.declared, settings));
    }
    patterns.extend(overrides.patterns.iter().cloned());
    Ok(Plan {
        strategy: settled(&layers, |s| s.strategy, Strategy::Auto),
        platform,
        runtime,
        arch,
        sdk: settled(&layers, |s| s.sdk, SdkChoice::Auto),
        external: joined(&layers, |s| &s.external),
        patterns,
        rules_off: joined(&layers, |s| &s.rules_off),
        keep_secrets: joined(&layers, |s| &s.keep_secrets),
        links: settled(&layers, |s| s.links, Links::Keep),
        compression: settled(&layers, |s| s.compression, Compression::Default),
        verify: settled(&layers, |s| s.verify, true),
        minify: settled(&layers, |s| s.minify, true),
        sourcemap: settled(&layers, |s| s.sourcemap, SourceMap::None),
        keep_names: settled(&layers, |s| s.keep_names, false),
        manifests: settled(&layers, |s| s.manifests, false),
        layer_bytes: merged(&layers, |s| &s.layer_bytes),
        define: merged(&layers, |s| &s.define),
        env: {
            let mut env = function.environment.clone();
            env.retain(|name, _| !NOT_FOR_VERIFYING.contains(&name.as_str()));
            env.extend(merged(&layers, |s| &s.env));
            env.into_iter().collect()
        },
        event: last(&layers, |s| s.event.clone()).map(|(_, file)| project.root.join(file)),
        cherry_pick: merged(&layers, |s| &s.cherry_pick),
        rust_profile: settled(&layers, |s| s.rust_profile, RustProfile::Balanced),
        panic: last(&layers, |s| s.panic).map(|(_, panic)| panic),
        rust_target: last(&layers, |s| s.rust_target.clone()).map(|(_, target)| target),
        debug_file: settled(&layers, |s| s.debug_file, false).value,
        shared_layer: match is_rust {
            true => last(&layers, |s| s.shared_layer.clone())
                .map(|(_, folder)| project.root.join(folder)),
            false => None,
        },
        rules: layers.iter().flat_map(|(_, s)| s.rule.clone()).collect(),
        calibration: last(&layers, |s| s.calibration.clone()).map(|(_, found)| found),
        function: function.clone(),
    })
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

type Layer<'a> = (Origin, &'a Settings);

fn last<T>(layers: &[Layer<'_>], get: impl Fn(&Settings) -> Option<T>) -> Option<(Origin, T)> {
    layers
        .iter()
        .rev()
        .find_map(|(origin, settings)| get(settings).map(|value| (*origin, value)))
}

fn settled<T>(
    layers: &[Layer<'_>],
    get: impl Fn(&Settings) -> Option<T>,
    default: T,
) -> Settled<T> {
    match last(layers, get) {
        Some((origin, value)) => Settled { value, origin },
        None => Settled {
            value: default,
            origin: Origin::Default,
        },
    }
}

/// Lists add up over the layers.
fn joined(layers: &[Layer<'_>], get: impl Fn(&Settings) -> &Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (_, settings) in layers {
        for value in get(settings) {
            if !out.contains(value) {
                out.push(value.clone());
            }
        }
    }
    out
}

fn merged<T: Clone>(
    layers: &[Layer<'_>],
    get: impl Fn(&Settings) -> &IndexMap<String, T>,
) -> IndexMap<String, T> {
    let mut out = IndexMap::new();
    for (_, settings) in layers {
        for (key, value) in get(settings) {
            out.insert(key.clone(), value.clone());
        }
    }
    out
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
    let includes = settings
        .include
        .iter()
        .map(|glob| make(glob, true, "include"));
    let excludes = settings
        .exclude
        .iter()
        .map(|glob| make(glob, false, "exclude"));
    includes.chain(excludes).collect()
}
