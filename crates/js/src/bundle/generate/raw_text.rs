//! Modules that stay as text.
//!
//! In: a CommonJS module with direct `eval` or `with`, or a sloppy one in ES module output. Out: a
//! function that runs its text by `new Function`, in the scope and the mode that Node gives it.

use std::collections::BTreeSet;

use crate::bundle::generate::ast_builder::*;
use crate::bundle::generate::generator::Generator;
use crate::bundle::module::{IMPORT_IN_TEXT, Kind, ModuleId, Target};
use crate::bundle::runtime_requirements::Helper;
use crate::scan::ImportKind;
use crate::syntax::ast::*;
use crate::syntax::{Atom, DUMMY_SP};

impl Generator<'_> {
    /// A module kept as text: `new Function(…)`, which has the scope and mode that Node gives it.
    pub(super) fn raw_text(&self, id: ModuleId) -> Stmt {
        let module = self.modules.get(id);
        let rewriter = self.rewriter(id, false);
        let mut files = Vec::new();
        let mut imports: Vec<(Atom, Expr)> = Vec::new();
        let mut seen = BTreeSet::new();
        for record in &module.records {
            if let (ImportKind::Dynamic, Target::Module(to)) = (record.kind, &record.target) {
                let name = Atom::from(&*record.specifier);
                if !imports.iter().any(|(have, _)| *have == name) {
                    imports.push((
                        name,
                        thunk(rewriter.dynamic_import_expr(*to, &record.specifier)),
                    ));
                }
            }
            if record.kind != ImportKind::Require {
                continue;
            }
            match &record.target {
                Target::Module(to)
                    if self.modules.get(*to).kind != Kind::External
                        && seen.insert(record.specifier.to_string()) =>
                {
                    files.push((
                        Atom::from(&*record.specifier),
                        thunk(rewriter.require_expr(*to)),
                    ));
                }
                Target::Glob(list) => {
                    for (path, to) in list {
                        if seen.insert(path.clone()) {
                            files.push((
                                Atom::from(path.as_str()),
                                thunk(rewriter.require_expr(*to)),
                            ));
                        }
                    }
                }
                _ => {}
            }
        }
        let code = module.text.as_deref().unwrap_or_default();
        let code = match code.strip_prefix("#!") {
            Some(rest) => format!("//{rest}"),
            None => code.to_string(),
        };
        let names = self.names.of(id);
        let require = rewriter.require_here();
        let of = rewriter.helper(Helper::RequireOf);
        let (filename, dirname) = (rewriter.filename(), rewriter.dirname());
        let whole = module.records.iter().any(|record| record.absolute);
        let load = whole.then(|| rewriter.at_whole_paths(files.clone(), require.clone()));
        let mut asks = vec![object(files), require.clone()];
        asks.extend(load);
        let mut params = vec!["exports", "require", "module", "__filename", "__dirname"];
        let mut args = vec![
            var(&names.own_exports),
            var(&names.own_exports),
            call(of, asks),
            var(&names.own_module),
            filename,
            dirname,
        ];
        if module.imports_in_text() {
            params.push(IMPORT_IN_TEXT);
            let of = rewriter.helper(Helper::ImportOf);
            args.push(call(of, vec![object(imports)]));
        }
        let made = Expr::New(NewExpr {
            span: DUMMY_SP,
            callee: Box::new(Expr::Ident(Ident::new(
                "Function".into(),
                DUMMY_SP,
                self.unresolved,
            ))),
            args: Some(
                params
                    .into_iter()
                    .map(text)
                    .chain([text(&code)])
                    .map(Into::into)
                    .collect(),
            ),
            ..Default::default()
        });
        let run = statement(call(read(made, "call"), args));
        let run = arrow(
            vec![pat(&names.own_exports), pat(&names.own_module)],
            vec![run],
            false,
        );
        let helper = rewriter.helper(Helper::CommonJs);
        declare(&names.require, Some(call(helper, vec![run])))
    }
}
