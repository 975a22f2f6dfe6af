//! AWS SAM and plain CloudFormation templates: `template.yaml` (`.yml`, `.json`).
//!
//! In: the folder's template. Out: a [`Declarations`] with its functions. Intrinsic functions are
//! worked out as far as the template itself says (parameters' defaults, mappings); what is known
//! only to a deployed stack is no value.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::discover::cargo::Cargo;
use crate::discover::codes::{
    BAD_FRAMEWORK_FILE, HANDLER_MOVED, HANDLER_NOT_FOUND, VALUE_AT_DEPLOY_TIME,
};
use crate::discover::declarations::{Declarations, DiscoveryContext};
use crate::discover::function_builder::{FunctionBuilder, FunctionParts, Step, skip};
use crate::discover::handler;
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::functions::{FunctionKind, Handler};
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

/// One function of a template.
struct Resource<'a> {
    id: &'a str,
    item: &'a Item,
    own: &'a Node,
    /// What the template says for all functions.
    globals: Option<&'a Node>,
    /// It is SAM's kind of function, and not CloudFormation's.
    sam: bool,
}

impl<'a> Resource<'a> {
    /// A property of its own, else the one of all functions.
    fn property(&self, key: &str) -> Option<&'a Node> {
        let globals = || self.globals.and_then(|globals| globals.get(key));
        self.own.get(key).or_else(globals)
    }

    fn metadata(&self) -> Option<&'a Node> {
        self.item.value.get("Metadata")
    }

    fn build_method(&self) -> Option<&'a str> {
        self.metadata()?.get("BuildMethod")?.as_str()
    }

    /// Whether its code is in files: an image and code in the template are left alone.
    fn has_code(&self) -> Step<()> {
        if self.property("PackageType").and_then(Node::as_str) == Some("Image")
            || self.own.get("ImageUri").is_some()
        {
            return skip("it is a container image");
        }
        if self.own.get("InlineCode").is_some() || self.own.path(&["Code", "ZipFile"]).is_some() {
            return skip("its code is inline in the template");
        }
        Ok(())
    }
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
        let builder = FunctionBuilder {
            context: self.context,
            name: id,
            declared: item.key.location(),
            origin: self.origin,
        };
        let empty = Node {
            data: Data::Null,
            at: item.key.clone(),
        };
        let resource = Resource {
            id,
            item,
            own: item.value.get("Properties").unwrap_or(&empty),
            globals: self.doc.path(&["Globals", "Function"]).filter(|_| sam),
            sam,
        };
        builder.build(declarations, |declarations| {
            self.parts(&resource, declarations)
        })
    }

    /// What the template says of one function.
    fn parts(
        &self,
        resource: &Resource<'_>,
        declarations: &mut Declarations,
    ) -> Step<FunctionParts> {
        resource.has_code()?;
        let runtime = self.soft(resource.property("Runtime"), declarations);
        let rust = runtime
            .as_deref()
            .is_some_and(|r| r.starts_with("provided"));
        if let Some(runtime) = &runtime
            && !rust
            && !runtime.starts_with("nodejs")
        {
            return skip(format!(
                "its runtime `{runtime}` is neither Node.js nor Rust"
            ));
        }
        let root = match resource.property(if resource.sam { "CodeUri" } else { "Code" }) {
            None => self.context.root.to_path_buf(),
            Some(code) => self.root(code)?,
        };
        let kind = if rust || resource.build_method() == Some("rust-cargolambda") {
            self.binary(resource, &root, runtime.as_deref())?
        } else {
            self.node(resource, &root, declarations)?
        };
        Ok(FunctionParts {
            root,
            kind,
            runtime,
            arch: self.arch(resource, declarations),
            patterns: Vec::new(),
            layers: self.layers(resource),
            environment: self.environment(resource.globals, resource.own),
            framework_settings: Settings::default(),
        })
    }

    /// The source file of a Node.js function.
    fn node(
        &self,
        resource: &Resource<'_>,
        root: &Path,
        declarations: &mut Declarations,
    ) -> Result<FunctionKind> {
        let Some(setting) = resource.property("Handler") else {
            let message = format!("function `{}` has no `Handler`", resource.id);
            return Err(Box::new(
                Diagnostic::error(BAD_FRAMEWORK_FILE, message)
                    .at(resource.item.key.location())
                    .help("add `Handler: file.export` to its properties, or to `Globals`"),
            ));
        };
        let text = self.hard(setting, "Handler")?;
        let said = setting.at.location();
        let handler = self.handler(root, &text, &said, resource.metadata(), declarations)?;
        Ok(FunctionKind::Node(handler))
    }

    /// The first of the processors, where it is known.
    fn arch(&self, resource: &Resource<'_>, declarations: &mut Declarations) -> Option<String> {
        let list = self.value(resource.property("Architectures")?, 0).ok()?;
        self.soft(list.as_list()?.first(), declarations)
    }

    /// The one property whose two lists are joined.
    fn layers(&self, resource: &Resource<'_>) -> Vec<String> {
        let globals = resource.globals.and_then(|globals| globals.get("Layers"));
        let lists = globals.into_iter().chain(resource.own.get("Layers"));
        let layers = lists.filter_map(Node::as_list).flatten();
        layers.map(|layer| self.layer(layer)).collect()
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

    /// The folder of `CodeUri` or `Code`.
    fn root(&self, code: &Node) -> Step<PathBuf> {
        if let Data::Map(map) = &code.data
            && ["Bucket", "S3Bucket", "ImageUri", "Key", "S3Key"]
                .iter()
                .any(|key| map.contains_key(*key))
        {
            return skip("its code is stored elsewhere");
        }
        let text = self.hard(code, "CodeUri")?;
        if text.contains("://") {
            return skip(format!("its code is stored elsewhere: `{text}`"));
        }
        if self.context.root.join(&text).is_file() {
            return skip(format!("it already has an artifact: `{text}`"));
        }
        let root = self.context.root;
        let found = handler::find_root(root, root, &text, &code.at.location());
        Ok(found?)
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
            Err(error) if error.code == HANDLER_NOT_FOUND => error,
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
                format!("the handler `{text}` is built by esbuild from `{file}`, but coldcut keeps each file at its own path"),
            )
            .at(said.clone())
            .help(format!("deploy coldcut's artifact with `Handler: {moved}.{export}`")),
        );
        Ok(Handler {
            file,
            export: Some(export.to_owned()),
        })
    }

    /// The binary of a custom runtime's function.
    fn binary(
        &self,
        resource: &Resource<'_>,
        root: &Path,
        runtime: Option<&str>,
    ) -> Step<FunctionKind> {
        let Some(cargo) = Cargo::load(root)? else {
            let runtime = runtime.unwrap_or("custom");
            return skip(format!(
                "its runtime is `{runtime}`, and its `CodeUri` has no `Cargo.toml`"
            ));
        };
        let setting = resource.property("Handler");
        let text = setting.and_then(|node| self.value(node, 0).ok()?.scalar());
        let text = text.filter(|text| text != "bootstrap");
        let named = resource
            .metadata()
            .and_then(|m| m.path(&["BuildProperties", "Binary"]))
            .and_then(Node::scalar);
        let wanted = named.as_ref().or(text.as_ref());
        let bin = wanted.and_then(|name| cargo.find(name));
        // The handler of a custom runtime is often any word at all.
        let bin = match (bin, &named) {
            (None, None) => cargo.find(resource.id).or_else(|| cargo.only()),
            (bin, _) => bin,
        };
        match bin {
            Some(bin) => Ok(FunctionKind::Rust(bin.binary.clone())),
            None => {
                let at = setting.map_or(&resource.item.key, |node| &node.at);
                let name = wanted.map_or(resource.id, |name| name);
                Err(cargo.missing(name, &at.location()).into())
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
            Diagnostic::error(
                VALUE_AT_DEPLOY_TIME,
                format!("`{key}` has no value here: {why}"),
            )
            .at(node.at.location())
            .help("write the value itself, or give the parameter a `Default`"),
        ))
    }

    /// A text that coldcut can do without.
    fn soft(&self, node: Option<&Node>, declarations: &mut Declarations) -> Option<String> {
        let node = node?;
        match self.value(node, 0) {
            Ok(value) => value.scalar(),
            Err(why) => {
                declarations.warnings.push(
                    Diagnostic::warning(
                        VALUE_AT_DEPLOY_TIME,
                        format!("a value is treated as not set: {why}"),
                    )
                    .at(node.at.location())
                    .help("write the value itself, or give the parameter a `Default`"),
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
            return Err("intrinsic functions are nested too deeply".into());
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
                let template = template.ok_or("`!Sub` must have a string")?;
                self.substitute(template, own, depth).map(text)
            }
            "Join" => {
                let [sign, parts] = list()? else {
                    return Err("`!Join` must have a delimiter and a list".into());
                };
                let parts = self.value(parts, depth + 1)?;
                let mut words = Vec::new();
                for part in parts.as_list().ok_or("`!Join` must have a list")? {
                    let part = self.value(part, depth + 1)?;
                    words.push(part.scalar().ok_or("`!Join` can join only strings")?);
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
                self.value(
                    item.ok_or("`!Select` finds no item at this index")?,
                    depth + 1,
                )
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
                    .ok_or_else(|| format!("`{name}` is not a string"))?;
            }
            rest = after;
        }
        whole += rest;
        Ok(whole)
    }
}
