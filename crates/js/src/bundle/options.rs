//! What a bundle is asked to be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bundle::load::cherry_pick::CherryPicks;
use crate::bundle::load::file_loaders::Loaders;
use crate::host::Host;
use crate::packages::placement::relative;
use crate::packages::pnp;
use crate::packages::pnp::Pnp;
use crate::scan::Defines;
use crate::syntax::target::Engine;
use coldcut_core::artifact::RelPath;
use coldcut_core::settings::Rule;

/// The kind of module that a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Cjs,
    Esm,
}

/// Where the output lies, and where the files would lie that it is made of. Code that asks for
/// its own place is then told the one it had as a file, so that what lies beside it is found.
#[derive(Clone)]
pub struct OriginalLocation<'a> {
    pub out: RelPath,
    pub of: &'a (dyn Fn(&Path) -> Option<RelPath> + Sync),
}

impl OriginalLocation<'_> {
    /// A file as seen from the output's folder; `None` for the output's own place.
    pub fn seen(&self, path: &Path) -> Option<String> {
        let at = (self.of)(path)?;
        (at != self.out).then(|| relative(self.out.as_str(), at.as_str()))
    }
}

/// How to bundle.
#[derive(Clone)]
pub struct Options<'a> {
    /// The folder that names of modules start from.
    pub base: PathBuf,
    /// The table that the entry is under, if it is.
    pub pnp: Option<Arc<Pnp>>,
    pub format: Format,
    pub minify: bool,
    /// Leave out what nothing needs.
    pub shake: bool,
    pub map: bool,
    /// Function and class names stay as they were written.
    pub keep_names: bool,
    pub defines: Defines,
    pub external: &'a (dyn Fn(&str) -> bool + Sync),
    /// Files that stay files and are loaded from where they would lie: needs `original_location`.
    pub unbundled: &'a (dyn Fn(&Path) -> bool + Sync),
    /// Packages of which parts are taken by themselves.
    pub cherry_picks: &'a CherryPicks,
    /// Without it, every module's place is that of the output.
    pub original_location: Option<OriginalLocation<'a>>,
    /// Count what each module adds to the text.
    pub count: bool,
    /// Pack big JSON for longer, which makes it smaller.
    pub thorough: bool,
    /// Whose syntax the text may have; without it, every.
    pub target: Option<Engine>,
    /// Files that are no code.
    pub loaders: Loaders,
    /// The user's, of what packages read and load.
    pub rules: &'a [Rule],
    /// Who loads the bundle.
    pub host: Host,
}

impl<'a> Options<'a> {
    /// A readable CommonJS bundle of what is below `base`.
    pub fn plain(
        base: PathBuf,
        external: &'a (dyn Fn(&str) -> bool + Sync),
        cherry_picks: &'a CherryPicks,
    ) -> Self {
        Self {
            base,
            pnp: None,
            format: Format::Cjs,
            minify: false,
            shake: true,
            map: false,
            keep_names: false,
            defines: Defines::default(),
            external,
            unbundled: &|_| false,
            cherry_picks,
            original_location: None,
            count: false,
            thorough: false,
            target: None,
            loaders: Loaders::default(),
            rules: &[],
            host: Host::Node,
        }
    }
}

/// A file as the bundle's comments and metafile name it.
pub fn shown(options: &Options<'_>, path: &Path) -> String {
    path.strip_prefix(&options.base)
        .unwrap_or(pnp::shown_path(path))
        .display()
        .to_string()
}
