//! The functions that a bundle may need at run time, out of `runtime.js`.
//!
//! In: the file's text. Out: the statement of each function, and the variable that it is known by.

use std::collections::BTreeMap;

use crate::bundle::generate::generator::Generator;
use crate::bundle::runtime_requirements::Helper;
use crate::syntax::ast::*;
use crate::syntax::{DUMMY_SP, Dialect, Session, Span, TsOptions, VisitMutWith};

/// Which statement of `runtime.js` is which.
const HELPERS: [(Helper, &str); 18] = [
    (Helper::CommonJs, "__commonJS"),
    (Helper::CommonJsModule, "__commonJSModule"),
    (Helper::MainModule, "__mainModule"),
    (Helper::Lazy, "__lazy"),
    (Helper::AsyncModule, "__asyncModule"),
    (Helper::AsyncIterator, "__asyncIterator"),
    (Helper::Export, "__export"),
    (Helper::Sealed, "__sealed"),
    (Helper::Namespace, "__namespace"),
    (Helper::ExoticNamespace, "__exoticNamespace"),
    (Helper::Star, "__star"),
    (Helper::ToEsm, "__toESM"),
    (Helper::Default, "__default"),
    (Helper::Glob, "__glob"),
    (Helper::GlobAt, "__globAt"),
    (Helper::RequireOf, "__requireOf"),
    (Helper::ImportOf, "__importOf"),
    (Helper::RequireAsync, "__requireAsync"),
];

/// The helpers' statements, and the variable of each.
pub(super) fn parse_helpers(session: &Session) -> (Vec<(Helper, Stmt)>, BTreeMap<Helper, Id>) {
    let path = std::path::Path::new("coldcut-helpers.mjs");
    let parsed = session.parse(
        path,
        include_str!("runtime.js"),
        Dialect::of_file(path, false),
        &TsOptions::default(),
    );
    let mut stmts = Vec::new();
    let mut ids = BTreeMap::new();
    // A test holds the file to its form; without a helper its use would be an undefined name.
    if let Ok(ast) = parsed
        && let Program::Module(module) = ast.into_parts().0
    {
        for item in module.body {
            let ModuleItem::Stmt(stmt) = item else {
                continue;
            };
            for id in crate::bundle::analyse::parts::declared(&stmt) {
                if let Some((helper, _)) = HELPERS.iter().find(|(_, name)| id.0 == *name) {
                    ids.insert(*helper, id);
                    let mut stmt = stmt.clone();
                    stmt.visit_mut_with(&mut NoSpans);
                    stmts.push((*helper, stmt));
                }
            }
        }
    }
    (stmts, ids)
}

/// Helpers come from no file of the user's.
struct NoSpans;

impl crate::syntax::VisitMut for NoSpans {
    fn visit_mut_span(&mut self, span: &mut Span) {
        *span = DUMMY_SP;
    }
}

impl Generator<'_> {
    /// The run-time functions that the bundle needs, in the order of the file.
    pub(super) fn helper_stmts(&self) -> Vec<Stmt> {
        let needed = &self.plan.needs.helpers;
        let helpers = self.helpers.iter();
        helpers
            .filter(|(helper, _)| needed.contains(helper))
            .map(|(_, stmt)| stmt.clone())
            .collect()
    }
}
