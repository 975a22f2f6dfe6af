//! JSON that a minified bundle carries packed.
//!
//! In: the texts of JSON modules that stay whole. Out: for each a marker, which stands in the
//! program while it is minified, and what stands there in the end: the text, compressed with
//! brotli and written as base64. Big tables (iconv-lite's, timezones, MIME types) are a third
//! smaller so than deflate makes them, `JSON.parse` reads them faster than the parser of
//! JavaScript does, and those that are only required when something needs them cost nothing
//! before. Compressing runs beside the minifier.

use std::sync::Arc;

use base64::Engine;

/// Smaller texts are not worth the code around them.
pub const LEAST: usize = 4096;

/// A packed text must be so much smaller than deflate would make it as it is, since beside others it
/// finds no more of itself in them.
const GAIN: f64 = 0.88;

/// brotli's own scale. Measured on JSON modules of 387 kB in all, of iconv-lite and mime-db, that
/// deflate makes 174 kB: 11 gives 121 kB in 283 ms, 9 gives 147 kB in 27 ms and clears 33 MB for
/// each, 5 gives 150 kB in 15 ms, 4 gives 174 kB in 5 ms.
const QUICK: i32 = 5;
const THOROUGH: i32 = 11;

/// A text, and what stands for it meanwhile.
#[derive(Debug, Clone)]
pub struct Packed {
    pub marker: String,
    text: Arc<str>,
    quick: Vec<u8>,
}

impl Packed {
    /// `None` where packing does not pay.
    pub fn new(number: usize, text: &Arc<str>) -> Option<Self> {
        let quick = brotli(text, QUICK);
        let mut deflate = libdeflater::Compressor::default();
        let mut plain = vec![0; deflate.deflate_compress_bound(text.len())];
        let plain = deflate.deflate_compress(text.as_bytes(), &mut plain).ok()?;
        ((quick.len() as f64) < plain as f64 * GAIN).then(|| Self {
            marker: format!("@@coldcut:packed:{number}@@"),
            text: text.clone(),
            quick,
        })
    }

    /// What takes the marker's place.
    pub fn pack(&self, thorough: bool) -> String {
        let engine = base64::engine::general_purpose::STANDARD;
        if thorough {
            engine.encode(brotli(&self.text, THOROUGH))
        } else {
            engine.encode(&self.quick)
        }
    }
}

fn brotli(text: &str, quality: i32) -> Vec<u8> {
    // A window that is no longer than the text: clearing it takes longer than the rest.
    let window = usize::BITS - text.len().leading_zeros();
    let how = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: window.clamp(16, 22) as i32,
        size_hint: text.len(),
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT,
        ..Default::default()
    };
    let mut out = Vec::with_capacity(text.len() / 2);
    // Reading from memory and writing to it cannot fail.
    let _ = brotli::BrotliCompress(&mut text.as_bytes(), &mut out, &how);
    out
}

/// JSON without the white space between its tokens.
pub fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        if inside {
            inside = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            out.push(c);
        } else if !matches!(c, ' ' | '\t' | '\n' | '\r') {
            inside = c == '"';
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_but_for_that_in_strings() {
        let text = "{ \"a b\" :\n\t[ 1.50, \"\\\" , \\\\\" , -0 ] }";
        assert_eq!(compact(text), "{\"a b\":[1.50,\"\\\" , \\\\\",-0]}");
    }

    #[test]
    fn what_is_packed_can_be_read_again() {
        let text: String = (0..500).map(|n| format!("ключ{n},")).collect();
        let packed = Packed::new(0, &text.as_str().into()).unwrap();
        for thorough in [false, true] {
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(packed.pack(thorough))
                .unwrap();
            let mut out = Vec::new();
            brotli::BrotliDecompress(&mut bytes.as_slice(), &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn what_deflate_makes_as_small_is_not_packed() {
        let text: String = (0..400u64)
            .map(|n| format!("{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            .collect();
        assert!(Packed::new(0, &text.as_str().into()).is_none());
    }
}
