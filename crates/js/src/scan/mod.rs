//! What one parsed file refers to.
//!
//! In: an [`Ast`]. Out: its imports, the paths it names by a constant prefix, the files beside it
//! that it names through `__dirname` or `import.meta.url`, and the imports that no analysis can
//! follow. The tree is walked twice: once for bindings that are set once, once for uses.

mod eval;
mod handed_requires;
mod helpers;
mod imports;
mod module_scan;
mod path_pieces;
mod visit;

use crate::syntax::Ast;

pub use crate::scan::imports::imports;
pub use crate::scan::module_scan::{
    AddonRef, AddonSearch, Defines, ImportKind, ImportReference, ModuleScan, PathPattern,
    Unfollowable,
};
pub use crate::scan::path_pieces::{Piece, merge};

/// Scans one file. Must run inside the session that parsed it.
pub fn scan(ast: &Ast, text: &str, defines: &Defines) -> ModuleScan {
    let bindings = eval::ScopeBindings::collect(ast);
    visit::Scanner::new(ast, text, defines, &bindings).run()
}
