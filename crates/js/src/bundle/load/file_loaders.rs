//! Files that are no code, as modules.
//!
//! In: a file's bytes, and how it is to be taken: by its name, or by the `with { type: … }` of the
//! import. Out: the value that the module is.

use std::path::Path;
use std::str::FromStr;

use base64::Engine;
use rustc_hash::FxHashMap;

use crate::syntax::ast::*;
use crate::syntax::{Span, Visit, VisitWith};

/// How a file is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileLoader {
    /// A string.
    Text,
    /// A string that holds any bytes.
    Base64,
    Json,
    /// An empty object: the file is not read.
    Empty,
}

impl FromStr for FileLoader {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "text" => Ok(Self::Text),
            "base64" => Ok(Self::Base64),
            "json" => Ok(Self::Json),
            "empty" => Ok(Self::Empty),
            _ => Err("it is one of `text`, `base64`, `json` and `empty`".to_string()),
        }
    }
}

impl FileLoader {
    /// What the module is; `None` where the text has to be parsed.
    pub fn value(self, bytes: &[u8]) -> Option<serde_json::Value> {
        let text = match self {
            Self::Text => {
                let text = String::from_utf8_lossy(bytes);
                text.strip_prefix('\u{feff}').unwrap_or(&text).to_string()
            }
            Self::Base64 => base64::engine::general_purpose::STANDARD.encode(bytes),
            Self::Json => return None,
            Self::Empty => return Some(serde_json::json!({})),
        };
        Some(text.into())
    }
}

/// How files are taken by the ends of their names: `.sql`.
#[derive(Debug, Clone, Default)]
pub struct Loaders(Vec<(String, FileLoader)>);

impl Loaders {
    /// Reads `.sql=text` and its like; the last of one end holds.
    pub fn parse<'a>(given: impl IntoIterator<Item = &'a String>) -> Result<Self, String> {
        let mut out = Vec::new();
        for one in given {
            let parts = one.split_once('=');
            let Some((end, kind)) = parts.filter(|(end, _)| end.len() > 1 && end.starts_with('.'))
            else {
                return Err(format!("`{one}` does not have the form `.sql=text`"));
            };
            let kind = kind.parse().map_err(|why| format!("`{one}`: {why}"))?;
            out.insert(0, (end.to_string(), kind));
        }
        // Of two ends that fit, the longer says more.
        out.sort_by_key(|(end, _)| std::cmp::Reverse(end.len()));
        Ok(Self(out))
    }

    pub fn of(&self, path: &Path) -> Option<FileLoader> {
        let name = path.file_name()?.to_str()?;
        let fits = |(end, _): &&(String, FileLoader)| name.ends_with(end.as_str());
        self.0.iter().find(fits).map(|(_, kind)| *kind)
    }
}

/// How imports say that what they import is to be taken, by specifier; of `import()` only where `calls`.
pub fn import_attributes(program: &Program, calls: bool) -> FxHashMap<String, FileLoader> {
    let mut out = ImportAttributes::default();
    if calls {
        program.visit_with(&mut out);
    }
    let Program::Module(module) = program else {
        return out.0;
    };
    for item in &module.body {
        let ModuleItem::ModuleDecl(decl) = item else {
            continue;
        };
        let (src, with) = match decl {
            ModuleDecl::Import(import) => (Some(&import.src), &import.with),
            ModuleDecl::ExportNamed(export) => (export.src.as_ref(), &export.with),
            ModuleDecl::ExportAll(export) => (Some(&export.src), &export.with),
            _ => continue,
        };
        out.add(src.map(AsRef::as_ref), with.as_deref());
    }
    out.0
}

#[derive(Default)]
struct ImportAttributes(FxHashMap<String, FileLoader>);

impl ImportAttributes {
    fn add(&mut self, src: Option<&Str>, with: Option<&ObjectLit>) {
        let loader = match with.and_then(kind) {
            Some("text") => FileLoader::Text,
            Some("json") => FileLoader::Json,
            _ => return,
        };
        if let Some(src) = src.and_then(|src| src.value.as_str()) {
            self.0.insert(src.to_string(), loader);
        }
    }
}

impl Visit for ImportAttributes {
    fn visit_call_expr(&mut self, call: &CallExpr) {
        if call.callee.is_import()
            && let [src, options] = call.args.as_slice()
            && let (Expr::Lit(Lit::Str(src)), Expr::Object(options)) = (&*src.expr, &*options.expr)
        {
            let with = options.props.iter().find_map(|prop| match prop {
                PropOrSpread::Prop(prop) => match &**prop {
                    Prop::KeyValue(pair) if pair.key.as_ident()?.sym == "with" => {
                        pair.value.as_object()
                    }
                    _ => None,
                },
                PropOrSpread::Spread(_) => None,
            });
            self.add(Some(src), with);
        }
        call.visit_children_with(self);
    }
}

/// An import that does not run what it imports, or not yet.
pub fn phased(program: &Program) -> Option<Span> {
    let Program::Module(module) = program else {
        return None;
    };
    module.body.iter().find_map(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import))
            if import.phase != ImportPhase::Evaluation =>
        {
            Some(import.span)
        }
        _ => None,
    })
}

/// The `type` of a `with { … }`.
fn kind(with: &ObjectLit) -> Option<&str> {
    with.props.iter().find_map(|prop| {
        let PropOrSpread::Prop(prop) = prop else {
            return None;
        };
        match &**prop {
            Prop::KeyValue(pair) => {
                let is_type = match &pair.key {
                    PropName::Ident(name) => name.sym == "type",
                    PropName::Str(name) => name.value == "type",
                    _ => false,
                };
                match &*pair.value {
                    Expr::Lit(Lit::Str(text)) if is_type => text.value.as_str(),
                    _ => None,
                }
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_end_holds_and_the_last_of_one() {
        let given = [".html=text", ".min.html=empty", ".html=base64"].map(String::from);
        let loaders = Loaders::parse(&given).unwrap();
        assert_eq!(loaders.of(Path::new("/a/b.html")), Some(FileLoader::Base64));
        assert_eq!(
            loaders.of(Path::new("/a/b.min.html")),
            Some(FileLoader::Empty)
        );
        assert_eq!(loaders.of(Path::new("/a.html/b.js")), None);
        for wrong in ["sql=text", ".sql", ".sql=words", ".=text"] {
            assert!(Loaders::parse(&[wrong.to_string()]).is_err(), "{wrong}");
        }
    }
}
