//! What a manifest says for cargo-lambda, so that its users need change nothing.
//!
//! In: `[package.metadata.lambda]` and `[workspace.metadata.lambda]`, each with tables for single
//! binaries. Out: [`Lambda`]: files to include, the environment, the architecture. What only a
//! deployment needs (roles, tags, subnets) is not read.

use indexmap::IndexMap;

use coldcut_core::diagnostics::Location;
use coldcut_core::settings::value::Node;

/// What holds for one binary.
#[derive(Debug, Clone, Default)]
pub(super) struct Lambda {
    /// Files and folders, as written, each with where it is written.
    pub include: Vec<(String, Location)>,
    pub environment: IndexMap<String, String>,
    /// As platforms name it.
    pub arch: Option<String>,
    /// As platforms name it: `provided.al2023`.
    pub runtime: Option<String>,
    pub layers: Vec<String>,
}

/// Reads the tables for the binary `bin`: the workspace's, the package's, and the binary's own, the
/// nearest last.
pub(super) fn read(workspace: Option<&Node>, package: Option<&Node>, bin: &str) -> Lambda {
    let mut out = Lambda::default();
    let of = |node: Option<&Node>, scope: &str| {
        node.and_then(|node| node.path(&[scope, "metadata", "lambda"]).cloned())
    };
    for table in [of(workspace, "workspace"), of(package, "package")] {
        let Some(table) = table else { continue };
        add(&table, &mut out);
        if let Some(own) = table.path(&["bin", bin]) {
            add(own, &mut out);
        }
    }
    out
}

fn add(table: &Node, out: &mut Lambda) {
    let strings = |path: &[&str]| -> Vec<(String, Location)> {
        let list = table.path(path).and_then(Node::as_list).unwrap_or_default();
        list.iter()
            .filter_map(|item| Some((item.as_str()?.to_string(), item.at.location())))
            .collect()
    };
    for path in [["build", "include"], ["deploy", "include"]] {
        for item in strings(&path) {
            if !out.include.iter().any(|(known, _)| *known == item.0) {
                out.include.push(item);
            }
        }
    }
    for path in [&["env"][..], &["deploy", "env"]] {
        let map = table.path(path).and_then(Node::as_map);
        for (name, item) in map.into_iter().flatten() {
            if let Some(value) = item.value.scalar() {
                out.environment.insert(name.clone(), value);
            }
        }
    }
    // `KEY=VALUE`, as the command line of it has them.
    for (pair, _) in strings(&["deploy", "env_var"]) {
        if let Some((name, value)) = pair.split_once('=') {
            out.environment.insert(name.to_string(), value.to_string());
        }
    }
    let target = table.path(&["build", "target"]).and_then(Node::as_str);
    if let Some(target) = target {
        out.arch = match target.split('-').next() {
            Some("aarch64") => Some("arm64".to_string()),
            Some("x86_64") => Some("x86_64".to_string()),
            _ => out.arch.take(),
        };
    }
    if table
        .path(&["build", "arm64"])
        .and_then(Node::scalar)
        .as_deref()
        == Some("true")
    {
        out.arch = Some("arm64".to_string());
    }
    if let Some(runtime) = table.path(&["deploy", "runtime"]).and_then(Node::as_str) {
        out.runtime = Some(runtime.to_string());
    }
    for key in ["layer", "layers"] {
        out.layers.extend(
            strings(&["deploy", key])
                .into_iter()
                .map(|(layer, _)| layer),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldcut_core::settings::value;

    #[test]
    fn the_nearest_table_comes_last() {
        let dir = tempfile::tempdir().unwrap();
        let load = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            value::load(&path).unwrap().unwrap()
        };
        let workspace = load(
            "w.toml",
            "[workspace.metadata.lambda]\nenv = { A = \"1\", B = \"1\" }\n",
        );
        let package = load(
            "p.toml",
            "[package.metadata.lambda.build]\ninclude = [\"a.txt\"]\narm64 = true\n\
             [package.metadata.lambda.bin.x]\nenv = { B = 2 }\ndeploy = { include = [\"b\"] }\n",
        );
        let of = |bin: &str| read(Some(&workspace), Some(&package), bin);
        let found = of("x");
        let names: Vec<_> = found
            .include
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["a.txt", "b"]);
        assert_eq!(found.environment["A"], "1");
        assert_eq!(found.environment["B"], "2");
        assert_eq!(found.arch.as_deref(), Some("arm64"));
        assert_eq!(of("y").environment["B"], "1");
        assert_eq!(of("y").include[0].1.line, Some(2));
    }
}
