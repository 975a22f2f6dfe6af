//! Whether a package of npm's is meant for what a function runs on.
//!
//! In: a manifest with `os`, `cpu` and `libc`, and the target. Out: [`PlatformMatch`], by npm's own reading
//! of those lists. What a native file itself says is read by [`coldcut_core::native_headers`].

use coldcut_core::native_headers::{LIBC, SYSTEM};
pub use coldcut_core::native_headers::{Native, Target, is_native};

use crate::packages::package::Manifest;

/// How a package is meant for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformMatch {
    /// It names no platform.
    Anywhere,
    Here,
    /// It is WebAssembly, which stands in where there is nothing native.
    Instead,
    Elsewhere,
}

/// What `os`, `cpu` and `libc` of a manifest say, by npm's own reading of them.
pub fn platform_match(manifest: &Manifest, target: &Target) -> PlatformMatch {
    let [os, cpu, libc] = &manifest.platforms;
    if os.is_empty() && cpu.is_empty() && libc.is_empty() {
        return PlatformMatch::Anywhere;
    }
    if cpu.iter().any(|name| name == "wasm32") {
        return match allows(os, SYSTEM) {
            true => PlatformMatch::Instead,
            false => PlatformMatch::Elsewhere,
        };
    }
    match allows(os, SYSTEM) && allows(cpu, target.arch) && allows(libc, LIBC) {
        true => PlatformMatch::Here,
        false => PlatformMatch::Elsewhere,
    }
}

/// A list of names, or of names with `!` that are not meant.
fn allows(list: &[String], name: &str) -> bool {
    let denied = list.iter().any(|item| item.strip_prefix('!') == Some(name));
    let mut named = list.iter().filter(|item| !item.starts_with('!')).peekable();
    !denied && (named.peek().is_none() || named.any(|item| item == name || item == "any"))
}

/// What a manifest that is not meant for the target says it is for.
pub fn wants(manifest: &Manifest) -> String {
    let named: Vec<String> = manifest
        .platforms
        .iter()
        .filter(|list| !list.is_empty())
        .map(|list| list.join(" or "))
        .collect();
    format!("built for {}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_where_its_package_is_meant_to_run() {
        let of = |lists: [&[&str]; 3]| {
            let manifest = Manifest {
                platforms: lists.map(|list| list.iter().map(ToString::to_string).collect()),
                ..Manifest::default()
            };
            platform_match(&manifest, &Target::new("x86_64", None, None))
        };
        assert_eq!(of([&[], &[], &[]]), PlatformMatch::Anywhere);
        assert_eq!(of([&["linux"], &["x64"], &["glibc"]]), PlatformMatch::Here);
        assert_eq!(
            of([&["linux"], &["x64"], &["musl"]]),
            PlatformMatch::Elsewhere
        );
        assert_eq!(of([&["linux"], &["arm64"], &[]]), PlatformMatch::Elsewhere);
        assert_eq!(of([&["darwin"], &[], &[]]), PlatformMatch::Elsewhere);
        assert_eq!(of([&["!win32"], &[], &[]]), PlatformMatch::Here);
        assert_eq!(of([&["!linux"], &[], &[]]), PlatformMatch::Elsewhere);
        assert_eq!(of([&[], &["wasm32"], &[]]), PlatformMatch::Instead);
    }
}
