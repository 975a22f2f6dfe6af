//! What the logs of one group of invocations add up to.
//!
//! In: the figures of one report at a time ([`Group::report`]). Out: [`Observed`]: for each function,
//! version and side of a point in time the counts and the times as histograms. Memory is in MB.

use std::collections::BTreeMap;

use crate::event::{Ended, ReportFigures, RuntimeFamily, Started};
use crate::histogram::{Digits, Times};

/// Before or after the point in time that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// No point was named.
    Whole,
    Before,
    After,
    /// The line says no time.
    Unknown,
}

/// What is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `None` where nothing says.
    pub function: Option<String>,
    pub version: Option<String>,
    pub side: Side,
}

/// What callers waited beyond what the log says, by the wall clock.
#[derive(Debug, Clone, Default)]
pub struct Residuals {
    /// `wall - init - duration`, in milliseconds.
    pub cold: Vec<f64>,
    /// `wall - duration`.
    pub warm: Vec<f64>,
}

/// Everything that is known of one group.
#[derive(Debug, Clone)]
pub struct Group {
    pub invocations: u64,
    /// Reports with an initialisation, whoever waited for it.
    pub cold_starts: u64,
    /// Of those, ahead of need: kept for cost, and left out of `init`.
    pub provisioned: u64,
    pub proactive: u64,
    /// Started from a snapshot.
    pub restores: u64,
    pub errors: u64,
    pub timeouts: u64,
    /// Lines that say so beside the report.
    pub error_lines: u64,
    pub timeout_lines: u64,
    /// Environments that did not come up.
    pub failed_inits: u64,
    /// The initialisations that somebody waited for, of invocations that ended well.
    pub init: Times,
    pub cold: Times,
    pub warm: Times,
    pub restore: Times,
    pub billed_ms: f64,
    /// Billed, by the memory of each.
    pub gb_seconds: f64,
    /// Of the initialisations alone, where they are billed.
    pub init_gb_seconds: f64,
    /// Cold starts whose initialisation is in what is billed.
    pub init_billed: u64,
    /// Invocations by configured memory in MB.
    pub memory_mb: BTreeMap<u32, u64>,
    pub used_mb: Times,
    pub used_most_mb: f64,
    /// The greatest part of what was configured that was used.
    pub used_share: f64,
    pub family: Option<RuntimeFamily>,
    /// Milliseconds since 1970.
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub residuals: Residuals,
}

/// Residuals kept of one group: far more than a median needs.
const RESIDUALS: usize = 20_000;
/// Sizes of memory told apart.
const SIZES: usize = 64;

impl Default for Group {
    fn default() -> Self {
        let two = || Times::new(Digits::Two);
        Self {
            invocations: 0,
            cold_starts: 0,
            provisioned: 0,
            proactive: 0,
            restores: 0,
            errors: 0,
            timeouts: 0,
            error_lines: 0,
            timeout_lines: 0,
            failed_inits: 0,
            init: Times::new(Digits::Three),
            cold: two(),
            warm: two(),
            restore: two(),
            billed_ms: 0.0,
            gb_seconds: 0.0,
            init_gb_seconds: 0.0,
            init_billed: 0,
            memory_mb: BTreeMap::new(),
            used_mb: two(),
            used_most_mb: 0.0,
            used_share: 0.0,
            family: None,
            first: None,
            last: None,
            residuals: Residuals::default(),
        }
    }
}

impl Group {
    /// Takes the other's figures too.
    pub fn merge(&mut self, other: &Self) {
        self.invocations += other.invocations;
        self.cold_starts += other.cold_starts;
        self.provisioned += other.provisioned;
        self.proactive += other.proactive;
        self.restores += other.restores;
        self.errors += other.errors;
        self.timeouts += other.timeouts;
        self.error_lines += other.error_lines;
        self.timeout_lines += other.timeout_lines;
        self.failed_inits += other.failed_inits;
        self.init.merge(&other.init);
        self.cold.merge(&other.cold);
        self.warm.merge(&other.warm);
        self.restore.merge(&other.restore);
        self.billed_ms += other.billed_ms;
        self.gb_seconds += other.gb_seconds;
        self.init_gb_seconds += other.init_gb_seconds;
        self.init_billed += other.init_billed;
        for (mb, count) in &other.memory_mb {
            *self.memory_mb.entry(*mb).or_default() += count;
        }
        self.used_mb.merge(&other.used_mb);
        self.used_most_mb = self.used_most_mb.max(other.used_most_mb);
        self.used_share = self.used_share.max(other.used_share);
        self.family = self.family.or(other.family);
        self.seen(other.first);
        self.seen(other.last);
        self.residuals.cold.extend(&other.residuals.cold);
        self.residuals.warm.extend(&other.residuals.warm);
    }

    pub(crate) fn seen(&mut self, time: Option<i64>) {
        let Some(time) = time else { return };
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
    }

    pub(crate) fn report(
        &mut self,
        figures: &ReportFigures,
        how: Started,
        proactive: bool,
        wall: Option<f64>,
    ) {
        self.invocations += 1;
        self.billed_ms += figures.billed.unwrap_or(0.0);
        let gb = figures.memory.unwrap_or(0.0) / 1024.0;
        self.gb_seconds += gb * figures.billed.unwrap_or(0.0) / 1000.0;
        if let Some(mb) = figures.memory
            && (self.memory_mb.len() < SIZES || self.memory_mb.contains_key(&(mb as u32)))
        {
            *self.memory_mb.entry(mb as u32).or_default() += 1;
        }
        if let Some(used) = figures.used {
            // Kept as if it were a time: the histogram asks for numbers and knows no units.
            self.used_mb.add(used);
            self.used_most_mb = self.used_most_mb.max(used);
            if let Some(mb) = figures.memory.filter(|mb| *mb > 0.0) {
                self.used_share = self.used_share.max(used / mb);
            }
        }
        match figures.ended {
            Ended::Well => {}
            Ended::Error => self.errors += 1,
            Ended::Timeout => self.timeouts += 1,
        }
        let well = figures.ended == Ended::Well;
        if let Some(restore) = figures.restore {
            self.restores += 1;
            if well {
                self.restore.add(restore);
                self.cold.add(figures.duration);
            }
            return;
        }
        let Some(init) = figures.init else {
            if well {
                self.warm.add(figures.duration);
                if let Some(wall) = wall
                    && self.residuals.warm.len() < RESIDUALS
                {
                    self.residuals.warm.push(wall - figures.duration);
                }
            }
            return;
        };
        self.cold_starts += 1;
        // Since 2025-08-01 the initialisation is billed everywhere; logs of before say otherwise.
        if figures
            .billed
            .is_some_and(|billed| billed + 1.0 >= init + figures.duration)
        {
            self.init_billed += 1;
            self.init_gb_seconds += gb * init / 1000.0;
        }
        if how == Started::Provisioned {
            self.provisioned += 1;
        } else if proactive {
            self.proactive += 1;
        } else if well {
            self.init.add(init);
            if let Some(wall) = wall
                && self.residuals.cold.len() < RESIDUALS
            {
                self.residuals.cold.push(wall - init - figures.duration);
            }
        }
        if well {
            self.cold.add(figures.duration);
        }
    }
}

/// What every line was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that are not blank, and rows of tables.
    pub lines: u64,
    pub reports: u64,
    /// Lambda's own beside the reports.
    pub platform: u64,
    /// The application's, and other services'.
    pub foreign: u64,
    pub broken: u64,
    /// The first of these: the file by its place in the list, the line, the text.
    pub first_broken: Option<(usize, u64, String)>,
    /// Reports beyond the groups that are kept apart.
    pub beyond: u64,
    /// Reports without a time, where one was needed.
    pub timeless: u64,
}

/// All that the logs tell.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// In the order of their keys.
    pub groups: Vec<(Key, Group)>,
    pub counts: Counts,
}
