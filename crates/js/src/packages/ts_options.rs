//! How TypeScript becomes JavaScript, by the project's settings.
//!
//! In: a source file. Out: the [`TsOptions`] that its `tsconfig.json` asks for, with all that the
//! file extends, or why they cannot be read.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use oxc_resolver::TsConfig;

use crate::packages::resolve::Resolve;
use crate::packages::ts_settings::{CommonJsFiles, TsSettings};
use crate::syntax::{TsModule, TsOptions};

impl Resolve {
    /// What the nearest `tsconfig.json` says of the source file at `path`, and that it could not
    /// be read, where so.
    pub fn ts_options(&self, path: &Path) -> (TsOptions, Option<String>) {
        let config = match self.tsconfig(path) {
            Ok(Some(config)) => config,
            Ok(None) => return (TsOptions::default(), None),
            Err(error) => return (TsOptions::default(), Some(error)),
        };
        let settings = self.settings(&config);
        let options = &config.compiler_options;
        let classic = matches!(options.jsx.as_deref(), Some("react" | "preserve"))
            || options.jsx_factory.is_some();
        let react = settings.react_namespace.as_deref();
        let of_react = |given: &Option<String>, name: &str| {
            given
                .clone()
                .or_else(|| react.map(|react| format!("{react}.{name}")))
        };
        let found = TsOptions {
            legacy_decorators: options.experimental_decorators == Some(true),
            decorator_metadata: options.emit_decorator_metadata == Some(true),
            assign_fields: !defines_fields(
                options.use_define_for_class_fields,
                options.target.as_deref(),
            ),
            keeps_using: options
                .target
                .as_deref()
                .is_some_and(|target| target.eq_ignore_ascii_case("esnext")),
            verbatim_module_syntax: options.verbatim_module_syntax == Some(true),
            always_strict: settings.always_strict.or(settings.strict) == Some(true),
            null_types: settings.has_null_types(),
            interop_off: !settings.has_interop(),
            module: match settings.commonjs_files() {
                CommonJsFiles::All => TsModule::CommonJs,
                CommonJsFiles::ByPackage => TsModule::Node,
                CommonJsFiles::Unknown => TsModule::Other,
            },
            classic_jsx: classic,
            jsx_import_source: options.jsx_import_source.clone(),
            jsx_factory: of_react(&options.jsx_factory, "createElement"),
            jsx_fragment_factory: match options.jsx_factory {
                Some(_) => options.jsx_fragment_factory.clone(),
                None => of_react(&options.jsx_fragment_factory, "Fragment"),
            },
        };
        (found, None)
    }

    /// What a `tsconfig.json` says, with what it extends laid under it.
    fn settings(&self, config: &TsConfig) -> Arc<TsSettings> {
        let known = || {
            let known = self.settings.lock();
            known.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(found) = known().get(config.path()) {
            return found.clone();
        }
        // A file that extends itself has been refused before.
        let mut found = read(config);
        for base in self.extended(config) {
            found.extend(&self.settings(&base));
        }
        let found = Arc::new(found);
        known().insert(config.path().to_path_buf(), found.clone());
        found
    }
}

fn read(config: &TsConfig) -> TsSettings {
    std::fs::read_to_string(config.path())
        .map(|text| TsSettings::parse(&text))
        .unwrap_or_default()
}

/// Whether class fields are defined, as ES2022 does it, rather than assigned. Without a `target`
/// they are: so do TypeScript from 6 on and other bundlers.
fn defines_fields(said: Option<bool>, target: Option<&str>) -> bool {
    said.unwrap_or_else(|| {
        let year = target.map(|target| target.to_ascii_lowercase());
        match year.as_deref().and_then(|name| name.strip_prefix("es")) {
            Some("next") | None => true,
            Some(year) => year.parse::<u32>().is_ok_and(|year| year >= 2022),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_defined_from_es2022_on_unless_said_otherwise() {
        for (said, target, defines) in [
            (None, None, true),
            (None, Some("ESNext"), true),
            (None, Some("es2022"), true),
            (None, Some("ES2021"), false),
            (None, Some("es6"), false),
            (None, Some("es5"), false),
            (Some(false), Some("es2024"), false),
            (Some(true), Some("es2020"), true),
        ] {
            assert_eq!(defines_fields(said, target), defines, "{said:?} {target:?}");
        }
    }
}
