//! Files through as many threads as there are processors, in order and in bounded memory.
//!
//! In: paths. Out: what each piece told, one after the other as they lie in the files. One thread
//! reads and cuts, some read lines, and the caller's adds up. A piece may only begin its way when
//! another has ended it, so a slow end holds up the beginning, and nothing piles up between.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};

use crate::event::{Context, Piece, Read};
use crate::input;
use crate::input::{Cut, Form, Raw};
use crate::json;
use crate::line;
use crate::line::PlatformMarkers;
use coldcut_core::diagnostics::{Diagnostic, Result};

/// What the caller gets.
pub(super) enum Item {
    Piece(Piece),
    Warning(Diagnostic),
}

/// What goes to the threads that read, and what comes from them.
enum Job {
    Raw(Raw),
    Done(Item),
    Failed(Box<Diagnostic>),
}

/// Reads all files, and hands over what they tell in their order.
pub(super) fn read(paths: &[PathBuf], take: &mut dyn FnMut(Item)) -> Result<()> {
    let files = input::files(paths)?;
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get().min(16));
    let under_way = 3 * workers + 2;
    let (permit_back, permits) = sync_channel::<()>(under_way);
    for _ in 0..under_way {
        // The channel has room for just these.
        let _ = permit_back.send(());
    }
    let (to_workers, jobs) = sync_channel::<(u64, Job)>(under_way);
    let jobs = Mutex::new(jobs);
    let (to_us, results) = sync_channel::<(u64, Job)>(under_way);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut number = 0;
            let mut send = |job: Job| {
                let sent = permits.recv().is_ok() && to_workers.send((number, job)).is_ok();
                number += 1;
                sent
            };
            for (at, path) in files.iter().enumerate() {
                let cut = input::cut(path, at, &mut |cut| {
                    send(match cut {
                        Cut::Raw(raw) => Job::Raw(raw),
                        Cut::Warning(warning) => Job::Done(Item::Warning(warning)),
                    })
                });
                if let Err(error) = cut {
                    send(Job::Failed(error));
                    return;
                }
            }
        });
        for _ in 0..workers {
            let (jobs, to_us) = (&jobs, to_us.clone());
            scope.spawn(move || work(jobs, |number, job| to_us.send((number, job)).is_ok()));
        }
        drop(to_us);
        let mut waiting: BTreeMap<u64, Job> = BTreeMap::new();
        let mut next = 0;
        while let Ok((number, job)) = results.recv() {
            waiting.insert(number, job);
            while let Some(job) = waiting.remove(&next) {
                next += 1;
                match job {
                    Job::Done(item) => take(item),
                    // Both ends of the channels go with this, and by that the threads end.
                    Job::Failed(error) => {
                        drop(permit_back);
                        return Err(error);
                    }
                    Job::Raw(_) => {}
                }
                let _ = permit_back.send(());
            }
        }
        Ok(())
    })
}

fn work(jobs: &Mutex<Receiver<(u64, Job)>>, send: impl Fn(u64, Job) -> bool) {
    let marks = PlatformMarkers::new();
    loop {
        // A thread that panicked has not harmed the channel.
        let lock = jobs
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let Ok((number, job)) = lock.recv() else {
            return;
        };
        drop(lock);
        let job = match job {
            Job::Raw(raw) => Job::Done(Item::Piece(piece(&raw, &marks))),
            other => other,
        };
        if !send(number, job) {
            return;
        }
    }
}

/// What a piece tells.
pub(super) fn piece(raw: &Raw, marks: &PlatformMarkers) -> Piece {
    let mut piece = Piece {
        file: raw.file,
        ..Piece::default()
    };
    match &raw.form {
        Form::Lines => lines(&raw.bytes, marks, &mut piece),
        Form::Table(columns) => columns.read(&raw.bytes, marks, &mut piece),
        Form::Rows => {
            let mut start = 0;
            for end in &raw.ends {
                json::row(&raw.bytes[start..*end], marks, &mut piece);
                start = *end;
            }
        }
    }
    for _ in 0..raw.lost {
        piece.take(Read::Broken, b"(too long, or cut off)");
    }
    piece
}

fn lines(bytes: &[u8], marks: &PlatformMarkers, piece: &mut Piece) {
    let mut start = 0;
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        let line = &bytes[start..end];
        start = end + 1;
        let first = line.trim_ascii_start();
        if first.is_empty() {
            continue;
        }
        // A line that is JSON with Lambda's own in a string, as shippers of logs write it.
        let wrapped = matches!(first.first(), Some(b'{' | b'['))
            && !first.starts_with(b"{\"time\":")
            && marks.any(first);
        if wrapped && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok() {
            json::row(first, marks, piece);
            continue;
        }
        let read = line::read(line, Context::default(), marks, &mut piece.names);
        piece.take(read, line);
    }
}
