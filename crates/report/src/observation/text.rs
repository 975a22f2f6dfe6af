//! What logs tell, as a person reads it.
//!
//! In: an [`Observation`] and the width of a line in characters. Out: text.

use crate::number_format::{count, plural, time};
use crate::observation::model::{
    Change, Cost, Figures, Fit, Observation, ObservedFunction, Power, Quantiles, Target, Version,
};
use crate::text::{clean, wrap};

/// The observation as text, ending in a line break.
pub fn render(observation: &Observation, width: usize) -> String {
    let mut out = String::new();
    let lines = &observation.lines;
    let logs = plural(observation.logs.len() as u64, "log");
    let mut intro = format!(
        "{} in {logs}: {} about invocations, {} more from the platform, {} others",
        plural(lines.total, "line"),
        count(lines.reports),
        count(lines.platform),
        count(lines.foreign),
    );
    if lines.broken > 0 {
        intro.push_str(&format!(", {} broken and not counted", count(lines.broken)));
    }
    paragraph(&mut out, "", &format!("{intro}."), width);
    for function in &observation.functions {
        out.push('\n');
        function_text(&mut out, function, width);
    }
    out.push('\n');
    paragraph(
        &mut out,
        "",
        &format!(
            "Times are the platform's own, percentiles within 1 %. What it does before a start (fetching and unpacking the zip, making the environment) is not in the logs and is not included. Targets: {} ({}).",
            observation.targets_source.name, observation.targets_source.date
        ),
        width,
    );
    if let Some(power) = &observation.power_tuning {
        out.push('\n');
        tuned(&mut out, power, width);
    }
    if let Some(fit) = &observation.fit {
        out.push('\n');
        fitted(&mut out, fit, width);
    }
    out
}

fn paragraph(out: &mut String, indent: &str, text: &str, width: usize) {
    for line in wrap(text, width.saturating_sub(indent.len()).max(20)) {
        out.push_str(&format!("{indent}{line}\n"));
    }
}

/// Room for a label before a line's text.
const LABEL: usize = 9;

fn labelled(out: &mut String, label: &str, text: &str, width: usize) {
    let room = width.saturating_sub(LABEL + 3).max(20);
    for (at, line) in wrap(text, room).iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        out.push_str(&format!("  {label:LABEL$} {line}\n"));
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = if percent == 0.0 || percent >= 9.95 {
        0
    } else {
        2
    };
    format!("{percent:.decimals$} %")
}

fn function_text(out: &mut String, function: &ObservedFunction, width: usize) {
    title(out, function, width);
    out.push('\n');
    labelled(out, "cold", &cold_starts(&function.figures), width);
    times(out, function);
    memory_and_errors(out, function, width);
    labelled(out, "billed", &billed(&function.figures), width);
    if let Some(cost) = &function.cost {
        money(out, cost, width);
    }
    for version in &function.versions {
        labelled(out, "version", &version_sentence(version), width);
    }
    if let Some(change) = &function.change {
        labelled(out, "change", &change_words(change), width);
    }
    for finding in &function.findings {
        labelled(out, "points at", &finding.bottleneck, width);
        labelled(out, "next", &finding.next, width);
    }
}

fn title(out: &mut String, function: &ObservedFunction, width: usize) {
    let figures = &function.figures;
    let name = match &function.name {
        Some(name) => clean(name),
        None => "a function without a name in the logs (set it with --name)".to_string(),
    };
    let mut facts = vec![name, function.family.clone()];
    if !function.family_known {
        facts[1].push_str(" (assumed; set it with --runtime)");
    }
    facts.push(plural(figures.invocations, "invocation"));
    if let (Some(from), Some(to)) = (&figures.from, &figures.to) {
        facts.push(format!("{from} to {to}"));
    }
    paragraph(out, "", &facts.join(", "), width);
}

fn cold_starts(figures: &Figures) -> String {
    let mut cold = format!(
        "{} of {} ({})",
        count(figures.cold_starts),
        count(figures.invocations),
        percent(figures.cold_start_rate)
    );
    for (number, what) in [
        (figures.provisioned, "by provisioned concurrency"),
        (figures.proactive, "ahead of need"),
    ] {
        if number > 0 {
            cold.push_str(&format!(", {} of them {what}", count(number)));
        }
    }
    if figures.restores > 0 {
        cold.push_str(&format!("; {} from a snapshot", count(figures.restores)));
    }
    if figures.failed_inits > 0 {
        cold.push_str(&format!(
            "; {} failed to start",
            count(figures.failed_inits)
        ));
    }
    cold
}

fn target<'a>(function: &'a ObservedFunction, name: &str) -> Option<&'a Target> {
    function.targets.iter().find(|target| target.name == name)
}

/// What came of a target; nothing where the function has none of this name.
fn target_verdict(function: &ObservedFunction, name: &str) -> String {
    target(function, name).map(verdict).unwrap_or_default()
}

/// A table of times, a row for each phase.
fn times(out: &mut String, function: &ObservedFunction) {
    let figures = &function.figures;
    out.push_str(&format!(
        "  {:LABEL$} {:>9} {:>9} {:>9}\n",
        "", "p50", "p90", "p99"
    ));
    for (label, times, name) in [
        ("init", figures.init_ms, "cold_start_p99"),
        ("restore", figures.restore_ms, ""),
        ("run, cold", figures.cold_ms, ""),
        ("run, warm", figures.warm_ms, "warm_p50"),
    ] {
        let Some(times) = times else { continue };
        let line = format!(
            "  {label:LABEL$} {:>9} {:>9} {:>9}  {}",
            time(times.p50),
            time(times.p90),
            time(times.p99),
            target_verdict(function, name)
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if let Some(target) = target(function, "duration_p99")
        && let Some(value) = target.value
    {
        let line = format!(
            "  {:LABEL$} {:>9} {:>9} {:>9}  {}",
            "run, all",
            "",
            "",
            time(value),
            verdict(target)
        );
        out.push_str(&format!("{line}\n"));
    }
}

fn memory_and_errors(out: &mut String, function: &ObservedFunction, width: usize) {
    let figures = &function.figures;
    let sizes: Vec<String> = figures
        .memory_configured_mb
        .iter()
        .map(u32::to_string)
        .collect();
    if let (Some(most), Some(share)) = (figures.memory_used_most_mb, figures.memory_used_share) {
        let line = format!(
            "{most:.0} MB of {} MB at most ({})  {}",
            sizes.join(" or "),
            percent(share),
            target_verdict(function, "memory")
        );
        labelled(out, "memory", &line, width);
    }
    let line = format!(
        "{}, {} ({})  {}",
        plural(figures.errors, "error"),
        plural(figures.timeouts, "time-out"),
        percent(figures.error_rate),
        target_verdict(function, "errors")
    );
    labelled(out, "errors", &line, width);
}

fn billed(figures: &Figures) -> String {
    let mut billed = format!("{:.1} GB-seconds", figures.billed_gb_seconds);
    match figures.init_gb_seconds {
        Some(init) if figures.billed_gb_seconds > 0.0 => billed.push_str(&format!(
            ", of which {} for initialisation",
            percent(init / figures.billed_gb_seconds)
        )),
        None if figures.cold_starts > 0 => {
            billed.push_str("; initialisation was not billed, as before 2025-08-01");
        }
        _ => {}
    }
    billed
}

fn version_sentence(version: &Version) -> String {
    let figures = &version.figures;
    let median = |times: &Option<Quantiles>| {
        times
            .as_ref()
            .map_or("-".to_string(), |times| time(times.p50))
    };
    format!(
        "{}: {} of {} cold, init {}, warm {}, at the median",
        clean(&version.version),
        count(figures.cold_starts),
        count(figures.invocations),
        median(&figures.init_ms),
        median(&figures.warm_ms)
    )
}

fn verdict(target: &Target) -> String {
    let below = match target.unit.as_str() {
        "ms" => format!("{} ms", target.below),
        _ => format!("{} %", (target.below * 1e4).round() / 100.0),
    };
    let which = match target.name.as_str() {
        "cold_start_p99" | "duration_p99" => "p99 ",
        "warm_p50" => "p50 ",
        _ => "",
    };
    let word = match target.met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "not measured",
    };
    let few = if which == "p99 " && target.samples < 100 {
        format!(", of {} only", target.samples)
    } else {
        String::new()
    };
    format!("{word}: {which}< {below}{few}")
}

fn change_words(change: &Change) -> String {
    let mut out = format!("from {} to {}", clean(&change.before), clean(&change.after));
    let signed = |ms: f64| format!("{ms:+.1} ms");
    for (what, difference) in [("init", change.init_ms), ("warm", change.warm_ms)] {
        if let Some(d) = difference {
            let sure = if d.low <= 0.0 && d.high >= 0.0 {
                ", which may be no difference"
            } else {
                ""
            };
            out.push_str(&format!(
                "; median {what} {} ({} to {} with 95 % confidence{sure})",
                signed(d.value),
                signed(d.low),
                signed(d.high)
            ));
        }
    }
    if !change.enough {
        out.push_str(&format!(
            "; {} and {} cold starts are too few to tell: wait for {} on each side",
            count(change.cold_starts_before),
            count(change.cold_starts_after),
            change.wanted
        ));
    }
    out
}

/// Only where a number of starts was named: without one there is nothing to multiply.
fn money(out: &mut String, cost: &Cost, width: usize) {
    let (Some(usd), Some(starts)) = (cost.init_usd_per_month, cost.cold_starts_per_month) else {
        return;
    };
    let text = format!(
        "initialisation is ${usd:.2} a month at {} cold starts with {} MB ({}, {}, ${} per GB-second)",
        count(starts),
        count(cost.memory_mb.into()),
        cost.region,
        cost.arch,
        cost.usd_per_gb_second
    );
    labelled(out, "money", &text, width);
    out.push_str(&format!(
        "  {:LABEL$} {:>9} {:>9} {:>11} {:>9} {:>11}\n",
        "memory", "MB", "waits", "$/million", "computes", "$/million"
    ));
    for row in &cost.memory {
        out.push_str(&format!(
            "  {:LABEL$} {:>9} {:>9} {:>11.2} {:>9} {:>11.2}\n",
            "",
            count(row.memory_mb.into()),
            time(row.waiting_ms),
            row.waiting_usd_per_million,
            time(row.computing_ms),
            row.computing_usd_per_million
        ));
    }
}

fn tuned(out: &mut String, power: &Power, width: usize) {
    let at = |mb: u32| {
        let row = power.rows.iter().find(|row| row.memory_mb == mb);
        row.map_or(String::new(), |row| {
            format!(
                "{} MB ({}, ${:.2} per million)",
                count(mb.into()),
                time(row.ms),
                row.usd_per_million
            )
        })
    };
    let text = if power.cheapest_mb == power.fastest_mb {
        format!("{} is both cheapest and fastest", at(power.cheapest_mb))
    } else {
        format!(
            "{} is cheapest, {} is fastest",
            at(power.cheapest_mb),
            at(power.fastest_mb)
        )
    };
    labelled(
        out,
        "tuned",
        &format!("{text}, as AWS Lambda Power Tuning measured"),
        width,
    );
}

fn fitted(out: &mut String, fit: &Fit, width: usize) {
    for (what, line, base) in [
        ("load", fit.load, "with nothing loaded"),
        ("transfer", fit.transfer, "below the knee"),
    ] {
        let Some(line) = line else { continue };
        let text = format!(
            "{what}: {:.1} ms per MB ({:.1} to {:.1} with 95 % confidence), {} {base}, from {} in {}",
            line.ms_per_mb.value,
            line.ms_per_mb.low,
            line.ms_per_mb.high,
            time(line.base_ms),
            plural(line.cold_starts, "cold start"),
            plural(line.versions, "version"),
        );
        labelled(out, "fitted", &text, width);
    }
    for note in &fit.notes {
        labelled(out, "not yet", note, width);
    }
    out.push_str(&format!("\n{}", fit.toml));
}
