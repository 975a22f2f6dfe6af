//! What memory and starts cost.
//!
//! In: measured times, a price, and the result of AWS Lambda Power Tuning. Out: dollars. Only what
//! is billed has a price: initialisation and calls, never fetching and unpacking. How a call goes
//! with more memory no log tells, so two ends are given: it only waits, and it only computes.

use std::path::Path;

use base64::Engine as _;
use serde::Deserialize;

use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_report::observation::{MemoryRow, Power, PowerRow};

/// A result of Power Tuning that cannot be used.
pub const BAD_POWER_TUNING: Code = Code("CC211");

/// One virtual processor, which one thread cannot use more of.
pub(super) const ONE_VCPU_MB: u32 = 1769;
/// The sizes of the table; 10,240 MB is the most that there is.
const SIZES_MB: [u32; 9] = [128, 256, 512, 1024, ONE_VCPU_MB, 2048, 3008, 5120, 10_240];
const MILLION: f64 = 1e6;

/// Dollars of so many milliseconds with so much memory.
pub(super) fn usd(ms: f64, memory_mb: f64, usd_per_gb_second: f64) -> f64 {
    memory_mb / 1024.0 * ms / 1000.0 * usd_per_gb_second
}

/// A call that takes `ms` with `memory_mb`, with every other size.
pub(super) fn table(ms: f64, memory_mb: u32, usd_per_gb_second: f64) -> Vec<MemoryRow> {
    let share = |mb: u32| f64::from(mb.min(ONE_VCPU_MB));
    let row = |mb: u32| {
        let computing_ms = ms * share(memory_mb) / share(mb);
        // Billing is by whole milliseconds.
        let price = |ms: f64| usd(ms.ceil(), f64::from(mb), usd_per_gb_second) * MILLION;
        MemoryRow {
            memory_mb: mb,
            waiting_ms: ms,
            waiting_usd_per_million: price(ms),
            computing_ms,
            computing_usd_per_million: price(computing_ms),
        }
    };
    SIZES_MB.into_iter().map(row).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tuned {
    #[serde(default)]
    stats: Vec<Stat>,
    #[serde(default)]
    state_machine: Option<StateMachine>,
    /// `aws stepfunctions describe-execution` has the result as text in here.
    #[serde(default)]
    output: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stat {
    value: u32,
    average_duration: f64,
    average_price: f64,
}

#[derive(Deserialize)]
struct StateMachine {
    visualization: Option<String>,
}

/// Which memory is cheapest and which fastest, by what AWS Lambda Power Tuning measured.
pub(super) fn power_tuning(path: &Path) -> Result<Power> {
    let read = || -> std::result::Result<Power, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        tuned(&text)
    };
    read().map_err(|why| {
        Box::new(
            Diagnostic::error(BAD_POWER_TUNING, format!("cannot use `{}`: {why}", path.display())).help(
                "the file must be the JSON output of AWS Lambda Power Tuning's state machine, with `stats` (`includeOutputResults`) or with the link to its chart",
            ),
        )
    })
}

fn tuned(text: &str) -> std::result::Result<Power, String> {
    let parse = |text: &str| serde_json::from_str::<Tuned>(text).map_err(|error| error.to_string());
    let mut tuned = parse(text)?;
    if let Some(output) = &tuned.output {
        tuned = parse(output)?;
    }
    let mut rows: Vec<PowerRow> = tuned
        .stats
        .iter()
        .map(|stat| PowerRow {
            memory_mb: stat.value,
            ms: stat.average_duration,
            usd_per_million: stat.average_price * MILLION,
        })
        .collect();
    let link = tuned
        .state_machine
        .and_then(|machine| machine.visualization);
    if let Some(link) = link.filter(|_| rows.is_empty()) {
        rows = charted(&link).ok_or("the link to its chart cannot be read")?;
    }
    rows.sort_by_key(|row| row.memory_mb);
    // One wrong row would be the cheapest of all.
    let wrong = rows.iter().find(|row| {
        let price = row.usd_per_million;
        !(row.memory_mb > 0
            && row.ms.is_finite()
            && row.ms > 0.0
            && price.is_finite()
            && price > 0.0)
    });
    if let Some(row) = wrong {
        return Err(format!(
            "{} ms for ${} with {} MB is not a possible measurement",
            row.ms,
            row.usd_per_million / MILLION,
            row.memory_mb
        ));
    }
    let least = |of: fn(&PowerRow) -> f64| {
        let found = rows.iter().min_by(|a, b| of(a).total_cmp(&of(b)));
        found.map(|row| row.memory_mb)
    };
    let found = least(|row| row.usd_per_million).zip(least(|row| row.ms));
    let (cheapest_mb, fastest_mb) = found.ok_or("it has no measurements")?;
    Ok(Power {
        cheapest_mb,
        fastest_mb,
        rows,
    })
}

/// The chart's link has all of it behind `#`: sizes, times and costs, in base64.
fn charted(link: &str) -> Option<Vec<PowerRow>> {
    let (_, data) = link.split_once('#')?;
    let parts: Vec<Vec<u8>> = data
        .split(';')
        .map(|part| base64::engine::general_purpose::STANDARD.decode(part).ok())
        .collect::<Option<_>>()?;
    let [sizes, times, costs, ..] = &parts[..] else {
        return None;
    };
    if (sizes.len() * 2, sizes.len() % 2) != (times.len(), 0) || times.len() != costs.len() {
        return None;
    }
    let float = |bytes: &[u8]| Some(f64::from(f32::from_le_bytes(bytes.try_into().ok()?)));
    sizes
        .chunks_exact(2)
        .zip(times.chunks_exact(4).zip(costs.chunks_exact(4)))
        .map(|(size, (ms, cost))| {
            Some(PowerRow {
                memory_mb: u32::from(u16::from_le_bytes(size.try_into().ok()?)),
                ms: float(ms)?,
                usd_per_million: float(cost)? * MILLION,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_examples() {
        // A million cold starts, 512 MB, 200 ms less, x86_64; and 1024 MB on arm64.
        assert!((usd(200.0, 512.0, 0.0000166667) * MILLION - 1.67).abs() < 0.005);
        assert!((usd(200.0, 1024.0, 0.0000133334) * MILLION - 2.67).abs() < 0.005);
    }

    #[test]
    fn computing_gets_faster_up_to_one_processor_and_waiting_never() {
        let rows = table(100.0, 512, 0.0000166667);
        let row = |mb: u32| rows.iter().find(|row| row.memory_mb == mb).unwrap();
        assert_eq!(row(1024).computing_ms, 50.0);
        assert_eq!(row(10_240).computing_ms, row(1769).computing_ms);
        assert_eq!(row(10_240).waiting_ms, 100.0);
        assert!(row(1024).waiting_usd_per_million > row(512).waiting_usd_per_million);
        assert!(
            (row(1024).computing_usd_per_million - row(512).computing_usd_per_million).abs() < 1e-9
        );
    }

    #[test]
    fn power_tuning_by_its_numbers_and_by_its_chart() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            power_tuning(file.path())
        };
        let found = read(r#"{"power":512,"stats":[{"averagePrice":2e-6,"averageDuration":900.5,"totalCost":1,"value":128},{"averagePrice":1e-6,"averageDuration":200,"value":512},{"averagePrice":3e-6,"averageDuration":190,"value":1024}]}"#).unwrap();
        assert_eq!((found.cheapest_mb, found.fastest_mb), (512, 1024));
        let encode = |bytes: Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
        let sizes = encode(
            [128_u16, 512]
                .iter()
                .flat_map(|n| n.to_le_bytes())
                .collect(),
        );
        let floats = |list: [f32; 2]| encode(list.iter().flat_map(|n| n.to_le_bytes()).collect());
        let link = format!(
            "https://lambda-power-tuning.show/#{sizes};{};{}",
            floats([300.0, 80.0]),
            floats([1e-6, 2e-6])
        );
        let found = read(&format!(
            "{{\"stateMachine\":{{\"visualization\":\"{link}\"}}}}"
        ))
        .unwrap();
        assert_eq!((found.cheapest_mb, found.fastest_mb), (128, 512));
        // As `aws stepfunctions describe-execution` gives it.
        let inner = r#"{\"stats\":[{\"averagePrice\":1e-6,\"averageDuration\":9,\"value\":256}]}"#;
        let found = read(&format!(
            "{{\"status\":\"SUCCEEDED\",\"output\":\"{inner}\"}}"
        ));
        assert_eq!(found.unwrap().fastest_mb, 256);
        for text in [
            "",
            "{}",
            "[]",
            "{\"stateMachine\":{\"visualization\":\"x#a;b\"}}",
            "{\"stateMachine\":{\"visualization\":\"x#AAA=;AAAAAA==;AAAAAA==\"}}",
            "{\"stats\":[{\"value\":128}]}",
            "{\"stats\":[{\"averagePrice\":-1,\"averageDuration\":9,\"value\":256}]}",
            "{\"stats\":[{\"averagePrice\":1,\"averageDuration\":0,\"value\":256}]}",
            "{\"output\":\"no json\"}",
        ] {
            assert_eq!(read(text).unwrap_err().code, BAD_POWER_TUNING, "{text}");
        }
    }
}
