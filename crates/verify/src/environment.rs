//! The environment that code is run in: Lambda's, and nothing of this machine's.
//!
//! In: a command. Out: the same with all variables taken away and those set that the platform
//! would set, credentials left out.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::LoadOptions;
use crate::scratch::Scratch;
use coldcut_core::artifact::RelPath;

/// For a handler of Node.js.
pub(super) fn clean_env(
    command: &mut Command,
    root: &Path,
    handler: &RelPath,
    scratch: &Scratch,
    opts: &LoadOptions,
) {
    command.env_clear();
    let major = opts.wanted_major.unwrap_or(22);
    let stem = handler
        .as_str()
        .rsplit_once('.')
        .map_or(handler.as_str(), |(stem, _)| stem);
    let export = opts.export.as_deref().unwrap_or("handler");
    command.envs([
        ("_HANDLER", format!("{stem}.{export}")),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_nodejs{major}.x")),
        ("LANG", "en_US.UTF-8".to_string()),
        ("TZ", ":UTC".to_string()),
        // Asking the metadata service for credentials would only wait for a timeout.
        ("AWS_EC2_METADATA_DISABLED", "true".to_string()),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "/aws/lambda/coldcut".to_string(),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "coldcut".to_string()),
    ]);
    platform_env(command, root, opts.bounds.memory_mb);
    let mut path = vec![PathBuf::from("/usr/local/bin")];
    path.extend([PathBuf::from("/usr/bin"), PathBuf::from("/bin")]);
    path.extend(opts.node.parent().map(Path::to_path_buf));
    if let Ok(path) = std::env::join_paths(path) {
        command.env("PATH", path);
    }
    command
        .env("HOME", scratch.path())
        .env("TMPDIR", scratch.path());
    // Windows starts no program without it.
    if let Some(system) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", system);
    }
    command.envs(opts.env.iter().map(|(name, value)| (name, value)));
}

/// What every Lambda runtime sets, Node.js or not.
pub(super) fn platform_env(command: &mut Command, root: &Path, memory_mb: u32) {
    #[cfg(target_os = "linux")]
    command.env("LD_LIBRARY_PATH", library_path(root));
    command.env("LAMBDA_TASK_ROOT", root).envs([
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "coldcut"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory_mb.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ]);
}

/// Where the loader looks for shared libraries first, as far as it is the function's own: its root,
/// `lib` in it, and `lib` of its layers
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>).
#[cfg(target_os = "linux")]
fn library_path(root: &Path) -> std::ffi::OsString {
    let all = [
        root.to_path_buf(),
        root.join("lib"),
        PathBuf::from("/opt/lib"),
    ];
    // A folder with a colon in its name cannot be in the list, and then nothing is.
    std::env::join_paths(all).unwrap_or_default()
}
