//! The codes of what can be wrong with a function's folder.

use coldcut_core::diagnostics::Code;

/// Dependencies are not installed.
pub const NOT_INSTALLED: Code = Code("CC056");
/// A file that the function needs lies outside of its folder.
pub const OUTSIDE: Code = Code("CC057");
/// A link whose target is not found, or a circle of links.
pub const BAD_LINK: Code = Code("CC061");
/// A link that points outside of the project.
pub const LINK_OUT: Code = Code("CC062");
/// A name rule would drop what the handler needs.
pub const KEPT_ANYWAY: Code = Code("CC063");
