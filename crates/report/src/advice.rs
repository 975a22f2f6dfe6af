//! The three things worth doing next.
//!
//! In: one function's report. Out: [`Advice`], what is wrong before what is big, and the biggest
//! first. Each names the figure it comes from and the command or setting that changes it.

use crate::model::{Advice, Function, FunctionKind, Status, Strategy};
use crate::{duplicates, sentences, size};
use coldcut_core::platform::Platform;

/// How many are given.
const MOST: usize = 3;
/// What weighs less than this part of the artifact is not worth a person's time.
const WORTH: u64 = 50;

/// What to do about a function, at most three things.
pub fn advise(function: &Function) -> Vec<Advice> {
    let mut out = Vec::new();
    if function.limits.iter().any(|limit| !limit.ok) {
        out.push(plain(
            "bring it below the platform's limit, or it cannot be deployed".to_string(),
        ));
    }
    match function.verification.status {
        Status::Differs => out.push(plain(
            "find out why the artifact behaves differently before you deploy it".to_string(),
        )),
        Status::Unverified => out.push(plain(format!(
            "verify the artifact: {}",
            function.verification.detail
        ))),
        Status::Equal => {}
    }
    let mut big = sizes(function);
    big.sort_by_key(|advice| std::cmp::Reverse(advice.bytes));
    let worth = function.artifact.unpacked_bytes / WORTH;
    out.extend(big.into_iter().filter(|one| one.bytes.unwrap_or(0) > worth));
    let takes = |platform: &Platform| platform.handler.takes_events();
    let asks = function.kind == FunctionKind::Node
        && function.verification.status == Status::Equal
        && Platform::load(&function.platform).is_ok_and(takes);
    if asks && !function.verification.detail.contains("answer") {
        out.push(plain(
            "give `--event FILE`, so that answers are compared too, and not only exports"
                .to_string(),
        ));
    }
    out.truncate(MOST);
    out
}

fn plain(text: String) -> Advice {
    Advice { text, bytes: None }
}

/// What would make it smaller, and by how much at most.
fn sizes(function: &Function) -> Vec<Advice> {
    let mut out = Vec::new();
    let mut say = |bytes: u64, text: String| {
        out.push(Advice {
            text,
            bytes: Some(bytes),
        });
    };
    if let Some(sdk) = &function.sdk
        && let Some(bytes) = sdk.other_choice_bytes.filter(|_| sdk.shipped)
    {
        let (size, name) = (size(bytes), sentences::sdk_label(function));
        say(
            bytes,
            format!("`--sdk external` leaves the {name} to the runtime: {size} less unpacked"),
        );
    }
    if let Some(duplicate) = function.duplicates.first() {
        say(duplicate.extra_bytes, duplicates::advice(duplicate));
    }
    if let Some(rust) = &function.rust
        && let Some(finding) = rust.findings.first()
    {
        let (subject, shown) = (&finding.subject, size(finding.bytes));
        say(
            finding.bytes,
            format!(
                "`{subject}`, {shown} unpacked: {}; {}",
                finding.message, finding.change
            ),
        );
    } else if let Some(package) = function.packages.first()
        && function.kind == FunctionKind::Node
    {
        let (id, shown) = (package.id(), size(package.bytes));
        let name = duplicates::split(&id).0;
        say(
            package.bytes,
            format!("look at `{id}`, {shown} unpacked: `coldcut why {name}` says what keeps it"),
        );
    }
    let maps = function
        .files
        .iter()
        .filter(|file| file.path.ends_with(".map"));
    let maps: u64 = maps.map(|file| file.bytes).sum();
    if maps > 0 {
        let shown = size(maps);
        say(
            maps,
            format!("source maps take {shown} unpacked: keep them beside the zip, not in it"),
        );
    }
    if function.kind == FunctionKind::Node
        && function.strategy == Strategy::Prune
        && let Some(reason) = &function.strategy_reason
    {
        say(
            function.artifact.unpacked_bytes / 2,
            format!("if coldcut can follow all imports, unused files do not ship: {reason}"),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn at_most_three_and_the_biggest_first() {
        let mut function = sample::function("a");
        let all = advise(&function);
        assert_eq!(all.len(), MOST);
        assert!(all[0].text.contains("--sdk external"), "{all:?}");
        assert!(all[1].text.contains("client-dynamodb@3.700.0"), "{all:?}");
        function.verification.status = Status::Differs;
        assert!(advise(&function)[0].text.contains("behaves differently"));
    }
}
