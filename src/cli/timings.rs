//! What each stage of a run took: the table of `--timings`, and the log of `COLDCUT_LOG`.
//!
//! In: the spans that the stages open, each with its name and, as fields, what it worked through
//! (files, modules, bytes, functions). Out: on standard error, a table with a line for each stage,
//! or the spans and events as they happen. Where neither is asked for, no subscriber is installed,
//! and a span costs one comparison.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Holds levels, of everything or of crates: `debug`, or `coldcut_js=debug,info`. It is the form of
/// `tracing-subscriber`'s filters without those of fields, which would need a regular expression.
const LOG_VARIABLE: &str = "COLDCUT_LOG";
/// Begins the names of the crates whose spans are stages.
const OWN_CRATES: &str = "coldcut";

/// The stages of a run, added up while it goes on.
#[derive(Debug, Clone, Default)]
pub struct Timings(Arc<Mutex<Vec<Stage>>>);

/// One stage: all spans of one name below the same stages.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stage {
    /// Names from the outermost stage to this one.
    path: Vec<&'static str>,
    /// From the start of each span to its end, added up.
    wall: Duration,
    counts: Counts,
}

/// Names of what was worked through, in the order in which they were first said, and how many.
type Counts = Vec<(&'static str, u64)>;

/// Installs what prints: the collector of a table where `table` says so, and the log where
/// `COLDCUT_LOG` is set. Gives the table, which is empty until the run ends.
pub fn install(table: bool) -> Option<Timings> {
    let timings = table.then(Timings::default);
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    if let Some(timings) = &timings {
        let own = Targets::new().with_target(OWN_CRATES, LevelFilter::INFO);
        layers.push(Collector(timings.clone()).with_filter(own).boxed());
    }
    if let Some(filter) = log_filter() {
        let log = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(std::io::stderr)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE);
        layers.push(log.with_filter(filter).boxed());
    }
    if !layers.is_empty() {
        // A second one in the same process is refused: the first goes on.
        let _ =
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layers));
    }
    timings
}

/// What `COLDCUT_LOG` asks for; `None` where it is not set. What cannot be read as a filter is said
/// and logs nothing.
fn log_filter() -> Option<Targets> {
    let text = std::env::var(LOG_VARIABLE).ok()?;
    if text.is_empty() {
        return None;
    }
    match text.parse() {
        Ok(filter) => Some(filter),
        Err(error) => {
            eprintln!(
                "`{LOG_VARIABLE}` is not a filter such as `debug` or `coldcut_js=debug`: {error}"
            );
            None
        }
    }
}

impl Timings {
    /// Prints the table on standard error.
    pub fn print(&self) {
        eprint!("{}", table(&self.stages()));
    }

    fn stages(&self) -> MutexGuard<'_, Vec<Stage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a place for a stage, so that stages are in the order in which they begin.
    fn begin(&self, path: &[&'static str]) {
        let mut stages = self.stages();
        if !stages.iter().any(|stage| stage.path == path) {
            stages.push(Stage {
                path: path.to_vec(),
                wall: Duration::ZERO,
                counts: Vec::new(),
            });
        }
    }

    fn end(&self, span: &OpenSpan) {
        let mut stages = self.stages();
        let Some(stage) = stages.iter_mut().find(|stage| stage.path == span.path) else {
            return;
        };
        stage.wall += span.since.elapsed();
        for (name, count) in &span.counts {
            match stage.counts.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += count,
                None => stage.counts.push((name, *count)),
            }
        }
    }
}

/// The text of the table: each stage below the one that it is part of.
fn table(stages: &[Stage]) -> String {
    let mut rows: Vec<(String, String, String)> = Vec::new();
    add_rows(stages, &[], &mut rows);
    let width = |cell: fn(&(String, String, String)) -> usize, header: &str| {
        rows.iter().map(cell).max().unwrap_or(0).max(header.len())
    };
    let (stage, wall) = ("stage", "wall ms");
    let names = width(|row| row.0.len(), stage);
    let times = width(|row| row.1.len(), wall);
    let mut out = format!("{stage:names$}  {wall:>times$}  sum over functions\n");
    for (name, ms, counts) in &rows {
        let line = format!("{name:names$}  {ms:>times$}  {counts}");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// The rows of the stages that are parts of `above`, each followed by its own parts.
fn add_rows(stages: &[Stage], above: &[&'static str], rows: &mut Vec<(String, String, String)>) {
    let parts = stages
        .iter()
        .filter(|stage| matches!(stage.path.split_last(), Some((_, rest)) if rest == above));
    for stage in parts {
        let indent = "  ".repeat(above.len());
        let counts: Vec<String> = stage
            .counts
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        rows.push((
            format!("{indent}{}", stage.path.last().unwrap_or(&"")),
            format!("{:.1}", stage.wall.as_secs_f64() * 1000.0),
            counts.join(", "),
        ));
        add_rows(stages, &stage.path, rows);
    }
}

/// Adds up spans by the names of the spans around them.
struct Collector(Timings);

/// What is known of a span until it ends.
struct OpenSpan {
    path: Vec<&'static str>,
    since: Instant,
    counts: Counts,
}

impl<S> Layer<S> for Collector
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let path: Vec<&'static str> = span.scope().from_root().map(|one| one.name()).collect();
        self.0.begin(&path);
        let mut counts = Counts::new();
        attributes.record(&mut CountReader(&mut counts));
        span.extensions_mut().insert(OpenSpan {
            path,
            since: Instant::now(),
            counts,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<OpenSpan>()
        {
            values.record(&mut CountReader(&mut open.counts));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(open) = span.extensions().get::<OpenSpan>()
        {
            self.0.end(open);
        }
    }
}

/// Takes the fields of a span that are numbers: other fields are for the log.
struct CountReader<'a>(&'a mut Counts);

impl Visit for CountReader<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), value));
    }

    /// Literals are of this kind.
    fn record_i64(&mut self, field: &Field, value: i64) {
        if let Ok(value) = u64::try_from(value) {
            self.0.push((field.name(), value));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_add_up_by_the_spans_around_them() {
        let timings = Timings::default();
        let subscriber = tracing_subscriber::registry().with(Collector(timings.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let _pack = tracing::info_span!("pack", functions = 2).entered();
            for files in [3_u64, 4] {
                let span = tracing::info_span!("walk", files = tracing::field::Empty, name = "f");
                let _walk = span.enter();
                span.record("files", files);
            }
            tracing::info_span!("report").in_scope(|| ());
        });
        let stages: Vec<(String, Counts)> = timings
            .stages()
            .iter()
            .map(|stage| (stage.path.join(" "), stage.counts.clone()))
            .collect();
        assert_eq!(
            stages,
            [
                ("pack".to_string(), vec![("functions", 2)]),
                ("pack walk".to_string(), vec![("files", 7)]),
                ("pack report".to_string(), vec![]),
            ]
        );
    }

    #[test]
    fn the_table_is_aligned_and_indented() {
        let stage = |path: &[&'static str], ms: u64, counts: &[(&'static str, u64)]| Stage {
            path: path.to_vec(),
            wall: Duration::from_millis(ms),
            counts: counts.to_vec(),
        };
        let stages = [
            stage(&["pack"], 1234, &[("functions", 2)]),
            stage(&["pack", "report"], 5, &[]),
            stage(&["pack", "walk"], 10, &[("files", 7), ("bytes", 90)]),
        ];
        assert_eq!(
            table(&stages),
            "stage     wall ms  sum over functions\n\
             pack       1234.0  functions 2\n\
             \x20 report      5.0\n\
             \x20 walk       10.0  files 7, bytes 90\n"
        );
    }
}
