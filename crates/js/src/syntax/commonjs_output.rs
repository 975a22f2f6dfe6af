//! ES modules written as CommonJS, as `tsc` writes them.
//!
//! In: a program in the syntax of ES modules. Out: the same with `require` and `exports`. Dynamic
//! imports that `local` does not claim stay Node's own `import()`.

use swc_core::common::Mark;
use swc_core::ecma::ast::Program;
use swc_core::ecma::transforms::module::common_js::{FeatureFlag, common_js};
use swc_core::ecma::transforms::module::path::Resolver;
use swc_core::ecma::transforms::module::util::{Config, ImportInterop};

use crate::syntax::rewrite_specifiers;

/// How the modules are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct CommonJsStyle {
    /// Imports of CommonJS that is not compiled are made as Babel makes them.
    pub interop: bool,
    /// The names are written once more where Node finds them by reading.
    pub annotated: bool,
    /// `this` of the whole file stays, and is what the file exports.
    pub keep_this: bool,
}

pub(super) fn write(
    program: &mut Program,
    unresolved: Mark,
    style: CommonJsStyle,
    local: &dyn Fn(&str) -> bool,
) {
    rewrite_specifiers::park_native_imports(program, local);
    program.mutate(&mut common_js(
        Resolver::Default,
        unresolved,
        Config {
            allow_top_level_this: style.keep_this,
            export_interop_annotation: Some(style.annotated),
            import_interop: (!style.interop).then_some(ImportInterop::None),
            ..Default::default()
        },
        FeatureFlag {
            support_block_scoping: true,
            support_arrow: true,
        },
    ));
    rewrite_specifiers::unpark_native_imports(program);
}
