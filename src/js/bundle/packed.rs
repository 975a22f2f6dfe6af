//! JSON that a minified bundle carries packed.
//!
//! In: the texts of JSON modules that stay whole. Out: for each a marker, which stands in the
//! program while it is minified, and what stands there in the end: the text, compressed with
//! brotli and written as base64. Big tables (iconv-lite's, timezones, MIME types) are a third
//! smaller so than deflate makes them, `JSON.parse` reads them faster than the parser of
//! JavaScript does, and those that are only required when something needs them cost nothing
//! before. Compressing takes as long as minifying does, so both run side by side.

use std::sync::Arc;

use base64::Engine;

/// Smaller texts are not worth the code around them.
pub const LEAST: usize = 4096;

/// A text, and what stands for it meanwhile.
#[derive(Debug)]
pub struct Packed {
    pub marker: String,
    text: Arc<str>,
}

impl Packed {
    pub fn new(number: usize, text: Arc<str>) -> Self {
        Self {
            marker: format!("@@coldcut:packed:{number}@@"),
            text,
        }
    }

    /// What takes the marker's place.
    pub fn pack(&self) -> String {
        let how = brotli::enc::BrotliEncoderParams {
            quality: 11,
            lgwin: 22,
            size_hint: self.text.len(),
            mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT,
            ..Default::default()
        };
        let mut out = Vec::with_capacity(self.text.len() / 2);
        // Reading from memory and writing to it cannot fail.
        let _ = brotli::BrotliCompress(&mut self.text.as_bytes(), &mut out, &how);
        base64::engine::general_purpose::STANDARD.encode(out)
    }
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
        let packed = Packed::new(0, text.as_str().into()).pack();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(packed)
            .unwrap();
        let mut out = Vec::new();
        brotli::BrotliDecompress(&mut bytes.as_slice(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}
