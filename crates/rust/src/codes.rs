//! The diagnostic codes of this room, so that no two are alike.

use coldcut_core::diagnostics::Code;

/// cargo is missing or cannot be started.
pub const NO_CARGO: Code = Code("CC080");
/// The build failed.
pub const BUILD: Code = Code("CC081");
/// The binary was not found after the build, or cannot be copied.
pub const BINARY: Code = Code("CC082");
/// This machine cannot build for the target.
pub const TARGET: Code = Code("CC083");
/// A panic ends the process instead of the one event.
pub const ABORTS: Code = Code("CC084");
/// The build is for this very machine's processor.
pub const NATIVE_CPU: Code = Code("CC085");
/// The binary would not start on the platform.
pub const WOULD_NOT_START: Code = Code("CC086");
/// The binary cannot be read: it is cut off, or not an ELF file.
pub const NOT_ELF: Code = Code("CC087");
/// The dependencies cannot be found without a network.
pub const OFFLINE: Code = Code("CC088");
/// The linker does not know an option that would make it smaller.
pub const LINKER: Code = Code("CC089");
/// Dependencies do not fit together.
pub const RESOLVE: Code = Code("CC090");
/// A layer's folder is none, is empty, or has what cannot be in a layer.
pub const LAYER: Code = Code("CC092");
