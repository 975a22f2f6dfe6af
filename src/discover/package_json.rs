//! A plain Node.js package: what `package.json` exports is the function.
//!
//! In: the folder's `package.json`. Out: a [`Declarations`] with one function for `exports` or
//! `main`; subpaths are functions of their own where the package has no `.`.

use crate::discover::codes::ENTRY_NOT_FOUND;
use crate::discover::declarations::{Declarations, DiscoveryContext};
use crate::discover::entry::node;
use crate::discover::handler::find_entry;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::settings::value;
use coldcut_core::settings::value::{Data, Item, Node};

/// Conditions under which Node would load a function, in the order of preference.
const CONDITIONS: [&str; 6] = [
    "node",
    "import",
    "module-sync",
    "require",
    "default",
    "module",
];

/// The function of a `package.json`, if there is one; `lenient` takes a `main` that is not
/// there for a left-over, with a warning.
pub fn declarations(context: &DiscoveryContext<'_>, lenient: bool) -> Result<Option<Declarations>> {
    let path = context.root.join("package.json");
    let Some(package) = value::load(&path)? else {
        return Ok(None);
    };
    let mut declarations = Declarations {
        name: name(&package),
        files: vec![path],
        ..Declarations::default()
    };
    let own = declarations
        .name
        .as_deref()
        .map(unscoped)
        .filter(|name| crate::discover::declarations::valid_name(name));
    let own = own.unwrap_or("index").to_owned();
    for (name, target) in targets(&package, &own) {
        let said = target.at.location();
        if !context.wants(&name) {
            declarations.unwanted.push(name);
            continue;
        }
        let text = target.as_str().unwrap_or("");
        match find_entry(context.root, context.root, text, &said) {
            Ok(handler) => {
                let function = node(context, name, said, "package.json", handler);
                declarations.push(context, function);
            }
            Err(error) if lenient && error.code == ENTRY_NOT_FOUND => {
                let warning = Diagnostic::warning(ENTRY_NOT_FOUND, error.message.clone());
                declarations.warnings.push(warning.at(said));
            }
            Err(error) => return Err(error),
        }
    }
    if declarations.is_empty() && declarations.warnings.is_empty() {
        // Node's own rule for a package that says nothing, and its kin of source.
        let said = package.at.location();
        if let Ok(handler) = find_entry(context.root, context.root, "index", &said) {
            declarations.push(context, node(context, own, said, "package.json", handler));
        }
    }
    Ok(Some(declarations))
}

/// The package's name.
pub fn name(package: &Node) -> Option<String> {
    let name = package.get("name").and_then(Node::as_str)?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn unscoped(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What the package exports, by the name of the function it makes.
fn targets(package: &Node, own: &str) -> Vec<(String, Node)> {
    let main = package.get("main").filter(|main| main.as_str().is_some());
    if let Some(exports) = package.get("exports") {
        if let Some(target) = target(exports) {
            return vec![(own.to_owned(), target)];
        }
        if let Some(map) = exports.as_map() {
            if let Some(target) = map.get(".").and_then(|item| target(&item.value)) {
                return vec![(own.to_owned(), target)];
            }
            if main.is_none() {
                return map.iter().filter_map(subpath).collect();
            }
        }
    }
    main.map(|main| (own.to_owned(), main.clone()))
        .into_iter()
        .collect()
}

fn subpath((key, item): (&String, &Item)) -> Option<(String, Node)> {
    let name = key.strip_prefix("./")?.replace('/', "-");
    let name = name
        .rsplit_once('.')
        .map_or(name.as_str(), |(stem, _)| stem)
        .to_owned();
    let target = target(&item.value)?;
    let text = target.as_str()?;
    let wild = key.contains('*') || text.ends_with(".json") || text.ends_with(".css");
    (!wild && crate::discover::declarations::valid_name(&name)).then_some((name, target))
}

/// A file, through conditions and lists of fallbacks.
fn target(node: &Node) -> Option<Node> {
    match &node.data {
        Data::String(_) => Some(node.clone()),
        Data::List(list) => list.iter().find_map(target),
        Data::Map(map) => CONDITIONS
            .iter()
            .find_map(|condition| map.get(*condition))
            .and_then(|item| target(&item.value)),
        _ => None,
    }
}
