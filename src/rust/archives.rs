//! Which crate's library a symbol was compiled into.
//!
//! In: the libraries that cargo linked. Out: [`Homes`], from a symbol to the crate whose library has
//! it. A generic function belongs to whoever made the copy, as `cargo bloat` counts it; of several
//! the first by name. Copies that the binary's own crate made are in no library.

use std::collections::HashMap;
use std::path::PathBuf;

use object::read::archive::ArchiveFile;
use rayon::prelude::*;

/// From a symbol to a crate, by its place in the list.
#[derive(Debug, Default)]
pub struct Homes {
    names: Vec<String>,
    homes: HashMap<Vec<u8>, u32>,
}

impl Homes {
    /// Reads the symbol tables of libraries: a crate's name, as symbols have it, and its file.
    pub fn read(libraries: &[(String, PathBuf)]) -> Self {
        let mut libraries = libraries.to_vec();
        libraries.sort();
        let tables: Vec<Vec<Vec<u8>>> = libraries
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
    pub fn of(&self, mangled: &str) -> Option<&str> {
        let at = *self.homes.get(mangled.as_bytes())?;
        self.names.get(at as usize).map(String::as_str)
    }
}

fn symbols(path: &std::path::Path) -> Option<Vec<Vec<u8>>> {
    let bytes = std::fs::read(path).ok()?;
    let archive = ArchiveFile::parse(&*bytes).ok()?;
    let table = archive.symbols().ok()??;
    let names = table.filter_map(Result::ok);
    Some(names.map(|symbol| symbol.name().to_vec()).collect())
}
