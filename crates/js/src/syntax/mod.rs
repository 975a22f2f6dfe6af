//! The only folder that names `swc_core`.
//!
//! In: the text of one source file. Out: an [`Ast`] whose scopes are resolved and whose
//! TypeScript, JSX and decorators are gone, ready to be scanned or printed. Every call runs
//! inside [`Session::enter`], since swc keeps its syntax contexts in a scoped thread-local.

mod catch_panic;
mod check_target;
mod class_fields;
mod early_errors;
pub mod finish;
mod input_source_maps;
mod lower_using;
mod minifier_workarounds;
mod minify_modules;
mod reserved_names;
mod rewrite_specifiers;
pub mod target;
mod ts_namespaces;

use std::path::Path;
use std::sync::Arc;

pub use swc_core::common::Spanned;
pub use swc_core::common::comments::Comment;
use swc_core::common::comments::{CommentKind, SingleThreadedComments};
use swc_core::common::sync::Lrc;
use swc_core::common::{FileName, GLOBALS, Globals, Mark, SourceMap};
use swc_core::ecma::ast::{EsVersion, Program};
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config, Emitter, Node};
use swc_core::ecma::parser::{
    EsSyntax, Syntax, TsSyntax, parse_file_as_commonjs, parse_file_as_module, parse_file_as_program,
};
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers, inject_helpers};
use swc_core::ecma::transforms::base::hygiene::hygiene;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::transforms::module::common_js::{FeatureFlag, common_js};
use swc_core::ecma::transforms::module::path::Resolver;
use swc_core::ecma::transforms::module::util::Config as CjsConfig;
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::proposal::decorators::{self, decorators};
use swc_core::ecma::transforms::react::{Options as JsxOptions, Runtime, jsx};
use swc_core::ecma::transforms::typescript::{
    Config as TsConfig, ImportsNotUsedAsValues, TsxConfig, tsx as strip_tsx, typescript as strip_ts,
};

pub use swc_core::atoms::Atom;
pub use swc_core::common::{BytePos, DUMMY_SP, Span, SyntaxContext};
pub use swc_core::ecma::ast;
pub use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

pub use crate::syntax::check_target::TOO_NEW;

use crate::syntax::target::{Engine, Syntax as Newer};
use coldcut_core::diagnostics::{Code, Diagnostic, Location, Result};

/// Source that does not parse.
pub const SYNTAX: Code = Code("CC050");
/// Source that parses but cannot be turned into what Node runs.
pub const TRANSPILE: Code = Code("CC051");

/// The kind of text a file holds, by its extension and its package's `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub typescript: bool,
    pub jsx: bool,
    pub goal: Goal,
}

/// How Node would take the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// `.mjs`, `.mts`, or `"type": "module"`.
    Module,
    /// `.cjs`, `.cts`.
    CommonJs,
    /// Everything else: CommonJS for Node, though it may be written as a module.
    Either,
}

impl Dialect {
    /// `module_scope` says whether the nearest `package.json` has `"type": "module"`.
    pub fn of(path: &Path, module_scope: bool) -> Self {
        let ext = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        Self {
            typescript: matches!(ext, "ts" | "tsx" | "mts" | "cts"),
            jsx: matches!(ext, "jsx" | "tsx"),
            goal: match ext {
                "mjs" | "mts" => Goal::Module,
                "cjs" | "cts" => Goal::CommonJs,
                _ if module_scope => Goal::Module,
                _ => Goal::Either,
            },
        }
    }
}

/// What the nearest `tsconfig.json` says about how source becomes JavaScript.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TsOptions {
    pub legacy_decorators: bool,
    pub decorator_metadata: bool,
    pub verbatim_module_syntax: bool,
    /// Fields are set in the constructor, and not defined before it.
    pub assign_fields: bool,
    /// `React.createElement` instead of the automatic runtime.
    pub classic_jsx: bool,
    pub jsx_import_source: Option<String>,
    pub jsx_factory: Option<String>,
    pub jsx_fragment_factory: Option<String>,
}

/// What is written in older syntax besides what no Node.js takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lowering {
    pub target: Option<Engine>,
    /// The file's statements will stand among those of others, so that the end of its scope is
    /// no longer the file's.
    pub joined: bool,
}

impl Lowering {
    fn resources(self, program: &Program) -> bool {
        self.target
            .is_some_and(|target| !target.takes(Newer::Resources))
            || (self.joined && lower_using::stands_at_top(program))
    }
}

/// The tables that all files of one build share.
pub struct Session {
    globals: Globals,
    unresolved: Mark,
}

impl Default for Session {
    fn default() -> Self {
        let globals = Globals::new();
        let unresolved = GLOBALS.set(&globals, Mark::new);
        Self {
            globals,
            unresolved,
        }
    }
}

/// A parsed file. Lives and dies inside one [`Session::enter`].
pub struct Ast {
    pub program: Program,
    /// The context of names that nothing in the file binds, such as `require`.
    pub unresolved: SyntaxContext,
    cm: Lrc<SourceMap>,
    comments: SingleThreadedComments,
    unresolved_mark: Mark,
    start: u32,
    /// Syntax of plain JavaScript has become older.
    lowered: bool,
}

/// The texts of all files of one bundle, so that a place in any of them has one number.
#[derive(Clone, Default)]
pub struct Sources {
    cm: Lrc<SourceMap>,
}

/// The comments of a file, by the place of what they stand at.
#[derive(Debug, Default, Clone)]
pub struct Notes {
    pub leading: Vec<(BytePos, Vec<Comment>)>,
    pub trailing: Vec<(BytePos, Vec<Comment>)>,
}

impl Sources {
    /// The span of a file that is not parsed here, so that what is printed of it counts as its.
    pub fn whole(&self, path: &Path, text: &str) -> Span {
        let name = FileName::Real(path.to_path_buf());
        let file = self.cm.new_source_file(name.into(), text.to_string());
        Span::new(file.start_pos, file.end_pos)
    }

    /// Line and column of a place in its file, both from 1.
    pub fn line_of(&self, at: BytePos) -> (usize, usize) {
        if at.is_dummy() {
            return (1, 1);
        }
        let place = self.cm.lookup_char_pos(at);
        (place.line, place.col_display + 1)
    }

    /// A place that belongs to no file, for a comment to stand at.
    pub fn reserve(&self) -> BytePos {
        let name = FileName::Custom("coldcut".to_string());
        self.cm
            .new_source_file(name.into(), " ".to_string())
            .start_pos
    }
}

impl Notes {
    /// What the comments say, in the order of their places.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut all: Vec<&(BytePos, Vec<Comment>)> =
            self.leading.iter().chain(&self.trailing).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter()
            .flat_map(|(_, list)| list.iter().map(|comment| &*comment.text))
    }

    /// Comments of coldcut's own.
    pub fn labels(labels: Vec<(BytePos, String)>) -> Self {
        let leading = labels
            .into_iter()
            .map(|(at, text)| {
                let comment = Comment {
                    kind: CommentKind::Line,
                    span: DUMMY_SP,
                    text: text.into(),
                };
                (at, vec![comment])
            })
            .collect();
        Self {
            leading,
            trailing: Vec::new(),
        }
    }
}

/// A context that nothing else has, for names that coldcut adds.
pub fn fresh_context() -> SyntaxContext {
    SyntaxContext::empty().apply_mark(Mark::new())
}

impl Ast {
    /// Puts in the functions that lowered syntax calls. Once for a file, in the same
    /// [`Session::enter`] that parsed it.
    pub fn add_helpers(&mut self) {
        self.program
            .mutate(&mut inject_helpers(self.unresolved_mark));
        if self.lowered {
            lower_using::join_helper(&mut self.program);
        }
    }

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

    /// Where the file's text starts among the session's sources.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The program and its comments, free to move between threads.
    pub fn into_parts(self) -> (Program, Notes) {
        let (leading, trailing) = self.comments.take_all();
        let sorted = |map: swc_core::common::comments::SingleThreadedCommentsMap| {
            let mut all: Vec<_> = map.borrow_mut().drain().collect();
            all.sort_by_key(|(at, _)| *at);
            all
        };
        let notes = Notes {
            leading: sorted(leading),
            trailing: sorted(trailing),
        };
        (self.program, notes)
    }

    /// Byte offset in the file's text.
    pub fn offset(&self, span: Span) -> usize {
        span.lo.0.saturating_sub(self.start) as usize
    }
}

impl Session {
    /// The context of names that nothing binds.
    pub fn unresolved(&self) -> SyntaxContext {
        self.enter(|| SyntaxContext::empty().apply_mark(self.unresolved))
    }

    /// Runs `work` with this session's tables in place, on the current thread.
    pub fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        GLOBALS.set(&self.globals, || HELPERS.set(&Helpers::new(false), work))
    }

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
        let lowering = Lowering::default();
        self.parse_among(&Sources::default(), path, text, dialect, options, lowering)
    }

    /// As [`Session::parse`], with the file's places numbered after those in `sources`, and
    /// lowered.
    pub fn parse_among(
        &self,
        sources: &Sources,
        path: &Path,
        text: &str,
        dialect: Dialect,
        options: &TsOptions,
        lowering: Lowering,
    ) -> Result<Ast> {
        let parse = || self.parsed(sources, path, text, dialect, options, lowering);
        catch_panic::contained(parse).unwrap_or_else(|why| {
            let what = format!("the parser gives up on this file: {why}");
            let refused = Diagnostic::error(SYNTAX, what)
                .at_file(path)
                .help("correct the file, or leave it out if nothing runs it");
            Err(Box::new(refused))
        })
    }

    fn parsed(
        &self,
        sources: &Sources,
        path: &Path,
        text: &str,
        dialect: Dialect,
        options: &TsOptions,
        lowering: Lowering,
    ) -> Result<Ast> {
        let cm = sources.cm.clone();
        let comments = SingleThreadedComments::default();
        let file = cm.new_source_file(FileName::Real(path.to_path_buf()).into(), text.to_string());
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
        let (version, notes) = (EsVersion::latest(), Some(&comments as _));
        let parsed = match dialect.goal {
            Goal::Module => parse_file_as_module(&file, syntax, version, notes, &mut recovered)
                .map(Program::Module),
            Goal::CommonJs => parse_file_as_commonjs(&file, syntax, version, notes, &mut recovered)
                .map(Program::Script),
            Goal::Either => parse_file_as_program(&file, syntax, version, notes, &mut recovered),
        };
        let start = file.start_pos.0;
        let fail = |error: &swc_core::ecma::parser::error::Error| {
            let span = error.span();
            let offset = span.lo.0.saturating_sub(start) as usize;
            let len = span.hi.0.saturating_sub(span.lo.0) as usize;
            Box::new(
                Diagnostic::error(SYNTAX, format!("syntax error: {}", error.kind().msg()))
                    .at(Location::span(path, text, offset, len))
                    .help("correct the file, or leave it out if nothing runs it"),
            )
        };
        let mut program = parsed.map_err(|error| fail(&error))?;
        // Two of swc's early errors are not Node's for files it reads as CommonJS.
        if let Some(error) = recovered.first() {
            return Err(fail(error));
        }
        let refuse = |early: early_errors::Early| {
            let offset = early.at.lo.0.saturating_sub(start) as usize;
            let len = early.at.hi.0.saturating_sub(early.at.lo.0) as usize;
            Box::new(
                Diagnostic::error(SYNTAX, format!("syntax error: {}", early.what))
                    .at(Location::span(path, text, offset, len))
                    .help(early.help),
            )
        };
        if !dialect.typescript
            && let Some(early) = early_errors::redeclared(&program)
        {
            return Err(refuse(early));
        }
        reserved_names::part_catch_names(&mut program);
        let top_level = Mark::new();
        program.mutate(&mut resolver(
            self.unresolved,
            top_level,
            dialect.typescript,
        ));
        self.lower(&mut program, &cm, &comments, dialect, options, top_level);
        // Types are gone, and with them what TypeScript merges.
        if dialect.typescript
            && let Some(early) = early_errors::redeclared(&program)
        {
            return Err(refuse(early));
        }
        if let Some(early) = early_errors::decorated(&program) {
            return Err(refuse(early));
        }
        let lowered = text.contains("using")
            && lowering.resources(&program)
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

    fn lower(
        &self,
        program: &mut Program,
        cm: &Lrc<SourceMap>,
        comments: &SingleThreadedComments,
        dialect: Dialect,
        options: &TsOptions,
        top_level: Mark,
    ) {
        if rewrite_specifiers::is_decorated(program) {
            if options.legacy_decorators {
                program.mutate(&mut decorators(decorators::Config {
                    legacy: true,
                    emit_metadata: options.decorator_metadata,
                    use_define_for_class_fields: !options.assign_fields,
                }));
            }
            // Also `accessor`, which the older ones leave alone.
            rewrite_specifiers::as_module(program, |program| {
                program.mutate(&mut decorator_2023_11());
            });
        }
        if dialect.typescript {
            if options.assign_fields {
                class_fields::assign(program);
            }
            let unresolved = SyntaxContext::empty().apply_mark(self.unresolved);
            ts_namespaces::join(program, unresolved);
            let is_commonjs = rewrite_specifiers::is_commonjs(program);
            let config = TsConfig {
                verbatim_module_syntax: options.verbatim_module_syntax,
                import_not_used_as_values: ImportsNotUsedAsValues::Remove,
                native_class_properties: true,
                ..Default::default()
            };
            if dialect.jsx {
                let tsx = TsxConfig {
                    pragma: options.jsx_factory.clone().map(Into::into),
                    pragma_frag: options.jsx_fragment_factory.clone().map(Into::into),
                };
                program.mutate(&mut strip_tsx(
                    cm.clone(),
                    config,
                    tsx,
                    comments.clone(),
                    self.unresolved,
                    top_level,
                ));
            } else {
                program.mutate(&mut strip_ts(config, self.unresolved, top_level));
            }
            if options.assign_fields {
                class_fields::undeclare(program);
            }
            ts_namespaces::part(program);
            if is_commonjs {
                rewrite_specifiers::as_script(program);
            }
        }
        if dialect.jsx {
            let jsx_options = JsxOptions {
                runtime: Some(if options.classic_jsx {
                    Runtime::Classic
                } else {
                    Runtime::Automatic
                }),
                import_source: options.jsx_import_source.clone().map(Into::into),
                pragma: options.jsx_factory.clone().map(Into::into),
                pragma_frag: options.jsx_fragment_factory.clone().map(Into::into),
                ..Default::default()
            };
            program.mutate(&mut jsx(
                cm.clone(),
                Some(comments.clone()),
                jsx_options,
                top_level,
                self.unresolved,
            ));
        }
        if dialect.typescript || dialect.jsx {
            rewrite_specifiers::place_requires(program, cm);
        }
    }
}

/// What a transpiled file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Esm,
    CommonJs,
}

/// How the specifiers of one file change: `(as written, by import rather than require)` to the
/// new text. Absent ones stay as they are.
pub type Rewrites = rustc_hash::FxHashMap<(Arc<str>, bool), String>;

/// Prints a file as JavaScript for Node, with its specifiers rewritten.
///
/// `local` tells which dynamic imports name a file that becomes CommonJS too: those follow what
/// `tsc` does with them, all others stay Node's own `import()`.
pub fn print(
    mut ast: Ast,
    path: &Path,
    format: Format,
    rewrites: &Rewrites,
    local: &dyn Fn(&str) -> bool,
) -> Result<String> {
    rewrite_specifiers::specifiers(&mut ast.program, ast.unresolved, rewrites);
    if format == Format::CommonJs && ast.program.is_module() {
        rewrite_specifiers::park_native_imports(&mut ast.program, local);
        ast.program.mutate(&mut common_js(
            Resolver::Default,
            ast.unresolved_mark,
            CjsConfig {
                // Node finds the names that an ES module imports from this file by reading them.
                export_interop_annotation: Some(true),
                ..Default::default()
            },
            FeatureFlag {
                support_block_scoping: true,
                support_arrow: true,
            },
        ));
        rewrite_specifiers::unpark_native_imports(&mut ast.program);
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
