//! Events, added up.
//!
//! In: the pieces of all files, in their order. Out: [`Observed`]. What a report does not say
//! itself is taken from lines before it: its version from the `START` of its request, what kind of
//! start it was from the `INIT_START` of its stream. Only so many of those are kept; of invocations
//! nothing is, beyond the histograms of their group.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::Ask;
use crate::event::{Broken, Context, Ended, Event, Family, Figures, Piece, Started, hash};
use crate::fit::Wall;
use crate::histogram::{Digits, Times};

/// A name's number among all names.
type Id = u32;

/// Groups that are kept apart; whatever a log says, memory is bounded.
const GROUPS: usize = 5_000;
/// Requests and streams that are remembered, twice this at most.
const REMEMBERED: usize = 100_000;
/// Between the start of an environment and its first event: more than an initialisation may take,
/// so nobody waited for it.
const PROACTIVE_MS: i64 = 10_000;

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
    pub family: Option<Family>,
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

    fn seen(&mut self, time: Option<i64>) {
        let Some(time) = time else { return };
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
    }

    fn report(&mut self, figures: &Figures, how: Started, proactive: bool, wall: Option<f64>) {
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

/// A map that forgets what it has not been told again for long.
struct Recent<T> {
    young: FxHashMap<u64, T>,
    old: FxHashMap<u64, T>,
}

impl<T: Copy> Recent<T> {
    fn new() -> Self {
        Self {
            young: FxHashMap::default(),
            old: FxHashMap::default(),
        }
    }

    fn insert(&mut self, key: u64, value: T) {
        if self.young.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    fn get(&self, key: u64) -> Option<T> {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied()
    }

    fn remove(&mut self, key: u64) -> Option<T> {
        let young = self.young.remove(&key);
        let old = self.old.remove(&key);
        young.or(old)
    }
}

/// What is known of an environment.
#[derive(Clone, Copy)]
struct Environment {
    function: Option<Id>,
    version: Option<Id>,
    time: Option<i64>,
    how: Started,
    family: Option<Family>,
    /// Whether its first report is still to come.
    fresh: bool,
}

/// What is known of a request before its report.
#[derive(Clone, Copy)]
struct Begun {
    version: Option<Id>,
    proactive: bool,
}

pub(super) struct Tally<'a> {
    since: Option<i64>,
    wall: &'a Wall,
    names: Vec<String>,
    ids: FxHashMap<String, Id>,
    default: Option<Id>,
    groups: Vec<Group>,
    places: FxHashMap<(Option<Id>, Option<Id>, Side), usize>,
    environments: Recent<Environment>,
    begun: Recent<Begun>,
    counts: Counts,
    /// The file that is being read, and its lines so far.
    file: (usize, u64),
}

impl<'a> Tally<'a> {
    pub fn new(ask: &'a Ask) -> Self {
        let mut tally = Self {
            since: ask.since,
            wall: &ask.wall,
            names: Vec::new(),
            ids: FxHashMap::default(),
            default: None,
            groups: Vec::new(),
            places: FxHashMap::default(),
            environments: Recent::new(),
            begun: Recent::new(),
            counts: Counts::default(),
            file: (0, 0),
        };
        tally.default = ask.name.as_deref().map(|name| tally.id(name));
        tally
    }

    fn id(&mut self, name: &str) -> Id {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = self.names.len() as Id;
        self.names.push(name.to_string());
        self.ids.insert(name.to_string(), id);
        id
    }

    pub fn add(&mut self, piece: Piece) {
        if self.file.0 != piece.file {
            self.file = (piece.file, 0);
        }
        // Names of no group would pile up with a hostile log: beyond this, they are all one.
        let ids: Vec<Id> = if self.names.len() > 4 * GROUPS {
            let many = self.id("(more)");
            let known = |name: &String| self.ids.get(name).copied().unwrap_or(many);
            piece.names.list.iter().map(known).collect()
        } else {
            piece.names.list.iter().map(|name| self.id(name)).collect()
        };
        let file = hash(&piece.file.to_le_bytes());
        for event in &piece.events {
            self.event(event, &ids, file);
        }
        self.counts.lines += piece.lines;
        self.counts.foreign += piece.foreign;
        self.counts.broken += piece.broken;
        if self.counts.first_broken.is_none()
            && let Some(Broken { line, text }) = piece.first_broken
        {
            self.counts.first_broken = Some((piece.file, self.file.1 + line + 1, text));
        }
        self.file.1 += piece.lines;
    }

    fn event(&mut self, event: &Event, ids: &[Id], file: u64) {
        if !matches!(event, Event::Report { .. }) {
            self.counts.platform += 1;
        }
        match *event {
            Event::Report {
                at,
                request,
                ref figures,
            } => self.report(&at, request, figures, ids, file),
            Event::Start { at, request } => {
                let environment = self.environments.get(at.stream.unwrap_or(file));
                let waited = environment
                    .filter(|environment| environment.fresh)
                    .and_then(|environment| Some(at.time? - environment.time?));
                let version = at.version.map(|id| ids[id as usize]);
                let begun = Begun {
                    version,
                    proactive: waited.is_some_and(|waited| waited > PROACTIVE_MS),
                };
                self.begun.insert(request, begun);
            }
            Event::Init { at, how, family } => {
                let key = at.stream.unwrap_or(file);
                let earlier = self.environments.get(key);
                let before = earlier.filter(|known| known.fresh);
                let name = |id: Option<u32>| id.map(|id| ids[id as usize]);
                let environment = Environment {
                    // Without streams a file is one function's, whichever environment this is.
                    function: name(at.function).or(earlier.and_then(|known| known.function)),
                    version: name(at.version),
                    // A report of the start comes behind the start itself.
                    time: at.time.or(before.and_then(|known| known.time)),
                    how,
                    family: family.or(before.and_then(|known| known.family)),
                    fresh: true,
                };
                let environment = match before {
                    Some(known) if at.time.is_none() => Environment {
                        version: environment.version.or(known.version),
                        ..environment
                    },
                    _ => environment,
                };
                self.environments.insert(key, environment);
            }
            Event::InitFailed { at, timeout } => {
                if let Some(group) = self.group(&at, None, ids, file) {
                    group.failed_inits += 1;
                    group.timeout_lines += u64::from(timeout);
                }
            }
            Event::TimedOut { at } => {
                if let Some(group) = self.group(&at, None, ids, file) {
                    group.timeout_lines += 1;
                }
            }
            Event::Failed { at } => {
                if let Some(group) = self.group(&at, None, ids, file) {
                    group.error_lines += 1;
                }
            }
            Event::Other => {}
        }
    }

    fn report(&mut self, at: &Context, request: u64, figures: &Figures, ids: &[Id], file: u64) {
        self.counts.reports += 1;
        let begun = self.begun.remove(request);
        let key = at.stream.unwrap_or(file);
        let environment = self.environments.get(key);
        let fresh = environment.filter(|known| known.fresh && figures.init.is_some());
        if let Some(known) = fresh {
            let used = Environment {
                fresh: false,
                ..known
            };
            self.environments.insert(key, used);
        }
        let wall = self.wall.get(request);
        if self.since.is_some() && at.time.is_none() {
            self.counts.timeless += 1;
        }
        let version = begun.and_then(|begun| begun.version);
        let Some(group) = self.group(at, version, ids, file) else {
            self.counts.beyond += 1;
            return;
        };
        group.seen(at.time);
        if let Some(known) = environment {
            group.family = known.family.or(group.family);
        }
        let how = fresh.map_or(Started::OnDemand, |known| known.how);
        let proactive = begun.is_some_and(|begun| begun.proactive);
        group.report(figures, how, proactive, wall);
    }

    /// The group of a line, by what it says itself and by what its environment said.
    fn group(
        &mut self,
        at: &Context,
        version: Option<Id>,
        ids: &[Id],
        file: u64,
    ) -> Option<&mut Group> {
        let known = self.environments.get(at.stream.unwrap_or(file));
        let name = |id: Option<u32>| id.map(|id| ids[id as usize]);
        let function = name(at.function)
            .or_else(|| known.and_then(|known| known.function))
            .or(self.default);
        let version = name(at.version)
            .or(version)
            .or_else(|| known.and_then(|known| known.version));
        let side = match (self.since, at.time) {
            (None, _) => Side::Whole,
            (Some(_), None) => Side::Unknown,
            (Some(since), Some(time)) if time < since => Side::Before,
            _ => Side::After,
        };
        let key = (function, version, side);
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None if self.groups.len() >= GROUPS => return None,
            None => {
                self.groups.push(Group::default());
                self.places.insert(key, self.groups.len() - 1);
                self.groups.len() - 1
            }
        };
        self.groups.get_mut(place)
    }

    pub fn finish(mut self) -> Observed {
        let mut groups: Vec<(Key, Group)> = Vec::with_capacity(self.groups.len());
        for ((function, version, side), place) in &self.places {
            let name = |id: &Option<Id>| id.map(|id| self.names[id as usize].clone());
            let key = Key {
                function: name(function),
                version: name(version),
                side: *side,
            };
            groups.push((key, std::mem::take(&mut self.groups[*place])));
        }
        groups.sort_by(|(a, _), (b, _)| a.cmp(b));
        Observed {
            groups,
            counts: self.counts,
        }
    }
}
