//! Which modules keep their text.

use crate::bundle::module::{Kind, ModuleId, Modules};
use crate::bundle::options::Format;
use crate::host::Host;

/// Whether a module must be kept as text, because its names or its sloppy mode must stay. Where no text
/// runs as code it becomes strict: what needed the text fails there when it runs, and only then.
pub fn is_raw_text(modules: &Modules, id: ModuleId, format: Format, host: &Host) -> bool {
    let module = modules.get(id);
    module.kind == Kind::Cjs
        && host.is_node()
        && module.text.is_some()
        && (module.analysis.free_names.names_stay
            || (format == Format::Esm
                && module.analysis.free_names.sloppy
                && !module.analysis.strict))
}
