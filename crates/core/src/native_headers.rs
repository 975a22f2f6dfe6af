//! What a native file is built for, and what it needs.
//!
//! In: a `.node` or `.so` file or a program, and what the function runs on. Out: its system, machine and C
//! library, the libraries it is linked to and where it looks for them, the newest version of glibc
//! that it asks for; and whether the target can load it. Only headers are read, and no content
//! makes it panic: these files come from anywhere.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use object::elf::{DT_NEEDED, DT_RPATH, DT_RUNPATH, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, ReadCache};
use serde::Deserialize;

/// What a function runs on: Linux with glibc, as every serverless platform with data has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As Node names it: `x64`.
    pub arch: &'static str,
    /// The platform's glibc, where it is known.
    pub glibc: Option<Version>,
    /// How messages call it: `nodejs22.x`.
    pub runtime: Option<String>,
}

/// A processor as Node names it, from what platforms and Rust call it.
pub fn machine(arch: &str) -> &'static str {
    match arch {
        "arm64" | "aarch64" => "arm64",
        _ => "x64",
    }
}

impl Target {
    /// `arch` as the platform names it, `glibc` as its data says it.
    pub fn new(arch: &str, glibc: Option<&str>, runtime: Option<&str>) -> Self {
        Self {
            arch: machine(arch),
            glibc: glibc.and_then(Version::parse),
            runtime: runtime.map(str::to_string),
        }
    }

    /// The options by which npm installs packages for it.
    pub fn npm_options(&self) -> String {
        format!("--os={SYSTEM} --cpu={} --libc={LIBC}", self.arch)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Linux {}, glibc", self.arch)?;
        if let Some(glibc) = self.glibc {
            write!(f, " {glibc}")?;
        }
        match &self.runtime {
            Some(runtime) => write!(f, " ({runtime})"),
            None => Ok(()),
        }
    }
}

/// The names that `os` and `libc` of a `package.json` have for the target.
pub const SYSTEM: &str = "linux";
pub const LIBC: &str = "glibc";

/// `2.34`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32);

impl Version {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse().ok());
        Some(Self(parts.next()??, parts.next()??))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The system that a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    Linux(Libc),
    Android,
    FreeBsd,
    Apple,
    Windows,
}

/// The C library that a file is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Libc {
    Glibc,
    Musl,
    /// To none: it runs with either.
    None,
}

/// What a native file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Native {
    pub system: System,
    /// As Node names it; `None` for several in one file, or one that Node has no name for.
    pub arch: Option<String>,
    /// Libraries that must be there when it is loaded, by their file names.
    pub needed: Vec<String>,
    /// Where it looks for them first, as written: `$ORIGIN/../lib`.
    pub search: Vec<String>,
    /// The program that starts it, as its header names it; libraries have none.
    pub interpreter: Option<String>,
    /// The newest glibc whose symbols it uses.
    pub glibc: Option<Version>,
    /// Some of what its header promises is not there.
    pub cut_off: bool,
}

#[derive(Deserialize)]
struct Data {
    machines: BTreeMap<String, String>,
    apple: BTreeMap<String, String>,
    windows: BTreeMap<String, String>,
    system: Libraries,
}

#[derive(Deserialize, Default)]
struct Libraries {
    libraries: Vec<String>,
    musl: Vec<String>,
    android: Vec<String>,
}

fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| {
        // A test holds the table to its form; without it nothing is judged.
        toml::from_str(include_str!("native.toml")).unwrap_or_else(|_| Data {
            machines: BTreeMap::new(),
            apple: BTreeMap::new(),
            windows: BTreeMap::new(),
            system: Libraries::default(),
        })
    })
}

/// Whether a file's name is that of an addon or a library of any system.
pub fn is_native(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    [".node", ".so", ".dylib", ".dll"]
        .iter()
        .any(|end| name.len() > end.len() && name.ends_with(end))
        || name.contains(".so.")
}

impl Native {
    /// Reads a file; `None` where it is no binary of a system that is known, or cannot be read.
    pub fn read(path: &Path) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        let mut head = Vec::with_capacity(HEAD);
        file.by_ref()
            .take(HEAD as u64)
            .read_to_end(&mut head)
            .ok()?;
        match head.get(..4)? {
            b"\x7fELF" => Some(elf(&head, file)),
            b"MZ\x90\0" | [b'M', b'Z', ..] => Some(foreign(System::Windows, windows_arch(&head))),
            [0xca, 0xfe, 0xba, 0xbe | 0xbf] => Some(foreign(System::Apple, None)),
            [0xcf | 0xce, 0xfa, 0xed, 0xfe] => {
                let kind = u32::from_le_bytes(bytes_at(&head, 4)?);
                let arch = data().apple.get(&kind.to_string()).cloned();
                Some(foreign(System::Apple, arch))
            }
            _ => None,
        }
    }

    /// What the target has against it; `None` where it can be loaded there.
    pub fn misfit(&self, target: &Target) -> Option<String> {
        let what = self.to_string();
        match self.system {
            System::Linux(Libc::Glibc | Libc::None) => {}
            _ => return Some(format!("built for {what}")),
        }
        if self.arch.as_deref() != Some(target.arch) {
            return Some(format!("built for {what}"));
        }
        if self.cut_off {
            return Some("cut off: it is shorter than its header says".to_string());
        }
        let (needs, has) = self.glibc.zip(target.glibc)?;
        (needs > has).then(|| format!("built for {what} {needs} or newer"))
    }

    /// The libraries that the platform does not have.
    pub fn needed_files(&self) -> impl Iterator<Item = &str> {
        let system = &data().system;
        let known = |name: &str| {
            let mut all = system.libraries.iter().chain(&system.musl);
            all.any(|start| name.starts_with(start.as_str()))
        };
        let names = self.needed.iter().map(String::as_str);
        names.filter(move |name| !known(name))
    }

    /// The file of a library that it is linked to: where the file at `path` looks for it, or else
    /// anywhere in its own package, since whoever ships a library there means that one.
    pub fn find(&self, name: &str, path: &Path, package: &Path) -> Option<PathBuf> {
        if name.contains('/') {
            return None;
        }
        let origin = path.parent()?;
        for written in &self.search {
            let rest = written
                .strip_prefix("$ORIGIN")
                .or_else(|| written.strip_prefix("${ORIGIN}"));
            let Some(rest) = rest else { continue };
            let folder = origin.join(rest.trim_start_matches('/'));
            if let Some(found) = plain(&folder.join(name)) {
                return Some(found);
            }
        }
        if let Some(found) = plain(&origin.join(name)) {
            return Some(found);
        }
        let mut all = walkdir::WalkDir::new(package)
            .max_depth(MAX_DEPTH)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "node_modules" || entry.depth() == 0)
            .filter_map(Result::ok);
        let found = all.find(|entry| entry.file_name() == name)?;
        plain(found.path())
    }
}

/// How deep a package is searched for a library.
const MAX_DEPTH: usize = 8;

/// Enough for the headers of files that are no ELF.
const HEAD: usize = 4096;

fn plain(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    real.is_file().then_some(real)
}

impl fmt::Display for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arch = self.arch.as_deref();
        let (system, libc) = match self.system {
            System::Linux(Libc::Glibc) => ("Linux", ", glibc"),
            System::Linux(Libc::Musl) => ("Linux", ", musl"),
            System::Linux(Libc::None) => ("Linux", ""),
            System::Android => ("Android", ""),
            System::FreeBsd => ("FreeBSD", ""),
            System::Apple => ("macOS", ""),
            System::Windows => ("Windows", ""),
        };
        match arch {
            Some(arch) => write!(f, "{system} {arch}{libc}"),
            None => write!(f, "{system}{libc}"),
        }
    }
}

fn foreign(system: System, arch: Option<String>) -> Native {
    Native {
        system,
        arch,
        needed: Vec::new(),
        search: Vec::new(),
        interpreter: None,
        glibc: None,
        cut_off: false,
    }
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// `Machine` stands behind the signature, whose place is written at 0x3c.
fn windows_arch(head: &[u8]) -> Option<String> {
    let at = u32::from_le_bytes(bytes_at(head, 0x3c)?) as usize;
    let machine = u16::from_le_bytes(bytes_at(head, at.checked_add(4)?)?);
    data().windows.get(&machine.to_string()).cloned()
}

fn elf(head: &[u8], file: File) -> Native {
    let wide = head.get(4) == Some(&2);
    let cache = ReadCache::new(file);
    // The specification's `EI_OSABI`; Linux says none, or what GNU has.
    let freebsd = head.get(7) == Some(&9);
    let mut read = match wide {
        true => headers::<FileHeader64<Endianness>>(&cache),
        false => headers::<FileHeader32<Endianness>>(&cache),
    };
    if let Some(native) = read.as_mut().filter(|_| freebsd) {
        native.system = System::FreeBsd;
    }
    // Without its header nothing is known but that it is one.
    read.unwrap_or_else(|| Native {
        cut_off: true,
        ..foreign(System::Linux(Libc::None), None)
    })
}

fn headers<H: FileHeader<Endian = Endianness>>(cache: &ReadCache<File>) -> Option<Native> {
    let header = H::parse(cache).ok()?;
    let endian = header.endian().ok()?;
    let number = header.e_machine(endian).0.to_string();
    let mut out = foreign(
        System::Linux(Libc::None),
        data().machines.get(&number).cloned(),
    );
    out.interpreter = interpreter::<H>(header, endian, cache);
    out.cut_off = linked::<H>(header, endian, cache, &mut out).is_none();
    out.system = system_of(&out.needed);
    Some(out)
}

fn interpreter<H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    cache: &ReadCache<File>,
) -> Option<String> {
    let segments = header.program_headers(endian, cache).ok()?;
    let named = |segment: &H::ProgramHeader| segment.interpreter(endian, cache).ok()?;
    let bytes = segments.iter().find_map(named)?;
    let text = String::from_utf8_lossy(bytes);
    Some(text.trim_end_matches('\0').to_string())
}

/// Fills in what the dynamic section says; `None` where the file ends before that.
fn linked<H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    cache: &ReadCache<File>,
    out: &mut Native,
) -> Option<()> {
    let sections = header.sections(endian, cache).ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let dynamic = sections.dynamic_table(endian, cache).ok()?;
    for entry in &dynamic {
        match entry.tag {
            DT_NEEDED => out.needed.push(text(dynamic.string(entry).ok()?)),
            DT_RPATH | DT_RUNPATH => {
                let paths = text(dynamic.string(entry).ok()?);
                out.search.extend(paths.split(':').map(str::to_string));
            }
            _ => {}
        }
    }
    let Some((mut files, strings)) = sections.gnu_verneed(endian, cache).ok()? else {
        return Some(());
    };
    let strings = sections.strings(endian, cache, strings).ok()?;
    while let Some((_, mut versions)) = files.next().ok()? {
        while let Some(version) = versions.next().ok()? {
            let name = text(version.name(endian, strings).ok()?);
            let number = name.strip_prefix("GLIBC_").and_then(Version::parse);
            out.glibc = out.glibc.max(number);
        }
    }
    Some(())
}

fn system_of(needed: &[String]) -> System {
    let system = &data().system;
    let is = |starts: &[String], exact: bool| {
        needed.iter().any(|name| {
            starts
                .iter()
                .any(|start| match exact || start.ends_with(".so") {
                    true => name == start,
                    false => name.starts_with(start.as_str()),
                })
        })
    };
    if needed.iter().any(|name| name == "libc.so.6") {
        System::Linux(Libc::Glibc)
    } else if !is(&system.musl, false) {
        System::Linux(Libc::None)
    } else if is(&system.android, true) {
        System::Android
    } else {
        System::Linux(Libc::Musl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(arch: &str, glibc: Option<&str>) -> Target {
        Target::new(arch, glibc, None)
    }

    fn here() -> &'static str {
        machine(std::env::consts::ARCH)
    }

    #[test]
    fn the_tables_are_well_formed() {
        assert_eq!(data().machines["62"], "x64");
        assert!(!data().system.libraries.is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_very_program_is_told_whole_and_cut_off_at_every_length() {
        let own = std::env::current_exe().unwrap();
        let native = Native::read(&own).unwrap();
        assert_eq!(native.arch.as_deref(), Some(here()));
        assert!(!native.cut_off);
        if native.system == System::Linux(Libc::Glibc) {
            let (needs, none) = (native.glibc.unwrap(), target(here(), None));
            assert!(native.needed.iter().any(|name| name == "libc.so.6"));
            assert_eq!(native.misfit(&none), None);
            assert_eq!(native.misfit(&target(here(), Some("9.9"))), None);
            let why = native.misfit(&target(here(), Some("2.2"))).unwrap();
            assert!(why.contains(&needs.to_string()), "{why}");
        }
        let other = if here() == "x64" { "arm64" } else { "x86_64" };
        assert!(native.misfit(&target(other, None)).is_some());
        let bytes = std::fs::read(&own).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cut.node");
        for len in (0..200).chain((200..bytes.len()).step_by(bytes.len() / 97)) {
            std::fs::write(&path, &bytes[..len]).unwrap();
            let read = Native::read(&path);
            assert_eq!(read.is_some(), len >= 4, "{len}");
            assert!(read.is_none_or(|read| read.cut_off), "{len}");
        }
    }

    #[test]
    fn other_systems_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.node");
        let named = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Native::read(&path).map(|native| native.to_string())
        };
        assert_eq!(
            named(b"\xcf\xfa\xed\xfe\x0c\0\0\x01").as_deref(),
            Some("macOS arm64")
        );
        assert_eq!(named(b"\xca\xfe\xba\xbe").as_deref(), Some("macOS"));
        let mut windows = vec![0; 0x90];
        windows[..2].copy_from_slice(b"MZ");
        windows[0x3c] = 0x80;
        windows[0x84..0x86].copy_from_slice(&[0x64, 0x86]);
        assert_eq!(named(&windows).as_deref(), Some("Windows x64"));
        assert_eq!(named(b"MZ\x90\0").as_deref(), Some("Windows"));
        assert_eq!(named(b"version https://git-lfs"), None);
        assert_eq!(named(b""), None);
    }

    #[test]
    fn the_c_library_is_told_by_what_is_linked() {
        let of = |names: &[&str]| system_of(&names.map_strings());
        assert_eq!(of(&["libm.so.6", "libc.so.6"]), System::Linux(Libc::Glibc));
        assert_eq!(of(&["libc.musl-x86_64.so.1"]), System::Linux(Libc::Musl));
        assert_eq!(
            of(&["libstdc++.so.6", "libc.so"]),
            System::Linux(Libc::Musl)
        );
        assert_eq!(of(&["libc.so", "libdl.so"]), System::Android);
        assert_eq!(of(&["libm.so.6"]), System::Linux(Libc::None));
    }

    trait Strings {
        fn map_strings(&self) -> Vec<String>;
    }

    impl Strings for [&str] {
        fn map_strings(&self) -> Vec<String> {
            self.iter().map(|text| (*text).to_string()).collect()
        }
    }
}
