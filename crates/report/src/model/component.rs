//! What is really kept, as bills of materials and licence files list it.
//!
//! In: nothing; the pipeline fills it where one of those is asked for. Out: types. They are no part of
//! the JSON report.

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::text::ENCODED;

/// Where a component comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ecosystem {
    Npm,
    Cargo,
}

/// A package or crate of which something ships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub ecosystem: Ecosystem,
    pub name: String,
    pub version: Option<String>,
    /// Whether a registry has it; a package of the project's own workspace is on none.
    pub published: bool,
    /// As its manifest says it.
    pub licence: Option<String>,
    /// Unpacked; `None` where the artifact does not tell it from others.
    pub bytes: Option<u64>,
    /// Of what the registry gave, by the lock file: the algorithm as CycloneDX names it, and
    /// hexadecimal digits.
    pub digest: Option<(&'static str, String)>,
    /// Where the lock file has it from, without what is secret in it.
    pub url: Option<String>,
    /// Names and texts of its licence and notice files.
    pub texts: Vec<(String, String)>,
}

impl Component {
    /// `name@version`.
    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{}@{version}", self.name),
            None => self.name.clone(),
        }
    }

    /// Its package URL (<https://github.com/package-url/purl-spec>); `None` where it is not
    /// published.
    pub fn purl(&self) -> Option<String> {
        if !self.published {
            return None;
        }
        let kind = match self.ecosystem {
            Ecosystem::Npm => "npm",
            Ecosystem::Cargo => "cargo",
        };
        let name: Vec<String> = self.name.split('/').map(escaped).collect();
        let mut out = format!("pkg:{kind}/{}", name.join("/"));
        if let Some(version) = &self.version {
            out.push_str(&format!("@{}", escaped(version)));
        }
        Some(out)
    }
}

/// Unreserved characters (RFC 3986) stay; a colon too, as the rules of purls say.
fn escaped(part: &str) -> String {
    const IN_PURL: &AsciiSet = &ENCODED.remove(b':');
    utf8_percent_encode(part, IN_PURL).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_are_escaped() {
        let mut component = Component {
            ecosystem: Ecosystem::Npm,
            name: "@aws-sdk/client-s3".to_string(),
            version: Some("3.1.0+x".to_string()),
            published: true,
            licence: None,
            bytes: None,
            digest: None,
            url: None,
            texts: Vec::new(),
        };
        let purl = component.purl();
        assert_eq!(
            purl.as_deref(),
            Some("pkg:npm/%40aws-sdk/client-s3@3.1.0%2Bx")
        );
        component.published = false;
        assert_eq!(component.purl(), None);
    }
}
