//! Two answers to one event side by side.
//!
//! In: what the original and the artifact gave back for the same event. Out: a [`Proof`]. What the
//! original itself answers otherwise the second time (a time, an id) says nothing and is left out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::compare::{explain, inconclusive, same_failure};
use crate::outcome::{Failure, Invoked};
use crate::proof::{Proof, Status};
use coldcut_core::diagnostics::Result;

/// How many places a detail names.
const SHOWN: usize = 5;
/// How much of a value is shown.
const VALUE_WIDTH: usize = 60;

type Answer = std::result::Result<Value, Failure>;

/// Says whether the artifact answered as the original did. `again` asks the original once more,
/// and is only called where the two differ.
pub fn compare_answers(
    original: &Invoked,
    artifact: &Invoked,
    again: impl FnOnce() -> Result<Option<Answer>>,
) -> Result<Proof> {
    let differs = |detail: String| Ok(Proof::new(Status::Differs, detail));
    match (&original.result, &artifact.result) {
        (Err(a), Err(b)) if inconclusive(a) || inconclusive(b) => Ok(Proof::new(
            Status::Unverified,
            format!("neither answers the event here: the original {a}, the artifact {b}"),
        )),
        (Err(a), Err(b)) if same_failure(a, b) => Ok(Proof::new(
            Status::Equal,
            format!("it fails with the event exactly as the original fails ({b})"),
        )),
        (Err(a), Err(b)) => differs(format!(
            "with the event the original fails with {a}, the artifact with {}",
            explain(b)
        )),
        (Err(a), Ok(_)) => differs(format!(
            "the original fails with the event ({a}), the artifact answers"
        )),
        (Ok(_), Err(b)) => differs(format!(
            "the original answers the event, the artifact fails: {}",
            explain(b)
        )),
        (Ok(a), Ok(b)) => compare_values(a, b, || Ok(again()?.and_then(std::result::Result::ok))),
    }
}

/// Two values side by side; `again` gives what the original says the second time.
pub(super) fn compare_values(
    a: &Value,
    b: &Value,
    again: impl FnOnce() -> Result<Option<Value>>,
) -> Result<Proof> {
    let mut places = differences(a, b);
    let mut moving = BTreeMap::new();
    if !places.is_empty()
        && let Some(second) = again()?
    {
        moving = differences(a, &second);
        places.retain(|place, _| !moving.contains_key(place));
    }
    if places.is_empty() {
        let mut detail = "its answer is the original's".to_string();
        if !moving.is_empty() {
            let names: Vec<_> = moving.keys().map(|place| format!("`{place}`")).collect();
            detail.push_str(&format!(
                ", except for what changes from run to run ({})",
                names.join(", ")
            ));
        }
        return Ok(Proof::new(Status::Equal, detail));
    }
    let more = places.len().saturating_sub(SHOWN);
    let shown: Vec<String> = places
        .iter()
        .take(SHOWN)
        .map(|(place, (a, b))| format!("`{place}` is {b} and was {a}"))
        .collect();
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Ok(Proof::new(
        Status::Differs,
        format!("the answers differ: {}{rest}", shown.join(", ")),
    ))
}

/// The places at which two values differ, with what is there.
fn differences(a: &Value, b: &Value) -> BTreeMap<String, (String, String)> {
    let mut out = BTreeMap::new();
    collect("$", a, b, &mut out);
    out
}

fn collect(place: &str, a: &Value, b: &Value, out: &mut BTreeMap<String, (String, String)>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let (one, other) = (a.get(key), b.get(key));
                let place = format!("{place}.{key}");
                match (one, other) {
                    (Some(one), Some(other)) => collect(&place, one, other, out),
                    _ => {
                        out.insert(place, (shown(one), shown(other)));
                    }
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (one, other)) in a.iter().zip(b).enumerate() {
                collect(&format!("{place}[{at}]"), one, other, out);
            }
        }
        // The body of an HTTP answer is JSON in a string.
        (Value::String(one), Value::String(other)) if one != other => {
            match (document(one), document(other)) {
                (Some(one), Some(other)) => {
                    let before = out.len();
                    collect(place, &one, &other, out);
                    // The same values written otherwise.
                    if out.len() == before {
                        out.insert(place.to_string(), (shown(Some(a)), shown(Some(b))));
                    }
                }
                _ => {
                    out.insert(place.to_string(), (shown(Some(a)), shown(Some(b))));
                }
            }
        }
        _ if a != b => {
            out.insert(place.to_string(), (shown(Some(a)), shown(Some(b))));
        }
        _ => {}
    }
}

fn document(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "not there".to_string();
    };
    let text = value.to_string();
    let short: String = text.chars().take(VALUE_WIDTH).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn called(result: Value) -> Invoked {
        Invoked {
            result: Ok(result),
            output: String::new(),
            left: Vec::new(),
            timing: Default::default(),
        }
    }

    fn compared(a: Value, b: Value, second: Value) -> Proof {
        compare_answers(&called(a), &called(b), || Ok(Some(Ok(second)))).unwrap()
    }

    #[test]
    fn a_difference_is_named_by_its_place() {
        let a = json!({"statusCode": 200, "body": "{\"n\":[1,2]}"});
        let b = json!({"statusCode": 200, "body": "{\"n\":[1,3]}"});
        let proof = compared(a.clone(), b, a.clone());
        assert_eq!(proof.status, Status::Differs);
        assert!(
            proof.detail.contains("`$.body.n[1]` is 3 and was 2"),
            "{}",
            proof.detail
        );
        assert_eq!(compared(a.clone(), a.clone(), a).status, Status::Equal);
    }

    #[test]
    fn what_changes_by_itself_is_left_out_and_nothing_else() {
        let answer = |id: u32, n: u32| json!({"id": id, "n": n});
        let proof = compared(answer(1, 5), answer(2, 5), answer(3, 5));
        assert_eq!(proof.status, Status::Equal);
        assert!(proof.detail.contains("`$.id`"), "{}", proof.detail);
        let proof = compared(answer(1, 5), answer(2, 6), answer(3, 5));
        assert_eq!(proof.status, Status::Differs);
        assert!(!proof.detail.contains("$.id"), "{}", proof.detail);
    }
}
