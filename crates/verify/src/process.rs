//! A child process that cannot outlive its welcome, whatever the user's code does.
//!
//! In: a command and a log file. Out: [`Supervised`]. The child leads a process group of its own,
//! which is killed on every path (`Drop`, [`abandon`]), and so is everything that comes of it and
//! can be found ([`process_tree`]). What is printed goes to a file and not to a pipe: a pipe needs a
//! reading thread, which would hang for as long as a stray grandchild holds the other end.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::isolation;
use crate::process_tree;
use crate::process_tree::ProcessEntry;

/// A log longer than this is cut to nothing and goes on: endless output must not fill the disk.
const LOG_LIMIT: u64 = 8 << 20;
/// How much of the log's end is shown.
const TAIL_BYTES: u64 = 4 << 10;
/// How often the child is looked at.
const POLL: Duration = Duration::from_millis(5);
/// How often its memory is added up, which reads the table of all processes.
const MEMORY_POLL: Duration = Duration::from_millis(50);
/// How long killing goes on where new processes come up meanwhile.
const KILLING: Duration = Duration::from_secs(3);

/// Every child that runs now, or nothing once they were abandoned.
static LIVE: Mutex<Option<BTreeSet<i32>>> = Mutex::new(Some(BTreeSet::new()));

/// A running (or ended) child with its group and its log.
#[derive(Debug)]
pub(super) struct Supervised {
    child: Child,
    id: i32,
    log: PathBuf,
    /// The end of what was cut from the log.
    cut: String,
    memory_limit: Option<u64>,
    weighed: Instant,
    over_memory: bool,
}

impl Supervised {
    /// Starts `command` without input; both of its outputs go to `log`.
    pub(super) fn spawn(command: &mut Command, log: &Path) -> io::Result<Self> {
        // Appending, so that cutting the file does not leave a hole before the next write.
        let out = OpenOptions::new().create(true).append(true).open(log)?;
        let err = out.try_clone()?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::from(out))
            .stderr(Stdio::from(err));
        lead_group(command);
        // Held over the start: nobody may take the new child for one that was left behind.
        let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(live) = live.as_mut() else {
            return Err(io::ErrorKind::Interrupted.into());
        };
        let child = command.spawn()?;
        let id = i32::try_from(child.id()).unwrap_or(0);
        live.insert(id);
        Ok(Self {
            child,
            id,
            log: log.to_path_buf(),
            cut: String::new(),
            memory_limit: None,
            weighed: Instant::now(),
            over_memory: false,
        })
    }

    /// Ends it where it and what comes of it hold more memory than this.
    pub(super) fn with_memory(mut self, megabytes: u32) -> Self {
        self.memory_limit = Some(u64::from(megabytes) << 20);
        self
    }

    /// Whether it was ended for the memory that it held.
    pub(super) fn over_memory(&self) -> bool {
        self.over_memory
    }

    /// The status if the child has ended.
    pub(super) fn poll(&mut self) -> io::Result<Option<ExitStatus>> {
        wait_where_abandoned();
        if let Ok(file) = OpenOptions::new().write(true).open(&self.log)
            && file.metadata()?.len() > LOG_LIMIT
        {
            // What it said last may be all it says.
            self.cut = tail(&self.log)?;
            file.set_len(0)?;
        }
        self.weigh();
        self.child.try_wait()
    }

    fn weigh(&mut self) {
        let Some(limit) = self.memory_limit else {
            return;
        };
        if self.weighed.elapsed() < MEMORY_POLL {
            return;
        }
        self.weighed = Instant::now();
        let ids = self.family().into_iter().map(|one| one.id);
        if process_tree::memory(ids.chain([self.id])) > limit {
            self.over_memory = true;
            self.kill_all();
        }
    }

    /// Waits for the end of the child; `None` where the deadline came first.
    pub(super) fn wait_until(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = self.poll()? {
                return Ok(Some(status));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            std::thread::sleep(POLL);
        }
    }

    /// What still runs after the child has ended by itself; what ends within `patience` is not
    /// counted.
    pub(super) fn stays(&self, patience: Duration) -> Vec<String> {
        let until = Instant::now() + patience;
        loop {
            let mut names: Vec<String> = self.family().into_iter().map(|one| one.name).collect();
            if names.is_empty() || Instant::now() >= until {
                names.sort();
                return names;
            }
            std::thread::sleep(POLL * 4);
        }
    }

    /// Ends the child and everything that came of it, and reaps it.
    pub(super) fn end(&mut self) {
        let until = Instant::now() + KILLING;
        loop {
            let left = self.kill_all();
            // Only an already reaped child makes these fail.
            let _ = self.child.kill();
            let _ = self.child.wait();
            reap(&left);
            if left.is_empty() || Instant::now() >= until {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Some(live) = LIVE.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            live.remove(&self.id);
        }
    }

    fn kill_all(&self) -> Vec<ProcessEntry> {
        // Who they are is known only while their parents are there.
        let family = self.family();
        kill(-self.id);
        for one in &family {
            kill(one.id);
        }
        family
    }

    fn family(&self) -> Vec<ProcessEntry> {
        if !isolation::adopts() {
            return process_tree::group_and_descendants(self.id, None);
        }
        let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own = live.clone().unwrap_or_default();
        own.extend(isolation::inherited());
        process_tree::group_and_descendants(self.id, Some((own_id(), &own)))
    }

    /// The end of what it printed, from the start of a line where that is possible.
    pub(super) fn tail(&self) -> String {
        let text = tail(&self.log).unwrap_or_default();
        if text.is_empty() {
            self.cut.clone()
        } else {
            text
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends every child with what comes of it, and starts no new ones: for the end of the process.
pub(super) fn abandon() {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner).take();
    for leader in live.into_iter().flatten() {
        for one in process_tree::group_and_descendants(leader, None) {
            kill(one.id);
        }
        kill(-leader);
    }
    if isolation::adopts() {
        let inherited = isolation::inherited();
        for one in process_tree::descendants(own_id()) {
            if !inherited.contains(&one.id) {
                kill(one.id);
            }
        }
    }
}

/// A child that was ended because the whole process is about to end tells nothing: whoever asks
/// waits for that end, so that no result is made of it.
fn wait_where_abandoned() {
    while LIVE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .is_none()
    {
        std::thread::park();
    }
}

fn own_id() -> i32 {
    i32::try_from(std::process::id()).unwrap_or(0)
}

fn tail(log: &Path) -> io::Result<String> {
    let mut file = File::open(log)?;
    let len = file.metadata()?.len();
    let start = len.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let whole = match text.split_once('\n') {
        Some((_, rest)) if start > 0 && !rest.is_empty() => rest,
        _ => &text,
    };
    Ok(whole.trim_end().to_string())
}

/// How a process ended, for a person: `exit status 1`, `signal 11`.
pub(super) fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            return match signal {
                libc::SIGABRT => "signal 6 (aborted)".to_string(),
                libc::SIGSEGV => "signal 11 (segmentation fault)".to_string(),
                libc::SIGKILL => "signal 9 (killed)".to_string(),
                other => format!("signal {other}"),
            };
        }
    }
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => "an unknown status".to_string(),
    }
}

/// Whether a signal ended it.
pub(super) fn by_signal(status: ExitStatus) -> bool {
    status.code().is_none()
}

#[cfg(unix)]
fn lead_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn lead_group(_command: &mut Command) {}

/// Ends a process, or a whole group where the number is negative. With [`reap`] the only unsafe
/// code of this file: `std` can start a process group, yet has no way to end one.
#[cfg(unix)]
#[allow(unsafe_code)]
fn kill(id: i32) {
    // 0 and 1 would name our own group or every process; a child never has one of these.
    if (-1..=1).contains(&id) {
        return;
    }
    // SAFETY: `kill` takes two integers and touches no memory of ours. The child was made the
    // leader of its own group, so the negated id names that group. If all its members are gone the
    // call fails, which is what is wanted.
    let _ = unsafe { libc::kill(id, libc::SIGKILL) };
}

#[cfg(not(unix))]
fn kill(_id: i32) {}

/// Takes note of the end of processes that were left to this one.
#[cfg(unix)]
#[allow(unsafe_code)]
fn reap(ended: &[ProcessEntry]) {
    if !isolation::adopts() {
        return;
    }
    for one in ended {
        // SAFETY: a status is not asked for, so no memory is written; a process that is not ours
        // makes the call fail, and one that still runs makes it give 0.
        let _ = unsafe { libc::waitpid(one.id, std::ptr::null_mut(), libc::WNOHANG) };
    }
}

#[cfg(not(unix))]
fn reap(_ended: &[ProcessEntry]) {}
