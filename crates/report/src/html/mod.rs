//! The report as one page that needs nothing else: no network, no other file.
//!
//! In: a [`Report`]. Out: HTML. What is read top to bottom is written here, by the template in
//! `html/page.html`; what moves (the map of sizes, search, sorting) is drawn by `html/page.js` from
//! the same report, which the page carries as JSON. A page has to stay quick with 20,000 files: lists
//! are cut here, and the script draws a bounded number of tiles and rows.

mod view;

use askama::Template;

use crate::NO_JSON;
use crate::model::Report;
use coldcut_core::diagnostics::{Diagnostic, Result};

const CSS: &str = include_str!("page.css");
const JS: &str = include_str!("page.js");

/// The page, ending in a line break.
pub fn render(report: &Report) -> Result<String> {
    let failed = |error: String| {
        let message = format!("cannot write the HTML report: {error}");
        let error = Diagnostic::error(NO_JSON, message);
        Box::new(error.help("this is a bug in coldcut: please report it"))
    };
    let json = serde_json::to_string(report).map_err(|error| failed(error.to_string()))?;
    let data = inert(&json);
    let page = view::Page::new(report, CSS, JS, &data);
    let mut out = String::with_capacity(data.len() + CSS.len() + JS.len() + (64 << 10));
    page.render_into(&mut out)
        .map_err(|error| failed(error.to_string()))?;
    if !out.ends_with('\n') {
        out.push('\n');
    }
    Ok(out)
}

/// JSON that no name in it can end: `</script>`, `<!--` and their like are escapes in its strings, and
/// `<` stands nowhere else in JSON.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;
    use crate::{count, size};

    #[test]
    fn the_page_needs_nothing_from_outside() {
        let page = render(&sample::report(2)).unwrap();
        for word in [
            "src=",
            "@import",
            "url(",
            "<link",
            "fetch(",
            "XMLHttpRequest",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.ends_with("</html>\n"));
    }

    #[test]
    fn hostile_names_stay_text() {
        let mut report = sample::report(1);
        let name = "<script>alert(1)</script><!--\"'&";
        report.project.name = name.to_string();
        report.functions[0].name = name.to_string();
        report.functions[0].packages[0].name = name.to_string();
        report.functions[0].files[0].path = format!("{name}{}", "x".repeat(4000));
        report.functions[0].verification.detail = name.to_string();
        report.functions[0].advice[0].text = name.to_string();
        let page = render(&report).unwrap();
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<!--"));
        let data = page.split("id=\"data\">").nth(1).unwrap();
        let data = data.split("</script>").next().unwrap();
        assert_eq!(serde_json::from_str::<Report>(data).unwrap(), report);
    }

    #[test]
    fn figures_are_the_reports() {
        let report = sample::report(2);
        let page = render(&report).unwrap();
        let function = &report.functions[0];
        for figure in [
            size(function.baseline.bytes),
            size(function.artifact.bytes),
            size(report.totals.artifact_bytes),
            count(function.steps[0].files_after),
            size(function.duplicates[0].copies[1].bytes),
        ] {
            assert!(page.contains(&figure), "{figure}");
        }
    }

    #[test]
    fn twenty_thousand_files_are_no_burden() {
        let mut report = sample::report(1);
        let function = &mut report.functions[0];
        let file = function.files[1].clone();
        function.files = (0..20_000)
            .map(|at| {
                let mut file = file.clone();
                file.path = format!("node_modules/p{}/lib/deep/file{at}.js", at % 300);
                file
            })
            .collect();
        let started = std::time::Instant::now();
        let page = render(&report).unwrap();
        // Wide of the 150 ms that an optimised build is held to: this one is not, and shares its cores.
        assert!(
            started.elapsed().as_millis() < 3_000,
            "{:?}",
            started.elapsed()
        );
        assert!(page.len() < 10_000_000, "{}", page.len());
    }
}
