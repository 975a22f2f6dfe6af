//! The short names of what can go wrong in discovery. (Those of reading files and settings are
//! beside their code in `coldcut_core::settings`: CC011 to CC015 and CC031.)

use coldcut_core::diagnostics::Code;

/// The project's folder cannot be used.
pub const PROJECT_NOT_FOUND: Code = Code("CC010");
/// A function is declared in two conflicting ways, or not at all.
pub const FUNCTION_HAS_NO_FILE: Code = Code("CC016");
/// No file in the folder declares functions.
pub const NO_PROJECT: Code = Code("CC017");
/// A configuration is a program, which coldcut does not run.
pub const CONFIG_IS_PROGRAM: Code = Code("CC018");
/// A variable has no value.
pub const VARIABLE_HAS_NO_VALUE: Code = Code("CC019");
/// A variable refers to itself, or variables are nested too deeply.
pub const VARIABLE_CYCLE: Code = Code("CC020");
/// A variable has a value only when the project is deployed.
pub const VALUE_AT_DEPLOY_TIME: Code = Code("CC021");
/// A framework's file does not have the structure that the framework needs.
pub const BAD_FRAMEWORK_FILE: Code = Code("CC022");
/// A handler's file is missing.
pub const HANDLER_NOT_FOUND: Code = Code("CC023");
/// A handler or a function's folder points outside of the project.
pub const OUTSIDE_PROJECT: Code = Code("CC024");
/// A handler setting does not name a file and an export.
pub const BAD_HANDLER: Code = Code("CC025");
/// A function of that name does not exist.
pub const NO_FUNCTION: Code = Code("CC026");
/// `cargo metadata` failed.
pub const CARGO_METADATA_FAILED: Code = Code("CC027");
/// A cargo binary of that name does not exist.
pub const BINARY_NOT_FOUND: Code = Code("CC028");
/// An entry file is missing.
pub const ENTRY_NOT_FOUND: Code = Code("CC029");
/// A function's folder is missing.
pub const ROOT_NOT_FOUND: Code = Code("CC030");
/// The provider is not supported: coldcut has no data for it.
pub const UNKNOWN_PROVIDER: Code = Code("CC032");
/// A function's name cannot be used as a file name.
pub const BAD_FUNCTION_NAME: Code = Code("CC033");
/// The artifact's handler has another name than the setting.
pub const HANDLER_MOVED: Code = Code("CC034");
/// An option of another packer that coldcut does not support.
pub const UNSUPPORTED_OPTION: Code = Code("CC035");
/// A file that cargo-lambda would ship is not there.
pub const INCLUDE_NOT_FOUND: Code = Code("CC091");
