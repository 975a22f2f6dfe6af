//! The one program that a bundle is.
//!
//! In: the modules, how they are linked and what stays. Out: a program in which ES modules stand
//! side by side in the order in which Node would run them, CommonJS modules are functions that run
//! once when they are first required, and ES modules that are asked for later are such functions
//! too. Names are not settled yet: every variable is known by its id.

pub(crate) mod ast_builder;
mod chunk;
mod entry_exports;
mod evaluate;
mod externals;
mod generator;
pub(crate) mod legal_comments;
pub(crate) mod minhash;
mod module_body;
mod names;
mod namespace;
pub(crate) mod packed_json;
mod raw_text;
pub(crate) mod rewrite;
mod runtime;
pub(crate) mod sloppy_this;
mod wrap_cjs;
mod wrap_esm;

use std::cell::RefCell;

use crate::bundle::generate::generator::{Chunk, Generator};
use crate::bundle::generate::names::Naming;
use crate::bundle::generate::runtime::parse_helpers;
use crate::bundle::link::Linked;
use crate::bundle::module::{ModuleId, Modules};
use crate::bundle::options::Options;
use crate::bundle::shake::Live;
use crate::syntax::{Session, Sources};

pub use generator::Emitted;

/// Emits one bundle. Must run inside the session.
pub fn emit<'a>(
    session: &'a Session,
    sources: &'a Sources,
    modules: &'a Modules,
    linked: &'a Linked,
    live: &'a Live,
    entry: ModuleId,
    options: &Options<'_>,
) -> (Emitted, Vec<(crate::syntax::BytePos, String)>) {
    let (helpers, ids) = parse_helpers(session);
    let names = Naming::new(modules, ids);
    let mut generator = Generator {
        sources,
        modules,
        linked,
        live,
        entry,
        names,
        chunk: Chunk {
            format: options.format,
            host: options.host.clone(),
            exported: RefCell::default(),
        },
        unresolved: session.unresolved(),
        helpers,
        comments: !options.minify,
        place: options.host.bundle_url(
            options
                .original_location
                .as_ref()
                .map(|original_location| &original_location.out),
        ),
        packed: Vec::new(),
        notes: Vec::new(),
    };
    let emitted = generator.run();
    (emitted, generator.notes)
}
