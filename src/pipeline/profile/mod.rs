//! A CPU profile of a load, by package.
//!
//! In: what Node's `--cpu-prof` wrote, and the folder that was loaded. Out: [`Profile`]. Each
//! sample belongs to the innermost file of the artifact on its stack: a package pays for the code
//! of Node.js that it calls, and for its own files being read and compiled, around which the
//! harness puts a frame named after the file. Of a bundle, a source map or its comments say which
//! package a function comes from.

mod origin;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::pipeline::profile::origin::{Bundle, OWN};
use coldcut_report::measurement::{PackageTime, Profile};

/// Begins the name of the frame around the loading of a file.
const LOADING: &str = "coldcut-load:";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    nodes: Vec<Node>,
    samples: Vec<u32>,
    /// Microseconds before each sample.
    time_deltas: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: u32,
    call_frame: Frame,
    #[serde(default)]
    children: Vec<u32>,
    #[serde(default)]
    position_ticks: Vec<Tick>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    function_name: String,
    url: String,
    /// From 0; -1 where there is none.
    line_number: i64,
    column_number: i64,
}

/// How often the profiler found a function in a line.
#[derive(Deserialize)]
struct Tick {
    /// From 1.
    line: i64,
    ticks: u32,
}

/// What a frame is, as far as packages go.
#[derive(Clone)]
enum Place {
    /// Parts of its time by package: more than one where a function holds several modules.
    Packages(Vec<(String, f64)>),
    /// Node.js, the harness, or nothing.
    Other,
}

/// The profile of one load; `None` where the text is no profile.
pub(super) fn by_package(text: &str, root: &Path, load_ms: f64) -> Option<Profile> {
    let raw: Raw = serde_json::from_str(text).ok()?;
    let root = root.canonicalize().ok()?;
    let mut bundles = BTreeMap::new();
    let places: BTreeMap<u32, Place> = raw
        .nodes
        .iter()
        .map(|node| (node.id, place(node, &root, &mut bundles)))
        .collect();
    let mut parents = BTreeMap::new();
    for node in &raw.nodes {
        for child in &node.children {
            parents.insert(*child, node.id);
        }
    }
    let mut spent: BTreeMap<u32, f64> = BTreeMap::new();
    for (node, delta) in raw.samples.iter().zip(&raw.time_deltas) {
        *spent.entry(*node).or_default() += (*delta).max(0) as f64 / 1000.0;
    }
    let (mut own, mut with) = (BTreeMap::new(), BTreeMap::new());
    for (node, ms) in spent {
        let stack: Vec<&Place> = std::iter::successors(Some(node), |at| parents.get(at).copied())
            .filter_map(|at| places.get(&at))
            .collect();
        let innermost = stack.iter().find_map(|place| match place {
            Place::Packages(parts) => Some(parts),
            _ => None,
        });
        // Before and after the load there is only Node.js, which no package changes.
        let Some(parts) = innermost else { continue };
        for (name, part) in parts {
            *own.entry(name.clone()).or_default() += ms * part;
        }
        let on_stack: BTreeSet<&String> = stack
            .iter()
            .filter_map(|place| match place {
                // A function of several modules calls for one of them, and it is not known which.
                Place::Packages(parts) if parts.len() == 1 => Some(&parts[0].0),
                _ => None,
            })
            .chain(
                parts
                    .iter()
                    .map(|(name, _)| name)
                    .filter(|_| parts.len() == 1),
            )
            .collect();
        for name in on_stack {
            *with.entry(name.clone()).or_insert(0.0) += ms;
            // What only calls may be seen in no sample of its own.
            own.entry(name.clone()).or_insert(0.0);
        }
    }
    let mut packages: Vec<PackageTime> = own
        .into_iter()
        .map(|(name, self_ms): (String, f64)| PackageTime {
            version: origin::version(&root, &name),
            with_callees_ms: with.get(&name).copied().unwrap_or(self_ms).max(self_ms),
            self_ms,
            name,
        })
        .collect();
    packages.sort_by(|a, b| {
        b.self_ms
            .total_cmp(&a.self_ms)
            .then_with(|| a.name.cmp(&b.name))
    });
    // The load was timed by itself; what no file of the artifact had of it is Node's.
    let known: f64 = packages.iter().map(|package| package.self_ms).sum();
    Some(Profile {
        load_ms,
        node_ms: (load_ms - known).max(0.0),
        packages,
        note: origin::note(&bundles),
    })
}

fn place(node: &Node, root: &Path, bundles: &mut BTreeMap<String, Bundle>) -> Place {
    let frame = &node.call_frame;
    let (path, loading) = match frame.url.strip_prefix(LOADING) {
        Some(path) => (path.to_string(), true),
        None => (origin::path_of(&frame.url), false),
    };
    let Ok(rel) = Path::new(&path).strip_prefix(root) else {
        return Place::Other;
    };
    let rel = rel.to_string_lossy().replace('\\', "/");
    if let Some(package) = origin::package(&rel) {
        return Place::Packages(vec![(package, 1.0)]);
    }
    if loading {
        return Place::Packages(vec![(OWN.to_string(), 1.0)]);
    }
    let bundle = bundles
        .entry(rel.clone())
        .or_insert_with(|| Bundle::read(root, &rel));
    // The top of a file runs all modules that were put side by side: each line is its own.
    let top = frame.function_name.is_empty() && frame.line_number <= 0 && frame.column_number <= 0;
    let ticks: u32 = node.position_ticks.iter().map(|tick| tick.ticks).sum();
    if top && ticks > 0 {
        let mut parts: BTreeMap<String, f64> = BTreeMap::new();
        for tick in &node.position_ticks {
            let name = bundle.at(tick.line - 1, 0);
            *parts.entry(name).or_default() += f64::from(tick.ticks) / f64::from(ticks);
        }
        return Place::Packages(parts.into_iter().collect());
    }
    Place::Packages(vec![(
        bundle.at(frame.line_number, frame.column_number),
        1.0,
    )])
}
