//! From TypeScript, JSX and decorators to plain JavaScript.
//!
//! In: a parsed file whose scopes are resolved. Out: the same file without what only compilers know,
//! in the order in which the passes have to run: decorators while there are types, fields before
//! and after types are stripped, JSX last.

use std::path::Path;

use rustc_hash::FxHashSet;
use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::sync::Lrc;
use swc_core::common::{Mark, SourceMap, SyntaxContext};
use swc_core::ecma::ast::{ModuleDecl, ModuleItem, Program};
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::react::{Options as JsxOptions, Runtime, jsx};
use swc_core::ecma::transforms::typescript::{
    Config as TsConfig, ImportsNotUsedAsValues, TsxConfig, tsx as strip_tsx, typescript as strip_ts,
};

use crate::syntax::commonjs_output::{self, CommonJsStyle};
use crate::syntax::declarations::{DeclarationFiles, Declarations};
use crate::syntax::decorator_metadata::DecoratorMetadata;
use crate::syntax::dialect::{Dialect, ModuleGoal, TsOptions};
use crate::syntax::type_kinds::TypeKinds;
use crate::syntax::{
    accessors, class_fields, enum_constants, jsx_text, legacy_decorators, rewrite_specifiers,
    ts_modules, ts_namespaces,
};

/// What the project says of TypeScript, and its other files.
#[derive(Clone, Copy)]
pub struct TsInput<'a> {
    pub options: &'a TsOptions,
    pub files: &'a dyn DeclarationFiles,
}

/// One file on its way.
pub(super) struct ToJavaScript<'a> {
    pub cm: &'a Lrc<SourceMap>,
    pub comments: &'a SingleThreadedComments,
    pub path: &'a Path,
    pub dialect: Dialect,
    pub ts: TsInput<'a>,
    pub unresolved: Mark,
    pub top_level: Mark,
    /// The text has the word `accessor`.
    pub has_accessors: bool,
}

impl ToJavaScript<'_> {
    fn kinds(&self, program: &Program, unresolved: SyntaxContext) -> TypeKinds<'_> {
        TypeKinds {
            file: Declarations::of(self.path, program).into(),
            files: self.ts.files,
            unresolved,
            null_types: self.ts.options.null_types,
            known: Default::default(),
        }
    }

    /// What is known of enums, and what is imported of files that only declare.
    fn settle_declared(&self, program: &mut Program, unresolved: SyntaxContext) {
        let mut declared = FxHashSet::default();
        if let Program::Module(module) = &*program {
            for item in module.body.iter().filter_map(ModuleItem::as_module_decl) {
                let src = match item {
                    ModuleDecl::Import(import) => Some(&*import.src),
                    ModuleDecl::ExportNamed(export) => export.src.as_deref(),
                    ModuleDecl::ExportAll(export) => Some(&*export.src),
                    _ => None,
                };
                if let Some(name) = src.and_then(|src| src.value.as_str())
                    && self.ts.files.is_declared_only(self.path, name)
                {
                    declared.insert(name.to_string());
                }
            }
        }
        if !declared.is_empty() || enum_constants::is_needed(program) {
            enum_constants::settle(program, &self.kinds(program, unresolved));
        }
        if !declared.is_empty() {
            enum_constants::drop_declared(program, &|name| declared.contains(name));
        }
    }

    pub fn lower(&self, program: &mut Program) {
        let (dialect, options, top_level) = (self.dialect, self.ts.options, self.top_level);
        let unresolved = SyntaxContext::empty().apply_mark(self.unresolved);
        if dialect.typescript {
            ts_namespaces::join(program);
            self.settle_declared(program, unresolved);
        }
        let mut decorated = rewrite_specifiers::is_decorated(program);
        if decorated && options.legacy_decorators {
            let metadata = options.decorator_metadata.then(|| DecoratorMetadata {
                kinds: self.kinds(program, unresolved),
                reader: None,
            });
            legacy_decorators::lower(program, metadata);
            decorated = false;
        }
        if self.has_accessors {
            accessors::lower(program);
        }
        if decorated {
            rewrite_specifiers::as_module(program, |program| {
                program.mutate(&mut decorator_2023_11());
            });
        }
        if dialect.typescript {
            if options.assign_fields {
                class_fields::assign(program);
            }
            let verbatim = options.verbatim_module_syntax;
            let required = ts_modules::prepare(program, self.cm, verbatim);
            let is_commonjs = rewrite_specifiers::is_commonjs(program);
            let config = TsConfig {
                verbatim_module_syntax: options.verbatim_module_syntax,
                import_not_used_as_values: ImportsNotUsedAsValues::Remove,
                native_class_properties: true,
                ..Default::default()
            };
            if dialect.jsx {
                jsx_text::trim(program);
                let tsx = TsxConfig {
                    pragma: options.jsx_factory.clone().map(Into::into),
                    pragma_frag: options.jsx_fragment_factory.clone().map(Into::into),
                };
                program.mutate(&mut strip_tsx(
                    self.cm.clone(),
                    config,
                    tsx,
                    self.comments.clone(),
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
            ts_modules::keep_order(program, &required);
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
                self.cm.clone(),
                Some(self.comments.clone()),
                jsx_options,
                top_level,
                self.unresolved,
            ));
        }
        if dialect.typescript && dialect.goal == ModuleGoal::CommonJs && program.is_module() {
            let style = CommonJsStyle {
                interop: !options.plain_requires(dialect),
                annotated: false,
                keep_this: true,
            };
            commonjs_output::write(program, self.unresolved, style, &|_| false);
            rewrite_specifiers::as_script(program);
        }
        if dialect.typescript && options.always_strict {
            rewrite_specifiers::make_strict(program);
        }
        if dialect.typescript || dialect.jsx {
            rewrite_specifiers::place_requires(program, self.cm);
        }
    }
}
