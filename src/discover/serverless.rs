//! The Serverless Framework's `serverless.yml` (`.yaml`, `.json`).
//!
//! In: the folder's file. Out: a [`Declarations`] with its functions, their patterns and layers.
//! `package.individually` is read over: coldcut always makes one artifact per function.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::discover::cargo::{Bin, Cargo};
use crate::discover::codes::{
    BAD_FRAMEWORK_FILE, BAD_HANDLER, CONFIG_IS_PROGRAM, HANDLER_NOT_FOUND, NO_PROJECT,
    OUTSIDE_PROJECT, UNKNOWN_PROVIDER, VALUE_AT_DEPLOY_TIME, VARIABLE_HAS_NO_VALUE,
};
use crate::discover::declarations::{Declarations, DiscoveryContext};
use crate::discover::function_builder::{FunctionBuilder, FunctionParts, Step, skip};
use crate::discover::handler;
use crate::discover::migrate;
use crate::discover::variables::{Variables, text_node};
use coldcut_core::diagnostics::{Diagnostic, Location, Result, Severity};
use coldcut_core::functions::FunctionKind;
use coldcut_core::settings::value;
use coldcut_core::settings::value::{Data, Item, Node, Span, TextFile};
use coldcut_core::settings::{Pattern, Settings, file};

const NAMES: [&str; 3] = ["serverless.yml", "serverless.yaml", "serverless.json"];
const PROGRAMS: [&str; 5] = [
    "serverless.ts",
    "serverless.js",
    "serverless.cjs",
    "serverless.mjs",
    "serverless.mts",
];

/// The functions of the folder's file; `None` where it has no such file, or one without functions.
pub fn declarations(context: &DiscoveryContext<'_>) -> Result<Option<Declarations>> {
    for name in NAMES {
        let path = context.root.join(name);
        if let Some(doc) = value::load(&path)? {
            return read(context, name, &doc, vec![path]);
        }
    }
    for name in PROGRAMS {
        let path = context.root.join(name);
        if path.is_file() {
            return Err(Box::new(
                Diagnostic::error(
                    CONFIG_IS_PROGRAM,
                    format!("`{name}` is a program, and coldcut does not run a project's programs to find its functions"),
                )
                .at_file(&path)
                .help(
                    "save its output with `npx serverless print --format yaml > serverless.yml` in a copy of the project, \
                     list the functions in `coldcut.toml` (`[functions.users]`, `handler = \"src/users.main\"`), \
                     or name them by `--entry src/users.ts`",
                ),
            ));
        }
    }
    Ok(None)
}

/// The functions of a configuration that the framework itself has read and resolved. Messages point
/// into the file that it was read from, where that is no program.
pub fn resolved(context: &DiscoveryContext<'_>, service: &Arc<TextFile>) -> Result<Declarations> {
    let mut doc = value::json(service)?;
    let mut origin = NAMES[0];
    let mut files = Vec::new();
    for name in NAMES.into_iter().chain(PROGRAMS) {
        let path = context.root.join(name);
        if !path.is_file() {
            continue;
        }
        if let Some(written) = NAMES
            .contains(&name)
            .then(|| value::load(&path).ok().flatten())
            .flatten()
        {
            doc = doc.placed_as(&written);
        }
        (origin, files) = (name, vec![path]);
        break;
    }
    let at = doc.at.location();
    read(context, origin, &doc, files)?.ok_or_else(|| {
        let message = "the framework's configuration has no functions";
        Box::new(
            Diagnostic::error(NO_PROJECT, message)
                .at(at)
                .help("add them under `functions`"),
        )
    })
}

/// What is said once for all functions.
struct Service<'a> {
    context: &'a DiscoveryContext<'a>,
    origin: &'a str,
    runtime: Option<String>,
    arch: Option<String>,
    layers: Vec<String>,
    environment: IndexMap<String, String>,
    package: Package,
}

/// One `package:` block.
#[derive(Default)]
struct Package {
    patterns: Vec<Pattern>,
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
    artifact: Option<String>,
}

impl Package {
    /// All patterns of a function whose own block is `own`, in the framework's order: all
    /// exclusions first, then what is included again.
    fn patterns_with(&self, own: &Self) -> Vec<Pattern> {
        let lists = [
            &self.exclude,
            &own.exclude,
            &self.include,
            &self.patterns,
            &own.include,
            &own.patterns,
        ];
        lists.into_iter().flatten().cloned().collect()
    }
}

/// `files` are those that `doc` was read from.
fn read(
    context: &DiscoveryContext<'_>,
    origin: &str,
    doc: &Node,
    files: Vec<PathBuf>,
) -> Result<Option<Declarations>> {
    if !matches!(doc.data, Data::Map(_) | Data::Null) {
        let message = format!("`{origin}` must be a map, but it is {}", doc.kind());
        return Err(shape(doc, message));
    }
    let mut variables = Variables::new(context.root, doc, context.request);
    let mut functions = IndexMap::new();
    if let Some(node) = variables.get(doc, "functions")? {
        collect(&mut variables, &node, &mut functions, 0)?;
    }
    if functions.is_empty() {
        return Ok(None);
    }
    let provider = provider(&mut variables, doc)?;
    let package = match variables.get(doc, "package")? {
        Some(node) => package(&mut variables, &node)?,
        None => Package::default(),
    };
    let service = Service {
        context,
        origin,
        runtime: text(&mut variables, &provider, "runtime")?,
        arch: text(&mut variables, &provider, "architecture")?,
        layers: layers(&mut variables, &provider)?,
        environment: environment(&mut variables, &provider)?,
        package,
    };
    let mut declarations = Declarations {
        name: service_name(&mut variables, doc)?,
        settings: settings(&mut variables, doc)?,
        files,
        ..Declarations::default()
    };
    for (name, item) in &functions {
        if !context.wants(name) {
            declarations.unwanted.push(name.clone());
            continue;
        }
        function(&service, &mut variables, name, item, &mut declarations)?;
    }
    declarations.files.extend(variables.files().cloned());
    declarations
        .environment
        .extend(variables.environment().cloned());
    declarations.warnings.append(&mut variables.warnings);
    Ok(Some(declarations))
}

/// The `provider` block, whose short form is `provider: aws`.
fn provider(variables: &mut Variables<'_>, doc: &Node) -> Result<Node> {
    let provider = match variables.get(doc, "provider")? {
        Some(node) if node.as_str().is_some() => Node {
            data: Data::Map(IndexMap::from([(
                "name".to_owned(),
                Item {
                    key: node.at.clone(),
                    value: node.clone(),
                },
            )])),
            at: node.at,
        },
        Some(node) => node,
        None => Node {
            data: Data::Map(IndexMap::new()),
            at: doc.at.clone(),
        },
    };
    match text(variables, &provider, "name")? {
        Some(name) if name != "aws" => {
            let place = provider.get("name").map_or(&provider.at, |name| &name.at);
            Err(Box::new(
                Diagnostic::error(
                    UNKNOWN_PROVIDER,
                    format!("the provider `{name}` is not known to coldcut"),
                )
                .at(place.location())
                .help("only `aws` is; name the functions by `--entry`, or in `coldcut.toml`"),
            ))
        }
        _ => Ok(provider),
    }
}

/// `custom.coldcut`, and before it what other packers were told.
fn settings(variables: &mut Variables<'_>, doc: &Node) -> Result<Vec<Settings>> {
    let mut all = vec![migrate::read(variables, doc)?];
    let own = match variables.get(doc, "custom")? {
        Some(custom) => variables.get(&custom, "coldcut")?,
        None => None,
    };
    if let Some(own) = own {
        let own = variables.whole(&own)?;
        all.push(file::of_framework(&own, "custom.coldcut")?);
    }
    Ok(all)
}

/// `functions` is a map, or a list of maps; each may come from a file.
fn collect(
    variables: &mut Variables<'_>,
    node: &Node,
    functions: &mut IndexMap<String, Item>,
    depth: usize,
) -> Result<()> {
    let node = variables.resolve(node)?;
    match &node.data {
        Data::Null => {}
        Data::Map(map) => {
            for (name, item) in map {
                functions.insert(name.clone(), item.clone());
            }
        }
        Data::List(list) if depth < 4 => {
            for part in list {
                collect(variables, part, functions, depth + 1)?;
            }
        }
        _ => {
            let message = format!(
                "`functions` must be a map or a list of maps, but it is {}",
                node.kind()
            );
            return Err(shape(&node, message));
        }
    }
    Ok(())
}

fn shape(node: &Node, message: String) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(BAD_FRAMEWORK_FILE, message)
            .at(node.at.location())
            .help(
                "see https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml",
            ),
    )
}

fn service_name(variables: &mut Variables<'_>, doc: &Node) -> Result<Option<String>> {
    let Some(node) = soft(variables, doc, "service")? else {
        return Ok(None);
    };
    if node.as_map().is_some() {
        return text(variables, &node, "name");
    }
    Ok(node.scalar().filter(|name| !name.is_empty()))
}

/// A value without which coldcut can go on: where its variable has no value, a warning is enough.
fn soft(variables: &mut Variables<'_>, node: &Node, key: &str) -> Result<Option<Node>> {
    match variables.get(node, key) {
        Err(error) if [VARIABLE_HAS_NO_VALUE, VALUE_AT_DEPLOY_TIME].contains(&error.code) => {
            let mut warning = *error;
            warning.severity = Severity::Warning;
            warning.notes.push(format!("`{key}` is treated as not set"));
            variables.warnings.push(warning);
            Ok(None)
        }
        other => other,
    }
}

/// The variables whose values are known before deployment: what is looked up then, or made then,
/// is taken as not set.
fn environment(variables: &mut Variables<'_>, node: &Node) -> Result<IndexMap<String, String>> {
    let late = [VARIABLE_HAS_NO_VALUE, VALUE_AT_DEPLOY_TIME];
    let map = match variables.get(node, "environment") {
        Ok(Some(map)) => map,
        Ok(None) => return Ok(IndexMap::new()),
        Err(error) if late.contains(&error.code) => return Ok(IndexMap::new()),
        Err(error) => return Err(error),
    };
    let mut out = IndexMap::new();
    for (name, item) in map.as_map().into_iter().flatten() {
        match variables.resolve(&item.value) {
            Ok(value) => out.extend(value.scalar().map(|value| (name.clone(), value))),
            Err(error) if late.contains(&error.code) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(out)
}

fn text(variables: &mut Variables<'_>, node: &Node, key: &str) -> Result<Option<String>> {
    let Some(node) = soft(variables, node, key)? else {
        return Ok(None);
    };
    match node.scalar() {
        Some(text) => Ok(Some(text)),
        None => Err(shape(
            &node,
            format!("`{key}` must be a string, but it is {}", node.kind()),
        )),
    }
}

fn function(
    service: &Service<'_>,
    variables: &mut Variables<'_>,
    name: &str,
    item: &Item,
    declarations: &mut Declarations,
) -> Result<()> {
    let builder = FunctionBuilder {
        context: service.context,
        name,
        declared: item.key.location(),
        origin: service.origin,
    };
    builder.build(declarations, |_| parts(service, variables, name, item))
}

/// What the file says of one function.
fn parts(
    service: &Service<'_>,
    variables: &mut Variables<'_>,
    name: &str,
    item: &Item,
) -> Step<FunctionParts> {
    let node = variables.resolve(&item.value)?;
    if node.as_map().is_none() {
        let message = format!("function `{name}` must be a map, but it is {}", node.kind());
        return Err(shape(&node, message).into());
    }
    if node.get("image").is_some() {
        return skip("it is a container image");
    }
    let framework_settings = framework_settings(variables, &node, name)?;
    let own = match variables.get(&node, "package")? {
        Some(node) => package(variables, &node)?,
        None => Package::default(),
    };
    let artifact = own.artifact.as_ref().or(service.package.artifact.as_ref());
    if let Some(artifact) = artifact {
        return skip(format!("it already has an artifact: `{artifact}`"));
    }
    let (handler, said) = handler_setting(variables, &node, name, &item.key)?;
    let runtime = match text(variables, &node, "runtime")? {
        Some(runtime) => Some(runtime),
        None => service.runtime.clone(),
    };
    let kind = kind(service.context, name, &handler, runtime.as_deref(), &said)?;
    let arch = match text(variables, &node, "architecture")? {
        Some(arch) => Some(arch),
        None => service.arch.clone(),
    };
    let own_layers = layers(variables, &node)?;
    let mut all_environment = service.environment.clone();
    all_environment.extend(environment(variables, &node)?);
    Ok(FunctionParts {
        root: service.context.root.to_path_buf(),
        kind,
        // The old plug-in's `rust` is no name of the platform's.
        runtime: runtime.filter(|runtime| runtime != "rust"),
        arch,
        patterns: service.package.patterns_with(&own),
        layers: if node.get("layers").is_some() {
            own_layers
        } else {
            service.layers.clone()
        },
        environment: all_environment,
        framework_settings,
    })
}

/// `coldcut` of one function.
fn framework_settings(
    variables: &mut Variables<'_>,
    function: &Node,
    name: &str,
) -> Step<Settings> {
    match variables.get(function, "coldcut")? {
        Some(said) if matches!(said.data, Data::Bool(false)) => {
            skip("`coldcut: false` leaves it to the framework")
        }
        Some(said) => {
            let said = variables.whole(&said)?;
            let key = format!("functions.{name}.coldcut");
            Ok(file::of_framework(&said, &key)?)
        }
        None => Ok(Settings::default()),
    }
}

/// The handler, and where it is written, which is not where a variable's value is.
fn handler_setting(
    variables: &mut Variables<'_>,
    function: &Node,
    name: &str,
    declared: &Span,
) -> Result<(String, Location)> {
    let Some(handler) = variables.get(function, "handler")? else {
        return Err(Box::new(
            Diagnostic::error(
                BAD_FRAMEWORK_FILE,
                format!("function `{name}` has no handler"),
            )
            .at(declared.location())
            .help("add `handler: src/file.export`"),
        ));
    };
    let Some(text) = handler.scalar() else {
        return Err(shape(
            &handler,
            format!(
                "the handler of `{name}` must be a string, but it is {}",
                handler.kind()
            ),
        ));
    };
    let written = function.get("handler");
    let said = written.map_or(&handler.at, |written| &written.at);
    Ok((text, said.location()))
}

/// Node.js or Rust.
fn kind(
    context: &DiscoveryContext<'_>,
    name: &str,
    text: &str,
    runtime: Option<&str>,
    said: &Location,
) -> Step<FunctionKind> {
    match runtime {
        Some(runtime) if runtime.starts_with("provided") || runtime.starts_with("rust") => {
            let Some(cargo) = context.cargo()? else {
                return skip(format!(
                    "its runtime is `{runtime}`, and there is no `Cargo.toml` beside `serverless.yml`"
                ));
            };
            match binary(cargo, text, name) {
                Some(bin) => Ok(FunctionKind::Rust(bin.binary.clone())),
                None => Err(cargo.missing(text, said).into()),
            }
        }
        Some(runtime) if !runtime.starts_with("nodejs") => skip(format!(
            "its runtime `{runtime}` is neither Node.js nor Rust"
        )),
        _ => Ok(node_or_binary(context, text, said)?),
    }
}

/// The file of a handler, or the cargo binary of that name.
fn node_or_binary(
    context: &DiscoveryContext<'_>,
    text: &str,
    said: &Location,
) -> Result<FunctionKind> {
    let error = match handler::find(context.root, context.root, text, said) {
        Ok(handler) => return Ok(FunctionKind::Node(handler)),
        Err(error) => error,
    };
    if ![HANDLER_NOT_FOUND, BAD_HANDLER, OUTSIDE_PROJECT].contains(&error.code) {
        return Err(error);
    }
    // A broken Cargo.toml is not what is wrong with this handler.
    let cargo = context.cargo().ok().flatten();
    match cargo.and_then(|cargo| cargo.find(text)) {
        Some(bin) => Ok(FunctionKind::Rust(bin.binary.clone())),
        None => Err(error),
    }
}

/// The binary that a custom runtime's handler means: it may be called `bootstrap`, which says
/// nothing, and then the function's name or there being only one decides.
fn binary<'a>(cargo: &'a Cargo, text: &str, name: &str) -> Option<&'a Bin> {
    cargo.find(text).or_else(|| {
        let vague = text == "bootstrap" || text.ends_with("/bootstrap");
        vague
            .then(|| cargo.find(name).or_else(|| cargo.only()))
            .flatten()
    })
}

fn package(variables: &mut Variables<'_>, node: &Node) -> Result<Package> {
    if node.as_map().is_none() {
        return Err(shape(
            node,
            format!("`package` must be a map, but it is {}", node.kind()),
        ));
    }
    let artifact = text(variables, node, "artifact")?;
    Ok(Package {
        patterns: patterns(variables, node, "patterns")?,
        include: patterns(variables, node, "include")?,
        exclude: patterns(variables, node, "exclude")?,
        artifact,
    })
}

fn patterns(variables: &mut Variables<'_>, package: &Node, key: &str) -> Result<Vec<Pattern>> {
    let mut found = Vec::new();
    if let Some(node) = variables.get(package, key)? {
        flatten(variables, &node, key, &mut found, 0)?;
    }
    Ok(found)
}

fn flatten(
    variables: &mut Variables<'_>,
    node: &Node,
    key: &str,
    found: &mut Vec<Pattern>,
    depth: usize,
) -> Result<()> {
    let at: &Span = &node.at;
    let node = variables.resolve(node)?;
    match &node.data {
        Data::Null => {}
        Data::List(list) if depth < 4 => {
            for item in list {
                flatten(variables, item, key, found, depth + 1)?;
            }
        }
        _ => {
            let Some(text) = node.scalar().filter(|_| depth > 0 || key.is_empty()) else {
                let message = format!(
                    "`package.{key}` must be a list of globs, but it has {}",
                    node.kind()
                );
                return Err(shape(&node, message));
            };
            let (negated, glob) = match text.strip_prefix('!') {
                Some(glob) => (true, glob),
                None => (false, text.as_str()),
            };
            found.push(Pattern {
                glob: glob.strip_prefix("./").unwrap_or(glob).to_owned(),
                keep: negated == (key == "exclude"),
                said: at.location(),
                text: match key {
                    "patterns" => text.clone(),
                    _ => format!("{key}: {text}"),
                },
            });
        }
    }
    Ok(())
}

/// Layers as they are written: an ARN, or the name that a reference has.
fn layers(variables: &mut Variables<'_>, node: &Node) -> Result<Vec<String>> {
    let Some(list) = soft(variables, node, "layers")? else {
        return Ok(Vec::new());
    };
    let Some(list) = list.as_list() else {
        return Err(shape(
            &list,
            format!("`layers` must be a list, but it is {}", list.kind()),
        ));
    };
    let mut names = Vec::new();
    for item in list {
        let node = match variables.resolve(item) {
            Ok(node) => node,
            // Its name alone matters, and what is written is as good as any.
            Err(error) if [VARIABLE_HAS_NO_VALUE, VALUE_AT_DEPLOY_TIME].contains(&error.code) => {
                text_node(item.as_str().unwrap_or(""), &item.at)
            }
            Err(error) => return Err(error),
        };
        names.push(layer(&node));
    }
    Ok(names)
}

/// How a layer is called.
pub fn layer(node: &Node) -> String {
    match &node.data {
        Data::Tagged(_, inner) => layer(inner),
        Data::Map(map) => match map.values().next() {
            Some(item) if map.len() == 1 => layer(&item.value),
            _ => node.to_json().to_string(),
        },
        _ => node.scalar().unwrap_or_else(|| node.to_json().to_string()),
    }
}
