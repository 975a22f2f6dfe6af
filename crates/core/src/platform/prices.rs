//! What a GB-second costs, by region and processor.
//!
//! In: the names of a region and of a processor. Out: the price in US dollars with its source, from
//! a data file of this folder. A region that is not in it has no price: none is made up.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::diagnostics::{Code, Diagnostic, Result};
use crate::platform::{BROKEN_DATA, Source, unknown};

/// No price is known for a region.
pub const UNKNOWN_REGION: Code = Code("CC210");

/// The data file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    #[serde(rename = "date")]
    _date: String,
    source: Source,
    region: IndexMap<String, IndexMap<String, f64>>,
}

/// The price of one GB-second.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    pub usd_per_gb_second: f64,
    pub source: Source,
}

static AWS_LAMBDA: LazyLock<std::result::Result<Prices, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("aws-lambda-prices.toml")).map_err(|error| error.to_string())
});

/// What AWS Lambda asks in a region.
pub fn price(region: &str, arch: &str) -> Result<Price> {
    let prices = AWS_LAMBDA.as_ref().map_err(|error| {
        Box::new(
            Diagnostic::error(BROKEN_DATA, format!("the prices cannot be read: {error}"))
                .help("this is a bug in coldcut: please report it"),
        )
    })?;
    let found = prices.region.get(region).and_then(|by| by.get(arch));
    let Some(price) = found else {
        let known: Vec<&str> = prices.region.keys().map(String::as_str).collect();
        let message = format!("coldcut knows no price for `{region}` on {arch}");
        return Err(unknown(UNKNOWN_REGION, message, region, &known));
    };
    Ok(Price {
        usd_per_gb_second: *price,
        source: prices.source.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_by_region_and_processor() {
        let usd = |region, arch| price(region, arch).unwrap().usd_per_gb_second;
        assert_eq!(usd("us-east-1", "x86_64"), 0.0000166667);
        assert!(usd("us-east-1", "arm64") < usd("us-east-1", "x86_64"));
        assert!(usd("af-south-1", "arm64") > usd("us-east-1", "arm64"));
        assert_eq!(usd("eu-west-1", "arm64"), 0.0000133334);
        let error = price("us-est-1", "x86_64").unwrap_err();
        assert!(error.help.unwrap().contains("did you mean `us-east-1`?"));
    }
}
