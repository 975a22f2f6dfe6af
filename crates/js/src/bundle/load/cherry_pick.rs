//! Parts of a package instead of the whole.
//!
//! In: what a module reads of an import, and a table of packages whose parts are files of their
//! own. Out: the source of a stand-in that gives those parts alone, or nothing where the whole is
//! needed: because it is passed on, called, changed, or read by a name that no row has.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::bundle::load::fold::static_name;
use crate::bundle::load::imported_names::{Replacement, names_read};
use crate::bundle::module::Module;
use crate::bundle::part::{ImportRecordId, ModuleAnalysis};
use crate::syntax::ast::*;
use crate::syntax::{Atom, Visit, VisitWith};

/// Where one name of a package lies by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePart {
    pub from: String,
    /// The member of the file's exports that is meant; without it, all of them.
    pub member: Option<String>,
    /// It may only be called, and with a text as its first argument that is written out and does
    /// not have this identifier.
    pub text_without: Option<String>,
}

/// Package to name to part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CherryPicks(BTreeMap<String, BTreeMap<String, PackagePart>>);

#[derive(Deserialize)]
struct File {
    pick: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    package: String,
    from: String,
    #[serde(default)]
    member: bool,
    text_without: Option<String>,
    names: Vec<String>,
}

impl CherryPicks {
    /// The rows that coldcut knows.
    pub fn known() -> &'static Self {
        static KNOWN: OnceLock<CherryPicks> = OnceLock::new();
        KNOWN.get_or_init(|| {
            let file: Result<File, _> = toml::from_str(include_str!("cherry_pick.toml"));
            let mut out = Self::default();
            // A test holds the file to its form; without it packages are only taken whole.
            for row in file.map(|file| file.pick).unwrap_or_default() {
                for name in row.names {
                    let part = PackagePart {
                        from: row
                            .from
                            .replace("{name}", &name)
                            .replace("{lower}", &name.to_lowercase()),
                        member: row.member.then(|| name.clone()),
                        text_without: row.text_without.clone(),
                    };
                    out.0
                        .entry(row.package.clone())
                        .or_default()
                        .insert(name, part);
                }
            }
            out
        })
    }

    /// The known rows, and a user's: package to name to file, `file#member` for a member of it.
    pub fn with<'u, N, F>(user: impl IntoIterator<Item = (&'u String, N)>) -> Self
    where
        N: IntoIterator<Item = (&'u String, F)>,
        F: AsRef<str>,
    {
        let mut out = Self::known().clone();
        for (package, names) in user {
            let rows = out.0.entry(package.clone()).or_default();
            for (name, from) in names {
                let (from, member) = match from.as_ref().split_once('#') {
                    Some((from, member)) => (from.to_string(), Some(member.to_string())),
                    None => (from.as_ref().to_string(), None),
                };
                let part = PackagePart {
                    from,
                    member,
                    text_without: None,
                };
                rows.insert(name.clone(), part);
            }
        }
        out
    }

    /// Every row of a package.
    pub fn of(&self, package: &str) -> Option<&BTreeMap<String, PackagePart>> {
        self.0.get(package)
    }

    /// Where the names lie that `module` reads of the package it asks for by `record`; `None`
    /// where it needs the whole.
    pub fn parts<'a>(
        &'a self,
        module: &Module,
        record: ImportRecordId,
        package: &str,
    ) -> Option<Vec<(Atom, &'a PackagePart)>> {
        let rows = self.0.get(package)?;
        let names = names_read(module, record, Replacement::Parts)?;
        if names.is_empty() {
            return None;
        }
        names
            .into_iter()
            .map(|name| {
                let part = rows.get(name.as_str())?;
                let fits = part
                    .text_without
                    .as_ref()
                    .is_none_or(|word| only_called_with_text(&module.analysis, &name, word));
                fits.then_some((name, part))
            })
            .collect()
    }
}

/// The stand-in's source.
pub fn source(parts: &[(Atom, &PackagePart)]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut out = String::from("\"use strict\";\n");
    for (name, part) in parts {
        let member = part
            .member
            .as_ref()
            .map_or_else(String::new, |member| format!("[{}]", quoted(member)));
        let line = format!(
            "exports[{}] = require({}){member};\n",
            quoted(name),
            quoted(&part.from)
        );
        out.push_str(&line);
    }
    out
}

/// Whether every member called `name` is called at once, with a text that is written out and in
/// which `word` is no identifier.
fn only_called_with_text(analysis: &ModuleAnalysis, name: &Atom, word: &str) -> bool {
    struct Finder<'a> {
        name: &'a Atom,
        word: &'a str,
        good: usize,
        all: usize,
    }
    impl Visit for Finder<'_> {
        fn visit_call_expr(&mut self, call: &CallExpr) {
            if let Callee::Expr(callee) = &call.callee
                && let Expr::Member(member) = &**callee
                && static_name(&member.prop).as_ref() == Some(self.name)
                && let Some(first) = call.args.first()
                && first.spread.is_none()
                && let Expr::Lit(Lit::Str(text)) = &*first.expr
                && let Some(text) = text.value.as_str()
                && !has_word(text, self.word)
            {
                self.good += 1;
            }
            call.visit_children_with(self);
        }
        fn visit_member_expr(&mut self, member: &MemberExpr) {
            if static_name(&member.prop).as_ref() == Some(self.name) {
                self.all += 1;
            }
            member.visit_children_with(self);
        }
    }
    let mut finder = Finder {
        name,
        word,
        good: 0,
        all: 0,
    };
    for part in &analysis.parts {
        part.stmt.visit_with(&mut finder);
    }
    finder.all > 0 && finder.good == finder.all
}

fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let known = CherryPicks::known();
        assert_eq!(known.of("lodash").unwrap()["map"].from, "lodash/map");
        let aws = known.of("aws-sdk").unwrap();
        assert_eq!(aws["DynamoDB"].from, "aws-sdk/clients/dynamodb");
        assert_eq!(aws["config"].member.as_deref(), Some("config"));
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("<%= _.x %>", "_") && has_word("_", "_"));
        assert!(!has_word("<%= my_name + $_ %>", "_"));
    }

    #[test]
    fn a_users_row_adds_to_the_table() {
        let user = BTreeMap::from([(
            "own".to_string(),
            BTreeMap::from([("a".to_string(), "own/lib/a#b")]),
        )]);
        let cherry_picks =
            CherryPicks::with(user.iter().map(|(package, names)| (package, names.iter())));
        let part = &cherry_picks.of("own").unwrap()["a"];
        assert_eq!(part.from, "own/lib/a");
        assert_eq!(
            source(&[("a".into(), part)]),
            "\"use strict\";\nexports[\"a\"] = require(\"own/lib/a\")[\"b\"];\n"
        );
        assert!(cherry_picks.of("lodash").is_some());
    }
}
