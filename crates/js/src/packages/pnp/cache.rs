//! Where coldcut keeps what it can make again.
//!
//! In: the environment. Out: a folder that is never in a project: `COLDCUT_CACHE_DIR`, or the one
//! that the system has for such things.

use std::ffi::OsString;
use std::path::PathBuf;

/// The cache's folder; it need not exist yet.
pub(super) fn folder() -> PathBuf {
    folder_of(&|name| std::env::var_os(name).filter(|value| !value.is_empty()))
}

fn folder_of(var: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    let absolute = |name: &str| var(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    if let Some(dir) = var("COLDCUT_CACHE_DIR") {
        return std::path::absolute(&dir).unwrap_or_else(|_| dir.into());
    }
    let usual = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Caches"))
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))
    };
    usual.unwrap_or_else(std::env::temp_dir).join("coldcut")
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn the_user_says_where_and_else_the_system() {
        fn with(set: &[(&str, &str)]) -> PathBuf {
            folder_of(&|name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            })
        }
        let home = ("HOME", "/h");
        assert_eq!(
            with(&[("COLDCUT_CACHE_DIR", "/c"), home]),
            PathBuf::from("/c")
        );
        assert_eq!(
            with(&[("XDG_CACHE_HOME", "/x"), home]),
            PathBuf::from("/x/coldcut")
        );
        // A relative one is to be ignored, says the XDG specification.
        assert_eq!(
            with(&[("XDG_CACHE_HOME", "x"), home]),
            PathBuf::from("/h/.cache/coldcut")
        );
    }
}
