//! `coldcut observe`: logs as they come, held to figures that are computed here from every value.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::{Random, coldcut};

/// Between 0 and 1.
fn part(random: &mut Random) -> f64 {
    (random.next() >> 11) as f64 / (1_u64 << 53) as f64
}

fn normal(random: &mut Random) -> f64 {
    let (a, b) = (1.0 - part(random), part(random));
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// What one invocation logs.
struct Call<'a> {
    function: &'a str,
    version: &'a str,
    id: String,
    ms: f64,
    init: Option<f64>,
}

impl Call<'_> {
    fn warm() -> Self {
        Self {
            function: "orders",
            version: "1",
            id: "a".into(),
            ms: 1.0,
            init: None,
        }
    }

    fn line(&self) -> String {
        let Self {
            function,
            version,
            id,
            ms,
            init,
        } = self;
        let billed = (ms + init.unwrap_or(0.0)).ceil();
        let mut line = format!(
            "2026-11-20T10:00:00.000Z\t2026/11/20/{function}[{version}]0123456789abcdef0123456789abcdef\tREPORT RequestId: {id}\tDuration: {ms:.2} ms\tBilled Duration: {billed} ms\tMemory Size: 512 MB\tMax Memory Used: 120 MB\t"
        );
        if let Some(init) = init {
            let _ = write!(line, "Init Duration: {init:.2} ms\t");
        }
        line + "\n"
    }
}

fn observe(args: &[&str]) -> Output {
    coldcut().arg("observe").args(args).output().unwrap()
}

fn document(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    crate::support::document(&output.stdout)
}

fn written(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

fn error(output: &Output, status: i32, code: &str) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(said.contains(code) && !said.contains("panicked"), "{said}");
    assert!(output.stdout.is_empty());
    said
}

#[test]
fn percentiles_are_those_of_all_values_within_a_percent() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random::new(1);
    let mut text = String::new();
    let mut exact: Vec<(&str, Vec<f64>, Vec<f64>)> =
        vec![("orders", vec![], vec![]), ("users", vec![], vec![])];
    for at in 0..60_000 {
        let (function, inits, warm) = &mut exact[at % 2];
        let ms = ((normal(&mut random) * 1.2 + 3.0).exp() * 100.0).round() / 100.0;
        let init = (random.below(50) == 0)
            .then(|| ((150.0 + (normal(&mut random) + 4.0).exp()) * 100.0).round() / 100.0);
        match init {
            Some(init) => inits.push(init),
            None => warm.push(ms),
        }
        let call = Call {
            function,
            version: "7",
            id: format!("{at}"),
            ms,
            init,
        };
        text.push_str(&call.line());
    }
    let log = written(dir.path(), "log.txt", &text);
    let found = document(&observe(&[&log, "--json"]));
    assert_eq!(found["schema"], "coldcut.observation/1");
    assert_eq!(found["lines"]["reports"], 60_000);
    for (name, mut inits, mut warm) in exact {
        let functions = found["functions"].as_array().unwrap();
        let function = functions.iter().find(|one| one["name"] == name).unwrap();
        assert_eq!(function["cold_starts"], inits.len());
        assert_eq!(function["versions"][0]["version"], "7");
        for (list, times) in [(&mut inits, "init_ms"), (&mut warm, "warm_ms")] {
            list.sort_by(f64::total_cmp);
            for (key, part) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
                let wanted = list[(part * list.len() as f64).ceil() as usize - 1];
                let found = function[times][key].as_f64().unwrap();
                assert!(
                    (found / wanted - 1.0).abs() < 0.01,
                    "{key}: {wanted} {found}"
                );
            }
        }
    }
    // The same through standard input, compressed, and in a folder.
    let mut packed = Command::new("gzip").arg("-k").arg(&log).spawn().unwrap();
    assert!(packed.wait().unwrap().success());
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    std::fs::rename(
        dir.path().join("log.txt.gz"),
        dir.path().join("folder/000000.gz"),
    )
    .unwrap();
    let folder = document(&observe(&[
        dir.path().join("folder").to_str().unwrap(),
        "--json",
    ]));
    assert_eq!(folder["functions"], found["functions"]);
    let mut child = coldcut()
        .args(["observe", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let piped = document(&child.wait_with_output().unwrap());
    assert_eq!(piped["functions"], found["functions"]);
}

#[test]
fn targets_that_are_missed_point_at_something_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for at in 0..200 {
        let call = Call {
            function: "slow",
            version: "$LATEST",
            id: at.to_string(),
            ms: 200.0 + f64::from(at),
            init: (at % 10 == 0).then_some(900.0),
        };
        let line = call.line().replace("Used: 120", "Used: 500");
        text.push_str(&line);
        if at % 50 == 0 {
            text.push_str(line.replace("Duration: ", "Duration: 9").trim_end());
            text.push_str("\tStatus: timeout\n");
        }
    }
    let log = written(dir.path(), "log", &text);
    let found = document(&observe(&[&log, "--json"]));
    let function = &found["functions"][0];
    let missed: Vec<&str> = function["targets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|target| target["met"] == false)
        .map(|target| target["name"].as_str().unwrap())
        .collect();
    assert_eq!(missed, ["cold_start_p99", "warm_p50", "errors", "memory"]);
    assert_eq!(function["timeouts"], 4);
    let shown = observe(&[&log]);
    let text = String::from_utf8(shown.stdout).unwrap();
    for part in [
        "MISSED",
        "points at time-outs",
        "memory: 98 %",
        "coldcut measure",
        "--power-tuning",
    ] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(part), "`{part}` is missing in\n{text}");
    }
    // A compiled runtime may take longer to start.
    let found = document(&observe(&[&log, "--json", "--runtime", "provided.al2023"]));
    assert_eq!(found["functions"][0]["family"], "compiled");
    assert_eq!(found["functions"][0]["targets"][0]["met"], true);
}

#[test]
fn a_deploy_is_compared_by_time_and_by_version() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random::new(3);
    let mut text = String::new();
    for at in 0..400 {
        let after = at >= 200;
        let shift = if after { 40.0 } else { 0.0 };
        let call = Call {
            function: "orders",
            version: if after { "10" } else { "9" },
            id: at.to_string(),
            ms: 10.0,
            init: Some(300.0 - shift + 10.0 * normal(&mut random)),
        };
        let line = call.line();
        text.push_str(&if after {
            line.replacen("-20T10", "-21T10", 1)
        } else {
            line
        });
    }
    let log = written(dir.path(), "log", &text);
    for args in [&["--since", "2026-11-21"][..], &[]] {
        let found = document(&observe(&[&[log.as_str(), "--json"], args].concat()));
        let change = &found["functions"][0]["change"];
        assert_eq!(change["enough"], true, "{change:#}");
        let number = |key: &str| change["init_ms"][key].as_f64().unwrap();
        assert!((number("value") + 40.0).abs() < 4.0, "{change:#}");
        assert!(
            number("low") < -40.0 + 1.0 && number("high") > -40.0 - 1.0 && number("high") < -30.0
        );
    }
    let few: String = text
        .lines()
        .filter(|line| line.contains("00 ms"))
        .take(5)
        .map(|line| format!("{line}\n"))
        .collect();
    let few = if few.is_empty() {
        text.lines().take(3).map(|l| format!("{l}\n")).collect()
    } else {
        few
    };
    let log = written(dir.path(), "few", &few);
    let found = document(&observe(&[&log, "--json", "--since", "2026-11-20"]));
    assert_eq!(found["functions"][0]["change"]["enough"], false);
    let said = error(&observe(&[&log, "--since", "soon"]), 2, "CC208");
    assert!(said.contains("2026-11-20T10:00:00Z"), "{said}");
}

#[test]
fn a_fit_recovers_what_a_noisy_log_was_made_of() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random::new(5);
    let (per_mb, base, slope, floor) = (32.0, 140.0, 7.0, 120.0);
    let mut log = String::new();
    let mut wall = String::from("request_id,wall_ms\n");
    let mut sizes = String::from("function,version,zip_bytes,loaded_bytes,loaded_files\n");
    for (version, loaded, zip) in [
        ("1", 0.5, 6.0),
        ("2", 1.5, 12.0),
        ("3", 3.0, 25.0),
        ("4", 5.0, 40.0),
        ("5", 8.0, 60.0),
    ] {
        let _ = writeln!(sizes, "orders,{version},{},{},", zip * 1e6, loaded * 1e6);
        for at in 0..600 {
            let cold = at % 3 == 0;
            let ms = (2.0 + 0.3 * normal(&mut random)).exp();
            // A tenth of spread, and now and then a start that takes far longer.
            let far = if random.below(20) == 0 { 2.5 } else { 1.0 };
            let init = (base + per_mb * loaded) * (1.0 + 0.1 * normal(&mut random)) * far;
            let id = format!("{version}-{at}");
            let trip = 25.0 + 2.0 * normal(&mut random);
            let fetch = (floor + slope * (zip - 5.0)) * (1.0 + 0.1 * normal(&mut random));
            let waited = if cold {
                ms + init + fetch + trip
            } else {
                ms + trip
            };
            let _ = writeln!(wall, "{id},{waited:.2}");
            let call = Call {
                function: "orders",
                version,
                id,
                ms,
                init: cold.then_some(init),
            };
            log.push_str(&call.line());
        }
    }
    let log = written(dir.path(), "log", &log);
    let wall = written(dir.path(), "wall.csv", &wall);
    let sizes = written(dir.path(), "sizes.csv", &sizes);
    let settings = written(dir.path(), "coldcut.toml", "strategy = \"trace\"\n");
    let args = [
        &log, "--json", "--fit", "--sizes", &sizes, "--wall", &wall, "--write", &settings,
    ];
    let fit = document(&observe(&args))["fit"].clone();
    let near = |pointer: &str, wanted: f64| {
        let found = fit.pointer(pointer).and_then(Value::as_f64).unwrap();
        assert!(
            (found / wanted - 1.0).abs() < 0.05,
            "{pointer}: {found} for {wanted}\n{fit:#}"
        );
    };
    near("/load/ms_per_mb/value", per_mb);
    near("/load/base_ms", base);
    near("/transfer/ms_per_mb/value", slope);
    near("/transfer/base_ms", floor);
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(
        text.starts_with("strategy = \"trace\"\n\n[calibration]\n"),
        "{text}"
    );
    assert!(
        text.contains("cold-starts = 1000\n") && text.contains("until = \"2026-11-20\""),
        "{text}"
    );

    // Without anything to fit, and with files that are none.
    let bare = written(
        dir.path(),
        "bare.csv",
        "function,version,loaded_bytes\nother,1,5\n",
    );
    error(&observe(&[&log, "--fit", "--sizes", &bare]), 1, "CC207");
    error(
        &observe(&[&log, "--fit", "--sizes", "none.csv"]),
        2,
        "CC205",
    );
    error(
        &observe(&[&log, "--fit", "--sizes", &sizes, "--wall", &bare]),
        2,
        "CC206",
    );
    let broken = written(dir.path(), "broken.toml", "not toml");
    let args = [&log, "--fit", "--sizes", &sizes, "--write", &broken];
    let output = observe(&args);
    error(&output, 1, "CC209");
    assert_eq!(std::fs::read_to_string(&broken).unwrap(), "not toml");
}

#[test]
fn a_fit_is_of_one_kind_of_code_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = String::new();
    let mut sizes = String::from("function,version,loaded_bytes\n");
    // 30 ms per MB from 140 on, and a binary that takes 20 ms whatever it weighs.
    for (function, runtime, starts) in [
        ("api", "nodejs:22.v5", 60),
        ("tool", "provided:al2023.v1", 20),
    ] {
        for version in 1..=4_u32 {
            let mb = f64::from(version);
            let _ = writeln!(sizes, "{function},{version},{}", mb * 1e6);
            let version = version.to_string();
            for at in 0..starts {
                let ms = if function == "api" {
                    140.0 + 30.0 * mb
                } else {
                    20.0
                };
                let call = Call {
                    function,
                    version: &version,
                    id: format!("{function}-{version}-{at}"),
                    ms: 1.0,
                    init: Some(ms + f64::from(at % 3)),
                };
                let line = call.line();
                let before = line.split("REPORT").next().unwrap();
                let _ = writeln!(log, "{before}INIT_START Runtime Version: {runtime}");
                log.push_str(&line);
            }
        }
    }
    let log = written(dir.path(), "log", &log);
    let sizes = written(dir.path(), "sizes.csv", &sizes);
    let fit = |more: &[&str]| {
        let args = [&[log.as_str(), "--json", "--fit", "--sizes", &sizes], more].concat();
        document(&observe(&args))["fit"].clone()
    };
    let found = fit(&[]);
    let slope = found["load"]["ms_per_mb"]["value"].as_f64().unwrap();
    assert!((slope - 30.0).abs() < 0.5, "{found:#}");
    assert_eq!(found["load"]["cold_starts"], 240);
    assert!(
        found["toml"]
            .as_str()
            .unwrap()
            .contains("kind = \"javascript\"")
    );
    let notes = found["notes"].to_string();
    assert!(
        notes.contains("80 cold starts of another kind of code than javascript are not used"),
        "{notes}"
    );
    // Told that all of it is compiled, all of it is fitted.
    let found = fit(&["--runtime", "provided.al2023"]);
    assert_eq!(found["load"]["cold_starts"], 320);
    assert!(
        found["toml"]
            .as_str()
            .unwrap()
            .contains("kind = \"compiled\"")
    );
}

#[test]
fn what_does_not_count_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let call = Call::warm();
    let mut text = call.line();
    text.push_str("hello\n{\"half\": \nREPORT RequestId: x\tDuration: 1.00 m");
    let log = written(dir.path(), "log", &text);
    let output = observe(&[&log, "--json"]);
    let lines = document(&output)["lines"].clone();
    assert_eq!(
        (&lines["total"], &lines["broken"], &lines["foreign"]),
        (&4.into(), &1.into(), &2.into())
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("CC202") && said.contains("line 4"), "{said}");

    let empty = written(dir.path(), "empty", "\n\n");
    assert!(error(&observe(&[&empty]), 1, "CC201").contains("is empty"));
    let foreign = written(dir.path(), "foreign", "GET / 200\n");
    let said = error(&observe(&[&foreign]), 1, "CC201");
    assert!(
        said.contains("none of the 1 lines") && said.contains("--queries"),
        "{said}"
    );
    error(&observe(&["no-such-log"]), 1, "CC200");
    assert_eq!(observe(&[]).status.code(), Some(2));
    let queries = observe(&["--queries"]);
    assert!(
        String::from_utf8(queries.stdout)
            .unwrap()
            .contains("@initDuration")
    );
}

#[test]
fn initialisation_has_a_price_and_memory_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let text: String = (0..100)
        .map(|at| {
            let call = Call {
                function: "orders",
                version: "1",
                id: at.to_string(),
                ms: 80.0,
                init: (at < 10).then_some(300.0),
            };
            call.line()
        })
        .collect();
    let log = written(dir.path(), "log", &text);
    let args = [&log, "--json", "--cold-starts-per-month", "1000000"];
    let cost = document(&observe(&args))["functions"][0]["cost"].clone();
    // 0.3 s of half a GB, a million times.
    let usd = cost["init_usd_per_month"].as_f64().unwrap();
    assert!(
        (usd - 0.3 * 0.5 * 0.0000166667 * 1e6).abs() < 0.01,
        "{cost:#}"
    );
    assert_eq!(cost["memory_mb"], 512);
    let rows = cost["memory"].as_array().unwrap();
    let sizes: Vec<u64> = rows
        .iter()
        .map(|row| row["memory_mb"].as_u64().unwrap())
        .collect();
    assert_eq!((sizes[0], sizes[sizes.len() - 1]), (128, 10_240));
    let row = |mb: u64| rows.iter().find(|row| row["memory_mb"] == mb).unwrap();
    let ms = |mb: u64, key: &str| row(mb)[key].as_f64().unwrap();
    assert!((ms(1024, "computing_ms") - 40.0).abs() < 0.5, "{cost:#}");
    assert!((ms(1024, "waiting_ms") - 80.0).abs() < 0.5);
    // Beyond one processor nothing gets faster.
    assert_eq!(ms(1769, "computing_ms"), ms(10_240, "computing_ms"));
    let shown = observe(&[
        &log,
        "--cold-starts-per-month",
        "1000000",
        "--arch",
        "arm64",
    ]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains(
            "at 1,000,000 cold starts with 512 MB (us-east-1, arm64, $0.0000133334 per GB-second)"
        ),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    // Without a number of starts there is nothing to multiply with, and nothing is shown.
    let shown = String::from_utf8(observe(&[&log]).stdout).unwrap();
    assert!(!shown.contains("money"), "{shown}");

    let said = error(&observe(&[&log, "--region", "eu-soth-1"]), 2, "CC210");
    assert!(said.contains("did you mean `eu-south-1`?"), "{said}");
}

#[test]
fn power_tuning_says_which_memory_is_cheapest_and_which_fastest() {
    let dir = tempfile::tempdir().unwrap();
    let call = Call::warm();
    let log = written(dir.path(), "log", &call.line());
    let tuned = written(
        dir.path(),
        "tuned.json",
        r#"{"power":"512","cost":1e-6,"duration":120.5,"stateMachine":{"visualization":"https://lambda-power-tuning.show/#x"},"stats":[{"averagePrice":2.1e-6,"averageDuration":900.5,"totalCost":1,"value":128},{"averagePrice":1.0e-6,"averageDuration":120.5,"value":512},{"averagePrice":1.9e-6,"averageDuration":110.0,"value":1024}]}"#,
    );
    let found = document(&observe(&[&log, "--json", "--power-tuning", &tuned]));
    let power = &found["power_tuning"];
    assert_eq!(
        (&power["cheapest_mb"], &power["fastest_mb"]),
        (&512.into(), &1024.into())
    );
    let shown = observe(&[&log, "--power-tuning", &tuned]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "512 MB (120 ms, $1.00 per million) is cheapest",
        "1,024 MB (110 ms, $1.90 per million) is fastest",
    ] {
        assert!(flat.contains(part), "`{part}` is missing in\n{text}");
    }
    for wrong in [
        "",
        "[]",
        "{}",
        "{\"stats\":[{\"value\":\"much\"}]}",
        "{\"stats\":[{\"averagePrice\":1,\"averageDuration\":0,\"value\":256}]}",
        "{\"stateMachine\":{\"visualization\":\"https://x/#a;b;c\"}}",
        "\u{0}\u{1b}[2J",
    ] {
        let file = written(dir.path(), "wrong.json", wrong);
        let said = error(&observe(&[&log, "--power-tuning", &file]), 2, "CC211");
        assert!(
            said.contains("Power Tuning") && !said.contains('\u{1b}'),
            "{wrong}: {said}"
        );
    }
    error(&observe(&[&log, "--power-tuning", "none.json"]), 2, "CC211");
}

#[test]
fn files_that_are_cut_off_packed_badly_or_no_text_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let call = Call::warm();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_string()
    };
    let packed = |text: &str| {
        let plain = write("plain", text.as_bytes());
        let output = Command::new("gzip").args(["-c", &plain]).output().unwrap();
        assert!(output.status.success());
        output.stdout
    };
    let whole = packed(&call.line().repeat(20_000));
    let half = write("half.gz", &whole[..whole.len() / 2]);
    let output = observe(&[&half, "--json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let reports = document(&output)["lines"]["reports"].as_u64().unwrap();
    assert!((1..20_000).contains(&reports), "{reports}");
    assert!(
        said.contains("CC203") && said.contains("ends in the middle"),
        "{said}"
    );
    // Cut off before anything could be unpacked.
    error(&observe(&[&write("head.gz", &whole[..12])]), 1, "CC20");
    error(&observe(&[&write("none.gz", &packed(""))]), 1, "CC201");
    error(&observe(&[&write("empty", b"")]), 1, "CC201");
    let mut random = Random::new(4);
    let binary: Vec<u8> = (0..300_000).map(|_| random.next() as u8).collect();
    let said = error(&observe(&[&write("binary", &binary)]), 1, "CC201");
    assert!(said.contains("reports an invocation"), "{said}");
    let mut fake = vec![0x1f, 0x8b];
    fake.extend(&binary[..5_000]);
    error(&observe(&[&write("fake.gz", &fake)]), 1, "CC200");
    error(
        &observe(&[dir.path().join("no-such").to_str().unwrap()]),
        1,
        "CC200",
    );
    let empty = dir.path().join("folder");
    std::fs::create_dir(&empty).unwrap();
    error(&observe(&[empty.to_str().unwrap()]), 1, "CC201");
}

#[test]
fn names_that_steer_a_terminal_are_shown_without_harm() {
    let dir = tempfile::tempdir().unwrap();
    let name = "or\\u001b[31mders\\u0007";
    let text = format!(
        "{{\"time\":\"2026-11-20T10:00:00Z\",\"type\":\"platform.initStart\",\"record\":{{\"functionName\":\"{name}\",\"functionVersion\":\"1\\u001b[2J\"}}}}\n{{\"time\":\"2026-11-20T10:00:01Z\",\"type\":\"platform.report\",\"record\":{{\"requestId\":\"a\",\"metrics\":{{\"durationMs\":1,\"billedDurationMs\":2,\"memorySizeMB\":128,\"maxMemoryUsedMB\":64,\"initDurationMs\":3}}}}}}\nREPORT RequestId: \u{1b}[31mx\tDuration: \u{7}\n"
    );
    let log = written(dir.path(), "log", &text);
    let output = observe(&[&log]);
    assert!(output.status.success());
    for stream in [&output.stdout, &output.stderr] {
        let shown = String::from_utf8_lossy(stream);
        assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown}");
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("CC202"), "{said}");
    // The document has the name as it is.
    let found = document(&observe(&[&log, "--json"]));
    assert_eq!(found["functions"][0]["name"], "or\u{1b}[31mders\u{7}");
    let given = observe(&[&log, "--name", "\u{1b}[31mx"]);
    assert!(!String::from_utf8_lossy(&given.stdout).contains('\u{1b}'));
    let said = error(&observe(&["no\u{1b}[31mlog"]), 1, "CC200");
    assert!(!said.contains('\u{1b}'));
}

#[test]
fn bytes_of_any_kind_end_in_a_result_or_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random::new(9);
    let seeds = [
        "2026-11-20T10:00:00Z\tREPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 1 MB\tMax Memory Used: 1 MB\n",
        "@timestamp,@message\n2026-11-20 10:00:00.000,\"REPORT RequestId: a\tDuration: 1.00 ms\"\n",
        "[{\"@message\":\"REPORT RequestId: a\",\"@duration\":\"1\"}]",
        "{\"type\":\"platform.report\",\"record\":{\"requestId\":\"a\",\"metrics\":{\"durationMs\":1}}}\n",
    ];
    for at in 0..48 {
        let mut bytes = seeds[at % seeds.len()].repeat(3).into_bytes();
        for _ in 0..1 + random.below(8) {
            let place = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[place] = random.next() as u8,
                1 => bytes.truncate(place.max(1)),
                _ => bytes.insert(place, b"\"{}[]\n,\\"[random.below(8)]),
            }
        }
        let log = dir.path().join("log");
        std::fs::write(&log, &bytes).unwrap();
        let output = observe(&[log.to_str().unwrap(), "--json"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{bytes:?}: {said}"
        );
        assert!(!said.contains("panicked"), "{said}");
    }
}
