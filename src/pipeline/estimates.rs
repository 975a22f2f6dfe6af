//! What a function's cold start takes, by the platform's data or by the project's own logs.
//!
//! In: a plan, the sizes before and after, what a load took in, and what was measured. Out: the
//! report's [`model::Estimate`]. Whatever is not known stays unknown and says why.

use crate::pipeline::packed_function::PackedFunction;
use crate::pipeline::pricing;
use crate::pipeline::request::CostAssumptions;
use crate::plan::Plan;
use coldcut_core::diagnostics::Result;
use coldcut_core::functions::FunctionKind;
use coldcut_core::platform::{Platform, prices};
use coldcut_report::estimate;
use coldcut_report::model;
use coldcut_report::model::{Elsewhere, InitCost, Source};
use coldcut_verify::{LoadedAmount, Status};

/// The memory and the number of cold starts that stand in where nobody says them: figures for a GB,
/// and for a million, are easily turned into others.
const MEMORY_MB: u32 = 1024;
const COLD_STARTS: u64 = 1_000_000;

/// Sizes of one state of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArtifactSizes {
    pub zip_bytes: u64,
    pub unpacked_bytes: u64,
}

/// Estimates one function, and says what is loaded, where that is known.
pub(super) fn estimate_function(
    plan: &Plan,
    packed_function: &PackedFunction,
    before: ArtifactSizes,
    after: ArtifactSizes,
    cost_assumptions: &CostAssumptions,
) -> (Option<model::Estimate>, Option<model::Loaded>) {
    let rust = matches!(plan.function.kind, FunctionKind::Rust(_));
    let kind = packed_function.kind_of_code;
    let calibrated = plan.report.calibration.as_ref();
    let own: Platform;
    let platform = match calibrated {
        Some(calibration) => {
            own = crate::pipeline::calibration::applied(plan.platform, calibration, kind);
            &own
        }
        None => plan.platform,
    };
    let loaded = packed_function
        .proof
        .amounts
        .map(|(before, after)| model::Loaded {
            before: shown(before),
            after: shown(after),
        });
    let amounts = if rust {
        // How much of a binary its start touches nobody knows; the model takes all of it.
        let whole = |bytes| estimate::LoadedAmount { files: 1, bytes };
        Some((whole(before.unpacked_bytes), whole(after.unpacked_bytes)))
    } else {
        let amount = |amount: LoadedAmount| estimate::LoadedAmount {
            files: amount.files,
            bytes: amount.bytes,
        };
        let amounts = packed_function.proof.amounts;
        amounts.map(|(before, after)| (amount(before), amount(after)))
    };
    let Some(saving) = estimate::saving(platform, before.zip_bytes, after.zip_bytes) else {
        return (None, loaded);
    };
    let mut out = model::Estimate::from(saving);
    out.data_date.clone_from(&platform.date);
    let load =
        amounts.and_then(|(before, after)| estimate::load_saving(platform, kind, before, after));
    match load {
        Some(load) => out = out.with_load(load),
        None => out.load_unknown = Some(unknown(packed_function)),
    }
    if !plan.function.layers.is_empty() {
        out.notes.push(
            "layers are downloaded too, before and after; their zips are not included here"
                .to_string(),
        );
    }
    let targets = platform.targets.as_ref();
    let family = if rust { "compiled" } else { "javascript" };
    let target = targets.and_then(|targets| {
        let ms = targets.cold_start_ms.get(family)?;
        Some((*ms, Source::from(&targets.source)))
    });
    let measured = packed_function.measured.as_ref();
    out.sum_up(measured, target);
    out.calibrated_on_cold_starts = calibrated
        .filter(|one| {
            one.transfer_ms_per_mb.is_some() || crate::pipeline::calibration::fits(one, kind)
        })
        .map(|one| one.cold_starts);
    let elsewhere = estimate::elsewhere(platform, before.zip_bytes, after.zip_bytes);
    out.elsewhere = elsewhere
        .into_iter()
        .map(|(other, saved)| Elsewhere {
            name: other.name.clone(),
            download_saved_ms: saved.into(),
            mark: other.mark.clone(),
            source: (&other.source).into(),
        })
        .collect();
    // The region was looked at before anything was packed.
    if let Some(billed) = out.billed_ms(measured)
        && let Ok(cost) = cost(billed, &plan.arch.value, cost_assumptions)
    {
        let price = cost.usd_per_gb_second;
        let once = pricing::usd(billed.1, cost.memory_mb.into(), price);
        out.cost_usd_per_million_cold_starts = Some(rounded(once * 1e6));
        out.cost = Some(cost);
    }
    (Some(out), loaded)
}

fn shown(amount: LoadedAmount) -> model::Amount {
    model::Amount {
        files: amount.files,
        bytes: amount.bytes,
    }
}

fn unknown(packed_function: &PackedFunction) -> String {
    match packed_function.proof.status {
        Status::Unverified => format!("nothing was loaded here ({})", packed_function.proof.detail),
        Status::Equal | Status::Differs => {
            "it is counted only if the original and the artifact both load on this machine"
                .to_string()
        }
    }
}

fn cost(
    (before, after): (f64, f64),
    arch: &str,
    cost_assumptions: &CostAssumptions,
) -> Result<InitCost> {
    let price = prices::price(&cost_assumptions.region, arch)?;
    let memory_mb = cost_assumptions.memory_mb.unwrap_or(MEMORY_MB);
    let starts = cost_assumptions
        .cold_starts_per_month
        .unwrap_or(COLD_STARTS);
    let monthly = |ms: f64| {
        let once = pricing::usd(ms, memory_mb.into(), price.usd_per_gb_second);
        rounded(once * starts as f64)
    };
    Ok(InitCost {
        memory_mb,
        region: cost_assumptions.region.clone(),
        arch: arch.to_string(),
        usd_per_gb_second: price.usd_per_gb_second,
        cold_starts_per_month: starts,
        assumed: cost_assumptions.cold_starts_per_month.is_none(),
        before_usd_per_month: monthly(before),
        after_usd_per_month: monthly(after),
        source: (&price.source).into(),
    })
}

/// To a ten-thousandth of a cent: more digits would only be the way they are held in memory.
fn rounded(usd: f64) -> f64 {
    (usd * 1e6).round() / 1e6
}
