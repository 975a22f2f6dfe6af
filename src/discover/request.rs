//! What a caller of discovery may ask for.

use std::sync::Arc;

use indexmap::IndexMap;

use coldcut_core::settings::value::TextFile;

/// What the command line says about which functions are wanted.
#[derive(Debug, Clone, Default)]
pub struct DiscoveryRequest {
    /// Entry files, instead of what the project declares.
    pub entries: Vec<String>,
    /// For `${opt:…}` in `serverless.yml` and parameters in a SAM template: `stage`, say.
    pub options: IndexMap<String, String>,
    /// Names of the functions that are wanted; all where it is empty.
    pub functions: Vec<String>,
    /// For `${env:…}`; [`DiscoveryRequest::process_env`] gives this process's own.
    pub env: IndexMap<String, String>,
    /// The framework's configuration with its variables resolved, in JSON, as the framework's own
    /// plug-in hands it over: instead of its file.
    pub service: Option<Arc<TextFile>>,
}

impl DiscoveryRequest {
    /// The environment of this process, less what is not UTF-8.
    pub fn process_env() -> IndexMap<String, String> {
        std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }
}
