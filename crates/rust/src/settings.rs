//! What cargo's own configuration says for a build, as far as a deployable binary hangs on it.
//!
//! In: the folder that cargo runs in, the workspace's manifest, the target. Out: [`CargoSettings`]:
//! what `[profile.release]` says, and the flags that rustc gets, each with where it is written.
//! cargo reads `.cargo/config.toml` of the folder and of all above it, then that of its home, then
//! the environment; of the flags only one kind counts, the first that is there.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use cargo_metadata::cargo_platform::{Cfg, Platform};

use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::settings::value;
use coldcut_core::settings::value::Node;

use crate::codes::NATIVE_CPU;
use crate::profile::OwnProfile;
use crate::target::variable;

/// What is read of cargo's configuration.
#[derive(Debug, Default)]
pub struct CargoSettings {
    /// `[profile.release]`, manifest and configuration merged; values as TOML.
    pub release: OwnProfile,
    /// Flags that reach rustc or a C compiler, with where each is written.
    flags: Vec<(String, Location)>,
    /// Programs that stand before rustc.
    wrappers: Vec<(PathBuf, Location)>,
    /// Every file that was read.
    pub files: Vec<PathBuf>,
}

/// How a flag for this very processor is written, for rustc and for C compilers.
const NATIVE: [&str; 3] = ["target-cpu=native", "-march=native", "-mcpu=native"];
/// More than this is no script.
const SCRIPT_BYTES: u64 = 64 << 10;

/// Reads everything for a build in `dir`; `env` gives variables of the environment.
pub fn read(
    dir: &Path,
    manifest: &Path,
    triple: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<CargoSettings> {
    let mut out = CargoSettings::default();
    let mut configs = Vec::new();
    // Nearest first: what is said there stands.
    for at in dir.ancestors() {
        configs.extend(file(&at.join(".cargo"), &mut out)?);
    }
    let home = env("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    if let Some(home) = home.filter(|home| !dir.starts_with(home.parent().unwrap_or(home))) {
        configs.extend(file(&home, &mut out)?);
    }
    if let Some(node) = value::load(manifest)? {
        release(&node, &mut out.release);
    }
    // The nearest comes last, over all others.
    for config in configs.iter().rev() {
        release(config, &mut out.release);
    }
    for (key, name) in [
        ("OPT_LEVEL", "opt-level"),
        ("LTO", "lto"),
        ("PANIC", "panic"),
    ] {
        if let Some(said) = env(&format!("CARGO_PROFILE_RELEASE_{key}")) {
            out.release.insert(name.to_string(), format!("\"{said}\""));
        }
    }
    flags(&configs, triple, env, &mut out);
    Ok(out)
}

/// `config.toml` of a `.cargo` folder, or `config` as it was once called, and what it includes.
fn file(dir: &Path, out: &mut CargoSettings) -> Result<Vec<Node>> {
    for name in ["config", "config.toml"] {
        let path = dir.join(name);
        if let Some(node) = parsed(&path)? {
            out.files.push(path);
            let mut all = vec![];
            let included = match node.get("include") {
                Some(one) if one.as_str().is_some() => vec![one.clone()],
                Some(list) => list.as_list().unwrap_or_default().to_vec(),
                None => Vec::new(),
            };
            all.push(node);
            for one in included {
                let text = one.as_str().or_else(|| one.get("path")?.as_str());
                if let Some(path) = text.map(|text| dir.join(text))
                    && let Some(node) = parsed(&path)?
                {
                    out.files.push(path);
                    all.push(node);
                }
            }
            return Ok(all);
        }
    }
    Ok(Vec::new())
}

/// `config` has no extension, and is TOML all the same.
fn parsed(path: &Path) -> Result<Option<Node>> {
    value::read(path)?
        .map(|file| value::toml(&file))
        .transpose()
}

fn release(node: &Node, into: &mut OwnProfile) {
    let Some(map) = node.path(&["profile", "release"]).and_then(Node::as_map) else {
        return;
    };
    for (key, item) in map {
        if let Some(text) = toml(&item.value) {
            into.insert(key.clone(), text);
        }
    }
}

/// A plain value as TOML writes it; tables, such as those for single packages, are left to cargo.
fn toml(node: &Node) -> Option<String> {
    match node.to_json() {
        serde_json::Value::String(text) => Some(format!("\"{text}\"")),
        value @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_)) => {
            Some(value.to_string())
        }
        _ => None,
    }
}

fn flags(
    configs: &[Node],
    triple: &str,
    env: &dyn Fn(&str) -> Option<String>,
    out: &mut CargoSettings,
) {
    let from_env = |name: &str| {
        let text = env(name)?;
        let at = Location::file(PathBuf::from(format!("${name}")));
        Some((text.replace('\u{1f}', " "), at))
    };
    let named = |name: &str| from_env(name).into_iter();
    // The first kind that is there counts, and no other.
    let first = from_env("CARGO_ENCODED_RUSTFLAGS").or_else(|| from_env("RUSTFLAGS"));
    match first {
        Some(found) => out.flags.push(found),
        None => {
            let mut of_target: Vec<(String, Location)> =
                named(&variable(triple, "RUSTFLAGS")).collect();
            let mut of_build: Vec<(String, Location)> = named("CARGO_BUILD_RUSTFLAGS").collect();
            for config in configs {
                let targets = config.get("target").and_then(Node::as_map);
                for (key, item) in targets.into_iter().flatten() {
                    if applies(key, triple) {
                        of_target.extend(item.value.get("rustflags").map(text));
                    }
                }
                of_build.extend(config.path(&["build", "rustflags"]).map(text));
            }
            let all = if of_target.is_empty() {
                of_build
            } else {
                of_target
            };
            out.flags.extend(all);
        }
    }
    out.flags.extend(named("CARGO_PROFILE_RELEASE_RUSTFLAGS"));
    for name in ["CFLAGS", "CXXFLAGS", "TARGET_CFLAGS", "TARGET_CXXFLAGS"] {
        out.flags.extend(named(name));
    }
    let underscored = triple.replace('-', "_");
    out.flags.extend(named(&format!("CFLAGS_{underscored}")));
    for config in configs {
        for profile in config
            .get("profile")
            .and_then(Node::as_map)
            .into_iter()
            .flatten()
        {
            out.flags.extend(profile.1.value.get("rustflags").map(text));
        }
        let variables = config.get("env").and_then(Node::as_map);
        for (name, item) in variables.into_iter().flatten() {
            if name.contains("FLAGS") {
                let node = item.value.get("value").unwrap_or(&item.value);
                out.flags.push(text(node));
            }
        }
        for key in ["rustc", "rustc-wrapper", "rustc-workspace-wrapper"] {
            if let Some(node) = config.path(&["build", key])
                && let Some(text) = node.as_str()
            {
                let at = node.at.location();
                // A name with a slash is seen from the folder that holds `.cargo`.
                let base = at
                    .path
                    .parent()
                    .and_then(Path::parent)
                    .unwrap_or(Path::new("."));
                out.wrappers.push((base.join(text), at.clone()));
            }
        }
    }
    for name in ["RUSTC", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        if let Some((text, at)) = from_env(name) {
            out.wrappers.push((PathBuf::from(text), at));
        }
    }
}

/// A string or a list of them as one text, and where it is.
fn text(node: &Node) -> (String, Location) {
    let at = node.at.location();
    let joined = match node.as_list() {
        Some(list) => {
            let parts: Vec<&str> = list.iter().filter_map(Node::as_str).collect();
            parts.join(" ")
        }
        None => node.as_str().unwrap_or_default().to_string(),
    };
    (joined, at)
}

/// Whether a key of `[target.…]` is about `triple`. What cannot be read is taken to be.
pub fn applies(key: &str, triple: &str) -> bool {
    let Ok(platform) = Platform::from_str(key) else {
        return true;
    };
    let mut parts = triple.split('-');
    let arch = parts.next().unwrap_or_default();
    let libc = triple.rsplit('-').next().unwrap_or_default();
    let pairs = [
        ("target_arch", arch),
        ("target_os", "linux"),
        ("target_family", "unix"),
        ("target_env", libc),
        ("target_pointer_width", "64"),
        ("target_endian", "little"),
        ("target_vendor", "unknown"),
        ("panic", "unwind"),
    ];
    let mut cfgs: Vec<Cfg> = pairs
        .iter()
        .filter_map(|(key, value)| Cfg::from_str(&format!("{key}=\"{value}\"")).ok())
        .collect();
    cfgs.extend(Cfg::from_str("unix"));
    platform.matches(triple, &cfgs)
}

impl CargoSettings {
    /// An error where something builds for this machine's own processor: the binary would die by
    /// SIGILL on a host of the platform that is older.
    pub fn refuse_native(&self) -> Result<()> {
        let in_flags = self.flags.iter().find_map(|(text, at)| {
            let found = NATIVE.iter().find(|flag| text.contains(*flag))?;
            Some((*found, at))
        });
        let found = in_flags.or_else(|| {
            self.wrappers.iter().find_map(|(path, at)| {
                let small = std::fs::metadata(path).ok()?.len() <= SCRIPT_BYTES;
                let text = small
                    .then(|| std::fs::read_to_string(path).ok())
                    .flatten()?;
                let found = NATIVE.iter().find(|flag| text.contains(*flag))?;
                Some((*found, at))
            })
        });
        match found {
            None => Ok(()),
            Some((flag, at)) => Err(Box::new(
                Diagnostic::error(
                    NATIVE_CPU,
                    format!("`{flag}` builds for this machine's processor"),
                )
                .note("the platform's machines differ: on an older one the function crashes with SIGILL")
                .at(at.clone())
                .help(
                    "choose a processor that every machine supports (`target-cpu=x86-64-v2`, \
                     `neoverse-n1`), or run coldcut with `RUSTFLAGS=\"\"`, which overrides the flags in the configuration",
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIPLE: &str = "x86_64-unknown-linux-gnu";

    type Texts<'a> = &'a [(&'a str, &'a str)];

    fn refused(files: &[(&str, &str)], env: &[(&str, &str)]) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let inner = dir.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        let get = |name: &str| {
            let found = env.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_string())
        };
        let settings = read(&inner, &inner.join("Cargo.toml"), TRIPLE, &get).unwrap();
        settings
            .refuse_native()
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn this_machines_processor_is_refused_wherever_it_is_said() {
        let config = ".cargo/config.toml";
        let flags = "rustflags = [\"-C\", \"target-cpu=native\"]\n";
        let refuse: [(Texts, Texts); 9] = [
            (&[(config, &format!("[build]\n{flags}"))], &[]),
            (
                &[(
                    "a/.cargo/config",
                    "[build]\nrustflags = \"-Ctarget-cpu=native\"",
                )],
                &[],
            ),
            (
                &[(
                    "a/b/.cargo/config.toml",
                    &format!("[target.{TRIPLE}]\n{flags}"),
                )],
                &[],
            ),
            (
                &[(
                    config,
                    &format!("[target.'cfg(target_os = \"linux\")']\n{flags}"),
                )],
                &[],
            ),
            (&[(config, &format!("[profile.release]\n{flags}"))], &[]),
            (&[(config, "[env]\nCFLAGS = \"-O2 -march=native\"")], &[]),
            (&[], &[("RUSTFLAGS", "-C target-cpu=native")]),
            (
                &[],
                &[("CARGO_ENCODED_RUSTFLAGS", "-C\u{1f}target-cpu=native")],
            ),
            (
                &[
                    ("a/w.sh", "exec \"$@\" -Ctarget-cpu=native"),
                    (
                        "a/.cargo/config.toml",
                        "[build]\nrustc-wrapper = \"./w.sh\"",
                    ),
                ],
                &[],
            ),
        ];
        for (files, env) in refuse {
            let said = refused(files, env);
            assert!(
                said.is_some_and(|said| said.contains("native")),
                "{files:?} {env:?}"
            );
        }
    }

    #[test]
    fn what_does_not_count_is_let_be() {
        let config = ".cargo/config.toml";
        let native = "rustflags = [\"-C\", \"target-cpu=native\"]\n";
        let fine: [(Texts, Texts); 4] = [
            (
                &[(config, &format!("[target.aarch64-apple-darwin]\n{native}"))],
                &[],
            ),
            (
                &[(config, &format!("[target.'cfg(windows)']\n{native}"))],
                &[],
            ),
            (
                &[(config, &format!("[build]\n{native}"))],
                &[("RUSTFLAGS", "")],
            ),
            (
                &[(config, "[build]\nrustflags = [\"-Ctarget-cpu=x86-64-v3\"]")],
                &[],
            ),
        ];
        for (files, env) in fine {
            assert_eq!(refused(files, env), None, "{files:?} {env:?}");
        }
    }

    #[test]
    fn the_nearest_configuration_stands() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "a/Cargo.toml",
            "[profile.release]\nopt-level = 2\npanic = \"abort\"\n",
        );
        write(
            ".cargo/config.toml",
            "[profile.release]\nopt-level = 1\nlto = true\n",
        );
        write(
            "a/.cargo/config.toml",
            "[profile.release]\nopt-level = \"z\"\n",
        );
        let at = dir.path().join("a");
        let settings = read(&at, &at.join("Cargo.toml"), TRIPLE, &|_| None).unwrap();
        let said = |key: &str| settings.release.get(key).map(String::as_str);
        assert_eq!(said("opt-level"), Some("\"z\""));
        assert_eq!(said("panic"), Some("\"abort\""));
        assert_eq!(said("lto"), Some("true"));
    }
}
