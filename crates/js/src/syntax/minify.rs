//! The minifier.
//!
//! In: the text of a whole bundle, readable and with its names settled. Out: the same program in fewer bytes, and
//! for every place of it the place of the readable text that it comes from. It works on text, not on the tree
//! that made it, so that nothing but JavaScript itself passes between the two.

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Class, Expression, ExpressionStatement, Program, TaggedTemplateExpression, TemplateLiteral,
};
use oxc_ast_visit::{Visit, walk};
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_compat::EngineTargets;
use oxc_minifier::{
    CompressOptions, CompressOptionsKeepNames, MangleOptions, MangleOptionsKeepNames, Minifier,
    MinifierOptions,
};
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use crate::syntax::target::Engine;

/// How a bundle is to be minified.
#[derive(Debug, Clone, Copy)]
pub(super) struct MinifyOptions {
    /// It is an ES module; else what Node wraps in a function.
    pub module: bool,
    pub class_names: bool,
    pub function_names: bool,
    /// Places are asked for.
    pub places: bool,
    pub target: Option<Engine>,
}

/// A place of the minified text and of the readable one, lines and columns from 0, columns in UTF-16 units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub line: u32,
    pub col: u32,
    pub from_line: u32,
    pub from_col: u32,
}

/// A minified bundle.
#[derive(Debug)]
pub(super) struct Minified {
    pub code: String,
    /// In the order of the text.
    pub places: Vec<Place>,
    /// Bytes that only keep the names of classes.
    pub class_names: u64,
}

/// Minifies a bundle; `Err` is what is wrong with its text.
pub(super) fn minify(text: &str, options: MinifyOptions) -> Result<Minified, String> {
    let allocator = Allocator::default();
    let source_type = match options.module {
        true => SourceType::mjs(),
        false => SourceType::cjs(),
    };
    let parsed = Parser::new(&allocator, text, source_type)
        .with_options(ParseOptions {
            parse_regular_expression: false,
            ..ParseOptions::default()
        })
        .parse();
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        let first = parsed.diagnostics.into_iter().next();
        return Err(first.map_or_else(|| "it cannot be read".to_owned(), |error| error.to_string()));
    }
    let mut program = parsed.program;
    // The newest syntax that every supported line has, where no line is named.
    let target = options
        .target
        .map_or_else(|| "es2022".to_owned(), |engine| engine.node_name());
    let target = EngineTargets::from_target(&target)?;
    let compress = CompressOptions {
        target,
        keep_names: CompressOptionsKeepNames {
            function: options.function_names,
            class: options.class_names,
        },
        ..CompressOptions::smallest()
    };
    let mangle = MangleOptions {
        top_level: Some(true),
        keep_names: MangleOptionsKeepNames {
            function: options.function_names,
            class: options.class_names,
        },
        ..MangleOptions::default()
    };
    let minified = Minifier::new(MinifierOptions {
        mangle: Some(mangle),
        mangle_properties: None,
        compress: Some(compress),
    })
    .minify(&allocator, &mut program);
    // A function in a private member is named after it.
    let privates = match options.function_names {
        true => None,
        false => minified.class_private_mappings,
    };
    let printed = Codegen::new()
        .with_options(CodegenOptions {
            minify: true,
            comments: CommentOptions::disabled(),
            source_map_path: options.places.then(|| "bundle".into()),
            ..CodegenOptions::default()
        })
        .with_scoping(minified.scoping)
        .with_private_member_mappings(privates)
        .build(&program);
    let places = printed.map.as_ref().map_or_else(Vec::new, |map| {
        map.get_tokens()
            .map(|token| Place {
                line: token.get_dst_line(),
                col: token.get_dst_col(),
                from_line: token.get_src_line(),
                from_col: token.get_src_col(),
            })
            .collect()
    });
    Ok(Minified {
        code: quoted(printed.code, source_type),
        places,
        class_names: match options.class_names {
            true => class_names(&program),
            false => 0,
        },
    })
}

/// What the names of classes take where a mangled name, or none, would do.
fn class_names(program: &Program<'_>) -> u64 {
    struct Named(u64);
    impl<'a> Visit<'a> for Named {
        fn visit_class(&mut self, class: &Class<'a>) {
            if let Some(name) = &class.id {
                self.0 += (name.name.len() as u64).saturating_sub(1);
            }
            walk::walk_class(self, class);
        }
    }
    let mut named = Named(0);
    named.visit_program(program);
    named.0
}

/// Templates without substitutions, written as strings of the same length: tools that read code without running
/// it, such as a platform's reader of a function's settings, take strings only.
fn quoted(code: String, source_type: SourceType) -> String {
    #[derive(Default)]
    struct Templates(Vec<(usize, usize)>);
    impl<'a> Visit<'a> for Templates {
        fn visit_template_literal(&mut self, template: &TemplateLiteral<'a>) {
            if template.expressions.is_empty() {
                let span = template.span;
                self.0.push((span.start as usize, span.end as usize));
            }
            walk::walk_template_literal(self, template);
        }
        fn visit_tagged_template_expression(&mut self, tagged: &TaggedTemplateExpression<'a>) {
            self.visit_expression(&tagged.tag);
            self.visit_expressions(&tagged.quasi.expressions);
        }
        // A string there might be a directive.
        fn visit_expression_statement(&mut self, stmt: &ExpressionStatement<'a>) {
            if !matches!(stmt.expression, Expression::TemplateLiteral(_)) {
                walk::walk_expression_statement(self, stmt);
            }
        }
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &code, source_type).parse();
    let mut templates = Templates::default();
    templates.visit_program(&parsed.program);
    let mut bytes = code.clone().into_bytes();
    for (start, end) in templates.0 {
        let inside = &code.as_bytes()[start + 1..end - 1];
        let quote = [b'"', b'\'']
            .into_iter()
            .find(|quote| !inside.contains(quote));
        let lines = inside.contains(&b'\n') || inside.contains(&b'\r');
        if let Some(quote) = quote.filter(|_| !lines) {
            bytes[start] = quote;
            bytes[end - 1] = quote;
        }
    }
    // One ASCII character for another leaves the text what it was.
    String::from_utf8(bytes).unwrap_or(code)
}
