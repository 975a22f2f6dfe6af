//! Which files the rules leave out, and which line decides.
//!
//! In: the project's folder, the built-in rules that are off, and patterns. Out: a [`Decision`]
//! for each path of the artifact. Three layers, the later stronger: built-in rules by name;
//! `.serverlessignore` files with gitignore's whole grammar, in any folder; patterns from
//! settings, the framework's file and the command line, of which the last match wins. What the
//! trace needs stands above all three, but that is the caller's to know.

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;

use crate::artifact::RelPath;
use crate::diagnostics::{Code, Diagnostic, Location, Result};
use crate::disk::is_not_source;
use crate::settings::Pattern;

/// A glob that is not valid.
pub const BAD_GLOB: Code = Code("CC040");
/// A built-in rule that does not exist.
pub const NO_RULE: Code = Code("CC041");
/// A `.serverlessignore` that cannot be read.
pub const UNREADABLE: Code = Code("CC042");

/// The name of the ignore files.
pub const FILE: &str = ".serverlessignore";

/// A built-in rule.
#[derive(Debug, Deserialize)]
pub struct IgnoreRule {
    pub name: String,
    /// What it drops, in words.
    pub about: String,
    #[serde(rename = "where")]
    pub place: RuleScope,
    drop: Vec<String>,
    #[serde(default)]
    keep: Vec<String>,
}

/// Which files a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleScope {
    Project,
    Packages,
    Both,
}

/// All built-in rules, in the order of their file.
pub fn rules() -> &'static [IgnoreRule] {
    #[derive(Deserialize)]
    struct File {
        rule: Vec<IgnoreRule>,
    }
    static RULES: OnceLock<Vec<IgnoreRule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let file: std::result::Result<File, _> = toml::from_str(include_str!("ignore_rules.toml"));
        // A test holds the file to its form; without rules more ships, never less.
        file.map(|file| file.rule).unwrap_or_default()
    })
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    Rule(String),
    /// A line of a `.serverlessignore`.
    Line {
        at: Location,
        text: String,
    },
    /// The index of a pattern in the list that was given.
    Pattern {
        at: Location,
        text: String,
        index: usize,
    },
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(name) => write!(f, "built-in rule `{name}`"),
            Self::Line { at, text } => write!(f, "`{text}` in {}", place(at)),
            Self::Pattern { at, text, .. } if at.path.as_os_str().is_empty() => {
                write!(f, "`{text}`")
            }
            Self::Pattern { at, text, .. } => write!(f, "`{text}` in {}", place(at)),
        }
    }
}

fn place(at: &Location) -> String {
    let name = at
        .path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match at.line {
        Some(line) => format!("{name}:{line}"),
        None => name,
    }
}

/// Whether a file ships as far as the rules go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub keep: bool,
    /// `None` where nothing speaks of the file.
    pub because: Option<Because>,
}

/// One side of a built-in rule: globs that match names at any depth, and globs anchored at the
/// folder of the project or package.
#[derive(Debug)]
struct Globs {
    any: GlobSet,
    /// For each glob of `any`, the rule.
    any_rule: Vec<usize>,
}

/// The rules of one function.
#[derive(Debug)]
pub struct Ignore {
    drop: Globs,
    keep: Vec<GlobSet>,
    /// Outermost first: of two that match, the inner one decides.
    files: Vec<(String, Gitignore)>,
    patterns: GlobSet,
    /// For each glob of `patterns`, the pattern it belongs to.
    pattern_of: Vec<usize>,
    said: Vec<Pattern>,
}

impl Ignore {
    /// `root` is the function's folder; ignore files inside `node_modules` are packages' own
    /// affair and are not read.
    pub fn build(root: &Path, rules_off: &[String], patterns: &[Pattern]) -> Result<Self> {
        for name in rules_off {
            if name != "all" && !rules().iter().any(|rule| rule.name == *name) {
                let names: Vec<&str> = rules().iter().map(|rule| rule.name.as_str()).collect();
                return Err(Box::new(
                    Diagnostic::error(NO_RULE, format!("there is no built-in rule `{name}`"))
                        .help(format!("the rules are {}", names.join(", "))),
                ));
            }
        }
        let is_on = |rule: &IgnoreRule| {
            !rules_off
                .iter()
                .any(|off| off == "all" || *off == rule.name)
        };
        let mut any = GlobSetBuilder::new();
        let mut any_rule = Vec::new();
        let mut keep = Vec::new();
        for (at, rule) in rules().iter().enumerate() {
            let mut kept = GlobSetBuilder::new();
            for glob in &rule.keep {
                kept.add(rule_glob(glob)?);
            }
            keep.push(kept.build().map_err(|e| bad_glob(&rule.name, &e, None))?);
            if is_on(rule) {
                for glob in &rule.drop {
                    any.add(rule_glob(glob)?);
                    any_rule.push(at);
                }
            }
        }
        let mut set = GlobSetBuilder::new();
        let mut pattern_of = Vec::new();
        for (at, pattern) in patterns.iter().enumerate() {
            for glob in spellings(&pattern.glob) {
                set.add(user_glob(&glob, pattern)?);
                pattern_of.push(at);
            }
        }
        Ok(Self {
            drop: Globs {
                any: any.build().map_err(|e| bad_glob("built-in", &e, None))?,
                any_rule,
            },
            keep,
            files: ignore_files(root)?,
            patterns: set.build().map_err(|e| bad_glob("patterns", &e, None))?,
            pattern_of,
            said: patterns.to_vec(),
        })
    }

    /// Decides on a file by its path in the artifact.
    pub fn decide(&self, path: &RelPath) -> Decision {
        let text = path.as_str();
        let matched = self.patterns.matches(text);
        if let Some(index) = matched.iter().map(|glob| self.pattern_of[*glob]).max() {
            let pattern = &self.said[index];
            return Decision {
                keep: pattern.keep,
                because: Some(Because::Pattern {
                    at: pattern.said.clone(),
                    text: pattern.text.clone(),
                    index,
                }),
            };
        }
        if let Some(decision) = self.by_files(text) {
            return decision;
        }
        match self.by_rule(text) {
            Some(rule) => Decision {
                keep: false,
                because: Some(Because::Rule(rules()[rule].name.clone())),
            },
            None => Decision {
                keep: true,
                because: None,
            },
        }
    }

    /// gitignore's semantics: a folder that is left out takes everything below with it; inside
    /// one that is not, the ignore file nearest to the path decides.
    fn by_files(&self, text: &str) -> Option<Decision> {
        if self.files.is_empty() {
            return None;
        }
        let mut ends: Vec<usize> = text.match_indices('/').map(|(at, _)| at).collect();
        ends.push(text.len());
        let mut last = None;
        for end in &ends {
            let part = &text[..*end];
            let is_dir = *end != text.len();
            let decided = self.files.iter().rev().find_map(|(folder, rules)| {
                let rest = below(part, folder)?;
                match rules.matched(rest, is_dir) {
                    ignore::Match::None => None,
                    ignore::Match::Ignore(glob) => Some((false, glob.clone())),
                    ignore::Match::Whitelist(glob) => Some((true, glob.clone())),
                }
            });
            if let Some((keep, glob)) = decided {
                let path = glob.from().map_or_else(PathBuf::new, Path::to_path_buf);
                let at = line_of(&path, glob.original());
                let decision = Decision {
                    keep,
                    because: Some(Because::Line {
                        at,
                        text: glob.original().to_string(),
                    }),
                };
                if !keep {
                    return Some(decision);
                }
                last = (!is_dir).then_some(decision);
            }
        }
        last
    }

    fn by_rule(&self, text: &str) -> Option<usize> {
        let (inside, packaged) = match inside_package(text) {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        // Without its manifest Node cannot find the package.
        if inside == "package.json" || inside.is_empty() {
            return None;
        }
        let mut found: Vec<usize> = self
            .drop
            .any
            .matches(inside)
            .into_iter()
            .map(|glob| self.drop.any_rule[glob])
            .collect();
        found.sort_unstable();
        found.into_iter().find(|rule| {
            let place = rules()[*rule].place;
            let here = match place {
                RuleScope::Both => true,
                RuleScope::Project => !packaged,
                RuleScope::Packages => packaged,
            };
            here && !self.keep[*rule].is_match(inside)
        })
    }
}

/// The path inside the package that a path of the artifact lies in.
fn inside_package(text: &str) -> Option<&str> {
    let at = match text.rfind("/node_modules/") {
        Some(at) => at + "/node_modules/".len(),
        None => text
            .strip_prefix("node_modules/")
            .map(|_| "node_modules/".len())?,
    };
    let rest = &text[at..];
    let skip = if rest.starts_with('@') { 2 } else { 1 };
    let mut parts = rest.splitn(skip + 1, '/');
    for _ in 0..skip {
        parts.next()?;
    }
    Some(parts.next().unwrap_or(""))
}

fn below<'a>(text: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(text);
    }
    text.strip_prefix(folder)?.strip_prefix('/')
}

/// The line of an ignore file that holds a glob: the last one, since that is the one that counts.
fn line_of(path: &Path, glob: &str) -> Location {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Location::file(path);
    };
    let line = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim_end() == glob.trim_end())
        .last();
    match line {
        Some((at, _)) => Location::line(path, text, at as u32 + 1),
        None => Location::file(path),
    }
}

fn ignore_files(root: &Path) -> Result<Vec<(String, Gitignore)>> {
    let mut out = Vec::new();
    let walk = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_not_source(entry.file_name()))
        .filter_map(std::result::Result::ok);
    for entry in walk.filter(|entry| entry.file_name() == FILE && entry.file_type().is_file()) {
        let folder = entry.path().parent().unwrap_or(root);
        let mut builder = GitignoreBuilder::new(folder);
        if let Some(error) = builder.add(entry.path()) {
            return Err(Box::new(
                Diagnostic::error(
                    UNREADABLE,
                    format!("cannot read `{}`: {error}", entry.path().display()),
                )
                .at_file(entry.path())
                .help(
                    "correct the line, or make the file readable; see `.serverlessignore.example`",
                ),
            ));
        }
        let rules = builder.build().map_err(|error| {
            Box::new(Diagnostic::error(UNREADABLE, error.to_string()).at_file(entry.path()))
        })?;
        let Some(rest) = folder.strip_prefix(root).ok().and_then(Path::to_str) else {
            continue;
        };
        out.push((rest.replace('\\', "/"), rules));
    }
    out.sort_by_key(|(folder, _)| folder.matches('/').count() + usize::from(!folder.is_empty()));
    Ok(out)
}

/// A pattern that names a folder holds for everything in it.
fn spellings(glob: &str) -> Vec<String> {
    let glob = glob.trim_start_matches("./").trim_start_matches('/');
    let bare = glob.trim_end_matches('/');
    if bare.ends_with("**") || bare.is_empty() {
        return vec![bare.to_string()];
    }
    let below = format!("{bare}/**");
    if glob.ends_with('/') {
        vec![below]
    } else {
        vec![bare.to_string(), below]
    }
}

fn user_glob(glob: &str, pattern: &Pattern) -> Result<globset::Glob> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map_err(|error| bad_glob(&pattern.text, &error, Some(&pattern.said)))
}

fn rule_glob(glob: &str) -> Result<globset::Glob> {
    let text = match glob.strip_prefix('/') {
        Some(anchored) => anchored.to_string(),
        None => format!("**/{glob}"),
    };
    GlobBuilder::new(&text)
        .literal_separator(true)
        .build()
        .map_err(|error| bad_glob(glob, &error, None))
}

fn bad_glob(text: &str, error: &globset::Error, at: Option<&Location>) -> Box<Diagnostic> {
    let mut out = Diagnostic::error(
        BAD_GLOB,
        format!("`{text}` is not a glob: {}", error.kind()),
    )
    .help("`*` stands for a name, `**` for any folders, `{a,b}` for either, `\\` escapes");
    if let Some(at) = at.filter(|at| !at.path.as_os_str().is_empty()) {
        out = out.at(at.clone());
    }
    Box::new(out)
}
