use crate::pack::codes::{BROKEN_LINK, FILE_CHANGED};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use proptest::prelude::*;

use crate::pack::*;
use coldcut_core::artifact::{Content, Reason};

fn entry(content: Content) -> Entry {
    Entry {
        content,
        reasons: vec![Reason::Project],
        package: None,
        source: None,
    }
}

fn bytes(bytes: &[u8]) -> Entry {
    entry(Content::Bytes(bytes.into()))
}

fn artifact(files: impl IntoIterator<Item = (String, Entry)>) -> Files {
    let files = files.into_iter();
    files
        .map(|(name, entry)| (RelPath::new(&name).unwrap(), entry))
        .collect()
}

const OPTIONS: PackOptions = PackOptions {
    compression: Compression::Default,
    links: Links::Keep,
};

fn read(path: &Path) -> BTreeMap<String, (Vec<u8>, u32)> {
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut text = Vec::new();
            file.read_to_end(&mut text).unwrap();
            (
                file.name().unwrap().to_string(),
                (text, file.unix_mode().unwrap()),
            )
        })
        .collect()
}

#[test]
fn modes_follow_content_and_links_stay_links() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("x/f.zip");
    let packed = pack(
        &artifact([
            ("bootstrap".into(), bytes(b"x")),
            ("a.js".into(), bytes(&b"exports.a = 1;\n".repeat(50))),
            ("bin/run".into(), bytes(b"#!/bin/sh\n")),
            ("lib/é.so".into(), bytes(b"\x7fELF....")),
            ("link".into(), entry(Content::Link("bin/run".into()))),
        ]),
        &target,
        OPTIONS,
    )
    .unwrap();
    let found = read(&target);
    let modes: Vec<(&str, u32)> = found.iter().map(|(n, (_, m))| (n.as_str(), *m)).collect();
    assert_eq!(
        modes,
        [
            ("a.js", 0o100644),
            ("bin/run", 0o100755),
            ("bootstrap", 0o100755),
            ("lib/é.so", 0o100755),
            ("link", 0o120777)
        ]
    );
    assert_eq!(found["link"].0, b"bin/run");
    assert_eq!(packed.files, 5);
    assert_eq!(packed.bytes, std::fs::metadata(&target).unwrap().len());
    let left: Vec<_> = std::fs::read_dir(target.parent().unwrap())
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "no temporary file is left");
}

#[test]
fn python_reads_it_too() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("f.zip");
    pack(
        &artifact([("a.js".into(), bytes(&[b'a'; 4000]))]),
        &target,
        OPTIONS,
    )
    .unwrap();
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(z.infolist()[0].date_time)";
    let said = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(&target)
        .output();
    match said {
        Ok(out) => {
            assert!(
                out.status.success(),
                "{}",
                String::from_utf8_lossy(&out.stderr)
            );
            assert_eq!(
                String::from_utf8_lossy(&out.stdout).trim(),
                "(1980, 1, 1, 0, 0, 0)"
            );
        }
        Err(_) => eprintln!("skipped: no python3 here"),
    }
}

#[test]
fn threads_times_and_folders_change_no_byte() {
    let sources: Vec<_> = (0..2).map(|_| tempfile::tempdir().unwrap()).collect();
    let mut digests = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        let files = (0..200).map(|n| {
            let path = source.path().join(format!("{n}.js"));
            let text = format!("exports.n = {n};\n").repeat(n % 40);
            std::fs::write(&path, &text).unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(at as u64 * 99_999);
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(time)
                .unwrap();
            let bytes = text.len() as u64;
            (format!("d/{n}.js"), entry(Content::File { path, bytes }))
        });
        let artifact = artifact(files);
        let target = source.path().join("out/f.zip");
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1 + at * 3)
            .build()
            .unwrap();
        let packed = pool.install(|| pack(&artifact, &target, OPTIONS)).unwrap();
        digests.push(packed.sha256);
    }
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_file_that_changed_is_an_error_and_leaves_the_old_zip() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.js");
    std::fs::write(&path, "longer now").unwrap();
    let target = dir.path().join("f.zip");
    std::fs::write(&target, "old").unwrap();
    let file = entry(Content::File { path, bytes: 3 });
    let error = pack(&artifact([("a.js".into(), file)]), &target, OPTIONS).unwrap_err();
    assert_eq!(error.code, FILE_CHANGED);
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let target = dir.path().join("file/f.zip");
    let error = pack(&artifact([]), &target, OPTIONS).unwrap_err();
    assert_eq!(error.code, ZIP_NOT_WRITTEN);
    assert!(error.help.unwrap().contains("--out"));
}

#[test]
fn links_are_followed_by_choice() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("f.zip");
    let follow = PackOptions {
        links: Links::Follow,
        ..OPTIONS
    };
    let link = |to: &str| entry(Content::Link(to.into()));
    let files = [
        ("m/a/i.js".to_string(), bytes(b"a")),
        ("m/b".to_string(), link("a")),
        ("x.js".to_string(), link("m/b/i.js")),
    ];
    // A link through another link is not one that the artifact holds as a file.
    let error = pack(&artifact(files.clone()), &target, follow).unwrap_err();
    assert_eq!(error.code, BROKEN_LINK);
    pack(&artifact(files.into_iter().take(2)), &target, follow).unwrap();
    assert_eq!(
        read(&target).keys().collect::<Vec<_>>(),
        ["m/a/i.js", "m/b/i.js"]
    );
    let circle = [("a".to_string(), link("b")), ("b".to_string(), link("a"))];
    assert_eq!(
        pack(&artifact(circle), &target, follow).unwrap_err().code,
        BROKEN_LINK
    );
    let out = [("a".to_string(), link("../b"))];
    assert_eq!(
        pack(&artifact(out), &target, follow).unwrap_err().code,
        BROKEN_LINK
    );
}

#[test]
fn more_entries_than_the_old_format_counts() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("f.zip");
    let content: Arc<[u8]> = Arc::from(&b"x"[..]);
    let files = (0..66_000).map(|n| (format!("f{n}"), entry(Content::Bytes(content.clone()))));
    assert_eq!(
        pack(&artifact(files), &target, OPTIONS).unwrap().files,
        66_000
    );
    let zip = zip::ZipArchive::new(File::open(&target).unwrap()).unwrap();
    assert_eq!(zip.len(), 66_000);
}

#[test]
fn a_measured_size_is_that_of_a_plain_zip() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.txt");
    std::fs::write(&path, "hello ".repeat(20)).unwrap();
    let mut cache = SizeCache::default();
    let gone = dir.path().join("gone");
    cache.measure([path.as_path(), gone.as_path()]);
    let compressed = cache.compressed(&path);
    assert!(compressed > 0 && compressed < 120);
    assert_eq!(
        cache.zip_bytes([("a.txt", path.as_path())]),
        76 + 10 + compressed + 22
    );
    assert!(cache.unreadable.contains(&gone));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn what_goes_in_comes_out(files in proptest::collection::btree_map("[a-z]{1,8}(/[a-z]{1,8})?\\.js", proptest::collection::vec(any::<u8>(), 0..2000), 0..12)) {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("f.zip");
        pack(&artifact(files.iter().map(|(n, b)| (n.clone(), bytes(b)))), &target, OPTIONS).unwrap();
        let found = read(&target);
        prop_assert_eq!(found.len(), files.len());
        for (name, text) in &files {
            prop_assert_eq!(&found[name].0, text);
        }
    }
}
