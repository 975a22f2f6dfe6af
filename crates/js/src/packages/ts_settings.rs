//! What one `tsconfig.json` says of how TypeScript becomes JavaScript.
//!
//! In: the text of the file. Out: [`TsSettings`], in which what the file does not say is absent, so
//! that files which extend one another can be laid over each other. Only settings are here that the
//! resolver does not read itself.

use serde::Deserialize;

/// The settings of one file, or of several laid over each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TsSettings {
    pub es_module_interop: Option<bool>,
    pub module: Option<String>,
    pub target: Option<String>,
    pub strict: Option<bool>,
    pub strict_null_checks: Option<bool>,
    pub always_strict: Option<bool>,
    pub react_namespace: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct File {
    compiler_options: TsSettings,
}

impl TsSettings {
    /// Reads a file; one that cannot be read says nothing, since the resolver has reported it.
    pub fn parse(text: &str) -> Self {
        let mut json = text.trim_start_matches('\u{feff}').to_string();
        if json_strip_comments::strip(&mut json).is_err() {
            return Self::default();
        }
        serde_json::from_str::<File>(&json)
            .unwrap_or_default()
            .compiler_options
    }

    /// Takes what is not said here from a file that this one extends.
    pub fn extend(&mut self, base: &Self) {
        fn fill<T: Clone>(own: &mut Option<T>, base: &Option<T>) {
            if own.is_none() {
                own.clone_from(base);
            }
        }
        fill(&mut self.es_module_interop, &base.es_module_interop);
        fill(&mut self.module, &base.module);
        fill(&mut self.target, &base.target);
        fill(&mut self.strict, &base.strict);
        fill(&mut self.strict_null_checks, &base.strict_null_checks);
        fill(&mut self.always_strict, &base.always_strict);
        fill(&mut self.react_namespace, &base.react_namespace);
    }

    /// Whether `null` and `undefined` are types of their own.
    pub fn has_null_types(&self) -> bool {
        self.strict_null_checks.or(self.strict).unwrap_or(false)
    }

    /// Which files `tsc` writes as CommonJS. Where neither `module` nor `target` is said, nothing is
    /// known: such a file is rarely one that `tsc` itself builds by.
    pub fn commonjs_files(&self) -> CommonJsFiles {
        let module = self.module.as_deref().map(str::to_ascii_lowercase);
        let target = self.target.as_deref().map(str::to_ascii_lowercase);
        match (module.as_deref(), target.as_deref()) {
            (Some("commonjs"), _) | (None, Some("es3" | "es5")) => CommonJsFiles::All,
            (Some(name), _) if name.starts_with("node") => CommonJsFiles::ByPackage,
            _ => CommonJsFiles::Unknown,
        }
    }

    /// Whether `default` and `* as` of CommonJS are made as Babel makes them.
    pub fn has_interop(&self) -> bool {
        self.es_module_interop
            .unwrap_or(self.commonjs_files() != CommonJsFiles::All)
    }
}

/// Which files `tsc` writes as CommonJS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CommonJsFiles {
    All,
    /// Those that Node takes for CommonJS, by their name and their `package.json`.
    ByPackage,
    #[default]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_does_not_say_comes_from_what_it_extends() {
        let mut own =
            TsSettings::parse("{ // own\n \"compilerOptions\": { \"strict\": false, }, }");
        let base = TsSettings::parse(
            r#"{ "compilerOptions": { "strict": true, "module": "CommonJS", "paths": {} } }"#,
        );
        own.extend(&base);
        assert_eq!((own.strict, own.has_null_types()), (Some(false), false));
        assert_eq!(own.commonjs_files(), CommonJsFiles::All);
    }

    #[test]
    fn interop_is_off_where_tsc_writes_commonjs_and_nothing_is_said() {
        for (text, on) in [
            (r#"{"compilerOptions":{"module":"commonjs"}}"#, false),
            (r#"{"compilerOptions":{"target":"es5"}}"#, false),
            (r#"{"compilerOptions":{"module":"nodenext"}}"#, true),
            (r#"{"compilerOptions":{"module":"preserve"}}"#, true),
            (r#"{"compilerOptions":{"module":"esnext"}}"#, true),
            (
                r#"{"compilerOptions":{"module":"commonjs","esModuleInterop":true}}"#,
                true,
            ),
            (
                r#"{"compilerOptions":{"module":"node16","esModuleInterop":false}}"#,
                false,
            ),
            (
                r#"{"compilerOptions":{"module":"commonjs","allowSyntheticDefaultImports":true}}"#,
                false,
            ),
            ("{}", true),
        ] {
            assert_eq!(TsSettings::parse(text).has_interop(), on, "{text}");
        }
    }
}
