//! Events, added up.
//!
//! In: the pieces of all files, in their order. Out: [`Observed`]. What a report does not say
//! itself is taken from lines before it: its version from the `START` of its request, what kind of
//! start it was from the `INIT_START` of its stream. Only so many of those are kept; of invocations
//! nothing is, beyond the histograms of their group.

use rustc_hash::FxHashMap;

use crate::event::{Broken, Context, Event, Piece, ReportFigures, RuntimeFamily, Started, hash};
use crate::observed::{Counts, Group, Key, Observed, Side};
use crate::request::ObserveRequest;
use crate::wall_times::WallTimes;

/// A name's number among all names.
type Id = u32;

/// Groups that are kept apart; whatever a log says, memory is bounded.
const GROUPS: usize = 5_000;
/// Requests and streams that are remembered, twice this at most.
const REMEMBERED: usize = 100_000;
/// Between the start of an environment and its first event: more than an initialisation may take,
/// so nobody waited for it.
const PROACTIVE_MS: i64 = 10_000;

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
    family: Option<RuntimeFamily>,
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
    wall: &'a WallTimes,
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
    pub fn new(ask: &'a ObserveRequest) -> Self {
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
        // NameTable of no group would pile up with a hostile log: beyond this, they are all one.
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

    fn report(
        &mut self,
        at: &Context,
        request: u64,
        figures: &ReportFigures,
        ids: &[Id],
        file: u64,
    ) {
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
