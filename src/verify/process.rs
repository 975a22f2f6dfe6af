//! A child process that cannot outlive its welcome, whatever the user's code does.
//!
//! In: a command and a log file. Out: [`Supervised`]. The child leads a process group of its own,
//! which is killed on every path (`Drop`), so children that the user's code starts end with it.
//! What is printed goes to a file and not to a pipe: a pipe needs a reading thread, which would
//! hang for as long as a stray grandchild holds the other end.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A log longer than this is cut to nothing and goes on: endless output must not fill the disk.
const LOG_LIMIT: u64 = 8 << 20;
/// How much of the log's end is shown.
const TAIL_BYTES: u64 = 4 << 10;
/// How often the child is looked at.
const POLL: Duration = Duration::from_millis(5);

/// A running (or ended) child with its group and its log.
#[derive(Debug)]
pub(super) struct Supervised {
    child: Child,
    log: PathBuf,
    /// The end of what was cut from the log.
    cut: String,
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
        Ok(Self {
            child: command.spawn()?,
            log: log.to_path_buf(),
            cut: String::new(),
        })
    }

    /// The status if the child has ended.
    pub(super) fn poll(&mut self) -> io::Result<Option<ExitStatus>> {
        if let Ok(file) = OpenOptions::new().write(true).open(&self.log)
            && file.metadata()?.len() > LOG_LIMIT
        {
            // What it said last may be all it says.
            self.cut = tail(&self.log)?;
            file.set_len(0)?;
        }
        self.child.try_wait()
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

    /// Ends the child and everything that it started, and reaps it.
    pub(super) fn end(&mut self) {
        kill_group(&mut self.child);
        // Only an already reaped child makes these fail.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
            return format!("signal {signal}");
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

/// The only unsafe code of this room: `std` can start a process group, yet has no way to end one.
#[cfg(unix)]
#[allow(unsafe_code)]
fn kill_group(child: &mut Child) {
    // A pid of 0 or 1 would name our own group or every process; a child never has one of these.
    let Some(group) = i32::try_from(child.id()).ok().filter(|id| *id > 1) else {
        return;
    };
    // SAFETY: `kill` takes two integers and touches no memory of ours. The child was made the
    // leader of its own group, so the negated id names that group. If all its members are gone the
    // call fails, which is what is wanted.
    let _ = unsafe { libc::kill(-group, libc::SIGKILL) };
}

#[cfg(not(unix))]
fn kill_group(_child: &mut Child) {}
