//! What each size profile asks of cargo and of the linker.
//!
//! In: a [`RustProfile`], what the project's own `[profile.release]` says, and what the linker
//! knows. Out: settings for cargo's command line (`--config profile.release.…`), so that no
//! `Cargo.toml` changes, and options for the last call of rustc.
//!
//! Measured on the projects of `benches/rust`: `opt-level` `s` or `z` with fat LTO and one codegen
//! unit is what pays; folding identical functions gives another half to one per cent. Not to unwind
//! the stack takes a tenth of what is left, and clearing the tables for it, in `smallest`, another
//! tenth; so both small profiles abort, and that is said, since a panic then ends the process where
//! the project's own build answers one event with an error.

use std::collections::BTreeMap;

use coldcut_core::settings::{Panic, RustProfile};

/// What the project's own release profile says: key to value, as TOML.
pub type OwnProfile = BTreeMap<String, String>;

/// What a build is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileOverrides {
    /// Of `profile.release`: `("opt-level", "'s'")`.
    pub settings: Vec<(&'static str, String)>,
    /// For the crate that is linked, and no other.
    pub rustc: Vec<String>,
    pub panic: Option<Panic>,
    /// No stack is ever unwound, so the tables for it can be cleared.
    pub clear_unwind_tables: bool,
}

impl ProfileOverrides {
    /// The plain release build, which everything is compared with.
    pub fn baseline() -> Self {
        Self::default()
    }

    /// As cargo takes them on its command line.
    pub fn config(&self) -> impl Iterator<Item = String> {
        self.settings
            .iter()
            .map(|(key, value)| format!("profile.release.{key}={value}"))
    }

    /// For a person: `opt-level=s, lto=fat`.
    pub fn words(&self) -> String {
        let mut words: Vec<String> = self
            .settings
            .iter()
            .filter(|(key, _)| *key != "strip")
            .map(|(key, value)| format!("{key}={}", value.trim_matches('\'')))
            .collect();
        if self.rustc.iter().any(|option| option.contains("icf")) {
            words.push("identical functions folded".to_string());
        }
        match words.is_empty() {
            true => "the project's own profile".to_string(),
            false => words.join(", "),
        }
    }

    /// Whether cargo is asked for anything but its plain release build.
    pub fn is_plain(&self) -> bool {
        self.settings.is_empty() && self.rustc.is_empty()
    }
}

/// What the linker that rustc calls can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Linker {
    /// It is LLVM's, which folds identical functions.
    pub lld: bool,
    /// It is not the default one and must be asked for.
    pub ask: bool,
}

/// The recipe of a profile. What the project says of its own stands, but for `smallest`, which
/// leaves only its `panic`.
pub fn recipe(
    profile: RustProfile,
    own: &OwnProfile,
    panic: Option<Panic>,
    debug: bool,
    linker: Linker,
) -> ProfileOverrides {
    let mut out = ProfileOverrides::default();
    let level = match profile {
        RustProfile::Keep => None,
        RustProfile::Balanced => Some("'s'"),
        RustProfile::Smallest => Some("'z'"),
    };
    if let Some(level) = level {
        let wanted = [
            ("opt-level", level),
            ("lto", "'fat'"),
            ("codegen-units", "1"),
        ];
        let stands = |key: &str| profile == RustProfile::Balanced && own.contains_key(key);
        let wanted = wanted.into_iter().filter(|(key, _)| !stands(key));
        out.settings
            .extend(wanted.map(|(key, value)| (key, value.to_string())));
    }
    let own_panic = own
        .get("panic")
        .and_then(|value| match value.trim_matches(['"', '\'']) {
            "abort" => Some(Panic::Abort),
            "unwind" => Some(Panic::Unwind),
            _ => None,
        });
    let chosen = match (panic, own_panic, profile) {
        (Some(said), _, _) | (None, Some(said), _) => said,
        (None, None, RustProfile::Keep) => Panic::Unwind,
        (None, None, _) => Panic::Abort,
    };
    if chosen != own_panic.unwrap_or(Panic::Unwind) {
        out.settings
            .push(("panic", format!("'{}'", chosen.as_str())));
    }
    out.panic = Some(chosen);
    // Symbols leave the binary only after they said where its bytes come from.
    if own
        .get("strip")
        .is_some_and(|value| !matches!(value.as_str(), "'none'" | "\"none\"" | "false"))
    {
        out.settings.push(("strip", "'none'".to_string()));
    }
    let has_lines = own
        .get("debug")
        .is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "\"none\"" | "'none'"));
    if debug && !has_lines {
        out.settings
            .push(("debug", "'line-tables-only'".to_string()));
    }
    if profile != RustProfile::Keep && linker.lld {
        if linker.ask {
            out.rustc.push("-Clink-arg=-fuse-ld=lld".to_string());
        }
        out.rustc.push("-Clink-arg=-Wl,--icf=all".to_string());
    }
    // Whoever keeps symbols wants to see where a crash came from.
    out.clear_unwind_tables = profile == RustProfile::Smallest && chosen == Panic::Abort && !debug;
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(list: &[(&str, &str)]) -> OwnProfile {
        let pairs = list.iter();
        pairs
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    }

    fn config(profile: RustProfile, said: &[(&str, &str)], panic: Option<Panic>) -> String {
        let recipe = recipe(profile, &own(said), panic, false, Linker::default());
        recipe
            .config()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("profile.release.", "")
    }

    #[test]
    fn each_profile_asks_for_what_it_says() {
        let [keep, balanced, smallest] = RustProfile::ALL;
        assert_eq!(config(keep, &[], None), "");
        assert_eq!(
            config(balanced, &[], None),
            "opt-level='s' lto='fat' codegen-units=1 panic='abort'"
        );
        assert_eq!(
            config(smallest, &[], None),
            "opt-level='z' lto='fat' codegen-units=1 panic='abort'"
        );
    }

    #[test]
    fn what_the_project_says_stands() {
        let [keep, balanced, smallest] = RustProfile::ALL;
        let said = [
            ("opt-level", "3"),
            ("panic", "\"unwind\""),
            ("strip", "true"),
        ];
        assert_eq!(
            config(balanced, &said, None),
            "lto='fat' codegen-units=1 strip='none'"
        );
        assert_eq!(
            config(smallest, &said, None),
            "opt-level='z' lto='fat' codegen-units=1 strip='none'"
        );
        assert_eq!(config(keep, &said, None), "strip='none'");
        assert_eq!(config(keep, &[("panic", "\"abort\"")], None), "");
        assert_eq!(config(keep, &[], Some(Panic::Abort)), "panic='abort'");
    }

    #[test]
    fn tables_go_only_where_nothing_unwinds() {
        let of = |panic| {
            recipe(
                RustProfile::Smallest,
                &OwnProfile::new(),
                panic,
                false,
                Linker::default(),
            )
            .clear_unwind_tables
        };
        assert!(of(None));
        assert!(!of(Some(Panic::Unwind)));
    }
}
