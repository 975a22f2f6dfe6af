//! `bundle` over whatever sources: it may refuse them, but must not panic.
//!
//! An input is a project in one text: each file begins with a line `//// name`, and the first one is
//! the entry. Run it by `cargo +nightly fuzz run bundle` in the repository's folder.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use coldcut_js::bundle::{CherryPicks, Format, Options, bundle};
use libfuzzer_sys::fuzz_target;

/// As the command itself: deep sources need deep stacks.
static POOL: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(512 << 20)
        .build()
        .expect("threads can be made")
});

/// More files, or deeper names, only cost time.
const MOST_FILES: usize = 6;

fn is_plain(name: &str) -> bool {
    let extensions = ["js", "cjs", "mjs", "ts", "tsx", "jsx", "json"];
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    extensions.contains(&extension)
        && !stem.is_empty()
        && stem.len() < 24
        && stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn write(folder: &Path, text: &str) -> Option<String> {
    let mut entry = None;
    for file in text.split("//// ").skip(1).take(MOST_FILES) {
        let (name, body) = file.split_once('\n')?;
        if is_plain(name) {
            std::fs::write(folder.join(name), body).ok()?;
            entry.get_or_insert_with(|| name.to_string());
        }
    }
    entry
}

fuzz_target!(|text: &str| {
    let Ok(scratch) = tempfile::tempdir() else {
        return;
    };
    let Ok(folder) = scratch.path().canonicalize() else {
        return;
    };
    let Some(entry) = write(&folder, text) else {
        return;
    };
    // Which of the ways is taken hangs on the text, so that an input shows the same each time.
    let turn = text.len() % 4;
    let options = Options {
        format: if turn < 2 { Format::Cjs } else { Format::Esm },
        minify: turn % 2 == 0,
        ..Options::plain(folder.clone(), &|_| false, CherryPicks::known())
    };
    let _ = POOL.install(|| bundle(&folder.join(&entry), &options, &folder));
});
