//! What is asked of a build.

use crate::bundle::CherryPicks;
use crate::packages::platform_fields::Target as RunsOn;
use crate::syntax::target::Engine;
use coldcut_core::artifact::RelPath;
use coldcut_core::settings::SourceMap;

/// How a bundle is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BundleSettings {
    pub minify: bool,
    pub sourcemap: SourceMap,
    pub keep_names: bool,
    /// The manifests of the packages in it ship beside it.
    pub manifests: bool,
}

/// Which files of a function ship, and in what form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildMode {
    Bundle(BundleSettings),
    Trace,
    Prune,
}

/// Who asked for a file by a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncludeSource {
    /// `include` in a setting or on the command line: holds for every file.
    Setting,
    /// A pattern in the framework's file: holds for what is not code, which the trace finds.
    Framework,
}

/// What the ignore rules say of one path of the artifact.
#[derive(Debug, Clone, Default)]
pub struct IgnoreVerdict {
    pub keep: bool,
    /// The deciding rule or line, where there is one.
    pub because: Option<String>,
    /// The name of the built-in rule that dropped it.
    pub rule: Option<String>,
    /// A pattern of the user's asks for it by name.
    pub included_by: Option<IncludeSource>,
}

/// One function to build.
#[derive(Clone, Copy)]
pub struct BuildRequest<'a> {
    pub name: &'a str,
    pub handler: &'a RelPath,
    pub mode: BuildMode,
    pub decide: &'a (dyn Fn(&RelPath) -> IgnoreVerdict + Sync),
    pub external: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Packages of which a bundle may take parts by themselves.
    pub cherry_picks: &'a CherryPicks,
    /// Where it runs: native files are those that can be loaded there.
    pub runs: &'a RunsOn,
    /// Who will run it: what is printed has no syntax that is newer.
    pub target: Option<Engine>,
}
