//! How long the phases of a cold start take, and what a smaller artifact saves of each.
//!
//! In: sizes of zips, how much source is loaded, and the platform's data. Out: low, typical and
//! high milliseconds. They are estimates and are always called so. Fetching and unpacking is
//! neither logged nor billed, so it is never turned into money; files that no code loads change
//! nothing but this phase, since loading is told by what a process really loaded. Memory has no
//! part in either: both come before the configured share of a processor counts.
//!
//! One MB is 1,000,000 bytes. The measurements behind the model say "MB" without more; against
//! 1,048,576 bytes the difference is 5 %, far inside the band from low to high.

use coldcut_core::platform::{DownloadModel, Elsewhere, Load, LoadModel, Platform, Source};

/// Every figure is rounded to this many milliseconds: the model is not finer.
const STEP_MS: f64 = 5.0;

/// The bytes of one MB.
const MB: f64 = 1_000_000.0;

/// Milliseconds by three sets of parameters; never one number, which would feign precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub low: i64,
    pub typical: i64,
    pub high: i64,
}

/// The download phase before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saving {
    /// With the floor that even an empty zip costs.
    pub before: Range,
    pub after: Range,
    /// Below zero where the zip grew. Rounded from the exact difference, so it can be one step
    /// off the difference of the rounded figures.
    pub saved: Range,
    /// Both zips are so small that no difference was ever measured: "about 0 ms".
    pub below_knee: bool,
    /// Where that begins.
    pub knee_bytes: u64,
    pub sources: Vec<Source>,
}

/// The time to fetch and unpack a zip; `None` where nobody has measured the platform.
pub fn download_ms(platform: &Platform, zip_bytes: u64) -> Option<Range> {
    let model = platform.download.as_ref()?;
    let ms = |by: &DownloadModel| round(by.floor_ms + above_floor(by, zip_bytes));
    Some(Range {
        low: ms(&model.low),
        typical: ms(&model.typical),
        high: ms(&model.high),
    })
}

/// What the download phase saves when a zip of `before` bytes becomes one of `after` bytes;
/// `None` where nobody has measured the platform.
pub fn saving(platform: &Platform, before: u64, after: u64) -> Option<Saving> {
    let model = platform.download.as_ref()?;
    let saved = |by: &DownloadModel| round(above_floor(by, before) - above_floor(by, after));
    let (low, high) = (saved(&model.low), saved(&model.high));
    Some(Saving {
        before: download_ms(platform, before)?,
        after: download_ms(platform, after)?,
        saved: Range {
            // Where the zip grew, the pessimist's figure is the lower one.
            low: low.min(high),
            typical: saved(&model.typical),
            high: low.max(high),
        },
        below_knee: before < model.below_knee_bytes && after < model.below_knee_bytes,
        knee_bytes: model.below_knee_bytes,
        sources: model.sources.clone(),
    })
}

/// What is loaded at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadedAmount {
    pub files: u64,
    pub bytes: u64,
}

/// The load phase before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadSaving {
    /// With what the runtime itself takes.
    pub before: Range,
    pub after: Range,
    /// Below zero where more is loaded.
    pub saved: Range,
    /// What the runtime takes before it loads anything; part of `before` and `after`.
    pub base: Range,
    /// What the figures leave out.
    pub note: Option<String>,
    pub sources: Vec<Source>,
}

/// What the load saves; `None` where nobody has measured this kind of runtime.
pub fn load_saving(
    platform: &Platform,
    family: &str,
    before: LoadedAmount,
    after: LoadedAmount,
) -> Option<LoadSaving> {
    let model = platform.load.get(family)?;
    let saved = |by: &LoadModel| round(above_base(by, before) - above_base(by, after));
    let ends = [saved(&model.low), saved(&model.typical), saved(&model.high)];
    Some(LoadSaving {
        before: load_ms(model, before),
        after: load_ms(model, after),
        saved: Range {
            // Fewer files and more bytes can turn the order round.
            low: ends[0].min(ends[1]).min(ends[2]),
            typical: ends[1],
            high: ends[0].max(ends[1]).max(ends[2]),
        },
        base: load_ms(model, LoadedAmount { files: 0, bytes: 0 }),
        note: model.note.clone(),
        sources: model.sources.clone(),
    })
}

/// What the zip's way saves where the same bytes are shipped otherwise: its name, the difference,
/// how far to trust it, and whence. Nowhere is a knee known but on the platform itself.
pub fn elsewhere(platform: &Platform, before: u64, after: u64) -> Vec<(&Elsewhere, Range)> {
    let mb = (before as f64 - after as f64) / MB;
    let saved = |other: &Elsewhere| {
        let [a, typical, b] = other.slope_ms_per_mb.map(|slope| round(slope * mb));
        Range {
            low: a.min(b),
            typical,
            high: a.max(b),
        }
    };
    let all = platform.elsewhere.iter();
    all.map(|other| (other, saved(other))).collect()
}

fn load_ms(model: &Load, amount: LoadedAmount) -> Range {
    let ms = |by: &LoadModel| round(by.base_ms + above_base(by, amount));
    Range {
        low: ms(&model.low),
        typical: ms(&model.typical),
        high: ms(&model.high),
    }
}

fn above_base(by: &LoadModel, amount: LoadedAmount) -> f64 {
    by.slope_ms_per_mb * amount.bytes as f64 / MB + by.per_file_ms * amount.files as f64
}

fn above_floor(by: &DownloadModel, zip_bytes: u64) -> f64 {
    by.slope_ms_per_mb * zip_bytes.saturating_sub(by.knee_bytes) as f64 / MB
}

fn round(ms: f64) -> i64 {
    // `as` saturates, so a broken data file gives a silly number and no panic.
    ((ms / STEP_MS).round() * STEP_MS) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGA: u64 = 1_000_000;

    fn lambda() -> &'static Platform {
        Platform::load("aws-lambda").unwrap()
    }

    fn range(low: i64, typical: i64, high: i64) -> Range {
        Range { low, typical, high }
    }

    #[test]
    fn the_worked_example() {
        let saving = saving(lambda(), 48 * MEGA, 8 * MEGA).unwrap();
        assert_eq!(saving.saved, range(115, 240, 440));
        assert!(!saving.below_knee);
        // Two that were measured, and the guide's range beside them.
        assert_eq!(saving.sources.len(), 3);
    }

    #[test]
    fn cost_above_the_floor_as_the_model_tells_it() {
        for (mb, low, typical, high) in [
            (5, 0, 0, 55),
            (10, 0, 30, 110),
            (20, 30, 90, 220),
            (35, 75, 180, 385),
            (50, 120, 270, 550),
            (100, 270, 570, 1100),
            (200, 570, 1170, 2200),
        ] {
            assert_eq!(
                download_ms(lambda(), mb * MEGA).unwrap(),
                range(90 + low, 110 + typical, 140 + high)
            );
        }
        assert_eq!(download_ms(lambda(), 0).unwrap(), range(90, 110, 140));
    }

    #[test]
    fn small_zips_save_about_nothing() {
        let small = saving(lambda(), 4_999_999, 100).unwrap();
        assert!(small.below_knee);
        assert_eq!((small.saved.low, small.saved.typical), (0, 0));
        assert!(!saving(lambda(), 5 * MEGA, 100).unwrap().below_knee);
        // One that grew past the knee is not small any more.
        assert!(!saving(lambda(), 100, 6 * MEGA).unwrap().below_knee);
    }

    #[test]
    fn a_zip_that_grew_saves_less_than_nothing_in_order() {
        let grew = saving(lambda(), 8 * MEGA, 48 * MEGA).unwrap();
        assert_eq!(grew.saved, range(-440, -240, -115));
    }

    #[test]
    fn a_platform_nobody_measured_has_no_times() {
        let mut unmeasured = lambda().clone();
        unmeasured.download = None;
        assert_eq!(download_ms(&unmeasured, MEGA), None);
        assert_eq!(saving(&unmeasured, MEGA, 1), None);
    }

    #[test]
    fn what_is_loaded_costs_by_its_bytes_and_its_files() {
        let amount = |files, bytes| LoadedAmount { files, bytes };
        let saved = |before, after| load_saving(lambda(), "javascript", before, after);
        let found = saved(amount(343, 3_800_000), amount(1, 2_200_000)).unwrap();
        // 1.6 MB and 342 files less: 32, 48 + 68.4, 160 + 171.
        assert_eq!(found.saved, range(30, 115, 330));
        assert_eq!(found.after, range(160, 195, 360));
        // Only files that nothing loads went: the load is what it was.
        let same = saved(amount(10, 500_000), amount(10, 500_000)).unwrap();
        assert_eq!(same.saved, range(0, 0, 0));
        let more = saved(amount(1, 100_000), amount(1, 5_000_000))
            .unwrap()
            .saved;
        assert!(more.low <= more.typical && more.typical <= more.high && more.high < 0);
        let rust = |kind| load_saving(lambda(), kind, amount(1, 9_000_000), amount(1, 1_000_000));
        let bare = rust("compiled").unwrap();
        assert_eq!(bare.saved, range(0, 0, 10));
        assert_eq!(bare.base, range(15, 20, 20));
        assert!(bare.note.unwrap().contains("--measure"));
        // A client of the SDK takes as long as it takes, whatever the size.
        let sdk = rust("compiled-aws-sdk").unwrap();
        assert_eq!(sdk.saved, bare.saved);
        assert!(sdk.after.low > bare.after.high);
        assert_eq!(
            load_saving(lambda(), "cobol", amount(1, 1), amount(1, 1)),
            None
        );
    }

    #[test]
    fn other_ways_to_ship_have_slopes_of_their_own() {
        let found = elsewhere(lambda(), 12 * MEGA, 2 * MEGA);
        let of = |part: &str| {
            let one = found.iter().find(|(other, _)| other.name.contains(part));
            one.unwrap().1
        };
        assert_eq!(of("image"), range(0, 0, 0));
        assert_eq!(of("Google"), range(0, 0, 0));
        assert_eq!(of("Azure"), range(150, 210, 230));
        let grown = elsewhere(lambda(), 2 * MEGA, 12 * MEGA);
        assert_eq!(grown[2].1, range(-230, -210, -150));
        assert!(found.iter().all(|(other, _)| !other.mark.is_empty()));
    }

    #[test]
    fn huge_sizes_do_not_overflow() {
        assert!(download_ms(lambda(), u64::MAX).unwrap().high > 0);
    }
}
