//! A linked binary without what no run needs.
//!
//! In: the bytes of an ELF file as the linker wrote it. Out: the same file less its symbols and
//! debug information. One link serves for three things that way: the binary that ships, the symbols
//! that say where its bytes come from, and the file by which a crash is symbolised. What the system
//! loads is copied byte for byte; only the table of sections behind it is written anew.

use object::elf::{FileHeader64, SHF_ALLOC, SHT_NOBITS, SHT_STRTAB, SectionHeader64, SectionType};
use object::endian::{LittleEndian, U32, U64};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{bytes_of, from_bytes_mut};

type Header = FileHeader64<LittleEndian>;
type Section = SectionHeader64<LittleEndian>;

/// What may go besides symbols.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options<'a> {
    /// Clear the tables by which a stack is unwound: for a program that aborts when it panics.
    pub unwind_tables: bool,
    /// A file with the debug information to be named by `.gnu_debuglink`, and its CRC-32.
    pub debug_link: Option<(&'a str, u32)>,
}

/// The tables of unwinding. Cleared, they are as if the program ended there: a first word of zero
/// ends `.eh_frame`, and an index of version 0 is none.
const UNWIND: [&[u8]; 3] = [b".eh_frame", b".eh_frame_hdr", b".gcc_except_table"];

/// Removes symbols from `bytes`; `None` where it is no 64-bit little-endian ELF file that is whole.
pub fn strip(bytes: &[u8], options: Options<'_>) -> Option<Vec<u8>> {
    let header = Header::parse(bytes).ok()?;
    let endian = LittleEndian;
    if header.is_big_endian() {
        return None;
    }
    let sections = header.sections(endian, bytes).ok()?;
    // Whatever is loaded stays, and so does its place in the file.
    let mut end = u64::from(header.e_ehsize.get(endian));
    for segment in header.program_headers(endian, bytes).ok()? {
        let (offset, size) = segment.file_range(endian);
        end = end.max(offset.checked_add(size)?);
    }
    let table = header.e_phoff.get(endian)
        + u64::from(header.e_phnum.get(endian)) * u64::from(header.e_phentsize.get(endian));
    end = end.max(table);
    let mut out = bytes.get(..usize::try_from(end).ok()?)?.to_vec();

    let mut kept: Vec<(usize, Section)> = Vec::new();
    let mut names: Vec<Vec<u8>> = Vec::new();
    for (at, section) in sections.iter().enumerate() {
        let allocated = section.sh_flags(endian).0 & SHF_ALLOC.0 != 0;
        if at != 0 && !allocated {
            continue;
        }
        let name = sections.section_name(endian, section).unwrap_or_default();
        if options.unwind_tables && UNWIND.contains(&name) && section.sh_type(endian) != SHT_NOBITS
        {
            let (offset, size) = section.file_range(endian)?;
            let end = usize::try_from(offset.checked_add(size)?).ok()?;
            out.get_mut(usize::try_from(offset).ok()?..end)?.fill(0);
        }
        names.push(name.to_vec());
        kept.push((at, *section));
    }
    if kept.is_empty() {
        return None;
    }
    // Sections refer to each other by number, and to those that are gone by none.
    let numbers: Vec<usize> = kept.iter().map(|(at, _)| *at).collect();
    let moved = |old: u32| {
        let place = numbers.iter().position(|at| *at == old as usize);
        u32::try_from(place.unwrap_or(0)).unwrap_or(0)
    };
    let mut table: Vec<Section> = kept.iter().map(|(_, section)| *section).collect();
    for section in table.iter_mut().skip(1) {
        section.sh_link = U32::new(endian, moved(section.sh_link.get(endian)));
        if section.has_info_link(endian) {
            section.sh_info = U32::new(endian, moved(section.sh_info.get(endian)));
        }
    }
    if let Some((name, crc)) = options.debug_link {
        let mut data = name.as_bytes().to_vec();
        data.push(0);
        data.resize(data.len().next_multiple_of(4), 0);
        data.extend(crc.to_le_bytes());
        out.resize(out.len().next_multiple_of(4), 0);
        table.push(plain(out.len(), data.len(), 4, object::elf::SHT_PROGBITS));
        names.push(b".gnu_debuglink".to_vec());
        out.extend(data);
    }
    names.push(b".shstrtab".to_vec());
    let mut text = Vec::new();
    let mut starts = Vec::new();
    for name in &names {
        // The first section is none, and its name is empty.
        starts.push(text.len());
        text.extend(name);
        text.push(0);
    }
    table.push(plain(out.len(), text.len(), 1, SHT_STRTAB));
    out.extend(text);
    for (section, start) in table.iter_mut().zip(starts) {
        section.sh_name = U32::new(endian, u32::try_from(start).ok()?);
    }
    out.resize(out.len().next_multiple_of(8), 0);
    let place = out.len() as u64;
    for section in &table {
        out.extend(bytes_of(section));
    }
    let (header, _) = from_bytes_mut::<Header>(&mut out).ok()?;
    let count = u16::try_from(table.len()).ok()?;
    header.e_shoff = U64::new(endian, place);
    header.e_shnum.set(endian, count);
    header
        .e_shstrndx
        .set(endian, object::elf::SymbolSection(count - 1));
    Some(out)
}

/// A section that is not loaded.
fn plain(offset: usize, size: usize, align: u64, kind: SectionType) -> Section {
    let endian = LittleEndian;
    Section {
        sh_name: U32::new(endian, 0),
        sh_type: U32::new(endian, kind),
        sh_flags: U64::new(endian, object::elf::SectionFlags(0)),
        sh_addr: U64::new(endian, 0),
        sh_offset: U64::new(endian, offset as u64),
        sh_size: U64::new(endian, size as u64),
        sh_link: U32::new(endian, 0),
        sh_info: U32::new(endian, 0),
        sh_addralign: U64::new(endian, align),
        sh_entsize: U64::new(endian, 0),
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use super::*;
    use object::{Object, ObjectSection};

    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[test]
    fn a_program_runs_without_its_symbols() {
        let bytes = own();
        let options = Options {
            unwind_tables: false,
            debug_link: Some(("it.debug", 7)),
        };
        let out = strip(&bytes, options).unwrap();
        assert!(out.len() < bytes.len());
        let (before, after) = (
            object::File::parse(&*bytes).unwrap(),
            object::File::parse(&*out).unwrap(),
        );
        assert_eq!(after.symbols().count(), 0);
        assert_eq!(
            after.gnu_debuglink().unwrap().unwrap(),
            (&b"it.debug"[..], 7)
        );
        let data = |file: &object::File<'_>, name: &str| {
            file.section_by_name(name).unwrap().data().unwrap().to_vec()
        };
        for name in [".text", ".rodata", ".eh_frame", ".dynamic"] {
            assert_eq!(data(&before, name), data(&after, name), "{name}");
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stripped");
        crate::build::write(&path, &out).unwrap();
        let status = std::process::Command::new(&path).arg("--help").output();
        assert!(status.unwrap().status.success());
        // What is stripped already stays as it is.
        assert_eq!(
            strip(&out, Options::default()).unwrap().len() / 4096,
            out.len() / 4096
        );
    }

    #[test]
    fn tables_of_unwinding_are_cleared_and_nothing_else() {
        let bytes = own();
        let with = strip(&bytes, Options::default()).unwrap();
        let options = Options {
            unwind_tables: true,
            debug_link: None,
        };
        let without = strip(&bytes, options).unwrap();
        assert_eq!(with.len(), without.len());
        let file = object::File::parse(&*without).unwrap();
        let tables = file.section_by_name(".eh_frame").unwrap();
        assert!(tables.data().unwrap().iter().all(|byte| *byte == 0));
        let other = object::File::parse(&*with).unwrap();
        for name in [".text", ".rodata"] {
            let of = |file: &object::File<'_>| {
                file.section_by_name(name).unwrap().data().unwrap().to_vec()
            };
            assert_eq!(of(&file), of(&other), "{name}");
        }
    }

    #[test]
    fn what_is_cut_off_or_changed_is_refused_and_never_breaks_it() {
        let bytes = own();
        for len in (0..200).chain((200..bytes.len()).step_by(bytes.len() / 37)) {
            let _ = strip(&bytes[..len], Options::default());
            let _ = crate::sizes::sizes(&bytes[..len], 1 << 40, &|_| false, &|_| None);
        }
        // Each byte of the header is a number that something may trust.
        let short = &bytes[..bytes.len().min(1 << 20)];
        for at in 0..64 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = short.to_vec();
                changed[at] = value;
                let _ = strip(&changed, Options::default());
                let _ = crate::sizes::sizes(&changed, 1 << 40, &|_| false, &|_| None);
            }
        }
        assert_eq!(strip(b"MZ\x90\0", Options::default()), None);
    }
}
