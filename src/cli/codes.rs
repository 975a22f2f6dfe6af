//! The diagnostics of the command line itself.

use coldcut_core::diagnostics::Code;

/// A value that does not have the form `KEY=VALUE`.
pub const NOT_A_PAIR: Code = Code("CC001");
/// `coldcut init` cannot write a file of settings.
pub const SETTINGS_UNWRITABLE: Code = Code("CC002");
/// The system does not report file changes, so `--watch` cannot work.
pub const CANNOT_WATCH: Code = Code("CC009");
/// A command line value that is not valid.
pub const BAD_FLAG_VALUE: Code = Code("CC153");
/// `coldcut bundle` cannot write a bundle.
pub const BUNDLE_UNWRITABLE: Code = Code("CC154");
/// A report cannot be written.
pub const REPORT_UNWRITABLE: Code = Code("CC220");
