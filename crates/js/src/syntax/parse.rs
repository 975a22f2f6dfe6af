//! From the text of one file to an [`Ast`] of plain JavaScript.
//!
//! In: a text and how to read it. Out: its [`Ast`] with resolved scopes, without TypeScript, JSX and
//! decorators, or the error at its place in the text.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::{DUMMY_SP, FileName, Mark, SourceMap, Span, Spanned, SyntaxContext};
use swc_core::ecma::ast::{
    ComputedPropName, EsVersion, Expr, KeyValueProp, Lit, Program, Prop, PropName,
};
use swc_core::ecma::parser::error::{Error as ParseError, SyntaxError};
use swc_core::ecma::parser::{
    EsSyntax, Syntax, TsSyntax, parse_file_as_commonjs, parse_file_as_module, parse_file_as_program,
};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use crate::syntax::codes::SYNTAX;
use crate::syntax::declarations::{Declarations, NoDeclarationFiles};
use crate::syntax::dialect::{Dialect, Lowering, ModuleGoal, TsOptions};
use crate::syntax::session::{Ast, Session};
use crate::syntax::sources::Sources;
use crate::syntax::to_javascript::{ToJavaScript, TsInput};
use crate::syntax::{
    block_functions, catch_panic, early_errors, lower_using, reserved_names, scope_corrections,
    ts_ambient,
};
use coldcut_core::diagnostics::{Diagnostic, Location, Result};

impl Session {
    /// Parses one file and resolves its scopes; TypeScript, decorators and JSX become JavaScript,
    /// so that type-only imports are gone. A recovered parse error is an error. Everything that
    /// some Node.js takes stays.
    pub fn parse(
        &self,
        path: &Path,
        text: &str,
        dialect: Dialect,
        options: &TsOptions,
    ) -> Result<Ast> {
        let ts = TsInput {
            options,
            files: &NoDeclarationFiles,
        };
        let lowering = Lowering::default();
        self.parse_among(&Sources::default(), path, text, dialect, ts, lowering)
    }

    /// As [`Session::parse`], with the file's places numbered after those in `sources`, and
    /// lowered.
    pub fn parse_among(
        &self,
        sources: &Sources,
        path: &Path,
        text: &str,
        dialect: Dialect,
        ts: TsInput<'_>,
        lowering: Lowering,
    ) -> Result<Ast> {
        let parse = || self.parsed(sources, path, text, dialect, ts, lowering);
        catch_panic::catch_panic(parse).unwrap_or_else(|why| {
            let what = format!("the parser failed on this file: {why}");
            let refused = Diagnostic::error(SYNTAX, what)
                .at_file(path)
                .help("fix the file, or leave it out if nothing runs it");
            Err(Box::new(refused))
        })
    }

    /// What the TypeScript file at `path` declares; `None` where it cannot be read. Inside of
    /// [`Session::enter`].
    pub fn declarations(&self, path: &Path, dialect: Dialect) -> Option<Arc<Declarations>> {
        let known = || {
            let known = self.declared.lock();
            known.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(found) = known().get(path) {
            return found.clone();
        }
        let read = || {
            let text = std::fs::read_to_string(path).ok()?;
            let cm = SourceMap::default();
            let file = cm.new_source_file(FileName::Real(path.to_path_buf()).into(), text);
            let comments = SingleThreadedComments::default();
            let mut program = program_of(&file, dialect, &comments).ok()?;
            program.mutate(&mut resolver(self.unresolved, Mark::new(), true));
            Some(Arc::new(Declarations::of(path, &program)))
        };
        let found = catch_panic::catch_panic(read).unwrap_or_default();
        known().insert(path.to_path_buf(), found.clone());
        found
    }

    fn parsed(
        &self,
        sources: &Sources,
        path: &Path,
        text: &str,
        dialect: Dialect,
        ts: TsInput<'_>,
        lowering: Lowering,
    ) -> Result<Ast> {
        let cm = sources.cm.clone();
        let comments = SingleThreadedComments::default();
        let file = cm.new_source_file(FileName::Real(path.to_path_buf()).into(), text.to_string());
        let start = file.start_pos.0;
        let refused = |span: Span, what: &str, help: &str| {
            let offset = span.lo.0.saturating_sub(start) as usize;
            let len = span.hi.0.saturating_sub(span.lo.0) as usize;
            Box::new(
                Diagnostic::error(SYNTAX, format!("syntax error: {what}"))
                    .at(Location::span(path, text, offset, len))
                    .help(help),
            )
        };
        let refuse = |early: early_errors::Early| refused(early.at, &early.what, early.help);
        let mut program = program_of(&file, dialect, &comments).map_err(|error| {
            let help = "fix the syntax error here, or leave the file out if nothing runs it";
            refused(error.span(), &error.kind().msg(), help)
        })?;
        if !dialect.typescript
            && let Some(early) = early_errors::redeclared(&program)
        {
            return Err(refuse(early));
        }
        if text.contains("super")
            && let Some(early) = early_errors::misplaced_super(&program)
        {
            return Err(refuse(early));
        }
        let block_functions = block_functions::part(&mut program);
        reserved_names::part_catch_names(&mut program);
        let top_level = Mark::new();
        program.mutate(&mut resolver(
            self.unresolved,
            top_level,
            dialect.typescript,
        ));
        let unresolved = SyntaxContext::empty().apply_mark(self.unresolved);
        if dialect.typescript {
            ts_ambient::free(&mut program, unresolved);
        }
        if block_functions {
            block_functions::join(&mut program);
        }
        let at_top = SyntaxContext::empty().apply_mark(top_level);
        scope_corrections::settle(&mut program, unresolved, at_top);
        if text.contains("__proto__") {
            program.visit_mut_with(&mut PrototypeShorthands);
        }
        let to_javascript = ToJavaScript {
            cm: &cm,
            comments: &comments,
            path,
            dialect,
            ts,
            unresolved: self.unresolved,
            top_level,
            has_accessors: text.contains("accessor"),
        };
        to_javascript.lower(&mut program);
        // Types are gone, and with them what TypeScript merges.
        if dialect.typescript
            && let Some(early) = early_errors::redeclared(&program)
        {
            return Err(refuse(early));
        }
        if let Some(early) = early_errors::left_over(&program) {
            return Err(refuse(early));
        }
        let tsc_lowers = lowering.target.is_none() && dialect.typescript && !ts.options.keeps_using;
        let lowered = text.contains("using")
            && (lowering.resources(&program) || tsc_lowers)
            && lower_using::lower(&mut program);
        Ok(Ast {
            program,
            lowered,
            unresolved: SyntaxContext::empty().apply_mark(self.unresolved),
            cm,
            comments,
            unresolved_mark: self.unresolved,
            start,
        })
    }
}

/// `{ __proto__ }` names a property, and would set a prototype if the variable got another name.
struct PrototypeShorthands;

impl VisitMut for PrototypeShorthands {
    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        prop.visit_mut_children_with(self);
        if let Prop::Shorthand(name) = prop
            && name.sym == "__proto__"
        {
            *prop = Prop::KeyValue(KeyValueProp {
                key: PropName::Computed(ComputedPropName {
                    span: DUMMY_SP,
                    expr: Box::new(Expr::Lit(Lit::Str("__proto__".into()))),
                }),
                value: Box::new(Expr::Ident(name.clone())),
            });
        }
    }
}

/// The program of a file by the grammar of its dialect, or the first error in it.
fn program_of(
    file: &swc_core::common::SourceFile,
    dialect: Dialect,
    comments: &SingleThreadedComments,
) -> std::result::Result<Program, ParseError> {
    let syntax = if dialect.typescript {
        Syntax::Typescript(TsSyntax {
            tsx: dialect.jsx,
            decorators: true,
            ..Default::default()
        })
    } else {
        Syntax::Es(EsSyntax {
            jsx: dialect.jsx,
            decorators: true,
            allow_return_outside_function: true,
            import_attributes: true,
            explicit_resource_management: true,
            auto_accessors: true,
            ..Default::default()
        })
    };
    let mut recovered = Vec::new();
    let (version, notes) = (EsVersion::latest(), Some(comments as _));
    let program = match dialect.goal {
        ModuleGoal::Module => {
            parse_file_as_module(file, syntax, version, notes, &mut recovered).map(Program::Module)
        }
        // TypeScript has the syntax of ES modules there too.
        ModuleGoal::CommonJs if !dialect.typescript => {
            parse_file_as_commonjs(file, syntax, version, notes, &mut recovered)
                .map(Program::Script)
        }
        ModuleGoal::CommonJs | ModuleGoal::Either => {
            parse_file_as_program(file, syntax, version, notes, &mut recovered)
        }
    }?;
    // What the parser gets over is an error all the same, but for `if (x) function f() {}`, which it does not
    // know that sloppy code may have.
    let mut allowed = None;
    let error = recovered.into_iter().find(|error| {
        let allowed = allowed.get_or_insert_with(|| block_functions::bodies_of_ifs(&program));
        !matches!(error.kind(), SyntaxError::DeclNotAllowed) || !allowed.contains(&error.span().lo)
    });
    match error {
        Some(error) => Err(error),
        None => Ok(program),
    }
}
