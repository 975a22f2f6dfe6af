//! Which syntax the Node.js takes that a bundle is for.
//!
//! In: the release line, as `node20` or as the number of a platform's runtime. Out: [`Engine`],
//! which answers from a data file in which each row has a text that shows it.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;

/// A release line of Node.js, by its newest release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Engine(u32);

/// Syntax that some line does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    Resources,
    RegexpSets,
    RegexpModifiers,
    RegexpSameNames,
    RegexpIndices,
    StringNames,
    StaticBlocks,
    PrivateIn,
    LogicalAssignment,
    PrivateMethods,
    OptionalChaining,
    Nullish,
}

/// What becomes of syntax that the target lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fallback {
    Lowered,
    Late,
    Kept,
}

/// One row of the data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyntaxRow {
    /// In the words of a message.
    pub title: String,
    #[serde(default)]
    pub since: Option<u32>,
    pub how: Fallback,
    pub example: String,
    #[serde(default)]
    pub module: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    syntax: BTreeMap<Syntax, SyntaxRow>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // The file is part of the program, and a test reads it.
    toml::from_str(include_str!("syntax.toml")).expect("the table of syntax is well formed")
});

impl Engine {
    /// As tools of the field name it: `node20`.
    pub fn node_name(self) -> String {
        format!("node{}", self.0)
    }

    /// The line of a runtime, by its major version.
    pub fn node(major: u32) -> Self {
        Self(major)
    }

    /// Whether every text with this syntax loads there.
    pub fn takes(self, syntax: Syntax) -> bool {
        row(syntax)
            .and_then(|row| row.since)
            .is_some_and(|since| since <= self.0)
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node.js {}", self.0)
    }
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.strip_prefix("node")
            .and_then(|major| major.parse().ok())
            .filter(|major| *major >= 12)
            .map(Self)
            .ok_or_else(|| "write it as `node20`; the oldest is `node12`".to_string())
    }
}

/// What the data says of a kind of syntax; every kind has a row, as a test holds.
pub fn row(syntax: Syntax) -> Option<&'static SyntaxRow> {
    TABLE.syntax.get(&syntax)
}

/// Every row.
pub fn rows() -> impl Iterator<Item = (Syntax, &'static SyntaxRow)> {
    TABLE.syntax.iter().map(|(syntax, row)| (*syntax, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!("node20".parse(), Ok(Engine(20)));
        for wrong in ["es2020", "node", "20", "node8", "node20.1"] {
            assert!(wrong.parse::<Engine>().is_err(), "{wrong}");
        }
        assert_eq!(Engine(14).node_name(), "node14");
        assert!(Engine(24).takes(Syntax::Resources) && !Engine(22).takes(Syntax::Resources));
    }

    #[test]
    fn every_kind_has_a_row() {
        assert_eq!(rows().count(), 12);
        assert!(row(Syntax::Nullish).is_some());
    }

    /// The Node.js that is there takes exactly the examples that the table says it does.
    #[test]
    fn node_agrees_with_the_table() {
        let texts: Vec<_> = rows()
            .map(|(_, row)| serde_json::json!([row.example, row.module]))
            .collect();
        let code = "const vm = require('vm'); const out = [];\
            for (const [text, module] of JSON.parse(process.argv[1]))\
            try { module ? new vm.SourceTextModule(text) : new vm.Script(text); out.push(1) }\
            catch { out.push(0) }\
            console.log(process.versions.node.split('.')[0], out.join(''));";
        let ran = std::process::Command::new("node")
            .args(["--experimental-vm-modules", "--no-warnings", "-e", code])
            .arg(serde_json::Value::from(texts).to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        let (major, taken) = said.trim().split_once(' ').unwrap();
        let target = Engine(major.parse().unwrap());
        for ((syntax, row), took) in rows().zip(taken.chars()) {
            assert_eq!(target.takes(syntax), took == '1', "{target}: {}", row.title);
        }
    }
}
