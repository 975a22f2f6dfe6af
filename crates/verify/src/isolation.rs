//! This process cut off from the network, with what its children leave behind given to it.
//!
//! In: whether the network may stay. Out: [`Isolation`], what could be done. It holds for this
//! process and everything that it starts, and for good: only for commands whose whole work is to
//! run somebody's code, and before they start a thread. It keeps accidents in; it is no cage for
//! code that wants out.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::process_tree;

/// The children that this process had before it began to adopt: whoever started it by `exec` may
/// have had some.
static INHERITED: OnceLock<BTreeSet<i32>> = OnceLock::new();

/// What reaches the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// Nothing but this process and its children, on a loopback of their own.
    Cut,
    /// Everything, by the user's wish.
    Allowed,
    /// Everything, because the system does not let it be cut, and why.
    Open(String),
}

/// What holds from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    pub network: Network,
    /// Whether processes that detach themselves are found and ended too.
    pub finds_detached: bool,
}

/// Cuts this process off. Must be called before it has a second thread.
pub fn isolate(allow_network: bool) -> Isolation {
    let me = i32::try_from(std::process::id()).unwrap_or(0);
    let before = process_tree::descendants(me)
        .into_iter()
        .map(|one| one.id)
        .collect();
    let finds_detached = system::adopt_orphans();
    if finds_detached {
        INHERITED.get_or_init(|| before);
    }
    system::no_core_files();
    let network = if allow_network {
        Network::Allowed
    } else {
        match system::cut_network() {
            Ok(()) => Network::Cut,
            Err(why) => Network::Open(why),
        }
    };
    Isolation {
        network,
        finds_detached,
    }
}

/// Whether processes whose parents end become children of this one.
pub(super) fn adopts() -> bool {
    INHERITED.get().is_some()
}

/// Children of this process that are none of its doing.
pub(super) fn inherited() -> &'static BTreeSet<i32> {
    static NONE: BTreeSet<i32> = BTreeSet::new();
    INHERITED.get().unwrap_or(&NONE)
}

/// The system calls: unsafe code, since `std` has none of them.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
mod system {
    use std::io::{Error, Result};

    /// prctl(2): orphans among the descendants of this process become its children.
    pub fn adopt_orphans() -> bool {
        // SAFETY: takes integers only.
        unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 }
    }

    /// A crash shall not write the memory of a process into a folder.
    pub fn no_core_files() {
        let none = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the structure is read, and lives until the call returns.
        let _ = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &none) };
    }

    /// Moves this process into a network of its own (network_namespaces(7)): by its own right
    /// where it has one, else as the owner of a new user namespace (user_namespaces(7)).
    pub fn cut_network() -> std::result::Result<(), String> {
        // SAFETY: these take nothing and cannot fail.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        let first = unshare(libc::CLONE_NEWNET);
        if first.is_err() {
            unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET)
                .map_err(|error| format!("a network namespace is refused ({error})"))?;
            // The same ids inside as outside; without these two this process would be nobody.
            let maps = [
                ("setgroups", "deny".to_string()),
                ("uid_map", format!("{user} {user} 1")),
                ("gid_map", format!("{group} {group} 1")),
            ];
            for (file, text) in maps {
                // The network is gone already; without a map only ids look strange.
                let _ = std::fs::write(format!("/proc/self/{file}"), text);
            }
        }
        // Without a loopback no Runtime API can be asked, and the run says so itself.
        let _ = loopback_up();
        Ok(())
    }

    fn unshare(what: i32) -> Result<()> {
        // SAFETY: takes an integer only.
        match unsafe { libc::unshare(what) } {
            0 => Ok(()),
            _ => Err(Error::last_os_error()),
        }
    }

    /// netdevice(7): a new network has a loopback that is down.
    fn loopback_up() -> Result<()> {
        let checked = |done: i32| {
            if done < 0 {
                Err(Error::last_os_error())
            } else {
                Ok(done)
            }
        };
        // SAFETY: takes integers only; the descriptor is closed below.
        let socket = checked(unsafe {
            libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0)
        })?;
        // SAFETY: a structure of integers and bytes, for which zeros are a value.
        let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = *from as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        // SAFETY: the structure is the one that this request takes, and lives until it returns.
        let done = checked(unsafe { libc::ioctl(socket, libc::SIOCSIFFLAGS as _, &request) });
        // SAFETY: the descriptor is this function's own, and not used after this.
        unsafe { libc::close(socket) };
        done.map(|_| ())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub fn adopt_orphans() -> bool {
        false
    }

    pub fn no_core_files() {}

    pub fn cut_network() -> std::result::Result<(), String> {
        Err("only Linux lets a process cut itself off".to_string())
    }
}
