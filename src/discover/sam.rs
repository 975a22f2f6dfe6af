//! AWS SAM and plain CloudFormation templates: `template.yaml` (`.yml`, `.json`).
//!
//! In: the folder's template. Out: a [`Declarations`] with its functions. Intrinsic functions are
//! worked out as far as the template itself says (parameters' defaults, mappings); what is known
//! only to a deployed stack is no value.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::discover::cargo::Cargo;
use crate::discover::codes::{DEPLOY_TIME, HANDLER_MOVED, NO_HANDLER, SHAPE};
use crate::discover::declarations::{Declarations, DiscoveryContext};
use crate::discover::handler;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::functions::{Function, FunctionKind, Handler};
use coldcut_core::settings::Settings;
use coldcut_core::settings::value;
use coldcut_core::settings::value::{Data, Item, Node};

/// What a template is called; the first that is there counts.
pub const NAMES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];
const SERVERLESS: &str = "AWS::Serverless::Function";
const PLAIN: &str = "AWS::Lambda::Function";

/// The functions of the folder's template; `None` where it has none.
pub fn declarations(context: &DiscoveryContext<'_>) -> Result<Option<Declarations>> {
    for name in NAMES {
        let path = context.root.join(name);
        let Some(doc) = value::load(&path)? else {
            continue;
        };
        let mut declarations = Declarations {
            files: vec![path],
            ..Declarations::default()
        };
        let template = Template {
            context,
            doc: &doc,
            origin: name,
        };
        for (id, item) in doc
            .get("Resources")
            .and_then(Node::as_map)
            .into_iter()
            .flatten()
        {
            let kind = item.value.get("Type").and_then(Node::as_str).unwrap_or("");
            if kind != SERVERLESS && kind != PLAIN {
                continue;
            }
            if context.wants(id) {
                template.function(id, item, kind == SERVERLESS, &mut declarations)?;
            } else {
                declarations.unwanted.push(id.clone());
            }
        }
        if !declarations.is_empty() {
            return Ok(Some(declarations));
        }
    }
    Ok(None)
}

struct Template<'a> {
    context: &'a DiscoveryContext<'a>,
    doc: &'a Node,
    origin: &'a str,
}

/// What an intrinsic function gives.
type Value = std::result::Result<Node, String>;

impl Template<'_> {
    fn function(
        &self,
        id: &str,
        item: &Item,
        sam: bool,
        declarations: &mut Declarations,
    ) -> Result<()> {
        let declared = item.key.location();
        let empty = Node {
            data: Data::Null,
            at: item.key.clone(),
        };
        let own = item.value.get("Properties").unwrap_or(&empty);
        let globals = self.doc.path(&["Globals", "Function"]).filter(|_| sam);
        let property = |key: &str| own.get(key).or_else(|| globals.and_then(|g| g.get(key)));

        if property("PackageType").and_then(Node::as_str) == Some("Image")
            || own.get("ImageUri").is_some()
        {
            declarations.skip(id, declared, "it is a container image");
            return Ok(());
        }
        if own.get("InlineCode").is_some() || own.path(&["Code", "ZipFile"]).is_some() {
            declarations.skip(id, declared, "its code is written into the template");
            return Ok(());
        }
        let runtime = self.soft(property("Runtime"), declarations);
        let rust = runtime
            .as_deref()
            .is_some_and(|r| r.starts_with("provided"));
        if let Some(runtime) = &runtime
            && !rust
            && !runtime.starts_with("nodejs")
        {
            declarations.skip(
                id,
                declared,
                format!("its runtime `{runtime}` is neither Node.js nor Rust"),
            );
            return Ok(());
        }
        let code = property(if sam { "CodeUri" } else { "Code" });
        let root = match code {
            None => self.context.root.to_path_buf(),
            Some(code) => match self.root(code)? {
                Ok(root) => root,
                Err(why) => {
                    declarations.skip(id, declared, why);
                    return Ok(());
                }
            },
        };
        let metadata = item.value.get("Metadata");
        let method = metadata
            .and_then(|m| m.get("BuildMethod"))
            .and_then(Node::as_str);
        let setting = property("Handler");
        let kind = if rust || method == Some("rust-cargolambda") {
            match self.binary(id, &root, setting, metadata, &declared)? {
                Some(kind) => kind,
                None => {
                    let runtime = runtime.as_deref().unwrap_or("custom");
                    declarations.skip(
                        id,
                        declared,
                        format!(
                            "its runtime is `{runtime}`, and its `CodeUri` has no `Cargo.toml`"
                        ),
                    );
                    return Ok(());
                }
            }
        } else {
            let Some(setting) = setting else {
                return Err(Box::new(
                    Diagnostic::error(SHAPE, format!("function `{id}` has no `Handler`"))
                        .at(declared)
                        .help("add `Handler: file.export` to its properties, or to `Globals`"),
                ));
            };
            let text = self.hard(setting, "Handler")?;
            FunctionKind::Node(self.handler(
                &root,
                &text,
                &setting.at.location(),
                metadata,
                declarations,
            )?)
        };
        if let FunctionKind::Rust(binary) = &kind {
            declarations.files.push(binary.manifest.clone());
        }
        let arch = property("Architectures").and_then(|list| match self.value(list, 0) {
            Ok(Node {
                data: Data::List(list),
                ..
            }) => list.first().cloned(),
            _ => None,
        });
        let arch = self.soft(arch.as_ref(), declarations);
        // The one property whose two lists are joined.
        let layers = globals
            .and_then(|g| g.get("Layers"))
            .into_iter()
            .chain(own.get("Layers"));
        let layers = layers
            .filter_map(Node::as_list)
            .flatten()
            .map(|layer| self.layer(layer))
            .collect();
        declarations.push(
            self.context,
            Function {
                name: id.to_owned(),
                declared,
                origin: self.origin.to_owned(),
                root,
                kind,
                runtime,
                arch,
                patterns: Vec::new(),
                layers,
                environment: self.environment(globals, own),
                settings: Settings::default(),
                framework_settings: Settings::default(),
            },
        );
        Ok(())
    }

    /// What is known before deployment of the global environment, and the function's own over it.
    fn environment(&self, globals: Option<&Node>, own: &Node) -> IndexMap<String, String> {
        let path = ["Environment", "Variables"];
        let maps = globals
            .and_then(|globals| globals.path(&path))
            .into_iter()
            .chain(own.path(&path));
        let known = maps
            .filter_map(Node::as_map)
            .flatten()
            .filter_map(|(name, item)| {
                let value = self.value(&item.value, 0).ok()?.scalar()?;
                Some((name.clone(), value))
            });
        known.collect()
    }

    /// The folder of `CodeUri` or `Code`; else why there is nothing to pack.
    fn root(&self, code: &Node) -> Result<std::result::Result<PathBuf, String>> {
        if let Data::Map(map) = &code.data
            && ["Bucket", "S3Bucket", "ImageUri", "Key", "S3Key"]
                .iter()
                .any(|key| map.contains_key(*key))
        {
            return Ok(Err("its code is stored elsewhere".into()));
        }
        let text = self.hard(code, "CodeUri")?;
        if text.contains("://") {
            return Ok(Err(format!("its code is stored elsewhere: `{text}`")));
        }
        if self.context.root.join(&text).is_file() {
            return Ok(Err(format!("its artifact is ready made: `{text}`")));
        }
        let root = self.context.root;
        handler::find_root(root, root, &text, &code.at.location()).map(Ok)
    }

    /// The source of a handler: at its place, else among the entry points that esbuild is given.
    fn handler(
        &self,
        root: &Path,
        text: &str,
        said: &Location,
        metadata: Option<&Node>,
        declarations: &mut Declarations,
    ) -> Result<Handler> {
        let bounds = self.context.root;
        let error = match handler::find(root, bounds, text, said) {
            Err(error) if error.code == NO_HANDLER => error,
            other => return other,
        };
        let points = metadata
            .filter(|m| m.get("BuildMethod").and_then(Node::as_str) == Some("esbuild"))
            .and_then(|m| m.path(&["BuildProperties", "EntryPoints"]))
            .and_then(Node::as_list)
            .unwrap_or(&[]);
        let name = text.rsplit('/').next().unwrap_or(text);
        let (stem, export) = name.split_once('.').unwrap_or((name, ""));
        let fits = |point: &&Node| {
            let file = point.as_str().map(Path::new).and_then(Path::file_stem);
            file.is_some_and(|own| own == stem)
        };
        let Some(point) = points
            .iter()
            .find(fits)
            .or(points.first().filter(|_| points.len() == 1))
        else {
            return Err(error);
        };
        let file = handler::find_entry(
            root,
            bounds,
            point.as_str().unwrap_or(""),
            &point.at.location(),
        )?
        .file;
        let moved = RelPath::as_str(&file);
        let moved = moved.rsplit_once('.').map_or(moved, |(whole, _)| whole);
        declarations.warnings.push(
            Diagnostic::warning(
                HANDLER_MOVED,
                format!("the handler `{text}` is made by esbuild from `{file}`, and coldcut keeps a file in its own place"),
            )
            .at(said.clone())
            .help(format!("deploy coldcut's artifact with `Handler: {moved}.{export}`")),
        );
        Ok(Handler {
            file,
            export: Some(export.to_owned()),
        })
    }

    /// The binary of a custom runtime's function; `None` where it is no cargo project.
    fn binary(
        &self,
        id: &str,
        root: &Path,
        setting: Option<&Node>,
        metadata: Option<&Node>,
        declared: &Location,
    ) -> Result<Option<FunctionKind>> {
        let own = Cargo::load(root)?;
        let Some(cargo) = own.as_ref() else {
            return Ok(None);
        };
        let text = match setting {
            Some(node) => self.value(node, 0).ok().and_then(|node| node.scalar()),
            None => None,
        };
        let named = metadata
            .and_then(|m| m.path(&["BuildProperties", "Binary"]))
            .and_then(Node::scalar);
        let text = text.filter(|text| text != "bootstrap");
        let bin = match (&named, &text) {
            (Some(named), _) => cargo.find(named),
            (None, Some(text)) => cargo.find(text),
            (None, None) => None,
        };
        // The handler of a custom runtime is often any word at all.
        let bin = match (bin, &named) {
            (None, None) => cargo.find(id).or_else(|| cargo.only()),
            (bin, _) => bin,
        };
        match bin {
            Some(bin) => Ok(Some(FunctionKind::Rust(bin.binary.clone()))),
            None => {
                let said = setting.map_or_else(|| declared.clone(), |node| node.at.location());
                Err(cargo.missing(
                    named.as_ref().or(text.as_ref()).map_or(id, |text| text),
                    &said,
                ))
            }
        }
    }

    /// A text that is needed.
    fn hard(&self, node: &Node, key: &str) -> Result<String> {
        let why = match self.value(node, 0) {
            Ok(value) => match value.scalar() {
                Some(text) => return Ok(text),
                None => format!("it is {}", value.kind()),
            },
            Err(why) => why,
        };
        Err(Box::new(
            Diagnostic::error(DEPLOY_TIME, format!("`{key}` has no value here: {why}"))
                .at(node.at.location())
                .help("write it out, or give the parameter a `Default`"),
        ))
    }

    /// A text that coldcut can do without.
    fn soft(&self, node: Option<&Node>, declarations: &mut Declarations) -> Option<String> {
        let node = node?;
        match self.value(node, 0) {
            Ok(value) => value.scalar(),
            Err(why) => {
                declarations.warnings.push(
                    Diagnostic::warning(DEPLOY_TIME, format!("a value is taken as not set: {why}"))
                        .at(node.at.location())
                        .help("write it out, or give the parameter a `Default`"),
                );
                None
            }
        }
    }

    /// How a layer is called: its ARN, or the name of what is referred to.
    fn layer(&self, node: &Node) -> String {
        match self.value(node, 0).ok().and_then(|node| node.scalar()) {
            Some(text) => text,
            None => crate::discover::serverless::layer(node),
        }
    }

    /// A node with its intrinsic function, short (`!Ref x`) or long (`{Ref: x}`), worked out.
    fn value(&self, node: &Node, depth: usize) -> Value {
        if depth > 40 {
            return Err("intrinsic functions are nested without end".into());
        }
        match &node.data {
            Data::Tagged(tag, inner) => self.intrinsic(tag, inner, depth),
            Data::Map(map) if map.len() == 1 => match map.first() {
                Some((key, item)) if key == "Ref" || key.starts_with("Fn::") => {
                    let name = key.strip_prefix("Fn::").unwrap_or(key);
                    self.intrinsic(name, &item.value, depth)
                }
                _ => Ok(node.clone()),
            },
            _ => Ok(node.clone()),
        }
    }

    fn intrinsic(&self, name: &str, of: &Node, depth: usize) -> Value {
        let text = |text: String| Node {
            data: Data::String(text),
            at: of.at.clone(),
        };
        let list = || {
            of.as_list()
                .ok_or_else(|| format!("`!{name}` must have a list"))
        };
        match name {
            "Ref" => self.reference(of.as_str().unwrap_or("")),
            "Sub" => {
                let (template, own) = match &of.data {
                    Data::List(list) => (list.first().and_then(Node::as_str), list.get(1)),
                    _ => (of.as_str(), None),
                };
                let template = template.ok_or("`!Sub` must have a text")?;
                self.substitute(template, own, depth).map(text)
            }
            "Join" => {
                let [sign, parts] = list()? else {
                    return Err("`!Join` must have a sign and a list".into());
                };
                let parts = self.value(parts, depth + 1)?;
                let mut words = Vec::new();
                for part in parts.as_list().ok_or("`!Join` must have a list")? {
                    let part = self.value(part, depth + 1)?;
                    words.push(part.scalar().ok_or("`!Join` joins texts")?);
                }
                Ok(text(words.join(&sign.scalar().unwrap_or_default())))
            }
            "FindInMap" => {
                let mut keys = Vec::new();
                for key in list()?.iter().take(3) {
                    keys.push(self.value(key, depth + 1)?.scalar().unwrap_or_default());
                }
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                let mappings = self.doc.get("Mappings");
                let found = mappings.and_then(|mappings| mappings.path(&keys));
                found
                    .cloned()
                    .ok_or_else(|| format!("the mappings have no `{}`", keys.join(".")))
            }
            "Select" => {
                let [index, of] = list()? else {
                    return Err("`!Select` must have a number and a list".into());
                };
                let of = self.value(of, depth + 1)?;
                let index = index.scalar().and_then(|index| index.parse::<usize>().ok());
                let item = index.and_then(|index| of.as_list()?.get(index));
                self.value(item.ok_or("`!Select` finds nothing")?, depth + 1)
            }
            _ => Err(format!("`!{name}` is known only to a deployed stack")),
        }
    }

    fn reference(&self, name: &str) -> Value {
        let parameter = self.doc.path(&["Parameters", name]);
        if let Some(parameter) = parameter {
            if let Some(value) = self.context.request.options.get(name) {
                return Ok(Node {
                    data: Data::String(value.clone()),
                    at: parameter.at.clone(),
                });
            }
            let default = parameter.get("Default").cloned();
            return default.ok_or_else(|| format!("the parameter `{name}` has no default"));
        }
        Err(format!("`{name}` is known only to a deployed stack"))
    }

    fn substitute(
        &self,
        template: &str,
        own: Option<&Node>,
        depth: usize,
    ) -> std::result::Result<String, String> {
        let mut whole = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            whole += before;
            let (name, after) = after.split_once('}').ok_or("`!Sub` has no closing brace")?;
            if let Some(literal) = name.strip_prefix('!') {
                whole += &format!("${{{literal}}}");
            } else {
                let value = match own.and_then(|own| own.get(name.trim())) {
                    Some(node) => self.value(node, depth + 1)?,
                    None => self.reference(name.trim())?,
                };
                whole += &value
                    .scalar()
                    .ok_or_else(|| format!("`{name}` is no text"))?;
            }
            rest = after;
        }
        whole += rest;
        Ok(whole)
    }
}
