//! A layer where Lambda has it: in `/opt`, for one process and what comes of it.
//!
//! In: an unpacked layer and a program. Out: the command that starts the program so. The folder is
//! bound over `/opt` in namespaces of the process's own (mount_namespaces(7), user_namespaces(7)),
//! by util-linux's `unshare`, so that nothing changes for anybody else and nobody needs to be root.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Where Lambda unpacks layers.
const PLACE: &str = "/opt";

/// What the shell does inside: `$0` is the layer, then come `/opt` and the program. `exec` keeps the
/// process, which is watched and ended by its id.
const SCRIPT: &str = "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"";

/// Whether this system lets a process have an `/opt` of its own.
pub fn can_be_placed() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let tried = unshare(Path::new(PLACE), Path::new("true"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        cfg!(target_os = "linux") && tried.is_ok_and(|status| status.success())
    })
}

/// Starts `program`, seen from the folder that the command is started in, with `layer` in `/opt`.
pub(super) fn command_with_layer(layer: &Path, program: &Path) -> Command {
    unshare(layer, &Path::new(".").join(program))
}

fn unshare(layer: &Path, program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "--", "sh", "-c"])
        .arg(SCRIPT)
        .arg(layer)
        .arg(PLACE)
        .arg(program);
    command
}
