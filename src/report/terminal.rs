//! tmp
use super::model::Report;
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub color: bool,
    pub unicode: bool,
    pub width: usize,
}
pub fn render(report: &Report, _style: Style) -> String {
    let mut out = String::new();
    for f in &report.functions {
        out.push_str(&format!(
            "{} {} -> {} ({:?})\n",
            f.name,
            super::size(f.baseline.bytes),
            super::size(f.artifact.bytes),
            f.strategy
        ));
        for s in &f.steps {
            out.push_str(&format!(
                "  {:20} {:>8} files {:>10}\n",
                s.label,
                s.files_after,
                super::size(s.zipped_after_bytes)
            ));
        }
    }
    out
}
