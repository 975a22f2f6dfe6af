//! The codes of what verification can say (CC120 to CC139), in one place so that none is used
//! twice.

use coldcut_core::diagnostics::Code;

/// Node.js is not installed or cannot be started.
pub const NODE: Code = Code("CC120");
/// The program `node` is not Node.js.
pub const NODE_VERSION: Code = Code("CC121");
/// The handler file does not export what the function's handler names.
pub const EXPORT_MISSING: Code = Code("CC122");
/// The handler file is not in the folder that is to be loaded.
pub const HANDLER_FILE: Code = Code("CC123");
/// The folder for the harness, or a file in it, cannot be written or read.
pub const SCRATCH: Code = Code("CC124");
/// The zip cannot be opened or read.
pub const ZIP: Code = Code("CC125");
/// The zip has an entry that would be written outside of the folder, or two entries for one place.
pub const ZIP_ENTRY: Code = Code("CC126");
/// The content of the zip cannot be written.
pub const UNPACK: Code = Code("CC127");
/// The Runtime API server or the `bootstrap` cannot be started.
pub const BOOTSTRAP: Code = Code("CC128");
/// The event is not JSON.
pub const EVENT: Code = Code("CC129");
/// The artifact does not do what the original does.
pub const DIFFERS: Code = Code("CC130");
/// The zip is encrypted.
pub const ZIP_ENCRYPTED: Code = Code("CC131");
/// The zip contains far more than any platform accepts.
pub const ZIP_BOMB: Code = Code("CC132");
/// The zip is cut off, or its content does not match its directory.
pub const ZIP_DAMAGED: Code = Code("CC133");
/// It is not clear which file of the zip is the handler.
pub const WHICH_HANDLER: Code = Code("CC134");
/// Every folder for temporary files lies inside a project.
pub const NOT_AWAY: Code = Code("CC135");
/// The original for a comparison cannot be used.
pub const AGAINST: Code = Code("CC136");
/// An artifact that does not load, or does not answer, cannot be measured.
pub const NOT_MEASURED: Code = Code("CC137");
/// The artifact cannot be run on this machine.
pub const NOT_HERE: Code = Code("CC138");
