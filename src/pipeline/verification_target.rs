//! One thing that is to be run: a zip, or the folder of a project, laid out away from both.
//!
//! In: its path. Out: [`VerificationTarget`], a folder of its own that is removed with it. A project's folder
//! is laid out as `pack` lays out the original, TypeScript as JavaScript, so that running it
//! writes nothing into the project.

use std::path::{Path, PathBuf};

use crate::pipeline::handler_lookup::HandlerLocation;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::source_extensions::SOURCE_EXTENSIONS;
use coldcut_js::build::{ProjectContext, SharedSettings};
use coldcut_js::packages::pnp::Pnp;
use coldcut_js::transpile::shipped_name;
use coldcut_report::verification::{Export, Failure, Side};
use coldcut_verify::codes::{AGAINST, UNPACK};
use coldcut_verify::{FailureKind, Loaded, Outcome, Scratch, unpack};

/// Something laid out to be run.
#[derive(Debug)]
pub(super) struct VerificationTarget {
    /// Held for as long as it is to be there.
    _folder: Scratch,
    pub root: PathBuf,
    /// As the command line named it.
    pub shown: PathBuf,
    /// What Node.js needs to be told to run it.
    pub arguments: Vec<String>,
}

impl VerificationTarget {
    /// Unpacks a zip.
    pub fn zip(path: &Path) -> Result<Self> {
        Self::filled(path, |root| unpack(path, root))
    }

    /// Lays out the folder of a project, or unpacks a zip, to be compared with an artifact.
    /// Gives the handler's file there too, under the name that it is loaded by.
    pub fn original(path: &Path, handler: &HandlerLocation) -> Result<(Self, RelPath)> {
        if !path.is_dir() {
            return Ok((Self::zip(path)?, handler.file.clone()));
        }
        let project = path
            .canonicalize()
            .map_err(|error| Diagnostic::io(AGAINST, "open", path, &error))?;
        let source = source_of(&project, &handler.file).ok_or_else(|| {
            Box::new(
                Diagnostic::error(
                    AGAINST,
                    format!(
                        "`{}` has no source file for `{}`",
                        path.display(),
                        handler.file
                    ),
                )
                .help("name the folder that the handler setting is relative to, or another zip"),
            )
        })?;
        let mut arguments = Vec::new();
        let mut target = Self::filled(path, |root| {
            std::fs::create_dir_all(root)
                .map_err(|error| Diagnostic::io(UNPACK, "make", root, &error))?;
            let handlers = [source.clone()];
            let archs = [std::env::consts::ARCH];
            let common = SharedSettings {
                archs: &archs,
                ..SharedSettings::default()
            };
            let context = ProjectContext::open(&project, &handlers, &[], common);
            arguments = context.original(root)?;
            Ok(())
        })?;
        target.arguments = arguments;
        Ok((target, shipped_name(&source)))
    }

    fn filled(shown: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let folder = Scratch::new()?;
        // The last part of the name is what code sees of it.
        let root = folder.path().join("task");
        fill(&root)?;
        Ok(Self {
            _folder: folder,
            root,
            shown: shown.to_path_buf(),
            arguments: Vec::new(),
        })
    }

    /// Whether it is a program for a custom runtime.
    pub fn is_bootstrap(&self) -> bool {
        self.root.join("bootstrap").is_file()
    }
}

/// A folder from which Node.js finds what the code of a project may ask for.
pub(super) fn seen_from(project: PathBuf) -> Result<PathBuf> {
    let Some(pnp) = Pnp::for_folder(&project)? else {
        return Ok(project);
    };
    pnp.fetch(&project);
    let links = pnp.own(&project).and_then(|(_, links)| links.parent());
    Ok(links.map_or_else(|| project.clone(), Path::to_path_buf))
}

/// The source that ships under a name.
fn source_of(project: &Path, shipped: &RelPath) -> Option<RelPath> {
    if shipped.under(project).is_file() {
        return Some(shipped.clone());
    }
    let (stem, _) = shipped.as_str().rsplit_once('.')?;
    let files: Vec<RelPath> = SOURCE_EXTENSIONS
        .iter()
        .filter_map(|kind| RelPath::new(&format!("{stem}.{kind}")))
        .filter(|file| file.under(project).is_file())
        .collect();
    // A bundle says by its name what kind of module it is, which the source's manifest may say.
    let exact = files.iter().find(|file| shipped_name(file) == *shipped);
    exact.or(files.first()).cloned()
}

/// What a load showed, for the report.
pub(super) fn side(shown: &Path, loaded: &Loaded) -> Side {
    let mut side = Side {
        path: shown.display().to_string(),
        file: loaded.handler.to_string(),
        node: Some(loaded.node.to_string()),
        load_ms: loaded.timing.load_ms,
        left_processes: loaded.left.clone(),
        output: loaded.output.clone(),
        ..Side::default()
    };
    match &loaded.outcome {
        Outcome::Exports(exports) => {
            side.format = Some(exports.format.clone());
            side.exports = exports
                .list
                .iter()
                .map(|export| Export {
                    name: export.name.clone(),
                    kind: export.kind.clone(),
                    is_async: export.is_async,
                    arity: export.arity,
                })
                .collect();
        }
        Outcome::Failed(failure) => side.failure = Some(failed(failure)),
    }
    side
}

/// A failure, for the report.
pub(super) fn failed(failure: &coldcut_verify::Failure) -> Failure {
    Failure {
        kind: match failure.kind {
            FailureKind::Thrown => "thrown",
            FailureKind::Rejected => "rejected",
            FailureKind::Exited => "exited",
            FailureKind::Unsettled => "unsettled",
            FailureKind::TimedOut => "timed out",
            FailureKind::Crashed => "crashed",
        }
        .to_string(),
        name: failure.name.clone(),
        message: failure.message.clone(),
        frames: failure.frames.clone(),
    }
}
