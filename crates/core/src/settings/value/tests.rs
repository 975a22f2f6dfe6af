use super::*;

fn text(path: &str, text: &str) -> Arc<TextFile> {
    Arc::new(TextFile {
        path: path.into(),
        text: text.into(),
    })
}

#[test]
fn every_format_knows_its_places() {
    let json = json(&text("a.json", "{\n\t\"a\": {\"ä\\n\": [1.10, \"x\"]}\n}")).unwrap();
    let list = json.path(&["a", "ä\n"]).unwrap();
    assert_eq!(list.as_list().unwrap()[0].scalar().unwrap(), "1.10");
    let at = list.as_list().unwrap()[1].at.location();
    assert_eq!((at.line, at.column), (Some(2), Some(22)));

    let yaml = yaml(&text("a.yml", "# ä\na:\n  é: [1.10, x]\n")).unwrap();
    let list = yaml.path(&["a", "é"]).unwrap();
    assert_eq!(list.as_list().unwrap()[0].scalar().unwrap(), "1.10");
    let at = list.as_list().unwrap()[1].at.location();
    assert_eq!((at.line, at.column), (Some(3), Some(13)));
    assert_eq!(list.as_list().unwrap()[1].at.text(), "x");

    let toml = toml(&text("a.toml", "z = 1\n[a]\nb = \"x\"\n")).unwrap();
    let at = toml.path(&["a", "b"]).unwrap().at.location();
    assert_eq!((at.line, at.column), (Some(3), Some(5)));
    let keys: Vec<_> = toml.as_map().unwrap().keys().collect();
    assert_eq!(keys, ["z", "a"], "in the order of the file");
}

#[test]
fn broken_files_say_where() {
    let error = json(&text("a.json", "{\n \"a\": ,\n}")).unwrap_err();
    assert_eq!(error.code, BROKEN);
    let at = error.at.unwrap();
    assert_eq!((at.line, at.column), (Some(2), Some(7)));
    let error = yaml(&text("a.yml", "a: b\n c: [d\n")).unwrap_err();
    assert_eq!(error.code, BROKEN);
    assert_eq!(error.at.unwrap().line, Some(2));
    let error = toml(&text("a.toml", "a = 1\nb = \n")).unwrap_err();
    assert_eq!(error.code, BROKEN);
    assert_eq!(error.at.unwrap().line, Some(2));
}

#[test]
fn yaml_anchors_merge_keys_and_tags() {
    let yaml = yaml(&text(
        "a.yml",
        "base: &b {x: 1, y: 2}\nmore: &m {z: 3}\nc:\n  <<: [*b, *m]\n  y: 9\nd: !Sub 'x${Y}'\nn: &n 7\no: *n\n",
    ))
    .unwrap();
    let c = yaml.get("c").unwrap();
    assert_eq!(c.get("x").unwrap().scalar().unwrap(), "1");
    assert_eq!(c.get("y").unwrap().scalar().unwrap(), "9");
    assert_eq!(c.get("z").unwrap().scalar().unwrap(), "3");
    assert_eq!(yaml.get("o").unwrap().scalar().unwrap(), "7");
    let Data::Tagged(tag, inner) = &yaml.get("d").unwrap().data else {
        panic!("no tag");
    };
    assert_eq!((tag.as_str(), inner.as_str()), ("Sub", Some("x${Y}")));
}

#[test]
fn hostile_yaml_is_refused() {
    for bad in [
        "- ".repeat(100_000),
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
    ] {
        assert_eq!(yaml(&text("a.yml", &bad)).unwrap_err().code, BROKEN);
    }
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let before = format!("*a{},", i - 1).repeat(10);
        bomb += &format!("a{i}: &a{i} [{before}]\n");
    }
    assert_eq!(yaml(&text("a.yml", &bomb)).unwrap_err().code, BROKEN);
    assert!(yaml(&text("a.yml", "")).unwrap().is_null());
    assert!(yaml(&text("a.yml", "\u{0}\u{7f}")).is_err());
}

#[test]
fn unreadable_files_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(read(&dir.path().join("none")).unwrap(), None);
    assert_eq!(read(dir.path()).unwrap_err().code, UNREADABLE);
    let bad = dir.path().join("bad.yml");
    std::fs::write(&bad, b"a: b\nc: \xff\n").unwrap();
    let error = read(&bad).unwrap_err();
    assert_eq!(error.code, NOT_UTF8);
    assert_eq!(error.at.unwrap().line, Some(2));
    std::fs::write(&bad, b"\xef\xbb\xbfa: b\n").unwrap();
    assert_eq!(&*read(&bad).unwrap().unwrap().text, "a: b\n");
}

#[test]
fn the_nearest_name() {
    assert_eq!(nearest("stratgey", ["strategy", "sdk"]), Some("strategy"));
    assert_eq!(nearest("rules_off", ["rules-off"]), Some("rules-off"));
    assert_eq!(nearest("zzz", ["strategy", "sdk"]), None);
}
