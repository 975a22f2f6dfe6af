//! One module cut into parts.
//!
//! In: a parsed file. Out: a [`ModuleAnalysis`]: its top-level statements one by one, each with the names
//! that it declares, what it uses of its own module and of others, what it may change and whether
//! running it can be noticed; beside them the tables of imports and exports. Tree shaking works on
//! these and never looks at syntax again.

use crate::bundle::analyse::commonjs::CjsScope;
use crate::bundle::analyse::effects::{SideEffectChecker, StatementEffects};
use crate::bundle::analyse::uses::UseCollector;
use crate::bundle::analyse::{commonjs, effects, uses};
use crate::bundle::load::fold::{hoisted, pat_names};
use crate::bundle::module::ImportRecord;
use crate::bundle::part::{
    CjsExports, Export, FreeNames, ImportCalls, ImportRecordId, Imported, ModuleAnalysis,
    ModuleImports, Mutation, Part, PartId, SourceTraits,
};
use crate::scan::ImportKind;
use crate::syntax::ast::*;
use crate::syntax::{
    Atom, BytePos, DUMMY_SP, Notes, Span, Spanned, SyntaxContext, Visit, VisitWith, fresh_context,
};
use oxc_index::{IndexSlice, IndexVec};
use rustc_hash::{FxHashMap, FxHashSet};

pub struct ParsedModule<'a> {
    pub program: Program,
    pub unresolved: SyntaxContext,
    pub notes: &'a Notes,
    pub records: &'a IndexSlice<ImportRecordId, [ImportRecord]>,
    pub import_calls: ImportCalls,
    pub esm: bool,
    pub top_level_await: bool,
}

/// A JSON file as the module that Node makes of it.
pub fn analyse_json(
    value: &serde_json::Value,
    span: Span,
    unresolved: SyntaxContext,
) -> ModuleAnalysis {
    analyse_value(json_expr(value, span), unresolved)
}

/// A JSON file that is only read when it runs.
pub fn analyse_json_text(text: &str, span: Span, unresolved: SyntaxContext) -> ModuleAnalysis {
    let json = Ident::new("JSON".into(), DUMMY_SP, unresolved);
    let parse = MemberExpr {
        span: DUMMY_SP,
        obj: json.into(),
        prop: MemberProp::Ident(IdentName::new("parse".into(), DUMMY_SP)),
    };
    let text = Expr::Lit(Lit::Str(Str {
        span,
        value: text.into(),
        raw: None,
    }));
    let call = CallExpr {
        span,
        callee: Callee::Expr(Box::new(Expr::Member(parse))),
        args: vec![text.into()],
        ..Default::default()
    };
    analyse_value(Expr::Call(call), unresolved)
}

/// `module.exports = value`.
fn analyse_value(value: Expr, unresolved: SyntaxContext) -> ModuleAnalysis {
    let target = MemberExpr {
        span: DUMMY_SP,
        obj: Box::new(Expr::Ident(Ident::new(
            "module".into(),
            DUMMY_SP,
            unresolved,
        ))),
        prop: MemberProp::Ident(IdentName::new("exports".into(), DUMMY_SP)),
    };
    let stmt = Stmt::Expr(ExprStmt {
        span: DUMMY_SP,
        expr: Box::new(Expr::Assign(AssignExpr {
            span: DUMMY_SP,
            op: AssignOp::Assign,
            left: AssignTarget::Simple(SimpleAssignTarget::Member(target)),
            right: Box::new(value),
        })),
    });
    analyse(ParsedModule {
        program: Program::Script(Script {
            span: DUMMY_SP,
            body: vec![stmt],
            shebang: None,
        }),
        unresolved,
        notes: &Notes::default(),
        records: IndexSlice::new(&[]),
        import_calls: ImportCalls::default(),
        esm: false,
        top_level_await: false,
    })
}

/// `span` is that of the outermost value; what lies inside has none of its own.
fn json_expr(value: &serde_json::Value, span: Span) -> Expr {
    use serde_json::Value;
    let text = |text: &str| Str {
        span,
        value: text.into(),
        raw: None,
    };
    match value {
        Value::Null => Expr::Lit(Lit::Null(Null { span })),
        Value::Bool(value) => Expr::Lit(Lit::Bool(Bool {
            span,
            value: *value,
        })),
        Value::Number(number) => {
            let value = number.as_f64().unwrap_or(0.0);
            let literal = |value: f64| {
                Expr::Lit(Lit::Num(Number {
                    span,
                    value,
                    raw: None,
                }))
            };
            if value.is_sign_negative() {
                Expr::Unary(UnaryExpr {
                    span: DUMMY_SP,
                    op: UnaryOp::Minus,
                    arg: Box::new(literal(-value)),
                })
            } else {
                literal(value)
            }
        }
        Value::String(value) => Expr::Lit(Lit::Str(text(value))),
        Value::Array(list) => Expr::Array(ArrayLit {
            span,
            elems: list
                .iter()
                .map(|value| {
                    Some(ExprOrSpread {
                        spread: None,
                        expr: Box::new(json_expr(value, DUMMY_SP)),
                    })
                })
                .collect(),
        }),
        Value::Object(map) => Expr::Object(ObjectLit {
            span,
            props: map
                .iter()
                .map(|(key, value)| {
                    let name = if key == "__proto__" {
                        // Written out, it would set the prototype.
                        PropName::Computed(ComputedPropName {
                            span: DUMMY_SP,
                            expr: Box::new(Expr::Lit(Lit::Str(text(key)))),
                        })
                    } else {
                        PropName::Str(text(key))
                    };
                    PropOrSpread::Prop(Box::new(Prop::KeyValue(KeyValueProp {
                        key: name,
                        value: Box::new(json_expr(value, DUMMY_SP)),
                    })))
                })
                .collect(),
        }),
    }
}

/// Cuts a parsed file into parts.
pub fn analyse(input: ParsedModule<'_>) -> ModuleAnalysis {
    let mut out = ModuleAnalysis {
        source: SourceTraits {
            top_level_await: input.top_level_await,
            strict: input.esm,
            ..SourceTraits::default()
        },
        imports: ModuleImports {
            calls: input.import_calls,
            handed: input
                .records
                .iter_enumerated()
                .filter(|(_, record)| record.handed)
                .map(|(at, _)| at)
                .collect(),
            of_helpers: input
                .records
                .iter_enumerated()
                .filter(|(_, record)| effects::is_helper_package(&record.specifier))
                .map(|(at, _)| at)
                .collect(),
            ..ModuleImports::default()
        },
        ..ModuleAnalysis::default()
    };
    let items = match input.program {
        Program::Module(module) => {
            out.source.hashbang = module.shebang;
            module.body
        }
        Program::Script(script) => {
            out.source.hashbang = script.shebang;
            script.body.into_iter().map(ModuleItem::Stmt).collect()
        }
    };
    let mut lowering = Lowering {
        records: input.records,
        out: &mut out,
        stmts: Vec::with_capacity(items.len()),
        directives: true,
        marks: effects::no_side_effects_marks(input.notes),
        marked: FxHashSet::default(),
    };
    for item in items {
        lowering.item(item);
    }
    let Lowering { stmts, marked, .. } = lowering;
    let (unresolved, notes) = (input.unresolved, input.notes);
    analyse_statements(stmts, &marked, &mut out, unresolved, notes, input.esm);
    out
}

/// From module items to plain statements, one declaration each.
struct Lowering<'a> {
    records: &'a IndexSlice<ImportRecordId, [ImportRecord]>,
    out: &'a mut ModuleAnalysis,
    stmts: Vec<Stmt>,
    /// Still among the directives at the top.
    directives: bool,
    /// Where something is said to be free of side effects.
    marks: FxHashSet<BytePos>,
    /// The functions of which that is said.
    marked: FxHashSet<Id>,
}

impl Lowering<'_> {
    fn record(&self, specifier: &Str) -> Option<ImportRecordId> {
        let text = specifier.value.as_str()?;
        self.records
            .position(|record| record.kind == ImportKind::Static && &*record.specifier == text)
    }

    fn note_attributes(&mut self, record: ImportRecordId, with: Option<&ObjectLit>) {
        if let Some(with) = with {
            self.out
                .imports
                .attributes
                .insert(record, Box::new(with.clone()));
        }
    }

    fn item(&mut self, item: ModuleItem) {
        match item {
            ModuleItem::Stmt(stmt) => self.stmt(stmt),
            ModuleItem::ModuleDecl(decl) => {
                self.directives = false;
                self.decl(decl);
            }
        }
    }

    fn stmt(&mut self, stmt: Stmt) {
        if let Stmt::Decl(decl) = &stmt {
            let found = effects::marked_functions(decl, decl.span_lo(), &self.marks);
            self.marked.extend(found);
        }
        match stmt {
            Stmt::Expr(ExprStmt { expr, .. })
                if self.directives && matches!(&*expr, Expr::Lit(Lit::Str(_))) =>
            {
                if let Expr::Lit(Lit::Str(text)) = &*expr
                    && text.value.as_str() == Some("use strict")
                {
                    self.out.source.strict = true;
                }
            }
            Stmt::Expr(ExprStmt { span, expr }) if expr.is_seq() => {
                self.directives = false;
                if let Expr::Seq(seq) = *expr {
                    for expr in seq.exprs {
                        self.stmt(Stmt::Expr(ExprStmt { span, expr }));
                    }
                }
            }
            Stmt::Decl(Decl::Var(var)) if var.decls.len() > 1 => {
                self.directives = false;
                let var = *var;
                for decl in var.decls {
                    self.stmts.push(Stmt::Decl(Decl::Var(Box::new(VarDecl {
                        span: decl.span,
                        decls: vec![decl],
                        kind: var.kind,
                        declare: false,
                        ctxt: var.ctxt,
                    }))));
                }
            }
            Stmt::Empty(_) => {}
            stmt => {
                self.directives = false;
                self.stmts.push(stmt);
            }
        }
    }

    fn decl(&mut self, decl: ModuleDecl) {
        match decl {
            ModuleDecl::Import(import) => self.import(&import),
            ModuleDecl::ExportDecl(export) => {
                for name in declared(&Stmt::Decl(export.decl.clone())) {
                    self.out
                        .exports
                        .names
                        .insert(name.0.clone(), Export::Local(name));
                }
                let found = effects::marked_functions(&export.decl, export.span.lo, &self.marks);
                self.marked.extend(found);
                self.stmt(Stmt::Decl(export.decl));
            }
            ModuleDecl::ExportNamed(export) => self.named(&export),
            ModuleDecl::ExportDefaultDecl(export) => self.default_decl(export),
            ModuleDecl::ExportDefaultExpr(export) => {
                let name = self.default_name();
                self.stmts.push(constant(name, export.expr, export.span));
            }
            ModuleDecl::ExportAll(export) => {
                if let Some(record) = self.record(&export.src) {
                    self.note_attributes(record, export.with.as_deref());
                    self.out.imports.in_order.push(record);
                    self.out.exports.stars.push(record);
                }
            }
            ModuleDecl::TsImportEquals(_)
            | ModuleDecl::TsExportAssignment(_)
            | ModuleDecl::TsNamespaceExport(_) => {}
        }
    }

    fn import(&mut self, import: &ImportDecl) {
        let Some(record) = self.record(&import.src) else {
            return;
        };
        self.note_attributes(record, import.with.as_deref());
        self.out.imports.in_order.push(record);
        for specifier in &import.specifiers {
            let (local, imported) = match specifier {
                ImportSpecifier::Named(named) => {
                    let name = named
                        .imported
                        .as_ref()
                        .map_or_else(|| named.local.sym.clone(), export_name);
                    (&named.local, Imported::Name(name))
                }
                ImportSpecifier::Default(default) => {
                    (&default.local, Imported::Name("default".into()))
                }
                ImportSpecifier::Namespace(star) => (&star.local, Imported::Namespace),
            };
            self.out
                .imports
                .names
                .insert(local.to_id(), (record, imported));
        }
    }

    fn named(&mut self, export: &NamedExport) {
        let record = export.src.as_ref().and_then(|src| self.record(src));
        if let Some(record) = record {
            self.note_attributes(record, export.with.as_deref());
            self.out.imports.in_order.push(record);
        }
        for specifier in &export.specifiers {
            match (specifier, record) {
                (ExportSpecifier::Namespace(star), Some(record)) => {
                    self.out
                        .exports
                        .names
                        .insert(export_name(&star.name), Export::Namespace(record));
                }
                (ExportSpecifier::Named(named), record) => {
                    let exported = export_name(named.exported.as_ref().unwrap_or(&named.orig));
                    let export = match (record, &named.orig) {
                        (Some(record), orig) => Export::From(record, export_name(orig)),
                        (None, ModuleExportName::Ident(local)) => Export::Local(local.to_id()),
                        (None, ModuleExportName::Str(_)) => continue,
                    };
                    self.out.exports.names.insert(exported, export);
                }
                _ => {}
            }
        }
    }

    fn default_name(&mut self) -> Ident {
        let ctxt = fresh_context();
        let name = Ident::new("_default".into(), DUMMY_SP, ctxt);
        self.out
            .exports
            .names
            .insert("default".into(), Export::Local(name.to_id()));
        name
    }

    fn default_decl(&mut self, export: ExportDefaultDecl) {
        match export.decl {
            DefaultDecl::Fn(function) => {
                let ident = match function.ident {
                    Some(ident) => {
                        self.out
                            .exports
                            .names
                            .insert("default".into(), Export::Local(ident.to_id()));
                        ident
                    }
                    None => self.default_name(),
                };
                let decl = Decl::Fn(FnDecl {
                    ident,
                    declare: false,
                    function: function.function,
                });
                let found = effects::marked_functions(&decl, export.span.lo, &self.marks);
                self.marked.extend(found);
                self.stmts.push(Stmt::Decl(decl));
            }
            DefaultDecl::Class(class) => match class.ident {
                Some(ident) => {
                    self.out
                        .exports
                        .names
                        .insert("default".into(), Export::Local(ident.to_id()));
                    self.stmts.push(Stmt::Decl(Decl::Class(ClassDecl {
                        ident,
                        declare: false,
                        class: class.class,
                    })));
                }
                None => {
                    let name = self.default_name();
                    self.stmts.push(constant(
                        name,
                        Box::new(Expr::Class(ClassExpr {
                            ident: None,
                            class: class.class,
                        })),
                        export.span,
                    ));
                }
            },
            DefaultDecl::TsInterfaceDecl(_) => {}
        }
    }
}

fn constant(name: Ident, value: Box<Expr>, span: Span) -> Stmt {
    Stmt::Decl(Decl::Var(Box::new(VarDecl {
        span,
        kind: VarDeclKind::Const,
        decls: vec![VarDeclarator {
            span,
            name: Pat::Ident(name.into()),
            init: Some(value),
            definite: false,
        }],
        ..Default::default()
    })))
}

fn export_name(name: &ModuleExportName) -> Atom {
    match name {
        ModuleExportName::Ident(name) => name.sym.clone(),
        ModuleExportName::Str(text) => text.value.as_str().unwrap_or_default().into(),
    }
}

/// The names that a top-level statement declares.
pub fn declared(stmt: &Stmt) -> Vec<Id> {
    let mut names = Vec::new();
    match stmt {
        Stmt::Decl(Decl::Fn(function)) => names.push(function.ident.clone()),
        Stmt::Decl(Decl::Class(class)) => names.push(class.ident.clone()),
        Stmt::Decl(Decl::Var(var)) => {
            for decl in &var.decls {
                pat_names(&decl.name, &mut names);
            }
        }
        Stmt::Decl(Decl::Using(using)) => {
            for decl in &using.decls {
                pat_names(&decl.name, &mut names);
            }
        }
        stmt => names = hoisted(stmt),
    }
    names.iter().map(Ident::to_id).collect()
}

fn analyse_statements(
    stmts: Vec<Stmt>,
    free_fns: &FxHashSet<Id>,
    out: &mut ModuleAnalysis,
    unresolved: SyntaxContext,
    notes: &Notes,
    esm: bool,
) {
    let declares: Vec<Vec<Id>> = stmts.iter().map(declared).collect();
    out.names.declared_by = declared_by(&declares);
    out.names.reassigned = uses::reassigned(&stmts, &out.names.declared_by);
    out.imports.require_bindings = commonjs::require_bindings(&stmts, out);
    let aliases = commonjs::aliases(&stmts, out, unresolved, esm);
    let names = CjsScope {
        unresolved,
        aliases: &aliases,
        esm,
    };
    let accessors = effects::defines_accessors(&stmts);
    let top_level = effects::top_level_names(&stmts, out, accessors);
    let pure_at = effects::pure_places(notes);
    let checker =
        || SideEffectChecker::new(unresolved, &top_level, out, &pure_at, free_fns, accessors);
    let summaries = effects::summaries(&top_level, free_fns, &mut checker());
    let mut cjs_exports = CjsExports::default();
    let mut free_names = FreeNames::default();
    let mut parts: IndexVec<PartId, Part> = IndexVec::with_capacity(stmts.len());
    for (stmt, declares) in stmts.iter().zip(declares) {
        let (mut part, read) = analyse_part(stmt, out, &names, &mut checker());
        part.declares = declares;
        merge(&mut free_names, read);
        cjs_exports.note(parts.next_idx(), &part.mutations, &part.role);
        parts.push(part);
    }
    // Only now, since every part was looked at beside all the others.
    for (part, stmt) in parts.iter_mut().zip(stmts) {
        part.stmt = stmt;
    }
    // Its own `exports` is Node's: only as text it runs as it is meant.
    free_names.names_stay |= !esm && declares_given_names(&parts);
    cjs_exports.finish(&parts, &out.names.reassigned, free_names);
    out.names.mutated_by = mutated_by(&parts);
    out.names.summaries = summaries;
    out.exports.cjs = cjs_exports;
    out.source.free_names = free_names;
    out.parts = parts;
}

/// Whether a CommonJS module declares a name that Node gives to it, such that what Node gave may still be read:
/// `var exports = exports || {}`.
fn declares_given_names(parts: &IndexSlice<PartId, [Part]>) -> bool {
    const GIVEN: [&str; 6] = [
        "exports",
        "require",
        "module",
        "__filename",
        "__dirname",
        "arguments",
    ];
    let mut seen = FxHashSet::default();
    parts.iter().any(|part| {
        if matches!(part.stmt, Stmt::Decl(Decl::Fn(_) | Decl::Class(_))) {
            return false;
        }
        part.declares.iter().any(|id| {
            if !GIVEN.contains(&id.0.as_str()) {
                return false;
            }
            let once = seen.insert(id.clone());
            let set = match &part.stmt {
                Stmt::Decl(Decl::Var(var)) => match var.decls.as_slice() {
                    // A lexical name is not Node's.
                    _ if var.kind != VarDeclKind::Var => return false,
                    [decl] => decl.init.as_deref().is_some_and(|init| !mentions(init, id)),
                    _ => false,
                },
                _ => false,
            };
            !(once && set)
        })
    })
}

fn mentions(expr: &Expr, id: &Id) -> bool {
    struct Finder<'a>(&'a Id, bool);
    impl Visit for Finder<'_> {
        fn visit_ident(&mut self, name: &Ident) {
            self.1 |= name.to_id() == *self.0;
        }
    }
    let mut finder = Finder(id, false);
    expr.visit_with(&mut finder);
    finder.1
}

/// The parts that declare each name, in order.
fn declared_by(declares: &[Vec<Id>]) -> FxHashMap<Id, Vec<PartId>> {
    let mut out: FxHashMap<Id, Vec<PartId>> = FxHashMap::default();
    for (at, names) in declares.iter().enumerate() {
        let at = PartId::from_usize(at);
        for name in names {
            let list = out.entry(name.clone()).or_default();
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
    }
    out
}

/// The parts that change what each name holds, in order.
fn mutated_by(parts: &IndexSlice<PartId, [Part]>) -> FxHashMap<Id, Vec<PartId>> {
    let mut out: FxHashMap<Id, Vec<PartId>> = FxHashMap::default();
    for (at, part) in parts.iter_enumerated() {
        for mutation in &part.mutations {
            if let Mutation::Id(id) = mutation {
                out.entry(id.clone()).or_default().push(at);
            }
        }
    }
    out
}

/// What one statement uses, changes and does, and the names of Node's that it reads; the part does not
/// have its statement nor its own names yet.
fn analyse_part<'a>(
    stmt: &'a Stmt,
    module: &ModuleAnalysis,
    names: &CjsScope<'_>,
    checker: &mut SideEffectChecker<'a>,
) -> (Part, FreeNames) {
    let export_pattern = commonjs::export_pattern(stmt, module, names);
    let mut found = UseCollector::new(module, names);
    let StatementEffects {
        has_side_effects,
        mut mutations,
        assumed_pure_calls,
    } = match &export_pattern {
        Some(export_pattern) => found.export_statement(stmt, export_pattern, checker),
        None => {
            found.stmt(stmt);
            checker.stmt(stmt)
        }
    };
    if let Some(export_pattern) = &export_pattern {
        mutations.extend(export_pattern.mutations());
    }
    let role = found.role.take().unwrap_or_default();
    let free_names = found.free_names;
    let (uses, evaluated_imports) = found.finish();
    let part = Part {
        stmt: Stmt::Empty(EmptyStmt { span: DUMMY_SP }),
        declares: Vec::new(),
        uses,
        evaluated_imports,
        mutations,
        has_side_effects,
        assumed_pure_calls,
        role,
    };
    (part, free_names)
}

fn merge(into: &mut FreeNames, from: FreeNames) {
    into.require |= from.require;
    into.dirname |= from.dirname;
    into.filename |= from.filename;
    into.module |= from.module;
    into.exports |= from.exports;
    into.import_meta |= from.import_meta;
    into.arguments |= from.arguments;
    into.this |= from.this;
    into.replaces_exports |= from.replaces_exports;
    into.names_stay |= from.names_stay;
    into.sloppy |= from.sloppy;
    into.sloppy_call |= from.sloppy_call;
    into.reflects_namespaces |= from.reflects_namespaces;
    into.unstrict |= from.unstrict;
}
