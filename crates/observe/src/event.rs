//! What one line or row tells.
//!
//! In: nothing; `line`, `json` and `table` make these. Out: [`Piece`], the events of one piece of
//! a log in their order. Names are kept once per piece and spoken of by number, requests and
//! streams by a hash: millions of them pass through.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

/// A name's number in [`NameTable`].
pub(super) type NameId = u32;

/// The names of one piece.
#[derive(Debug, Default)]
pub(super) struct NameTable {
    ids: FxHashMap<Vec<u8>, NameId>,
    pub list: Vec<String>,
}

impl NameTable {
    pub fn id(&mut self, name: &[u8]) -> NameId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = self.list.len() as NameId;
        self.ids.insert(name.to_vec(), id);
        self.list.push(String::from_utf8_lossy(name).into_owned());
        id
    }
}

/// A short stand-in for a request or a stream. Two that fall together would at worst swap a
/// version, once in billions.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

/// Where and when a line was written, as far as it says.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Context {
    pub function: Option<NameId>,
    pub version: Option<NameId>,
    pub stream: Option<u64>,
    /// Milliseconds since 1970.
    pub time: Option<i64>,
}

/// How an invocation ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ended {
    #[default]
    Well,
    Error,
    Timeout,
}

/// What a report of an invocation has; times in milliseconds, memory in MB.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ReportFigures {
    pub duration: f64,
    pub billed: Option<f64>,
    pub memory: Option<f64>,
    pub used: Option<f64>,
    pub init: Option<f64>,
    pub restore: Option<f64>,
    pub ended: Ended,
}

/// Nothing on Lambda takes longer, and no log that says so is right.
const A_DAY_MS: f64 = 86_400_000.0;

impl ReportFigures {
    /// Whether the times can be times.
    pub fn hold(&self) -> bool {
        [Some(self.duration), self.init, self.restore, self.billed]
            .into_iter()
            .flatten()
            .all(|ms| (0.0..=A_DAY_MS).contains(&ms))
    }
}

/// What made an environment start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Started {
    #[default]
    OnDemand,
    Provisioned,
    SnapStart,
}

/// What kind of runtime runs the code, which decides the target that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuntimeFamily {
    JavaScript,
    Python,
    /// A binary, or a virtual machine with a compiler.
    Compiled,
    DotNet,
}

impl RuntimeFamily {
    /// From a runtime's name: `nodejs22.x`, `nodejs:22.v5`, `provided:al2023.v1`.
    pub fn from_runtime_name(runtime: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 7] = [
            (b"nodejs", Self::JavaScript),
            (b"python", Self::Python),
            (b"provided", Self::Compiled),
            (b"java", Self::Compiled),
            (b"go", Self::Compiled),
            (b"dotnet", Self::DotNet),
            (b"ruby", Self::Python),
        ];
        let found = known.iter().find(|(name, _)| runtime.starts_with(name));
        found.map(|(_, family)| *family)
    }
}

/// One line or row that is Lambda's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// An invocation ended.
    Report {
        at: Context,
        request: u64,
        figures: ReportFigures,
    },
    /// An invocation begins.
    Start {
        at: Context,
        request: u64,
    },
    /// An environment starts.
    Init {
        at: Context,
        how: Started,
        family: Option<RuntimeFamily>,
    },
    /// An environment did not come up.
    InitFailed {
        at: Context,
        timeout: bool,
    },
    /// A line beside the report, which in plain text is the only one that says so.
    TimedOut {
        at: Context,
    },
    Failed {
        at: Context,
    },
    /// Lambda's own, and nothing in it is counted.
    Other,
}

/// What a line or row was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Read {
    Event(Event),
    /// Somebody else's: the application's, another service's.
    Foreign,
    /// It begins as Lambda's and is not whole.
    Broken,
}

/// The first broken line of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// Counted from the piece's first, which is 0.
    pub line: u64,
    pub text: String,
}

/// Everything that one piece of a log tells.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// Which of the files.
    pub file: usize,
    pub names: NameTable,
    pub events: Vec<Event>,
    /// Lines, or rows of a table or a document.
    pub lines: u64,
    pub foreign: u64,
    pub broken: u64,
    pub first_broken: Option<Broken>,
}

/// How much of a broken line is shown.
const SHOWN: usize = 120;

impl Piece {
    /// Takes what the next line was.
    pub fn take(&mut self, read: Read, text: &[u8]) {
        match read {
            Read::Event(event) => self.events.push(event),
            Read::Foreign => self.foreign += 1,
            Read::Broken => {
                self.broken += 1;
                if self.first_broken.is_none() {
                    let shown = &text[..text.len().min(SHOWN)];
                    self.first_broken = Some(Broken {
                        line: self.lines,
                        text: String::from_utf8_lossy(shown).trim().to_string(),
                    });
                }
            }
        }
        self.lines += 1;
    }
}
