//! The module graph of one entry, read and linked.
//!
//! In: an entry and [`Options`]. Out: [`LinkedGraph`]: every module that the entry reaches, and what
//! each import means. Bundling goes on from it, and so does explaining why a module is there.

use std::path::Path;
use std::sync::Mutex;

use crate::bundle::analyse::scripts;
use crate::bundle::link::Linked;
use crate::bundle::module::{ModuleId, Modules};
use crate::bundle::options::{Format, Options};
use crate::bundle::{link, load};
use crate::packages::package::Packages;
use crate::packages::resolve::Resolve;
use crate::syntax::{Session, Sources};
use coldcut_core::diagnostics::Diagnostic;

/// Everything that an entry reaches, and how it hangs together.
pub struct LinkedGraph {
    pub session: Session,
    pub sources: Sources,
    pub modules: Modules,
    pub linked: Linked,
    pub start: ModuleId,
}

pub fn load_and_link(entry: &Path, options: &Options<'_>) -> Result<LinkedGraph, Vec<Diagnostic>> {
    let session = Session::default();
    let sources = Sources::default();
    let packages = Packages::new(options.base.clone(), options.pnp.clone());
    let resolve = Resolve::new(options.pnp.clone(), &options.host);
    let loader = load::Loader {
        session: &session,
        sources: &sources,
        packages: &packages,
        resolve: &resolve,
        options,
        cherry_picked: Mutex::default(),
        import_attributes: Mutex::default(),
    };
    let span = tracing::info_span!("load", modules = tracing::field::Empty).entered();
    let mut modules = loader.load(&[entry.to_path_buf()])?;
    span.record("modules", modules.ids().count());
    drop(span);
    if options.format == Format::Esm && options.shake {
        scripts::scripts_as_esm(&mut modules);
    }
    let Some(start) = modules.find(entry) else {
        return Err(Vec::new());
    };
    let _link = tracing::info_span!("link", modules = modules.ids().count()).entered();
    let linked = link::link(&modules, start, options.format, &options.host);
    Ok(LinkedGraph {
        session,
        sources,
        modules,
        linked,
        start,
    })
}
