//! Where the bytes of a binary come from.
//!
//! In: a linked ELF file with its symbols, and the file that ships, which is the same less symbols.
//! Out: [`Sizes`]: bytes of each crate, of each function with all its copies, and of what no symbol
//! covers, by section. They add up to the length of the file that ships, to the byte.

use std::collections::BTreeMap;

use object::elf::{
    FileHeader64, SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, STT_FUNC, STT_NOTYPE, STT_OBJECT,
};
use object::endian::LittleEndian;
use object::read::elf::{FileHeader, SectionHeader, Sym};
use serde::{Deserialize, Serialize};

use crate::symbol_names;

/// What one crate brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrateSize {
    /// As symbols have it: `serde_json`; `std` for all that comes with the compiler.
    pub name: String,
    pub code_bytes: u64,
    /// Tables, texts and the like that have a name.
    pub data_bytes: u64,
    /// Tables for unwinding the stack through its functions.
    pub unwind_bytes: u64,
}

impl CrateSize {
    pub fn bytes(&self) -> u64 {
        self.code_bytes + self.data_bytes + self.unwind_bytes
    }
}

/// A function and all copies that were made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSize {
    pub name: String,
    pub krate: String,
    pub copies: u64,
    pub bytes: u64,
}

/// What no symbol covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionRemainder {
    /// A section, or what lies between them.
    pub name: String,
    pub what: String,
    pub bytes: u64,
}

/// Everything that a binary is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Of the file that ships.
    pub file_bytes: u64,
    /// Biggest first.
    pub crates: Vec<CrateSize>,
    /// Biggest first.
    pub rest: Vec<SectionRemainder>,
    /// Biggest first, as many as are worth naming.
    pub functions: Vec<FunctionSize>,
    /// By name and length in the file.
    pub sections: Vec<(String, u64)>,
    /// Named data of at least [`BIG_DATA`] bytes, with its crate.
    pub data: Vec<(String, String, u64)>,
    /// Code that formats text, and that reports panics.
    pub formatting_bytes: u64,
    pub panic_bytes: u64,
}

/// How many functions are kept.
const FUNCTIONS: usize = 100;
/// Data that is worth a word.
pub const BIG_DATA: u64 = 64 << 10;
/// C code and assembly, of which symbols do not say whose it is.
pub const FOREIGN: &str = "(C and assembly)";

/// What sections hold, for those whose bytes no symbol covers.
const SECTIONS: [(&str, &str); 18] = [
    (".rodata", "constants without a name, such as strings"),
    (
        ".data.rel.ro",
        "constants that hold addresses, such as vtables",
    ),
    (".rela.dyn", "where addresses are filled in at the start"),
    (".eh_frame", "tables for unwinding the stack"),
    (".eh_frame_hdr", "an index of the tables for unwinding"),
    (
        ".gcc_except_table",
        "what to clean up while the stack is unwound",
    ),
    (".text", "padding and code without a name"),
    (".data", "variables"),
    (".tdata", "variables of threads"),
    (".got", "addresses of shared symbols"),
    (".got.plt", "addresses of shared symbols"),
    (".plt", "calls into shared libraries"),
    (".rela.plt", "calls into shared libraries"),
    (".dynsym", "names of symbols in shared libraries"),
    (".dynstr", "names of symbols in shared libraries"),
    (".gnu.version", "versions of symbols in shared libraries"),
    (".gnu.version_r", "versions of symbols in shared libraries"),
    (".gnu.hash", "names of symbols in shared libraries"),
];

/// Who owns a run of addresses.
struct AddressRange {
    start: u64,
    end: u64,
    /// Into the table of crates.
    owner: usize,
}

/// Reads `linked`; `None` where it is no whole 64-bit little-endian ELF file. Without symbols there
/// are no crates in the result. `is_linked` knows the project's crates by name, `home` the crate whose
/// library has a symbol.
pub fn sizes(
    linked: &[u8],
    file_bytes: u64,
    is_linked: &dyn Fn(&str) -> bool,
    home: &dyn Fn(&str) -> Option<String>,
) -> Option<Sizes> {
    let endian = LittleEndian;
    let header = FileHeader64::<LittleEndian>::parse(linked).ok()?;
    if header.is_big_endian() {
        return None;
    }
    let table = header.sections(endian, linked).ok()?;
    let symbols = symbols(header, &table, linked)?;
    let mut count = Attribution::new(is_linked, home);
    let mut sections: Vec<SectionCoverage> = Vec::new();
    let mut eh_frame = None;
    for section in table.iter() {
        let flags = section.sh_flags(endian).0;
        if flags & SHF_ALLOC.0 == 0 || section.sh_type(endian) == SHT_NOBITS {
            continue;
        }
        let name = table.section_name(endian, section).unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let (start, size) = (section.sh_addr(endian), section.sh_size(endian));
        if size == 0 {
            continue;
        }
        let end = start.checked_add(size)?;
        let covered = count.section(&symbols, start, end, flags & SHF_EXECINSTR.0 != 0);
        if name == ".eh_frame" {
            eh_frame = section.data(endian, linked).ok().map(|data| (start, data));
        }
        sections.push(SectionCoverage {
            name,
            size,
            covered,
        });
    }
    if let Some((address, data)) = eh_frame {
        count.ranges.sort_by_key(|range| range.start);
        let covered = unwind(address, data, &count.ranges, &mut count.owners);
        let section = sections.iter_mut().find(|one| one.name == ".eh_frame");
        if let Some(section) = section {
            section.covered += covered;
        }
    }
    let mut out = count.finish(file_bytes);
    let loaded: u64 = sections.iter().map(|one| one.size).sum();
    out.rest = sections.iter().filter_map(SectionCoverage::rest).collect();
    out.rest.push(SectionRemainder {
        name: "(headers)".to_string(),
        what: "headers, and gaps between sections".to_string(),
        // A file that is shorter than its own sections is not what was linked.
        bytes: file_bytes.checked_sub(loaded)?,
    });
    out.sections = sections
        .into_iter()
        .map(|one| (one.name, one.size))
        .collect();
    out.rest
        .sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    out.sections
        .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Some(out)
}

/// A section, and how many of its bytes some crate was found for.
struct SectionCoverage {
    name: String,
    size: u64,
    covered: u64,
}

impl SectionCoverage {
    /// What no symbol covers; `None` where that is nothing.
    fn rest(&self) -> Option<SectionRemainder> {
        if self.size <= self.covered {
            return None;
        }
        let known = SECTIONS.iter().find(|(known, _)| *known == self.name);
        let what = known.map_or("what the system reads at the start", |(_, what)| what);
        Some(SectionRemainder {
            name: self.name.clone(),
            what: what.to_string(),
            bytes: self.size - self.covered,
        })
    }
}

/// Bytes given to crates and functions, symbol by symbol.
struct Attribution<'a> {
    is_linked: &'a dyn Fn(&str) -> bool,
    home: &'a dyn Fn(&str) -> Option<String>,
    owners: Vec<CrateSize>,
    /// From a crate's name to its place in `owners`.
    index: BTreeMap<String, usize>,
    /// Copies and bytes by function and crate.
    functions: BTreeMap<(String, String), (u64, u64)>,
    ranges: Vec<AddressRange>,
    data: Vec<(String, String, u64)>,
    formatting_bytes: u64,
    panic_bytes: u64,
}

impl<'a> Attribution<'a> {
    fn new(is_linked: &'a dyn Fn(&str) -> bool, home: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            is_linked,
            home,
            owners: Vec::new(),
            index: BTreeMap::new(),
            functions: BTreeMap::new(),
            ranges: Vec::new(),
            data: Vec::new(),
            formatting_bytes: 0,
            panic_bytes: 0,
        }
    }

    /// Takes the symbols between two addresses; gives how many bytes they cover.
    fn section(&mut self, symbols: &[Symbol<'_>], start: u64, end: u64, code: bool) -> u64 {
        let mut covered = 0;
        let mut at = start;
        let first = symbols.partition_point(|symbol| symbol.start < start);
        for symbol in symbols[first..]
            .iter()
            .take_while(|symbol| symbol.start < end)
        {
            let from = symbol.start.max(at);
            let to = symbol.end.min(end);
            // Another name of the same bytes, or a part of them.
            if to <= from {
                continue;
            }
            if self.symbol(symbol.name, from, to, code) {
                at = to;
                covered += to - from;
            }
        }
        covered
    }

    /// Gives the bytes from one address to another to the owner of a symbol; says whether it has one.
    fn symbol(&mut self, name: &str, from: u64, to: u64, code: bool) -> bool {
        let found = symbol_names::parse(name);
        let bytes = to - from;
        let krate = (self.home)(name).or_else(|| found.krate.clone());
        let owner = match (&krate, code) {
            (Some(krate), _) => symbol_names::shown(krate, self.is_linked).to_string(),
            (None, true) if !found.function.is_empty() => FOREIGN.to_string(),
            (None, _) => {
                // Unnamed constants of unknown crates; big ones are told all the same.
                if bytes >= BIG_DATA {
                    self.data.push((name.to_string(), String::new(), bytes));
                }
                return false;
            }
        };
        let owner_at = self.owner(&owner);
        if code {
            self.owners[owner_at].code_bytes += bytes;
            self.function(found.function, owner, bytes);
        } else {
            self.owners[owner_at].data_bytes += bytes;
            if bytes >= BIG_DATA {
                self.data.push((found.function, owner, bytes));
            }
        }
        self.ranges.push(AddressRange {
            start: from,
            end: to,
            owner: owner_at,
        });
        true
    }

    /// The place of a crate in `owners`.
    fn owner(&mut self, name: &str) -> usize {
        if let Some(at) = self.index.get(name) {
            return *at;
        }
        let at = self.owners.len();
        self.owners.push(CrateSize {
            name: name.to_string(),
            ..CrateSize::default()
        });
        self.index.insert(name.to_string(), at);
        at
    }

    fn function(&mut self, name: String, krate: String, bytes: u64) {
        if name.contains("core::fmt::") || name.contains(" as core::fmt::") {
            self.formatting_bytes += bytes;
        }
        let panics = ["panicking::", "backtrace", "gimli::"];
        if panics.iter().any(|part| name.contains(part)) {
            self.panic_bytes += bytes;
        }
        let sum = self.functions.entry((name, krate)).or_default();
        sum.0 += 1;
        sum.1 += bytes;
    }

    /// Everything but what no symbol covers.
    fn finish(self, file_bytes: u64) -> Sizes {
        let mut crates = self.owners;
        crates.sort_by(|a, b| b.bytes().cmp(&a.bytes()).then_with(|| a.name.cmp(&b.name)));
        let mut functions: Vec<FunctionSize> = self
            .functions
            .into_iter()
            .map(|((name, krate), (copies, bytes))| FunctionSize {
                name,
                krate,
                copies,
                bytes,
            })
            .collect();
        functions.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        functions.truncate(FUNCTIONS);
        let mut data = self.data;
        data.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        Sizes {
            file_bytes,
            crates,
            functions,
            data,
            formatting_bytes: self.formatting_bytes,
            panic_bytes: self.panic_bytes,
            ..Sizes::default()
        }
    }
}

/// A symbol that covers bytes.
struct Symbol<'a> {
    start: u64,
    end: u64,
    name: &'a str,
}

/// By address.
fn symbols<'a>(
    header: &FileHeader64<LittleEndian>,
    table: &object::read::elf::SectionTable<'a, FileHeader64<LittleEndian>>,
    linked: &'a [u8],
) -> Option<Vec<Symbol<'a>>> {
    let endian = header.endian().ok()?;
    let symbols = table
        .symbols(endian, linked, object::elf::SHT_SYMTAB)
        .ok()?;
    let mut out = Vec::new();
    for symbol in symbols.iter() {
        let kind = symbol.st_type();
        let size = symbol.st_size(endian);
        if size == 0 || ![STT_FUNC, STT_OBJECT, STT_NOTYPE].contains(&kind) {
            continue;
        }
        let start = symbol.st_value(endian);
        let name = symbol.name(endian, symbols.strings()).ok();
        let name = name.and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let (Some(name), Some(end)) = (name, start.checked_add(size)) {
            out.push(Symbol { start, end, name });
        }
    }
    // Several names for one place are told by the order of the table, as other tools do.
    out.sort_by_key(|symbol| symbol.start);
    Some(out)
}

/// Gives each entry of `.eh_frame` to the owner of the function that it is about, and says how many
/// bytes that were. Only the form that compilers write for Linux is read: a difference of 32 bits.
fn unwind(address: u64, data: &[u8], runs: &[AddressRange], owners: &mut [CrateSize]) -> u64 {
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(
            data.get(at..at.checked_add(4)?)?.try_into().ok()?,
        ))
    };
    let mut covered = 0;
    let mut at = 0_usize;
    while let (Some(length), Some(id)) = (word(at), word(at + 4)) {
        if length == 0 || length == u32::MAX {
            break;
        }
        let Some(next) = at
            .checked_add(4 + length as usize)
            .filter(|next| *next <= data.len())
        else {
            break;
        };
        if id != 0
            && let Some(difference) = word(at + 8)
        {
            let place = address + at as u64 + 8;
            let function = place.wrapping_add_signed(i64::from(difference as i32));
            let found = runs
                .partition_point(|run| run.start <= function)
                .checked_sub(1);
            if let Some(run) = found.map(|found| &runs[found])
                && function < run.end
            {
                let bytes = (next - at) as u64;
                owners[run.owner].unwind_bytes += bytes;
                covered += bytes;
            }
        }
        at = next;
    }
    covered
}
