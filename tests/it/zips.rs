//! Zips written byte by byte, so that they can be wrong in any way.

use std::path::{Path, PathBuf};

/// One entry as its headers describe it, whatever its data are.
pub struct Entry<'a> {
    pub name: &'a str,
    pub data: &'a [u8],
    pub mode: u32,
    pub encrypted: bool,
    /// What the headers say that it unpacks to; the true length unless said otherwise.
    pub says: Option<u32>,
    pub deflated: bool,
}

impl<'a> Entry<'a> {
    pub fn file(name: &'a str, data: &'a [u8]) -> Self {
        Self {
            name,
            data,
            mode: 0o100_644,
            encrypted: false,
            says: None,
            deflated: false,
        }
    }

    pub fn program(name: &'a str, data: &'a [u8]) -> Self {
        Self {
            mode: 0o100_755,
            ..Self::file(name, data)
        }
    }

    pub fn link(name: &'a str, target: &'a str) -> Self {
        Self {
            mode: 0o120_777,
            ..Self::file(name, target.as_bytes())
        }
    }
}

fn crc(data: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    };
    !data.iter().fold(!0, step)
}

/// The bytes of a zip. With `overlapping` every entry points to the data of the first.
pub fn bytes(entries: &[Entry<'_>], overlapping: bool) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for entry in entries {
        let data = if overlapping {
            entries[0].data
        } else {
            entry.data
        };
        let at = if overlapping { 0 } else { out.len() as u32 };
        let says = entry.says.unwrap_or(data.len() as u32);
        let mut shared = Vec::new();
        for half in [
            20,
            u16::from(entry.encrypted),
            if entry.deflated { 8 } else { 0 },
            0,
            33,
        ] {
            shared.extend(u16::to_le_bytes(half));
        }
        for word in [crc(data), data.len() as u32, says] {
            shared.extend(u32::to_le_bytes(word));
        }
        shared.extend((entry.name.len() as u16).to_le_bytes());
        if out.is_empty() || !overlapping {
            out.extend(b"PK\x03\x04");
            out.extend(&shared);
            out.extend([0; 2]);
            out.extend(entry.name.as_bytes());
            out.extend(data);
        }
        central.extend(b"PK\x01\x02\x3f\x03");
        central.extend(&shared);
        central.extend([0; 8]);
        central.extend((entry.mode << 16).to_le_bytes());
        central.extend(at.to_le_bytes());
        central.extend(entry.name.as_bytes());
    }
    let (start, size) = (out.len() as u32, central.len() as u32);
    out.extend(&central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend((entries.len() as u16).to_le_bytes());
    }
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// A good zip of these files.
pub fn write(folder: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let entries: Vec<Entry<'_>> = files
        .iter()
        .map(|(name, text)| Entry::file(name, text.as_bytes()))
        .collect();
    let path = folder.join(name);
    std::fs::write(&path, bytes(&entries, false)).unwrap();
    path
}
