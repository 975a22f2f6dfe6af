//! The one program that a bundle is.
//!
//! In: the modules, how they are linked and what stays. Out: a program in which ES modules stand
//! side by side in the order in which Node would run them, CommonJS modules are functions that run
//! once when they are first required, and ES modules that are asked for later are such functions
//! too. Names are not settled yet: every variable is known by its id.

pub(crate) mod ast_builder;
mod chunk;
mod entry_exports;
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
mod run_module;
mod runtime;
mod sloppy_arguments;
pub(crate) mod sloppy_this;
mod top_level_await;
mod wrap_cjs;
mod wrap_esm;

use std::collections::BTreeMap;

use crate::bundle::generate::generator::{Generator, Labels};
use crate::bundle::generate::names::Naming;
use crate::bundle::generate::runtime::parse_helpers;
use crate::bundle::link::bindings::Bindings;
use crate::bundle::link::plan::Plan;
use crate::bundle::live_modules::LiveModule;
use crate::bundle::module::ModuleId;
use crate::bundle::options::Options;
use crate::bundle::shake::Live;
use crate::syntax::{Session, Sources};

pub use generator::Emitted;

/// Generates one bundle. Must run inside the session.
pub fn generate(
    session: &Session,
    sources: &Sources,
    bindings: &Bindings<'_>,
    live: &Live,
    plan: &Plan,
    live_modules: BTreeMap<ModuleId, LiveModule>,
    options: &Options<'_>,
) -> Emitted {
    let (helpers, ids) = parse_helpers(session);
    let labels = match options.minify {
        true => Labels::default(),
        false => Labels::new(sources, bindings, live_modules.keys().copied()),
    };
    Generator {
        session,
        modules: bindings.modules,
        linked: bindings.linked,
        live,
        bindings,
        plan,
        entry: plan.entry,
        names: Naming::new(bindings.modules, ids),
        unresolved: session.unresolved(),
        helpers,
        labels,
        place: options
            .host
            .bundle_url(options.original_location.as_ref().map(|at| &at.out)),
    }
    .run(live_modules)
}
