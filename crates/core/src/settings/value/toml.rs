//! TOML, with the place of every key and value.

use std::sync::Arc;

use ::toml::de::{DeTable, DeValue};

use crate::diagnostics::Result;
use crate::settings::value::node::{Data, Item, Node, Span};
use crate::settings::value::text_file::{TextFile, broken};

/// Parses TOML.
pub fn toml(file: &Arc<TextFile>) -> Result<Node> {
    let table = DeTable::parse(&file.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let why = error.message().trim().replace('\n', ", ");
        broken(file, "TOML", &why, span.start, span.len().max(1))
    })?;
    Ok(Node {
        data: toml_table(file, table.get_ref()),
        at: Span::new(file, 0, file.text.len()),
    })
}

fn toml_table(file: &Arc<TextFile>, table: &DeTable<'_>) -> Data {
    let mut items: Vec<(usize, String, Item)> = table
        .iter()
        .map(|(key, value)| {
            let span = key.span();
            let item = Item {
                key: Span::new(file, span.start, span.end),
                value: toml_value(file, value.get_ref(), value.span()),
            };
            (span.start, key.get_ref().to_string(), item)
        })
        .collect();
    // The crate sorts by name; functions keep the order of the file.
    items.sort_by_key(|(start, ..)| *start);
    Data::Map(
        items
            .into_iter()
            .map(|(_, key, item)| (key, item))
            .collect(),
    )
}

fn toml_value(file: &Arc<TextFile>, value: &DeValue<'_>, span: std::ops::Range<usize>) -> Node {
    let at = Span::new(file, span.start, span.end);
    let data = match value {
        DeValue::String(text) => Data::String(text.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) => Data::Number(at.text().to_owned()),
        DeValue::Boolean(value) => Data::Bool(*value),
        DeValue::Datetime(value) => Data::String(value.to_string()),
        DeValue::Array(list) => Data::List(
            list.iter()
                .map(|item| toml_value(file, item.get_ref(), item.span()))
                .collect(),
        ),
        DeValue::Table(table) => toml_table(file, table),
    };
    Node { data, at }
}
