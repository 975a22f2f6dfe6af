//! Which modules have the same text in them.
//!
//! In: sources. Out: a [`MinHash`] of each, and an order in which modules with similar text are
//! next to each other. Deflate finds a repetition only within 32 KiB, so the zip becomes smaller if
//! modules with similar text (tables of related encodings, files of one generator) are placed
//! together. Modules that run on demand may be placed in any order.

/// Bins of a sketch; each holds the least hash of the shingles that fall into it.
const BINS: usize = 64;
/// Bytes of a shingle: three characters of Chinese, a word of code.
const SHINGLE: usize = 9;
/// Sources shorter than this are not worth moving.
const SHORTEST: usize = 2048;
/// Equal bins from which one source is worth having behind another.
const ALIKE: usize = 4;
/// How far back deflate looks.
const WINDOW: usize = 32 << 10;

/// A source's shingles, hashed and thinned: one-permutation MinHash (Li, Owen, Zhang 2012), with
/// the place of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinHash {
    bins: [(u32, u32); BINS],
    len: usize,
}

impl MinHash {
    /// `None` for what is too short.
    pub fn of(text: &str) -> Option<Self> {
        if text.len() < SHORTEST {
            return None;
        }
        let mut bins = [(u32::MAX, 0); BINS];
        for (at, shingle) in text.as_bytes().windows(SHINGLE).enumerate() {
            let Some((word, last)) = shingle.split_first_chunk::<8>() else {
                continue;
            };
            let mut hash = u64::from_le_bytes(*word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 29;
            hash = (hash ^ u64::from(last[0])).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            hash ^= hash >> 31;
            let bin = &mut bins[(hash >> 58) as usize];
            let least = (hash >> 16) as u32;
            if least < bin.0 {
                *bin = (least, u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        let len = text.len();
        Some(Self { bins, len })
    }

    /// How much of `next` deflate finds again when it stands behind this source.
    fn helps(&self, next: &Self) -> usize {
        let pairs = self.bins.iter().zip(&next.bins);
        pairs
            .filter(|(a, b)| {
                let distance = self.len.saturating_sub(a.1 as usize) + b.1 as usize;
                a.0 == b.0 && a.0 != u32::MAX && distance < WINDOW
            })
            .count()
    }
}

/// The given items in chains, each item before the one that it helps most; a chain stands where
/// the first of its items stood. Greedy, as for the shortest common superstring.
pub fn side_by_side<'s, T: Copy>(items: &[T], sketch: impl Fn(T) -> Option<&'s MinHash>) -> Vec<T> {
    let sketches: Vec<(usize, &MinHash)> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((at, sketch(*item)?)))
        .collect();
    let mut edges = Vec::new();
    for (from, first) in &sketches {
        for (to, next) in &sketches {
            let helps = first.helps(next);
            if from != to && helps >= ALIKE {
                edges.push((std::cmp::Reverse(helps), *from, *to));
            }
        }
    }
    edges.sort_unstable();
    let mut next: Vec<Option<usize>> = vec![None; items.len()];
    let mut before: Vec<Option<usize>> = vec![None; items.len()];
    for (_, from, to) in edges {
        let first = |mut at: usize| {
            while let Some(earlier) = before[at] {
                at = earlier;
            }
            at
        };
        if next[from].is_none() && before[to].is_none() && first(from) != to {
            next[from] = Some(to);
            before[to] = Some(from);
        }
    }
    let mut out = Vec::with_capacity(items.len());
    let mut done = vec![false; items.len()];
    for at in 0..items.len() {
        if done[at] {
            continue;
        }
        let mut link = Some(at);
        while let Some(earlier) = link.and_then(|at| before[at]) {
            link = Some(earlier);
        }
        while let Some(at) = link {
            done[at] = true;
            out.push(items[at]);
            link = next[at];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_sources_become_neighbours() {
        let words = |seed: u32| -> String {
            let mut state = seed;
            (0..600)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    format!("{state:x} ")
                })
                .collect()
        };
        // What the first and the last share is too far apart the other way round.
        let far: String = (10..20).map(words).collect();
        let texts = [format!("{}{far}", words(1)), words(3), words(4), words(1)];
        let sketches = texts.each_ref().map(|text| MinHash::of(text).unwrap());
        let order = side_by_side(&[0, 1, 2, 3], |at| Some(&sketches[at]));
        assert_eq!(order, [3, 0, 1, 2]);
    }

    #[test]
    fn what_is_short_stays_where_it_is() {
        assert_eq!(MinHash::of("short"), None);
        assert_eq!(side_by_side(&[0, 1, 2], |_| None), [0, 1, 2]);
    }
}
