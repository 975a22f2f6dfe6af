//! Settings a user can write down, and where each was said.
//!
//! In: `coldcut.toml`, `"coldcut"` in `package.json`, `[package.metadata.coldcut]` in
//! `Cargo.toml`. Out: [`Settings`], every field optional; `plan` lays them over each other and
//! settles them. Unknown keys are errors that name the nearest known key.

mod budget;
mod calibration;
mod choices;
pub mod file;
mod flat_text;
mod keys;
mod pattern;
mod rule;
mod rust;
pub mod schema;
pub mod value;

use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value};

pub use crate::settings::budget::BudgetLimits;
pub use crate::settings::calibration::{Calibration, CodeKind};
pub use crate::settings::choices::{Compression, Links, SdkChoice, SourceMap, Strategy};
pub use crate::settings::keys::{
    ArtifactSettings, BundleSettings, FileSettings, PackageSettings, ReportSettings, RustSettings,
    TargetSettings, VerifySettings,
};
pub use crate::settings::pattern::Pattern;
pub use crate::settings::rule::Rule;
pub use crate::settings::rust::{Panic, RustProfile};

/// Settings of a project or of one function; every setting is optional.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    pub target: TargetSettings,
    pub artifact: ArtifactSettings,
    pub packages: PackageSettings,
    pub files: FileSettings,
    pub bundle: BundleSettings,
    pub verify: VerifySettings,
    pub rust: RustSettings,
    pub report: ReportSettings,
}

/// Every key that a settings file may have, in the order in which the schema and messages name them.
pub const KEYS: [&str; 30] = [
    "strategy",
    "platform",
    "runtime",
    "arch",
    "external",
    "sdk",
    "include",
    "exclude",
    "rules-off",
    "keep-secrets",
    "links",
    "compression",
    "verify",
    "minify",
    "sourcemap",
    "keep-names",
    "manifests",
    "layer-bytes",
    "define",
    "env",
    "event",
    "cherry-pick",
    "rule",
    "rust-profile",
    "panic",
    "rust-target",
    "debug-file",
    "calibration",
    "shared-layer",
    "budget",
];

impl Settings {
    /// Reads the flat form that files have: each key is given to the group that has it. A key that
    /// no group has, or a value of the wrong kind, is an error in serde's words.
    pub fn from_flat(mut values: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let settings = Self {
            target: take(&mut values)?,
            artifact: take(&mut values)?,
            packages: take(&mut values)?,
            files: take(&mut values)?,
            bundle: take(&mut values)?,
            verify: take(&mut values)?,
            rust: take(&mut values)?,
            report: take(&mut values)?,
        };
        match values.keys().next() {
            Some(key) => {
                let message = format!("unknown field `{key}`");
                Err(serde_json::Error::custom(message))
            }
            None => Ok(settings),
        }
    }
}

/// Takes the values of one group out of `values`, and reads them.
fn take<Group>(values: &mut Map<String, Value>) -> Result<Group, serde_json::Error>
where
    Group: Default + Serialize + DeserializeOwned,
{
    let mut own = Map::new();
    for key in keys_of::<Group>()? {
        if let Some(value) = values.shift_remove(&key) {
            own.insert(key, value);
        }
    }
    serde_json::from_value(own.into())
}

/// The keys of a group, taken from the type itself.
fn keys_of<Group: Default + Serialize>() -> Result<Vec<String>, serde_json::Error> {
    match serde_json::to_value(Group::default())? {
        Value::Object(map) => Ok(map.keys().cloned().collect()),
        _ => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_belongs_to_one_group() {
        let mut all: Vec<String> = [
            keys_of::<TargetSettings>(),
            keys_of::<ArtifactSettings>(),
            keys_of::<PackageSettings>(),
            keys_of::<FileSettings>(),
            keys_of::<BundleSettings>(),
            keys_of::<VerifySettings>(),
            keys_of::<RustSettings>(),
            keys_of::<ReportSettings>(),
        ]
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
        all.sort();
        let mut known = KEYS.to_vec();
        known.sort_unstable();
        assert_eq!(all, known);
    }

    #[test]
    fn what_no_group_has_is_an_error() {
        let values = Map::from_iter([("nothing".to_string(), Value::Null)]);
        let error = Settings::from_flat(values).unwrap_err();
        assert_eq!(error.to_string(), "unknown field `nothing`");
    }
}
