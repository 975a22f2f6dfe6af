//! The zip container around streams that were deflated elsewhere.
//!
//! In: entries with their compressed bytes. Out: a zip by PKWARE's APPNOTE 6.3.10. The crates that
//! write zips either take no stream made elsewhere, or spend a data descriptor and a time stamp
//! on each entry and write a date that does not exist; all sizes are known here, so an entry costs
//! its two headers and its name twice, nothing more.

use std::io::{Result, Write};

use crate::pack::compress::CompressedEntry;

/// 1980-01-01, the first day a zip can name (APPNOTE 4.4.6: year from 1980, month, day).
const DATE: u16 = (1 << 5) | 1;
/// Names are UTF-8 (4.4.4, bit 11); only said where it matters, as `zip` does.
const UTF8: u16 = 1 << 11;
/// Made on Unix, so that the external attributes hold a mode; version 6.3.
const MADE_BY: u16 = (3 << 8) | 63;
/// Largest value that the classic 32-bit and 16-bit fields hold; it marks the Zip64 ones.
const MAX32: u64 = u32::MAX as u64;
const MAX16: u64 = u16::MAX as u64;

/// Writes entries one after another.
pub(super) struct Container<W: Write> {
    out: W,
    offset: u64,
    central: Vec<u8>,
    count: u64,
}

impl<W: Write> Container<W> {
    pub fn new(out: W) -> Self {
        Self {
            out,
            offset: 0,
            central: Vec::new(),
            count: 0,
        }
    }

    pub fn add(&mut self, name: &str, entry: &CompressedEntry) -> Result<()> {
        let compressed = entry.data.len() as u64;
        let big = entry.bytes >= MAX32 || compressed >= MAX32;
        let far = self.offset >= MAX32;
        let flags = if name.is_ascii() { 0 } else { UTF8 };
        let needed: u16 = if big || far { 45 } else { 20 };

        // The part that both headers share, from "version needed" to the name's length.
        let mut shared = Vec::with_capacity(26);
        push16(&mut shared, needed);
        push16(&mut shared, flags);
        push16(&mut shared, if entry.stored { 0 } else { 8 });
        push16(&mut shared, 0);
        push16(&mut shared, DATE);
        push32(&mut shared, entry.crc);
        push32(&mut shared, if big { u32::MAX } else { compressed as u32 });
        push32(&mut shared, if big { u32::MAX } else { entry.bytes as u32 });
        let name_len = u16::try_from(name.len()).map_err(|_| {
            std::io::Error::other(format!("the name `{name}` is too long for a zip"))
        })?;
        push16(&mut shared, name_len);

        let mut local_extra = Vec::new();
        if big {
            extra64(&mut local_extra, &[entry.bytes, compressed]);
        }
        let mut local = Vec::with_capacity(30 + name.len());
        push32(&mut local, 0x0403_4b50);
        local.extend_from_slice(&shared);
        push16(&mut local, local_extra.len() as u16);
        local.extend_from_slice(name.as_bytes());
        local.extend_from_slice(&local_extra);

        let mut wide = Vec::new();
        if big {
            wide.extend([entry.bytes, compressed]);
        }
        if far {
            wide.push(self.offset);
        }
        let mut extra = Vec::new();
        if !wide.is_empty() {
            extra64(&mut extra, &wide);
        }
        let central = &mut self.central;
        push32(central, 0x0201_4b50);
        push16(central, MADE_BY);
        central.extend_from_slice(&shared);
        push16(central, extra.len() as u16);
        // No comment, first disk, no internal attributes.
        central.extend_from_slice(&[0; 6]);
        push32(central, entry.mode << 16);
        push32(central, if far { u32::MAX } else { self.offset as u32 });
        central.extend_from_slice(name.as_bytes());
        central.extend_from_slice(&extra);

        self.out.write_all(&local)?;
        self.out.write_all(&entry.data)?;
        self.offset += local.len() as u64 + compressed;
        self.count += 1;
        Ok(())
    }

    /// Writes the central directory and gives the writer back.
    pub fn finish(mut self) -> Result<W> {
        let size = self.central.len() as u64;
        let start = self.offset;
        let mut end = Vec::with_capacity(98);
        if self.count >= MAX16 || size >= MAX32 || start >= MAX32 {
            // 4.3.14, and its locator 4.3.15.
            push32(&mut end, 0x0606_4b50);
            push64(&mut end, 44);
            push16(&mut end, MADE_BY);
            push16(&mut end, 45);
            push32(&mut end, 0);
            push32(&mut end, 0);
            push64(&mut end, self.count);
            push64(&mut end, self.count);
            push64(&mut end, size);
            push64(&mut end, start);
            push32(&mut end, 0x0706_4b50);
            push32(&mut end, 0);
            push64(&mut end, start + size);
            push32(&mut end, 1);
        }
        let count = self.count.min(MAX16) as u16;
        push32(&mut end, 0x0605_4b50);
        push32(&mut end, 0);
        push16(&mut end, count);
        push16(&mut end, count);
        push32(&mut end, size.min(MAX32) as u32);
        push32(&mut end, start.min(MAX32) as u32);
        push16(&mut end, 0);
        self.out.write_all(&self.central)?;
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The Zip64 extra field (4.5.3).
fn extra64(out: &mut Vec<u8>, values: &[u64]) {
    push16(out, 1);
    push16(out, 8 * values.len() as u16);
    for value in values {
        push64(out, *value);
    }
}

fn push16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn push32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn push64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}
