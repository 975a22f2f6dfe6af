use std::io::Write;

use crate::event::{Context, Ended, Event, NameTable, Read, ReportFigures};
use crate::line;
use crate::line::PlatformMarkers;
use crate::*;

fn read(text: &str) -> Read {
    line::read(
        text.as_bytes(),
        Context::default(),
        &PlatformMarkers::new(),
        &mut NameTable::default(),
    )
}

fn figures(text: &str) -> ReportFigures {
    match read(text) {
        Read::Event(Event::Report { figures, .. }) => figures,
        other => panic!("{text}: {other:?}"),
    }
}

const REPORT: &str = "REPORT RequestId: 8f507cfc-9b4c-4f0a-8b6b-0d1e2f3a4b5c\tDuration: 12.34 ms\tBilled Duration: 213 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\tInit Duration: 200.50 ms\t";

fn logged(text: &str) -> (Observed, Vec<Diagnostic>) {
    written(text.as_bytes(), ObserveRequest::default())
}

fn written(bytes: &[u8], ask: ObserveRequest) -> (Observed, Vec<Diagnostic>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let logs = vec![file.path().to_path_buf()];
    observe(&ObserveRequest { logs, ..ask }).unwrap()
}

#[test]
fn a_report_by_its_keys() {
    let wanted = ReportFigures {
        duration: 12.34,
        billed: Some(213.0),
        memory: Some(512.0),
        used: Some(90.0),
        init: Some(200.5),
        restore: None,
        ended: Ended::Well,
    };
    for text in [
        REPORT.to_string(),
        REPORT.replace('\t', " "),
        REPORT.replace('\t', "\\t"),
        format!("2026-11-20T10:00:00.000Z\t{REPORT}"),
        format!("{REPORT}XRAY TraceId: 1-5f-3b\tSegmentId: 3b\tSampled: true"),
        // Another order, and a field that nobody knows yet.
        "x REPORT RequestId: a Init Duration: 200.5 ms Max Memory Used: 90 MB New Field: 7 Memory Size: 512 MB Billed Duration: 213 ms Duration: 12.34 ms".into(),
    ] {
        assert_eq!(figures(&text), wanted, "{text}");
    }
    let timeout = figures(&format!("{REPORT}Status: timeout"));
    assert_eq!(timeout.ended, Ended::Timeout);
    let error = figures(&format!(
        "{REPORT}Status: error\tError Type: Runtime.ExitError"
    ));
    assert_eq!(error.ended, Ended::Error);
    let restored = figures(
        "REPORT RequestId: a\tDuration: 1.5 ms\tBilled Duration: 200 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\tRestore Duration: 300.25 ms\tBilled Restore Duration: 198 ms",
    );
    assert_eq!(
        (restored.restore, restored.billed),
        (Some(300.25), Some(200.0))
    );
}

#[test]
fn what_is_not_whole_is_broken_and_what_is_not_lambdas_is_foreign() {
    for text in [
        &REPORT[..40],
        &REPORT[..75],
        &REPORT[..95],
        "REPORT RequestId: a\tDuration: abc ms",
        "REPORT RequestId: a\tDuration: 1 ms\tBilled Duration: 1e99 ms\tMemory Size: 1 MB",
        "REPORT RequestId:",
        "{\"type\":\"platform.report\",\"record\":{}}",
        "{\"type\":\"platform.report\",\"rec",
    ] {
        assert_eq!(read(text), Read::Broken, "{text}");
    }
    for text in [
        "hello",
        "a report of REPORT",
        "RESTART RequestId: x",
        "{\"level\":\"info\",\"said\":\"platform.report\"}",
        "x \"platform.report\" y",
        "\u{0}\u{1}",
    ] {
        assert_eq!(read(text), Read::Foreign, "{text}");
    }
}

#[test]
fn every_prefix_of_every_line_is_read_without_a_panic() {
    let lines = [
        format!("2026-11-20T10:00:00Z 2026/11/20/a[7]0123456789abcdef {REPORT}Status: timeout"),
        "{\"time\":\"2026-11-20T10:00:00Z\",\"type\":\"platform.report\",\"record\":{\"requestId\":\"a\",\"metrics\":{\"durationMs\":1,\"billedDurationMs\":2}}}".into(),
        "INIT_REPORT Init Duration: 10000 ms\tPhase: init\tStatus: timeout".into(),
        "/aws/lambda/é[2026/11/20/[]]START RequestId: é Version: é".into(),
    ];
    for line in lines {
        for end in 0..=line.len() {
            let bytes = &line.as_bytes()[..end];
            line::read(
                bytes,
                Context::default(),
                &PlatformMarkers::new(),
                &mut NameTable::default(),
            );
            let _ = written(bytes, ObserveRequest::default());
        }
    }
}

#[test]
fn names_and_versions_from_groups_streams_and_starts() {
    let line = |before: &str| format!("{before}{REPORT}\n");
    let keys = |text: &str| -> Vec<(Option<String>, Option<String>)> {
        let (observed, _) = logged(text);
        let groups = observed.groups.into_iter();
        groups.map(|(key, _)| (key.function, key.version)).collect()
    };
    let some = |text: &str| Some(text.to_string());
    for (before, function, version) in [
        ("", None, None),
        ("/aws/lambda/my-fn ", some("my-fn"), None),
        (
            "/aws/lambda/my_fn 2026/11/20/[$LATEST]0123456789abcdef0 ",
            some("my_fn"),
            some("$LATEST"),
        ),
        (
            "2026/11/20/orders[7]0123456789abcdef0 2026-11-20T10:00:00 ",
            some("orders"),
            some("7"),
        ),
        ("[not/a/stream[x] ", None, None),
    ] {
        assert_eq!(keys(&line(before)), [(function, version)], "{before}");
    }
    let started = "START RequestId: 8f507cfc-9b4c-4f0a-8b6b-0d1e2f3a4b5c Version: 42\n";
    assert_eq!(
        keys(&format!("{started}{}", line(""))),
        [(None, some("42"))]
    );
    let ask = ObserveRequest {
        name: some("given"),
        ..ObserveRequest::default()
    };
    let (observed, _) = written(line("").as_bytes(), ask);
    assert_eq!(observed.groups[0].0.function, some("given"));
}

#[test]
fn json_lines_and_what_kind_of_start_it_was() {
    let text = r#"{"time":"2026-11-20T10:00:00Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"nodejs:22.v5","functionName":"orders","functionVersion":"7"}}
{"time":"2026-11-20T10:00:01Z","type":"platform.start","record":{"requestId":"a","version":"7"}}
{"time":"2026-11-20T10:00:01Z","type":"platform.report","record":{"requestId":"a","status":"success","metrics":{"durationMs":20.5,"billedDurationMs":300,"memorySizeMB":256,"maxMemoryUsedMB":94,"initDurationMs":270.1}}}
{"time":"2026-11-20T10:00:02Z","type":"platform.report","record":{"requestId":"b","status":"timeout","metrics":{"durationMs":3000,"billedDurationMs":3000,"memorySizeMB":256,"maxMemoryUsedMB":94}}}
{"time":"2026-11-20T11:00:00Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init"}}
{"time":"2026-11-20T11:00:30Z","type":"platform.start","record":{"requestId":"c","version":"7"}}
{"time":"2026-11-20T11:00:31Z","type":"platform.report","record":{"requestId":"c","status":"success","metrics":{"durationMs":20.5,"billedDurationMs":300,"memorySizeMB":256,"maxMemoryUsedMB":94,"initDurationMs":400}}}
{"time":"2026-11-20T12:00:00Z","type":"platform.initStart","record":{"initializationType":"provisioned-concurrency","phase":"init"}}
{"time":"2026-11-20T12:00:01Z","type":"platform.report","record":{"requestId":"d","status":"success","metrics":{"durationMs":20.5,"billedDurationMs":300,"memorySizeMB":256,"maxMemoryUsedMB":94,"initDurationMs":500}}}
{"time":"2026-11-20T12:00:01Z","type":"platform.initReport","record":{"status":"timeout","phase":"init","initializationType":"on-demand","metrics":{"durationMs":10000}}}
"#;
    let (observed, _) = logged(text);
    let first = &observed.groups[0];
    assert_eq!(first.0.function.as_deref(), Some("orders"));
    let mut all = Group::default();
    observed
        .groups
        .iter()
        .for_each(|(_, group)| all.merge(group));
    assert_eq!((all.invocations, all.cold_starts), (4, 3));
    assert_eq!((all.proactive, all.provisioned, all.timeouts), (1, 1, 1));
    assert_eq!((all.init.count(), all.failed_inits), (1, 1));
    assert_eq!(all.family, Some(RuntimeFamily::JavaScript));
    assert!((all.init.quantile(0.5).unwrap() - 270.1).abs() < 0.3);
}

#[test]
fn exports_of_logs_insights_and_of_the_command_line_tell_the_same() {
    let message = REPORT.replace('\t', "\\t");
    let texts = [
        format!("@timestamp,@message,@logStream,@log\n2026-11-20 10:00:00.000,\"{REPORT}\n\",2026/11/20/[7]0123456789abcdef,1234:/aws/lambda/orders\n"),
        "@timestamp,@log,@logStream,@type,@requestId,@duration,@billedDuration,@memorySize,@maxMemoryUsed,@initDuration\n2026-11-20 10:00:00.000,1234:/aws/lambda/orders,2026/11/20/[7]0123456789abcdef,REPORT,a,12.34,213,5.12E8,9.0E7,200.5\n".to_string(),
        format!("[\n {{\"@timestamp\": \"2026-11-20 10:00:00.000\", \"@message\": \"{message}\\n\", \"@logStream\": \"2026/11/20/[7]0123456789abcdef\", \"@log\": \"1:/aws/lambda/orders\"}}\n]\n"),
        format!("{{\n \"results\": [[\n {{\"field\": \"@message\", \"value\": \"{message}\"}},\n {{\"field\": \"@timestamp\", \"value\": \"2026-11-20 10:00:00.000\"}}, {{\"field\": \"@logStream\", \"value\": \"2026/11/20/orders[7]0123456789abcdef\"}}, {{\"field\":\"@ptr\",\"value\":\"x\"}}]],\n \"statistics\": {{\"recordsMatched\": 1.0}}, \"status\": \"Complete\"}}\n"),
        format!("{{\n \"events\": [ {{\"logStreamName\": \"2026/11/20/orders[7]0123456789abcdef\", \"timestamp\": 1795168800000, \"message\": \"{message}\\n\"}} ]}}"),
        format!("{{\"messageType\":\"DATA_MESSAGE\",\"logGroup\":\"/aws/lambda/orders\",\"logStream\":\"2026/11/20/[7]0123456789abcdef\",\"logEvents\":[{{\"id\":\"1\",\"timestamp\":1795168800000,\"message\":\"{message}\"}}]}}\n"),
        "[{\"@timestamp\":\"2026-11-20 10:00:00.000\",\"@log\":\"1:/aws/lambda/orders\",\"record\":{\"requestId\":\"a\",\"version\":\"7\",\"metrics\":{\"durationMs\":12.34,\"billedDurationMs\":213,\"memorySizeMB\":512,\"maxMemoryUsedMB\":90,\"initDurationMs\":200.5}}}]".to_string(),
    ];
    for text in texts {
        for packed in [false, true] {
            let bytes = if packed {
                gzipped(&text)
            } else {
                text.clone().into_bytes()
            };
            let (observed, warnings) = written(&bytes, ObserveRequest::default());
            assert!(warnings.is_empty());
            assert_eq!(observed.counts.broken, 0, "{text}");
            let [(key, group)] = &observed.groups[..] else {
                panic!("{text}: {observed:?}")
            };
            assert_eq!(key.function.as_deref(), Some("orders"), "{text}");
            assert_eq!(key.version.as_deref(), Some("7"), "{text}");
            assert_eq!((group.invocations, group.cold_starts), (1, 1));
            assert_eq!(group.memory_mb.keys().next(), Some(&512), "{text}");
            assert_eq!(group.used_most_mb, 90.0);
            assert!((group.init.quantile(0.5).unwrap() - 200.5).abs() < 0.2);
            assert_eq!(group.init_billed, 1);
            assert!(group.first.is_some(), "{text}");
        }
    }
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    // Two members, as files that were put together have.
    let (a, b) = text.split_at(text.len() / 2);
    for part in [a, b] {
        let mut writer = flate2::write::GzEncoder::new(&mut out, flate2::Compression::fast());
        writer.write_all(part.as_bytes()).unwrap();
        writer.finish().unwrap();
    }
    out
}

#[test]
fn a_compressed_log_that_is_cut_off_is_counted_as_far_as_it_goes() {
    let text: String = (0..20_000).map(|n| format!("{n} {REPORT}\n")).collect();
    let mut bytes = gzipped(&text);
    bytes.truncate(bytes.len() * 3 / 4);
    let (observed, warnings) = written(&bytes, ObserveRequest::default());
    assert_eq!(warnings[0].code, CUT_OFF);
    assert!(
        (10_000..20_000).contains(&observed.counts.reports),
        "{:?}",
        observed.counts
    );
}

#[test]
fn lines_are_all_counted_once_whatever_pieces_they_lie_in() {
    let line = format!("2026-11-20T10:00:00Z {REPORT}\n");
    let mut text = String::new();
    let mut reports = 0;
    while text.len() < 5 << 20 {
        text.push_str(&line);
        text.push_str("an application's line\n\nREPORT RequestId: x\tDuration: 1\n");
        reports += 1;
    }
    let (observed, _) = logged(&text);
    let counts = &observed.counts;
    assert_eq!(
        (counts.reports, counts.foreign, counts.broken),
        (reports, reports, reports)
    );
    assert_eq!(counts.lines, 3 * reports);
    let (_, at, said) = counts.first_broken.clone().unwrap();
    assert_eq!((at, said.as_str()), (3, "REPORT RequestId: x\tDuration: 1"));
}

#[test]
fn a_line_without_end_is_not_held_in_memory() {
    let mut text = vec![b'x'; 40 << 20];
    text.extend_from_slice(format!("\n{REPORT}\n").as_bytes());
    let (observed, _) = written(&text, ObserveRequest::default());
    assert_eq!((observed.counts.reports, observed.counts.broken), (1, 1));
}

#[test]
fn sides_of_a_moment() {
    let line = |time: &str, ms: u32| {
        format!(
            "{time} REPORT RequestId: {ms}\tDuration: 1 ms\tBilled Duration: 1 ms\tMemory Size: 1 MB\tMax Memory Used: 1 MB\tInit Duration: {ms} ms\n"
        )
    };
    let text =
        line("2026-11-20T10:00:00Z", 100) + &line("2026-11-20T12:00:00Z", 200) + &line("", 300);
    let ask = ObserveRequest {
        since: parse_time("2026-11-20T11:00:00Z"),
        ..ObserveRequest::default()
    };
    let (observed, _) = written(text.as_bytes(), ask);
    let sides: Vec<Side> = observed.groups.iter().map(|(key, _)| key.side).collect();
    assert_eq!(sides, [Side::Before, Side::After, Side::Unknown]);
    assert_eq!(observed.counts.timeless, 1);
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let ask = ObserveRequest {
        logs: vec!["no/such/log".into()],
        ..ObserveRequest::default()
    };
    assert_eq!(observe(&ask).unwrap_err().code, NOT_READ);
}
