//! Which crate's library a symbol was compiled into.
//!
//! In: the libraries that cargo linked. Out: [`SymbolOwners`], from a symbol to the crate whose library has
//! it. A copy of a generic function belongs to whoever made it, as `cargo bloat` counts it; of
//! several the first by name. Copies that the binary's own crate made are in no library.

use std::collections::HashMap;
use std::path::PathBuf;

use object::read::archive::ArchiveFile;
use rayon::prelude::*;

/// From a symbol to a crate, by its place in the list.
#[derive(Debug, Default)]
pub struct SymbolOwners {
    names: Vec<String>,
    homes: HashMap<String, u32>,
}

impl SymbolOwners {
    /// Reads the symbol tables of libraries: a crate's name, as symbols have it, and its file.
    pub fn read(libraries: &[(String, PathBuf)]) -> Self {
        let mut libraries = libraries.to_vec();
        libraries.sort();
        let tables: Vec<Vec<String>> = libraries
            .par_iter()
            .map(|(_, path)| symbols(path).unwrap_or_default())
            .collect();
        let mut out = Self::default();
        for (at, ((name, _), table)) in (0_u32..).zip(libraries.into_iter().zip(tables)) {
            out.names.push(name);
            for symbol in table {
                out.homes.entry(symbol).or_insert(at);
            }
        }
        out
    }

    /// The crate of a symbol.
    pub fn owner(&self, mangled: &str) -> Option<&str> {
        let at = *self.homes.get(&key(mangled))?;
        self.names.get(at as usize).map(String::as_str)
    }
}

/// What the parts of a library that were optimised apart call one function is the same but for a
/// number at its end, which reading a name leaves out. Names of the newer kind say more, and are
/// taken as they are.
fn key(mangled: &str) -> String {
    match mangled.starts_with("_R") {
        true => mangled.to_string(),
        false => rustc_demangle::demangle(mangled).to_string(),
    }
}

fn symbols(path: &std::path::Path) -> Option<Vec<String>> {
    let bytes = std::fs::read(path).ok()?;
    let archive = ArchiveFile::parse(&*bytes).ok()?;
    let table = archive.symbols().ok()??;
    let texts = table.filter_map(Result::ok);
    let texts = texts.map(|symbol| key(&String::from_utf8_lossy(symbol.name())));
    Some(texts.collect())
}
