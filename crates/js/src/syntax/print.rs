//! From an [`Ast`] to the text of one file.
//!
//! In: a parsed file, and what its specifiers become. Out: JavaScript for Node, as an ES module or as
//! CommonJS.

use std::path::Path;

use swc_core::common::SourceMap;
use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::sync::Lrc;
use swc_core::ecma::ast::Program;
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config, Emitter, Node};
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::hygiene::hygiene;

use crate::syntax::codes::TRANSPILE;
use crate::syntax::commonjs_output::{self, CommonJsStyle};
use crate::syntax::rewrite_specifiers;
use crate::syntax::rewrite_specifiers::Rewrites;
use crate::syntax::session::Ast;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// What a transpiled file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    Esm,
    CommonJs,
}

impl Ast {
    /// The text of what was lowered, helpers and all; `None` where the file's own text will do.
    pub fn lowered_text(&self) -> Option<String> {
        if !self.lowered {
            return None;
        }
        let mut program = self.program.clone();
        program.mutate(&mut hygiene());
        program.mutate(&mut fixer(None));
        text_of(&program, &self.cm, None).ok()
    }
}

/// Prints a file as JavaScript for Node, with its specifiers rewritten. Without `interop` imports of
/// CommonJS are what `require` gives.
///
/// `local` tells which dynamic imports name a file that becomes CommonJS too: those follow what
/// `tsc` does with them, all others stay Node's own `import()`.
pub fn print(
    mut ast: Ast,
    path: &Path,
    format: OutputFormat,
    interop: bool,
    rewrites: &Rewrites,
    local: &dyn Fn(&str) -> bool,
) -> Result<String> {
    rewrite_specifiers::specifiers(&mut ast.program, ast.unresolved, rewrites);
    if format == OutputFormat::CommonJs && ast.program.is_module() {
        let style = CommonJsStyle {
            interop,
            // Node finds the names that an ES module imports from this file by reading them.
            annotated: true,
            keep_this: false,
        };
        commonjs_output::write(&mut ast.program, ast.unresolved_mark, style, local);
    }
    ast.add_helpers();
    ast.program.mutate(&mut hygiene());
    ast.program.mutate(&mut fixer(Some(&ast.comments)));
    text_of(&ast.program, &ast.cm, Some(&ast.comments)).map_err(|why| {
        Box::new(
            Diagnostic::error(
                TRANSPILE,
                format!("cannot turn `{}` into JavaScript: {why}", path.display()),
            )
            .at_file(path),
        )
    })
}

fn text_of(
    program: &Program,
    cm: &Lrc<SourceMap>,
    comments: Option<&SingleThreadedComments>,
) -> std::result::Result<String, String> {
    let mut out = Vec::new();
    let mut emitter = Emitter {
        cfg: Config::default(),
        cm: cm.clone(),
        comments: comments.map(|comments| comments as _),
        wr: JsWriter::new(cm.clone(), "\n", &mut out, None),
    };
    program
        .emit_with(&mut emitter)
        .map_err(|error| error.to_string())?;
    String::from_utf8(out).map_err(|error| error.to_string())
}
