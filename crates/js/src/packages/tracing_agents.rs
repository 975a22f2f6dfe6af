//! Packages that tracing agents change while they are loaded.
//!
//! In: which packages are installed. Out: those that an installed agent hooks into, with the agent.
//! Such a hook works by the name that `require` and `import` are asked for: a package that has
//! become part of a bundle is never asked for, and would go unseen without a word.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::embedded_toml;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agent {
    name: String,
    packages: Vec<String>,
}

fn agents() -> &'static [Agent] {
    static AGENTS: OnceLock<Vec<Agent>> = OnceLock::new();
    // Without it no package counts as hooked into.
    AGENTS.get_or_init(|| embedded_toml::rows(include_str!("tracing_agents.toml")))
}

/// The installed packages that installed agents hook into: `(package, agent)`, sorted, each pair
/// once.
pub fn patched(installed: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut out = BTreeSet::new();
    for agent in agents().iter().filter(|agent| installed(&agent.name)) {
        for package in agent.packages.iter().filter(|name| installed(name)) {
            out.insert((package.clone(), agent.name.clone()));
        }
    }
    out.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: &[&str]) -> Vec<(String, String)> {
        patched(|name| names.contains(&name))
    }

    fn pair(package: &str, agent: &str) -> (String, String) {
        (package.to_string(), agent.to_string())
    }

    #[test]
    fn the_table_is_well_formed_sorted_and_has_no_modules_of_nodes_own() {
        let mut names = BTreeSet::new();
        for agent in agents() {
            assert!(names.insert(&agent.name), "{} stands twice", agent.name);
            assert!(agent.packages.is_sorted(), "{}", agent.name);
            for own in ["http", "https", "fs", "net", "dns", "child_process"] {
                assert!(!agent.packages.iter().any(|name| name == own), "{own}");
            }
        }
        for agent in ["dd-trace", "newrelic", "@sentry/node", "aws-xray-sdk-core"] {
            assert!(names.contains(&agent.to_string()), "{agent}");
        }
    }

    #[test]
    fn only_what_is_installed_with_its_agent_counts() {
        assert_eq!(pairs(&["express", "pg", "redis"]), []);
        assert_eq!(pairs(&["dd-trace"]), []);
        assert_eq!(pairs(&["aws-xray-sdk-core", "pg"]), []);
        assert_eq!(
            pairs(&[
                "pg",
                "lodash-es",
                "dd-trace",
                "@opentelemetry/instrumentation-pg"
            ]),
            [
                pair("pg", "@opentelemetry/instrumentation-pg"),
                pair("pg", "dd-trace")
            ]
        );
        assert_eq!(
            pairs(&["newrelic", "@aws-sdk/client-s3", "@smithy/smithy-client"]),
            [pair("@smithy/smithy-client", "newrelic")]
        );
    }
}
