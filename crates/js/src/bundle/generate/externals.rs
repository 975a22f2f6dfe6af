//! What the output imports: externals, Node's own modules, and stand-ins for what ES modules lack.
//!
//! In: which names of which externals are read, and which functions of Node's. Out: `import`
//! declarations, and the statements that make `require`, `__filename` and `__dirname`.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::entry_exports::export_name;
use crate::bundle::generate::generator::Generator;
use crate::bundle::link::target;
use crate::bundle::module::{Kind, ModuleId};
use crate::bundle::options::Format;
use crate::bundle::runtime_requirements::{Helper, NodeApi};
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP, SyntaxContext, fresh_context};

fn import_decl(
    from: &str,
    with: Option<Box<ObjectLit>>,
    specifiers: Vec<ImportSpecifier>,
) -> ModuleItem {
    ModuleItem::ModuleDecl(ModuleDecl::Import(ImportDecl {
        span: DUMMY_SP,
        specifiers,
        src: Box::new(Str {
            span: DUMMY_SP,
            value: from.into(),
            raw: None,
        }),
        type_only: false,
        with,
        phase: ImportPhase::Evaluation,
    }))
}

impl Generator<'_> {
    /// What `import` declarations and `import()` ask of Node.js.
    pub(super) fn builtins(&self, items: &[ModuleItem]) -> BTreeSet<String> {
        let declared = items.iter().filter_map(|item| match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                Some(import.src.value.to_string_lossy().into_owned())
            }
            _ => None,
        });
        let external = |id: &ModuleId| {
            let module = self.modules.get(*id);
            module.kind == Kind::External && module.side_effect_free && self.live.runs(*id)
        };
        let asked = self.modules.ids().filter(external);
        let asked = asked.map(|id| self.modules.get(id).name.clone());
        let all = declared.chain(asked);
        all.filter(|name| name.starts_with("node:")).collect()
    }

    /// `import` declarations and the stand-ins for what ES modules lack.
    pub(super) fn imports_and_shims(&self) -> (Vec<ModuleItem>, Vec<Stmt>) {
        let needs = &self.plan.needs;
        let (mut head, mut shims) = (Vec::new(), Vec::new());
        if self.bindings.format == Format::Cjs {
            return (head, shims);
        }
        let mut by_module: BTreeMap<ModuleId, Vec<Option<Atom>>> = BTreeMap::new();
        for (module, name) in &needs.imported {
            by_module.entry(*module).or_default().push(name.clone());
        }
        // In the order in which they run; those that only run are asked for all the same.
        let mut order: Vec<ModuleId> = self
            .linked
            .order
            .iter()
            .copied()
            .filter(|id| self.modules.get(*id).kind == Kind::External && self.live.runs(*id))
            .collect();
        for id in by_module.keys() {
            if !order.contains(id) {
                order.push(*id);
            }
        }
        for id in order {
            let names = by_module.remove(&id).unwrap_or_default();
            if names.is_empty() && self.live.is_side_effect_free(id) {
                continue;
            }
            head.extend(self.external_imports(id, &names));
        }
        let native = |from: &str, name: &str, local: &Id| {
            import_decl(
                from,
                None,
                vec![ImportSpecifier::Named(ImportNamedSpecifier {
                    span: DUMMY_SP,
                    local: ident(local),
                    imported: Some(ModuleExportName::Ident(Ident::new(
                        name.into(),
                        DUMMY_SP,
                        SyntaxContext::empty(),
                    ))),
                    is_type_only: false,
                })],
            )
        };
        let meta = || {
            let url = read(
                Expr::MetaProp(MetaPropExpr {
                    span: DUMMY_SP,
                    kind: MetaPropKind::ImportMeta,
                }),
                "url",
            );
            match &self.place {
                Some(place) => Expr::Bin(BinExpr {
                    span: DUMMY_SP,
                    op: BinaryOp::NullishCoalescing,
                    left: Box::new(url),
                    right: Box::new(text(place)),
                }),
                None => url,
            }
        };
        let context = fresh_context();
        let require = needs.require.then(|| {
            let create = &self.names.node_apis[&NodeApi::CreateRequire];
            declare(&self.names.require, Some(call(var(create), vec![meta()])))
        });
        // Node copies `main` into each `require` when it makes it.
        let (first, last) = match self.plan.makes_main {
            true => (None, require),
            false => (require, None),
        };
        shims.extend(first);
        for wanted in &needs.node_apis {
            let (module, name) = wanted.place();
            head.push(native(module, name, &self.names.node_apis[wanted]));
        }
        if needs.filename {
            let to_path: Id = ("fileURLToPath".into(), context);
            head.push(native("node:url", "fileURLToPath", &to_path));
            shims.push(declare(
                &self.names.filename,
                Some(call(var(&to_path), vec![meta()])),
            ));
        }
        if self.plan.makes_main {
            shims.push(declare(&self.names.main, Some(self.main_module())));
        }
        shims.extend(last);
        if needs.dirname {
            let dirname: Id = ("dirname".into(), context);
            head.push(native("node:path", "dirname", &dirname));
            shims.push(declare(
                &self.names.dirname,
                Some(call(var(&dirname), vec![var(&self.names.filename)])),
            ));
        }
        (head, shims)
    }

    /// The module object of the entry where it is the program; else nothing.
    fn main_module(&self) -> Expr {
        let apis = &self.names.node_apis;
        let meta = Expr::MetaProp(MetaPropExpr {
            span: DUMMY_SP,
            kind: MetaPropKind::ImportMeta,
        });
        let args = vec![
            var(&apis[&NodeApi::Module]),
            var(&apis[&NodeApi::RealPath]),
            var(&self.names.filename),
            read(meta, "main"),
        ];
        call(self.helper(Helper::MainModule), args)
    }

    /// The `with { … }` by which some module imports an external.
    pub(super) fn attributes(&self, to: ModuleId) -> Option<Box<ObjectLit>> {
        self.modules.ids().find_map(|id| {
            let module = self.modules.get(id);
            let mut given = module.analysis.imports.attributes.iter();
            given
                .find(|(record, _)| target(self.modules, id, **record) == Some(to))
                .map(|(_, with)| with.clone())
        })
    }

    pub(super) fn external_imports(&self, id: ModuleId, names: &[Option<Atom>]) -> Vec<ModuleItem> {
        let from = &self.modules.get(id).name;
        let with = self.attributes(id);
        let mut specifiers = Vec::new();
        let mut out = Vec::new();
        for name in names {
            let local = ident(&self.names.imported(id, name.as_ref()));
            match name {
                None => out.push(import_decl(
                    from,
                    with.clone(),
                    vec![ImportSpecifier::Namespace(ImportStarAsSpecifier {
                        span: DUMMY_SP,
                        local,
                    })],
                )),
                Some(name) => specifiers.push(ImportSpecifier::Named(ImportNamedSpecifier {
                    span: DUMMY_SP,
                    local,
                    imported: Some(export_name(name)),
                    is_type_only: false,
                })),
            }
        }
        if !specifiers.is_empty() || names.is_empty() {
            out.insert(0, import_decl(from, with, specifiers));
        }
        out
    }
}
