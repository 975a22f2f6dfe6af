//! Digests by which coldcut knows content again.
//!
//! In: pieces of bytes. Out: a SHA-256 as text, of which no two lists of pieces share one because
//! they run together.

use sha2::{Digest, Sha256};

/// A list of pieces, each counted with its length.
#[derive(Clone, Default)]
pub struct Parts(Sha256);

impl Parts {
    pub fn add(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.number(bytes.len() as u64);
        self.0.update(bytes);
        self
    }

    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(number.to_le_bytes());
        self
    }

    /// The digest in hexadecimal digits, 64 of them.
    pub fn text(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The digest of all pieces.
pub fn of(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut out = Parts::default();
    for part in parts {
        out.add(part);
    }
    out.text()
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_run_together() {
        assert_ne!(of(["ab", "c"]), of(["a", "bc"]));
        assert_ne!(of(["a", ""]), of(["a"]));
        assert_eq!(of(["a", "b"]), of(["a", "b"]));
        assert_eq!(hex(&[0, 171]), "00ab");
    }
}
