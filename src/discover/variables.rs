//! The Serverless Framework's variables: `${self:…}`, `${opt:…}`, `${env:…}`, `${file(…):…}`,
//! `${sls:…}`, `${param:…}`, with fallbacks after commas and variables inside variables.
//!
//! In: a node that may hold variables. Out: the node they stand for. Only what discovery reads is
//! ever resolved, one level at a time, so a variable that has no value here (a stack's output,
//! a secret) does no harm where nobody asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::discover::codes::{VALUE_AT_DEPLOY_TIME, VARIABLE_CYCLE, VARIABLE_HAS_NO_VALUE};
use crate::discover::request::DiscoveryRequest;
use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_core::settings::value;
use coldcut_core::settings::value::{Data, Node, Span};

/// Variables within variables, and steps in all: far beyond any real file.
const MAX_DEPTH: usize = 60;
const MAX_STEPS: usize = 200_000;
const MAX_TEXT: usize = 1 << 20;

/// Resolves the variables of one framework file.
pub struct Variables<'a> {
    dir: &'a Path,
    doc: &'a Node,
    request: &'a DiscoveryRequest,
    files: BTreeMap<PathBuf, Option<Node>>,
    /// Names that `${env:…}` asked for.
    asked: BTreeSet<String>,
    /// The variables being resolved, outermost first.
    stack: Vec<String>,
    steps: usize,
    pub warnings: Vec<Diagnostic>,
}

/// What one source of a variable gives.
enum SourceValue {
    Value(Node),
    /// It has no value; the next fallback counts.
    Nothing(String),
    /// It has one, but only at deploy time.
    Later(String),
}

impl<'a> Variables<'a> {
    /// For the file `doc` in the folder `dir`.
    pub fn new(dir: &'a Path, doc: &'a Node, request: &'a DiscoveryRequest) -> Self {
        Self {
            dir,
            doc,
            request,
            files: BTreeMap::new(),
            asked: BTreeSet::new(),
            stack: Vec::new(),
            steps: 0,
            warnings: Vec::new(),
        }
    }

    /// The files that `${file(…)}` read.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.files
            .iter()
            .filter(|(_, node)| node.is_some())
            .map(|(path, _)| path)
    }

    /// The variables of the environment that were asked for.
    pub fn environment(&self) -> impl Iterator<Item = &String> {
        self.asked.iter()
    }

    /// The value of `key` in `node`, both resolved; `None` where there is none, or it is null.
    pub fn get(&mut self, node: &Node, key: &str) -> Result<Option<Node>> {
        let node = self.resolve(node)?;
        match node.get(key) {
            Some(value) => {
                let value = self.resolve(value)?;
                Ok((!value.is_null()).then_some(value))
            }
            None => Ok(None),
        }
    }

    /// `node` with the variables of its own text resolved; what it contains stays as it is.
    pub fn resolve(&mut self, node: &Node) -> Result<Node> {
        let Data::String(text) = &node.data else {
            return Ok(node.clone());
        };
        if !text.contains("${") {
            return Ok(node.clone());
        }
        let text = text.clone();
        self.text(&text, &node.at)
    }

    /// `node` with every variable in it resolved, however deep.
    pub fn whole(&mut self, node: &Node) -> Result<Node> {
        self.nested(node, 0)
    }

    fn nested(&mut self, node: &Node, depth: usize) -> Result<Node> {
        if depth > MAX_DEPTH {
            let message = "variables are nested too deeply".to_owned();
            return Err(self.error(VARIABLE_CYCLE, &node.at, message));
        }
        let mut node = self.resolve(node)?;
        match &mut node.data {
            Data::List(list) => {
                for inner in list {
                    *inner = self.nested(inner, depth + 1)?;
                }
            }
            Data::Map(map) => {
                for item in map.values_mut() {
                    item.value = self.nested(&item.value, depth + 1)?;
                }
            }
            Data::Tagged(_, inner) => **inner = self.nested(inner, depth + 1)?,
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => {}
        }
        Ok(node)
    }

    fn error(&self, code: Code, at: &Span, message: String) -> Box<Diagnostic> {
        let mut error = Diagnostic::error(code, message).at(at.location());
        if self.stack.len() > 1 {
            let chain: Vec<String> = self
                .stack
                .iter()
                .take(12)
                .map(|v| format!("`${{{v}}}`"))
                .collect();
            error = error.note(format!("while resolving {}", chain.join(" -> ")));
        }
        Box::new(error)
    }

    fn text(&mut self, text: &str, at: &Span) -> Result<Node> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(len) = closing(&rest[start + 2..]) else {
                let message = format!("`{}` has no closing brace", shorten(&rest[start..]));
                return Err(self.error(VARIABLE_HAS_NO_VALUE, at, message));
            };
            let inner = &rest[start + 2..start + 2 + len];
            let end = start + len + 3;
            if is_variable(inner) {
                if start > 0 {
                    parts.push(text_node(&rest[..start], at));
                }
                parts.push(self.variable(inner, at)?);
            } else {
                // CloudFormation's own, such as `${AWS::Region}`.
                parts.push(text_node(&rest[..end], at));
            }
            rest = &rest[end..];
        }
        if !rest.is_empty() {
            parts.push(text_node(rest, at));
        }
        if parts.len() == 1
            && let Some(node) = parts.pop()
        {
            return Ok(node);
        }
        let mut whole = String::new();
        for part in &parts {
            match part.scalar() {
                Some(text) => whole += &text,
                None => {
                    let message = format!("`{}` puts {} into a string", shorten(text), part.kind());
                    return Err(self.error(VARIABLE_HAS_NO_VALUE, at, message));
                }
            }
            if whole.len() > MAX_TEXT {
                return Err(self.error(
                    VARIABLE_CYCLE,
                    at,
                    "the variables expand to a text that is too long".into(),
                ));
            }
        }
        Ok(text_node(&whole, at))
    }

    /// What is between `${` and `}`: sources with commas between them.
    fn variable(&mut self, inner: &str, at: &Span) -> Result<Node> {
        let inner = inner.trim();
        self.steps += 1;
        if self.stack.iter().any(|open| open == inner) {
            let mut chain = self.stack.clone();
            chain.push(inner.to_owned());
            let chain: Vec<String> = chain.iter().map(|v| format!("`${{{v}}}`")).collect();
            return Err(Box::new(
                Diagnostic::error(VARIABLE_CYCLE, format!("`${{{inner}}}` refers to itself"))
                    .at(at.location())
                    .note(chain.join(" -> "))
                    .help("remove one of the references"),
            ));
        }
        if self.stack.len() >= MAX_DEPTH || self.steps > MAX_STEPS {
            let message = "variables are nested too deeply".to_owned();
            return Err(self.error(VARIABLE_CYCLE, at, message));
        }
        self.stack.push(inner.to_owned());
        let result = self.sources(inner, at);
        self.stack.pop();
        result
    }

    fn sources(&mut self, inner: &str, at: &Span) -> Result<Node> {
        let mut nothing = Vec::new();
        let mut later = None;
        for source in split(inner, ',') {
            match self.source(source.trim(), at)? {
                SourceValue::Value(node) => {
                    if let Some(why) = later {
                        self.warnings.push(
                            Diagnostic::warning(
                                VALUE_AT_DEPLOY_TIME,
                                format!("`${{{inner}}}`: {why}; its fallback is used"),
                            )
                            .at(at.location()),
                        );
                    }
                    return Ok(node);
                }
                SourceValue::Nothing(why) => nothing.push(why),
                SourceValue::Later(why) => later = later.or(Some(why)),
            }
        }
        Err(match later {
            Some(why) => {
                let error = self.error(
                    VALUE_AT_DEPLOY_TIME,
                    at,
                    format!("`${{{inner}}}` has no value here: {why}"),
                );
                Box::new(error.help("give it a fallback: `${…, 'value'}`"))
            }
            None => {
                let why = nothing.join("; ");
                let error = self.error(
                    VARIABLE_HAS_NO_VALUE,
                    at,
                    format!("`${{{inner}}}` has no value: {why}"),
                );
                let help = if inner.contains("opt:") {
                    "give the option on the command line, or a fallback: `${…, 'value'}`"
                } else if inner.contains("env:") {
                    "set the environment variable, or give a fallback: `${…, 'value'}`"
                } else {
                    "correct the name, or give a fallback: `${…, 'value'}`"
                };
                Box::new(error.help(help))
            }
        })
    }

    fn source(&mut self, source: &str, at: &Span) -> Result<SourceValue> {
        if let Some(node) = literal(source, at) {
            return Ok(SourceValue::Value(node));
        }
        // A whole variable as a fallback: `${opt:stage, ${self:provider.stage}}`.
        if source.starts_with("${")
            && closing(&source[2..]).map(|len| len + 3) == Some(source.len())
        {
            return match self.text(source, at) {
                Ok(node) if node.is_null() => {
                    Ok(SourceValue::Nothing(format!("`{source}` is null")))
                }
                Ok(node) => Ok(SourceValue::Value(node)),
                Err(error) if error.code == VARIABLE_HAS_NO_VALUE => {
                    Ok(SourceValue::Nothing(error.message))
                }
                Err(error) if error.code == VALUE_AT_DEPLOY_TIME => {
                    Ok(SourceValue::Later(error.message))
                }
                Err(error) => Err(error),
            };
        }
        let source = if source.contains("${") {
            match self.text(source, at) {
                Ok(node) => node.scalar().unwrap_or_default(),
                Err(error) if error.code == VARIABLE_HAS_NO_VALUE => {
                    return Ok(SourceValue::Nothing(error.message));
                }
                Err(error) if error.code == VALUE_AT_DEPLOY_TIME => {
                    return Ok(SourceValue::Later(error.message));
                }
                Err(error) => return Err(error),
            }
        } else {
            source.to_owned()
        };
        let (kind, params, address) = parts(&source);
        let nothing = |why: String| Ok(SourceValue::Nothing(why));
        match kind {
            "self" => self.own(address),
            "opt" => match self.request.options.get(address) {
                Some(value) => Ok(SourceValue::Value(text_node(value, at))),
                None => nothing(format!("there is no option `--{address}`")),
            },
            "env" => {
                self.asked.insert(address.to_owned());
                match self.request.env.get(address) {
                    Some(value) => Ok(SourceValue::Value(text_node(value, at))),
                    None => nothing(format!("the environment variable `{address}` is not set")),
                }
            }
            "sls" => match address {
                "stage" => Ok(SourceValue::Value(self.stage(at)?)),
                // A new random text for each deploy; here always the same.
                "instanceId" => Ok(SourceValue::Value(text_node("coldcut", at))),
                _ => nothing(format!("there is no `sls:{address}`")),
            },
            "file" => self.file(params.unwrap_or(""), address, at),
            "param" => self.param(address, at),
            "strToBool" => match params.unwrap_or("").trim().trim_matches(['\'', '"']) {
                text @ ("true" | "1") => Ok(SourceValue::Value(bool_node(!text.is_empty(), at))),
                "false" | "0" => Ok(SourceValue::Value(bool_node(false, at))),
                other => nothing(format!("`{other}` is neither true nor false")),
            },
            "aws" | "cf" | "ssm" | "s3" | "secretsManager" | "vault" | "terraform" | "doppler"
            | "git" | "output" | "state" => Ok(SourceValue::Later(format!(
                "`{kind}` is known only when the project is deployed"
            ))),
            _ => Ok(SourceValue::Later(format!(
                "coldcut does not know the source `{kind}`"
            ))),
        }
    }

    /// `${self:a.b.0}`.
    fn own(&mut self, address: &str) -> Result<SourceValue> {
        let doc = self.doc;
        match self.walk(doc, address)? {
            Some(node) => Ok(SourceValue::Value(node)),
            // The framework's own defaults.
            None if address == "provider.stage" => Ok(SourceValue::Value(self.stage(&doc.at)?)),
            None if address == "provider.region" => {
                Ok(SourceValue::Value(text_node("us-east-1", &doc.at)))
            }
            None => Ok(SourceValue::Nothing(format!("the file has no `{address}`"))),
        }
    }

    /// By keys and list positions, resolving on the way.
    fn walk(&mut self, node: &Node, address: &str) -> Result<Option<Node>> {
        let mut node = self.resolve(node)?;
        for key in address.split('.').filter(|key| !key.is_empty()) {
            let next = match &node.data {
                Data::Map(map) => map.get(key).map(|item| item.value.clone()),
                Data::List(list) => key.parse().ok().and_then(|i: usize| list.get(i)).cloned(),
                _ => None,
            };
            match next {
                Some(next) => node = self.resolve(&next)?,
                None => return Ok(None),
            }
        }
        Ok((!node.is_null()).then_some(node))
    }

    fn stage(&mut self, at: &Span) -> Result<Node> {
        if let Some(stage) = self.request.options.get("stage") {
            return Ok(text_node(stage, at));
        }
        let doc = self.doc;
        match self.walk(doc, "provider.stage")? {
            Some(stage) => Ok(stage),
            None => Ok(text_node("dev", at)),
        }
    }

    /// `${param:x}`: of the stage, else the default.
    fn param(&mut self, name: &str, at: &Span) -> Result<SourceValue> {
        let stage = self.stage(at)?.scalar().unwrap_or_default();
        let doc = self.doc;
        for address in [
            format!("params.{stage}.{name}"),
            format!("stages.{stage}.params.{name}"),
            format!("params.default.{name}"),
            format!("stages.default.params.{name}"),
        ] {
            if let Some(node) = self.walk(doc, &address)? {
                return Ok(SourceValue::Value(node));
            }
        }
        Ok(SourceValue::Nothing(format!(
            "there is no parameter `{name}`"
        )))
    }

    fn file(&mut self, params: &str, address: &str, at: &Span) -> Result<SourceValue> {
        let name = params.trim().trim_matches(['\'', '"']);
        if name.is_empty() || name.contains('\0') {
            return Ok(SourceValue::Nothing("`file` does not name a file".into()));
        }
        let path = self.dir.join(name);
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        if matches!(extension, "js" | "cjs" | "mjs" | "ts" | "mts" | "cts") {
            return Ok(SourceValue::Later(format!(
                "`{name}` is a program, which coldcut does not run"
            )));
        }
        if !self.files.contains_key(&path) {
            let node = match extension {
                "yml" | "yaml" | "json" | "toml" => value::load(&path),
                _ => {
                    value::read(&path).map(|file| file.map(|file| text_node(file.text.trim(), at)))
                }
            };
            let node = node.map_err(|error| {
                Box::new(error.note(format!(
                    "read for `${{file({name})}}` in `{}`",
                    at.path().display()
                )))
            })?;
            self.files.insert(path.clone(), node);
        }
        let Some(node) = self.files.get(&path).cloned().flatten() else {
            return Ok(SourceValue::Nothing(format!("there is no file `{name}`")));
        };
        match self.walk(&node, address)? {
            Some(node) => Ok(SourceValue::Value(node)),
            None => Ok(SourceValue::Nothing(format!("`{name}` has no `{address}`"))),
        }
    }
}

/// A text in the place of the variable that gave it.
pub fn text_node(text: &str, at: &Span) -> Node {
    Node {
        data: Data::String(text.to_owned()),
        at: at.clone(),
    }
}

fn bool_node(value: bool, at: &Span) -> Node {
    Node {
        data: Data::Bool(value),
        at: at.clone(),
    }
}

/// The length of what comes before the brace that closes an opened one.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                depth += 1;
                at += 1;
            }
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Splits at a sign outside quotes, brackets and inner variables.
fn split(text: &str, sign: char) -> Vec<&str> {
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '{') => depth += 1,
            (None, ')' | '}') => depth = depth.saturating_sub(1),
            (None, c) if c == sign && depth == 0 => {
                found.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

/// Quoted texts, numbers, booleans and null.
fn literal(source: &str, at: &Span) -> Option<Node> {
    let data = match source {
        "true" => Data::Bool(true),
        "false" => Data::Bool(false),
        "null" => Data::Null,
        "" => Data::String(String::new()),
        _ if source.parse::<f64>().is_ok_and(f64::is_finite) => Data::Number(source.to_owned()),
        _ => {
            let quote = source.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
            let inner = source.strip_prefix(quote)?.strip_suffix(quote)?;
            if inner.contains("${") {
                return None;
            }
            Data::String(inner.to_owned())
        }
    };
    Some(Node {
        data,
        at: at.clone(),
    })
}

/// Whether this is the framework's (`self:…`, `file(…)`) and not CloudFormation's (`AWS::Region`).
fn is_variable(inner: &str) -> bool {
    let inner = inner.trim_start();
    let name = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .unwrap_or(inner.len());
    if name == 0 {
        // `${${…}:x}` and `${'x'}`.
        return inner.starts_with("${") || inner.starts_with(['\'', '"']);
    }
    let rest = &inner[name..];
    rest.starts_with('(') || (rest.starts_with(':') && !rest.starts_with("::"))
}

/// `kind(params):address`, of which all but the kind may be missing.
fn parts(source: &str) -> (&str, Option<&str>, &str) {
    let end = source.find([':', '(']).unwrap_or(source.len());
    let (kind, mut rest) = source.split_at(end);
    let mut params = None;
    if let Some(inner) = rest.strip_prefix('(')
        && let Some((inside, after)) = inner.split_once(')')
    {
        params = Some(inside);
        rest = after;
    }
    let address = rest.strip_prefix(':').unwrap_or("");
    (kind.trim(), params, address.trim())
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldcut_core::settings::value::{TextFile, yaml};
    use std::sync::Arc;

    fn parse(text: &str) -> Node {
        yaml(&Arc::new(TextFile {
            path: "serverless.yml".into(),
            text: text.into(),
        }))
        .unwrap()
    }

    fn request() -> DiscoveryRequest {
        let mut request = DiscoveryRequest::default();
        request.options.insert("stage".into(), "prod".into());
        request.env.insert("ARCH".into(), "arm64".into());
        request
    }

    /// Resolves `x` of a document that also has these.
    fn x_in(dir: &Path, request: &DiscoveryRequest, x: &str) -> Result<Node> {
        let doc = parse(&format!(
            "x: {x}\ncustom:\n  prod: {{size: 7, list: [a, b]}}\n  dev: {{size: 1}}\n  key: prod\n  me: ${{self:custom.you}}\n  you: ${{self:custom.me}}\n  deep: ${{self:custom.${{self:custom.key}}}}\n  empty: null\nparams: {{prod: {{p: 1}}, default: {{q: 2}}}}\n"
        ));
        let mut variables = Variables::new(dir, &doc, request);
        let node = variables.get(&doc, "x")?;
        Ok(node.unwrap())
    }

    #[test]
    fn values() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write(
            "a.yml",
            "k: {v: '${self:custom.key}-${sls:stage}'}\nprod: 5\n",
        );
        write("b.json", "{\"k\": [{\"v\": true}]}");
        write("c.txt", "text\n");
        write("d.toml", "k = 3");
        let cases = [
            ("plain", "plain"),
            ("${self:custom.prod.size}", "7"),
            ("${self:custom.prod.list.1}", "b"),
            ("${self:custom.deep.size}", "7"),
            ("${self:custom.${opt:stage}.size}", "7"),
            ("${self:custom.${opt:none, 'dev'}.size}", "1"),
            ("a-${opt:stage}-${env:ARCH}", "prod-arm64"),
            ("${opt:none, 'x, y'}", "x, y"),
            ("${opt:none, \"q\"}", "q"),
            ("${opt:none, env:NONE, 3}", "3"),
            ("${opt:none, ${env:NONE, ${self:custom.key}}}", "prod"),
            ("${self:custom.empty, 'e'}", "e"),
            ("${sls:stage}", "prod"),
            ("${sls:instanceId}", "coldcut"),
            ("${param:p}${param:q}", "12"),
            ("${self:provider.stage}", "prod"),
            ("${self:provider.region}", "us-east-1"),
            ("${file(a.yml):k.v}", "prod-prod"),
            ("${file(./a.yml):${opt:stage}}", "5"),
            ("${file(./${self:custom.none, 'b'}.json):k.0.v}", "true"),
            ("${file(none.yml):k, 'no file'}", "no file"),
            ("${file(c.txt)}", "text"),
            ("${file(d.toml):k}", "3"),
            ("${strToBool(true)}", "true"),
            ("${ssm:/a/b, 'fallback'}", "fallback"),
            ("${AWS::Region}-${opt:stage}", "${AWS::Region}-prod"),
            ("!", "!"),
        ];
        for (text, expected) in cases {
            let quoted = format!("'{}'", text.replace('\'', "''"));
            let node =
                x_in(dir.path(), &request(), &quoted).unwrap_or_else(|e| panic!("{text}: {e}"));
            let value = node.scalar().unwrap();
            assert!(value.ends_with(expected), "{text}: {value}");
        }
    }

    #[test]
    fn errors_say_where_and_why() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bad.yml"), "a: [").unwrap();
        let cases = [
            (
                "${self:custom.none}",
                VARIABLE_HAS_NO_VALUE,
                "no `custom.none`",
            ),
            ("${opt:none}", VARIABLE_HAS_NO_VALUE, "no option `--none`"),
            ("${env:NONE}", VARIABLE_HAS_NO_VALUE, "`NONE` is not set"),
            (
                "${file(none.yml):a}",
                VARIABLE_HAS_NO_VALUE,
                "no file `none.yml`",
            ),
            ("${file(a.js):a}", VALUE_AT_DEPLOY_TIME, "is a program"),
            (
                "${cf:stack.Out}",
                VALUE_AT_DEPLOY_TIME,
                "only when the project is deployed",
            ),
            ("${aws:accountId}", VALUE_AT_DEPLOY_TIME, "only when"),
            ("${self:custom.me}", VARIABLE_CYCLE, "refers to itself"),
            ("${self:x}", VARIABLE_CYCLE, "refers to itself"),
            (
                "a${self:custom.prod}",
                VARIABLE_HAS_NO_VALUE,
                "puts a map into a string",
            ),
            ("${self:custom.", VARIABLE_HAS_NO_VALUE, "no closing brace"),
            ("${file(bad.yml):a}", value::BROKEN, "not valid YAML"),
        ];
        for (text, code, message) in cases {
            let error = x_in(dir.path(), &request(), &format!("'{text}'")).unwrap_err();
            assert_eq!(error.code, code, "{text}: {error}");
            assert!(error.message.contains(message), "{text}: {error}");
            assert!(error.at.as_ref().unwrap().line.is_some(), "{text}");
        }
        let error = x_in(dir.path(), &request(), "'${opt:none}'").unwrap_err();
        assert_eq!(error.at.unwrap().to_string(), "serverless.yml:1:4");
    }

    #[test]
    fn nothing_runs_forever() {
        let dir = tempfile::tempdir().unwrap();
        let mut text = "x: ${self:a0}\n".to_owned();
        for i in 0..40 {
            text += &format!("a{i}: ${{self:a{0}}}${{self:a{0}}}${{self:a{0}}}\n", i + 1);
        }
        text += "a40: y\n";
        let doc = parse(&text);
        let request = request();
        let mut variables = Variables::new(dir.path(), &doc, &request);
        assert_eq!(variables.get(&doc, "x").unwrap_err().code, VARIABLE_CYCLE);
        let deep = format!("'{}self:a{}'", "${".repeat(50_000), "}".repeat(50_000));
        assert!(x_in(dir.path(), &request, &deep).is_err());
    }
}
