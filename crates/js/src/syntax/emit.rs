//! From the statements of a bundle to its text.
//!
//! In: one module whose names are known by id, not by text. Out: JavaScript and, where asked for,
//! its source map. Names are settled here and nowhere earlier: by the mangler, or by renaming
//! what would clash.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use swc_core::atoms::Atom;
use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::source_map::SourceMapGenConfig;
use swc_core::common::sync::Lrc;
use swc_core::common::{BytePos, DUMMY_SP, FileName, LineCol, SourceFile, SyntaxContext};
use swc_core::ecma::ast::{EsReserved, EsVersion, Ident, Program};
use swc_core::ecma::codegen::text_writer::{JsWriter, WriteJs};
use swc_core::ecma::codegen::{Config, Emitter, Node};
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::hygiene::hygiene;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::syntax::function_names::FunctionNames;
use crate::syntax::hidden::{Hidden, Placed};
use crate::syntax::minifier_workarounds;
use crate::syntax::minify::{MinifyOptions, minify};
use crate::syntax::parentheses;
use crate::syntax::source_map_paths::source_name;
use crate::syntax::target::Engine;
use crate::syntax::{Notes, Session, Sources};
use coldcut_core::diagnostics::{Diagnostic, Result};

/// How the text is to be.
#[derive(Debug, Clone, Copy)]
pub struct EmitOptions {
    pub minify: bool,
    /// Keep class names as they were written.
    pub class_names: bool,
    pub function_names: bool,
    /// The output is an ES module.
    pub module: bool,
    pub map: bool,
    /// Count what each file adds to the text.
    pub count: bool,
    /// Without it, the newest there is.
    pub target: Option<Engine>,
}

/// The text of a bundle.
#[derive(Debug)]
pub struct Printed {
    pub code: String,
    pub map: Option<Vec<u8>>,
    /// Bytes of the text that come from each file.
    pub counts: FxHashMap<PathBuf, u64>,
    /// Bytes of it that only keep the names of classes as they were written.
    pub class_names: u64,
    pub warnings: Vec<Diagnostic>,
}

struct MapNames<'a> {
    folder: &'a Path,
    /// What was written where the bundle has another name.
    written: FxHashMap<BytePos, Atom>,
}

impl SourceMapGenConfig for MapNames<'_> {
    fn file_name_to_source(&self, file: &FileName) -> String {
        match file {
            FileName::Real(path) => source_name(self.folder, path),
            other => other.to_string(),
        }
    }

    fn inline_sources_content(&self, _: &FileName) -> bool {
        true
    }

    fn name_for_bytepos(&self, at: BytePos) -> Option<&str> {
        self.written.get(&at).map(|name| &**name)
    }
}

/// Collects the names that have become others.
struct Renamed<'a> {
    sources: &'a Sources,
    file: Option<Lrc<SourceFile>>,
    written: FxHashMap<BytePos, Atom>,
}

impl Visit for Renamed<'_> {
    fn visit_ident(&mut self, name: &Ident) {
        self.note(name.span.lo, &name.sym);
    }
}

impl Renamed<'_> {
    /// Looks at the name that stands in a source where the bundle has `now`.
    fn note(&mut self, at: BytePos, now: &str) {
        if at.is_dummy() {
            return;
        }
        let known = self
            .file
            .as_ref()
            .is_some_and(|file| file.start_pos <= at && at < file.end_pos);
        if !known {
            self.file = Some(self.sources.cm.lookup_source_file(at));
        }
        let text = self.file.as_ref().and_then(|file| {
            let from = (at - file.start_pos).0 as usize;
            file.src.get(from..)
        });
        let written = text.map_or("", |text| {
            let end = text.find(|c: char| !Ident::is_valid_continue(c));
            &text[..end.unwrap_or(text.len())]
        });
        if written != now && written.starts_with(Ident::is_valid_start) {
            self.written.insert(at, written.into());
        }
    }
}

impl Session {
    /// Prints `program`; `folder` is where the output will lie, for the map's names. `fill` gives
    /// the markers that stand in the program's strings, with the text that takes their places; it
    /// runs beside the minifier.
    pub fn finish(
        &self,
        sources: &Sources,
        program: Program,
        notes: Vec<Notes>,
        how: EmitOptions,
        folder: &Path,
        fill: &(dyn Fn() -> Vec<(String, String)> + Sync),
    ) -> Result<Printed> {
        std::thread::scope(|scope| {
            let filling = scope.spawn(fill);
            let fills = || {
                // It panics only where memory ends.
                filling.join().unwrap_or_default()
            };
            let settle = || self.settled(sources, program, notes, how, folder, fills);
            crate::syntax::catch_panic::catch_panic(settle)
                .unwrap_or_else(|why| Err(gives_up(&why)))
        })
    }

    fn settled(
        &self,
        sources: &Sources,
        mut program: Program,
        notes: Vec<Notes>,
        how: EmitOptions,
        folder: &Path,
        fills: impl FnOnce() -> Vec<(String, String)>,
    ) -> Result<Printed> {
        let comments = SingleThreadedComments::default();
        // The minifier would believe the annotations among them where what they say was found to be untrue.
        let printed = notes.into_iter().filter(|_| !how.minify);
        for note in printed {
            for (at, list) in note.leading {
                swc_core::common::comments::Comments::add_leading_comments(&comments, at, list);
            }
            for (at, list) in note.trailing {
                swc_core::common::comments::Comments::add_trailing_comments(&comments, at, list);
            }
        }
        self.enter(|| {
            let names = how.function_names.then(|| FunctionNames::of(&mut program));
            crate::syntax::reserved_names::settle(&mut program, self.unresolved, how.minify);
            let warnings = how.target.map_or_else(Vec::new, |target| {
                let unresolved = SyntaxContext::empty().apply_mark(self.unresolved);
                crate::syntax::check_target::check_target(&mut program, sources, unresolved, target)
            });
            let hidden = how
                .minify
                .then(|| minifier_workarounds::work_around(&mut program, self.unresolved));
            let span = tracing::info_span!("rename").entered();
            program.mutate(&mut hygiene());
            if let Some(names) = names {
                names.keep(&mut program);
            }
            parentheses::unwrap_leading(&mut program);
            program.mutate(&mut fixer(Some(&comments)));
            parentheses::wrap_heritage(&mut program);
            drop(span);
            let span = tracing::info_span!("print", bytes = tracing::field::Empty).entered();
            let readable = print(
                sources,
                &program,
                &comments,
                how.map || how.count || how.minify,
            )?;
            span.record("bytes", readable.code.len());
            drop(span);
            let Some(hidden) = hidden else {
                return finished(sources, &program, readable, how, folder, &fills(), warnings);
            };
            let span = tracing::info_span!("minify", bytes = tracing::field::Empty).entered();
            let minified = minified(readable, how, &hidden).map_err(|why| gives_up(&why))?;
            span.record("bytes", minified.code.len());
            drop(span);
            finished(sources, &program, minified, how, folder, &fills(), warnings)
        })
    }
}

/// Text with the places of the sources that its parts come from.
struct PlacedText {
    code: String,
    places: Vec<(BytePos, LineCol)>,
    /// Bytes that only keep the names of classes.
    class_names: u64,
}

impl Placed for (BytePos, LineCol) {
    fn at(&self) -> (u32, u32) {
        (self.1.line, self.1.col)
    }
    fn set_col(&mut self, col: u32) {
        self.1.col = col;
    }
}

/// The readable text in fewer bytes, with what is hidden from the minifier in its place again.
fn minified(
    readable: PlacedText,
    how: EmitOptions,
    hidden: &Hidden,
) -> std::result::Result<PlacedText, String> {
    if !hidden.is_told_apart(&readable.code) {
        return Err("the bundle has names that coldcut makes for itself".to_owned());
    }
    let options = MinifyOptions {
        module: how.module,
        class_names: how.class_names,
        function_names: how.function_names,
        places: how.map || how.count,
        target: how.target,
    };
    let minified = minify(&readable.code, options)?;
    // Both lists are in the order of their own text; what is minified may stand in another order.
    // A value without a place of its own, such as a line of JSON, belongs to what stands before it.
    let from = |line: u32, col: u32| {
        let at = readable
            .places
            .partition_point(|(_, place)| (place.line, place.col) <= (line, col));
        Some(readable.places.get(at.checked_sub(1)?)?.0)
    };
    let mut places: Vec<(BytePos, LineCol)> = Vec::with_capacity(minified.places.len());
    for place in &minified.places {
        let at = LineCol {
            line: place.line,
            col: place.col,
        };
        // What has no place of its own belongs to nothing, and ends what stands before it.
        let pos = from(place.from_line, place.from_col).unwrap_or(DUMMY_SP.lo);
        places.push((pos, at));
    }
    Ok(PlacedText {
        code: hidden.shown(minified.code, &mut places),
        places,
        class_names: minified.class_names,
    })
}

fn gives_up(why: &str) -> Box<Diagnostic> {
    let what = format!("the minifier failed on this bundle: {why}");
    let refused = Diagnostic::error(crate::syntax::TRANSPILE, what);
    Box::new(refused.help("bundle with `--no-minify`, or pack with `--strategy trace`"))
}

fn print_failed(why: &str) -> Box<Diagnostic> {
    let what = format!("cannot print the bundle: {why}");
    Box::new(Diagnostic::error(crate::syntax::TRANSPILE, what))
}

/// The readable text of a program.
fn print(
    sources: &Sources,
    program: &Program,
    comments: &SingleThreadedComments,
    placed: bool,
) -> Result<PlacedText> {
    let (mut out, mut places) = (Vec::new(), Vec::<(BytePos, LineCol)>::new());
    {
        let writer = JsWriter::new(
            sources.cm.clone(),
            "\n",
            &mut out,
            placed.then_some(&mut places),
        );
        let mut emitter = Emitter {
            cfg: Config::default()
                .with_ascii_only(false)
                .with_target(EsVersion::EsNext),
            cm: sources.cm.clone(),
            comments: Some(comments as _),
            wr: Box::new(writer) as Box<dyn WriteJs>,
        };
        program
            .emit_with(&mut emitter)
            .map_err(|error| print_failed(&error.to_string()))?;
    }
    let code = String::from_utf8(out).map_err(|error| print_failed(&error.to_string()))?;
    Ok(PlacedText {
        code,
        places,
        class_names: 0,
    })
}

/// The text as it is written, with its map and its counts.
fn finished(
    sources: &Sources,
    program: &Program,
    text: PlacedText,
    how: EmitOptions,
    folder: &Path,
    fills: &[(String, String)],
    warnings: Vec<Diagnostic>,
) -> Result<Printed> {
    let PlacedText {
        code,
        mut places,
        class_names,
    } = text;
    let code = filled(code, &mut places, fills);
    let map = if how.map {
        at_characters(sources, &mut places);
        let written = match how.minify {
            true => names_at(sources, &places, &code),
            false => {
                let mut renamed = Renamed {
                    sources,
                    file: None,
                    written: FxHashMap::default(),
                };
                program.visit_with(&mut renamed);
                renamed.written
            }
        };
        let names = MapNames { folder, written };
        // What has no place in a source has none in the map.
        let mapped: Vec<_> = places
            .iter()
            .filter(|(pos, _)| !pos.is_dummy())
            .copied()
            .collect();
        let map = sources.cm.build_source_map(&mapped, None, names);
        let mut text = Vec::new();
        crate::syntax::input_source_maps::follow_input_maps(map, sources, folder)
            .to_writer(&mut text)
            .map_err(|error| print_failed(&error.to_string()))?;
        Some(text)
    } else {
        None
    };
    let counts = if how.count {
        count(sources, &code, &places)
    } else {
        FxHashMap::default()
    };
    Ok(Printed {
        code,
        map,
        counts,
        class_names,
        warnings,
    })
}

/// The names that stand in the sources where the bundle has others.
fn names_at(
    sources: &Sources,
    places: &[(BytePos, LineCol)],
    code: &str,
) -> FxHashMap<BytePos, Atom> {
    let mut offsets = ByteOffsets::of(code);
    let mut renamed = Renamed {
        sources,
        file: None,
        written: FxHashMap::default(),
    };
    for (pos, at) in places.iter().filter(|(pos, _)| !pos.is_dummy()) {
        let rest = &code[offsets.at(at)..];
        let end = rest.find(|c: char| !Ident::is_valid_continue(c));
        let here = &rest[..end.unwrap_or(rest.len())];
        if here.starts_with(Ident::is_valid_start) && !here.is_reserved() {
            renamed.note(*pos, here);
        }
    }
    renamed.written
}

/// Moves places that lie inside of a character to its start: the printer finds those inside of a
/// literal by the length of what it printed, which need not be that of the source.
fn at_characters(sources: &Sources, places: &mut [(BytePos, LineCol)]) {
    let mut last: Option<Lrc<SourceFile>> = None;
    for (pos, _) in places.iter_mut().filter(|(pos, _)| !pos.is_dummy()) {
        let known = last
            .take()
            .filter(|file| file.start_pos <= *pos && *pos < file.end_pos);
        let file = known.unwrap_or_else(|| sources.cm.lookup_source_file(*pos));
        let mut at = (pos.0 - file.start_pos.0) as usize;
        while at < file.src.len() && !file.src.is_char_boundary(at) {
            at -= 1;
        }
        *pos = file.start_pos + BytePos(at as u32);
        last = Some(file);
    }
}

/// Puts the texts in the places of their markers, and moves what comes after them on a line.
fn filled(code: String, places: &mut [(BytePos, LineCol)], fills: &[(String, String)]) -> String {
    let mut found: Vec<(usize, &(String, String))> = fills
        .iter()
        .filter_map(|fill| Some((code.find(&fill.0)?, fill)))
        .collect();
    if found.is_empty() {
        return code;
    }
    found.sort_by_key(|(at, _)| *at);
    let mut out =
        String::with_capacity(code.len() + fills.iter().map(|f| f.1.len()).sum::<usize>());
    // Line and column of each marker, and how much longer its text is.
    let mut moves: Vec<(u32, u32, i64)> = Vec::new();
    let (mut last, mut line, mut start) = (0, 0, 0);
    for (at, (marker, text)) in found {
        let before = &code[last..at];
        if let Some(newline) = before.rfind('\n') {
            line += before.matches('\n').count() as u32;
            start = last + newline + 1;
        }
        let col = code[start..at].encode_utf16().count() as u32;
        moves.push((line, col, text.len() as i64 - marker.len() as i64));
        out.push_str(before);
        out.push_str(text);
        last = at + marker.len();
    }
    out.push_str(&code[last..]);
    for (_, place) in places.iter_mut() {
        let by: i64 = moves
            .iter()
            .filter(|(line, col, _)| *line == place.line && *col < place.col)
            .map(|(_, _, by)| by)
            .sum();
        place.col = (i64::from(place.col) + by) as u32;
    }
    out
}

/// From lines and columns of a text, in UTF-16 units, to bytes.
struct ByteOffsets<'a> {
    length: usize,
    /// Each line, where it starts, and whether it is ASCII.
    lines: Vec<(usize, &'a str, bool)>,
    /// The line, column and byte in the line of the place before. Places come in order, and a minified text is one
    /// line: each is looked for from the one before it.
    reached: (u32, usize, usize),
}

impl<'a> ByteOffsets<'a> {
    fn of(code: &'a str) -> Self {
        let mut lines = Vec::with_capacity(code.len() / 64);
        let mut start = 0;
        for line in code.split_inclusive('\n') {
            lines.push((start, line, line.is_ascii()));
            start += line.len();
        }
        Self {
            length: code.len(),
            lines,
            reached: (0, 0, 0),
        }
    }

    fn at(&mut self, at: &LineCol) -> usize {
        let Some((start, line, ascii)) = self.lines.get(at.line as usize) else {
            return self.length;
        };
        let col = at.col as usize;
        if *ascii {
            return start + col.min(line.len());
        }
        let (of, mut units, mut byte) = self.reached;
        if of != at.line || units > col {
            (units, byte) = (0, 0);
        }
        for c in line[byte..].chars() {
            if units >= col {
                break;
            }
            units += c.len_utf16();
            byte += c.len_utf8();
        }
        self.reached = (at.line, units, byte);
        start + byte
    }
}

/// Shares the text out: every place of the map holds up to the next one.
fn count(sources: &Sources, code: &str, places: &[(BytePos, LineCol)]) -> FxHashMap<PathBuf, u64> {
    let mut offsets = ByteOffsets::of(code);
    let mut out = FxHashMap::default();
    let mut last: Option<(Lrc<SourceFile>, u64)> = None;
    let mut before: Option<(BytePos, usize)> = None;
    let ends = places
        .iter()
        .map(|(pos, at)| (Some(*pos), offsets.at(at)))
        .chain([(None, code.len())]);
    for (pos, end) in ends {
        if let Some((of, start)) = before
            && !of.is_dummy()
        {
            let same = last
                .as_ref()
                .is_some_and(|(file, _)| file.start_pos <= of && of < file.end_pos);
            if !same {
                if let Some((file, sum)) = last.take() {
                    add(&mut out, &file, sum);
                }
                last = Some((sources.cm.lookup_source_file(of), 0));
            }
            if let Some((_, sum)) = &mut last {
                *sum += end.saturating_sub(start) as u64;
            }
        }
        before = pos.map(|pos| (pos, end));
    }
    if let Some((file, sum)) = last {
        add(&mut out, &file, sum);
    }
    out
}

fn add(out: &mut FxHashMap<PathBuf, u64>, file: &SourceFile, bytes: u64) {
    if let FileName::Real(path) = &*file.name {
        *out.entry(path.clone()).or_default() += bytes;
    }
}
