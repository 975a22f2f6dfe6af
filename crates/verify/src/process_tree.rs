//! The processes that come of one process, as the system's own table shows them.
//!
//! In: the first of them. Out: its children, theirs, and those whose parents are gone. Only Linux
//! has a table that can be read without asking for rights; elsewhere it is empty, and what is
//! known of a process is its group.

use std::collections::BTreeSet;

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProcessEntry {
    pub id: i32,
    pub name: String,
    parent: i32,
    group: i32,
}

/// Everything that comes of `leader`, the leader of a group, itself left out: its descendants, the
/// members of its group and the descendants of both. `adopter` is the process that gets children
/// whose parent has ended, with those of its own children that are none of these.
pub(super) fn group_and_descendants(
    leader: i32,
    adopter: Option<(i32, &BTreeSet<i32>)>,
) -> Vec<ProcessEntry> {
    let is_root = |one: &ProcessEntry| {
        let orphan = adopter.is_some_and(|(id, own)| one.parent == id && !own.contains(&one.id));
        orphan || one.group == leader
    };
    related(table(), leader, &is_root)
}

/// The children of a process and everything that comes of them.
pub(super) fn descendants(id: i32) -> Vec<ProcessEntry> {
    related(table(), id, &|_| false)
}

fn related(
    table: Vec<ProcessEntry>,
    leader: i32,
    is_root: &dyn Fn(&ProcessEntry) -> bool,
) -> Vec<ProcessEntry> {
    let mut known = BTreeSet::from([leader]);
    loop {
        let before = known.len();
        for one in &table {
            if is_root(one) || known.contains(&one.parent) {
                known.insert(one.id);
            }
        }
        if known.len() == before {
            break;
        }
    }
    table
        .into_iter()
        .filter(|one| one.id != leader && known.contains(&one.id))
        .collect()
}

/// The memory that these processes hold for themselves, in bytes.
#[cfg(target_os = "linux")]
pub(super) fn memory(processes: impl Iterator<Item = i32>) -> u64 {
    let own = |id: i32| -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let kilobytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim()
                .trim_end_matches(" kB")
                .trim()
                .parse::<u64>()
                .ok()
        };
        // Pages of files can be dropped; swapped ones are held all the same.
        Some((kilobytes("RssAnon:")? + kilobytes("VmSwap:").unwrap_or(0)) << 10)
    };
    processes.filter_map(own).sum()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn memory(_processes: impl Iterator<Item = i32>) -> u64 {
    0
}

#[cfg(target_os = "linux")]
fn table() -> Vec<ProcessEntry> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            row(id, &stat)
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn table() -> Vec<ProcessEntry> {
    Vec::new()
}

/// One line of the table (proc_pid_stat(5)); `None` for what has ended and waits to be reaped.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
fn row(id: i32, stat: &str) -> Option<ProcessEntry> {
    // The name stands in brackets and may hold brackets and blanks itself.
    let (_, rest) = stat.split_once('(')?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then(|| ProcessEntry {
        id,
        name: name.to_string(),
        parent,
        group,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_whatever_the_name() {
        let one = row(7, "7 (a) b (c) S 3 5 5 0").unwrap();
        assert_eq!(
            (one.name.as_str(), one.parent, one.group),
            ("a) b (c", 3, 5)
        );
        assert_eq!(row(7, "7 (a) Z 3 5 5 0"), None);
    }

    #[test]
    fn children_groups_and_orphans_are_found() {
        // 20 leads; 21 is its child, 22 that one's in another group, 23 of the group with its
        // parent gone; 24 left everything behind; 10 is us and 30 a child of ours.
        let rows = [
            (10, 1, 10),
            (20, 10, 20),
            (21, 20, 20),
            (22, 21, 22),
            (23, 1, 20),
            (24, 10, 24),
            (30, 10, 30),
        ];
        let found = |leader: i32, is_root: &dyn Fn(&ProcessEntry) -> bool| -> Vec<i32> {
            let table = rows.map(|(id, parent, group)| ProcessEntry {
                id,
                name: String::new(),
                parent,
                group,
            });
            let found = related(table.to_vec(), leader, is_root);
            found.iter().map(|one| one.id).collect()
        };
        let group = |one: &ProcessEntry| one.group == 20;
        assert_eq!(found(20, &group), [21, 22, 23]);
        let orphan = |one: &ProcessEntry| one.parent == 10 && ![20, 30].contains(&one.id);
        assert_eq!(
            found(20, &|one| group(one) || orphan(one)),
            [21, 22, 23, 24]
        );
        assert_eq!(found(10, &|_| false), [20, 21, 22, 24, 30]);
    }
}
