//! What all files of one build share, and one parsed file.
//!
//! In: nothing. Out: [`Session`], inside of which everything about swc's syntax contexts has to
//! run; [`Ast`], what parsing a file in it gives.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;
use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::sync::Lrc;
use swc_core::common::{GLOBALS, Globals, Mark, SourceMap, Span, SyntaxContext};
use swc_core::ecma::ast::Program;
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers, inject_helpers};

use crate::syntax::declarations::Declarations;
use crate::syntax::sources::Notes;
use crate::syntax::{decorator_helper, lower_using};

/// The tables that all files of one build share.
pub struct Session {
    globals: Globals,
    pub(super) unresolved: Mark,
    /// What other files declare, by their paths; each is read when a first file asks.
    pub(super) declared: Mutex<FxHashMap<PathBuf, Option<Arc<Declarations>>>>,
}

impl Default for Session {
    fn default() -> Self {
        let globals = Globals::new();
        let unresolved = GLOBALS.set(&globals, Mark::new);
        Self {
            globals,
            unresolved,
            declared: Mutex::default(),
        }
    }
}

/// A parsed file. Lives and dies inside one [`Session::enter`].
pub struct Ast {
    pub program: Program,
    /// The context of names that nothing in the file binds, such as `require`.
    pub unresolved: SyntaxContext,
    pub(super) cm: Lrc<SourceMap>,
    pub(super) comments: SingleThreadedComments,
    pub(super) unresolved_mark: Mark,
    pub(super) start: u32,
    /// Syntax of plain JavaScript has become older.
    pub(super) lowered: bool,
}

impl Ast {
    /// Puts in the functions that lowered syntax calls. Once for a file, in the same
    /// [`Session::enter`] that parsed it.
    pub fn add_helpers(&mut self) {
        self.program
            .mutate(&mut inject_helpers(self.unresolved_mark));
        decorator_helper::put_right(&mut self.program);
        if self.lowered {
            lower_using::join_helper(&mut self.program);
        }
    }

    /// Where the file's text starts among the session's sources.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The program and its comments, free to move between threads.
    pub fn into_parts(self) -> (Program, Notes) {
        let (leading, trailing) = self.comments.take_all();
        let sorted = |map: swc_core::common::comments::SingleThreadedCommentsMap| {
            let mut all: Vec<_> = map.borrow_mut().drain().collect();
            all.sort_by_key(|(at, _)| *at);
            all
        };
        let notes = Notes {
            leading: sorted(leading),
            trailing: sorted(trailing),
        };
        (self.program, notes)
    }

    /// Byte offset in the file's text.
    pub fn offset(&self, span: Span) -> usize {
        span.lo.0.saturating_sub(self.start) as usize
    }
}

impl Session {
    /// The context of names that nothing binds.
    pub fn unresolved(&self) -> SyntaxContext {
        self.enter(|| SyntaxContext::empty().apply_mark(self.unresolved))
    }

    /// Runs `work` with this session's tables in place, on the current thread.
    pub fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        GLOBALS.set(&self.globals, || HELPERS.set(&Helpers::new(false), work))
    }
}
