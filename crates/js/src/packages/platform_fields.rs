//! Whether a package of npm's is meant for what a function runs on.
//!
//! In: a manifest with `os`, `cpu` and `libc`, and the target. Out: [`Meant`], by npm's own reading
//! of those lists. What a native file itself says is read by [`coldcut_core::native_headers`].

use coldcut_core::native_headers::{LIBC, SYSTEM};
pub use coldcut_core::native_headers::{Native, Target, is_native};

use crate::packages::package::Manifest;

/// How a package is meant for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// It names no platform.
    Anywhere,
    Here,
    /// It is WebAssembly, which stands in where there is nothing native.
    Instead,
    Elsewhere,
}

/// What `os`, `cpu` and `libc` of a manifest say, by npm's own reading of them.
pub fn meant(manifest: &Manifest, target: &Target) -> Meant {
    let [os, cpu, libc] = &manifest.platforms;
    if os.is_empty() && cpu.is_empty() && libc.is_empty() {
        return Meant::Anywhere;
    }
    if cpu.iter().any(|name| name == "wasm32") {
        return match allows(os, SYSTEM) {
            true => Meant::Instead,
            false => Meant::Elsewhere,
        };
    }
    match allows(os, SYSTEM) && allows(cpu, target.arch) && allows(libc, LIBC) {
        true => Meant::Here,
        false => Meant::Elsewhere,
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
            meant(&manifest, &Target::new("x86_64", None, None))
        };
        assert_eq!(of([&[], &[], &[]]), Meant::Anywhere);
        assert_eq!(of([&["linux"], &["x64"], &["glibc"]]), Meant::Here);
        assert_eq!(of([&["linux"], &["x64"], &["musl"]]), Meant::Elsewhere);
        assert_eq!(of([&["linux"], &["arm64"], &[]]), Meant::Elsewhere);
        assert_eq!(of([&["darwin"], &[], &[]]), Meant::Elsewhere);
        assert_eq!(of([&["!win32"], &[], &[]]), Meant::Here);
        assert_eq!(of([&["!linux"], &[], &[]]), Meant::Elsewhere);
        assert_eq!(of([&[], &["wasm32"], &[]]), Meant::Instead);
    }
}
