//! The names that Node sees in a CommonJS source before it runs.
//!
//! In: a text. Out: [`Lexed`]: the names of its exports and the modules that it passes on, as
//! Node's own lexer (`cjs-module-lexer`, whose patterns are frozen) finds them. That one looks at
//! tokens, knows no scopes, and gives up at set places; all of that shows in the names, so it is
//! followed here down to what looks like a slip. A test holds the two together.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::ast::Ident;

/// What a text says about its exports.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Lexed {
    pub names: BTreeSet<String>,
    /// Specifiers of modules whose names are added.
    pub reexports: BTreeSet<String>,
}

/// Reads a text; one that the lexer cannot read exports nothing.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        last: NOWHERE,
        depth: 0,
        opens: Vec::new(),
        templates: Vec::new(),
        template: None,
        class_next: false,
        divided: false,
        asked: None,
        stars: BTreeMap::new(),
        found: Lexed::default(),
        doubtful: BTreeSet::new(),
    };
    match lexer.run() {
        Ok(()) => {
            let mut found = lexer.found;
            found.names.retain(|name| !lexer.doubtful.contains(name));
            found
        }
        Err(_) => Lexed::default(),
    }
}

const NOWHERE: usize = usize::MAX;

/// Why a pattern ends early.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    /// The text goes on otherwise.
    Other,
    /// The text is not what the lexer takes for CommonJS at all.
    Broken,
}

type Step<T = ()> = Result<T, Stop>;

/// A bracket, by what stands before it.
#[derive(Debug, Clone, Copy)]
struct Open {
    before: usize,
    class: bool,
}

enum Defined {
    Value,
    Getter,
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The byte that is looked at.
    at: usize,
    /// The end of the last token, which tells regular expressions from divisions.
    last: usize,
    depth: usize,
    /// Brackets by depth; those above `depth` are the ones closed last.
    opens: Vec<Open>,
    templates: Vec<Option<usize>>,
    /// The depth at which the innermost template goes on.
    template: Option<usize>,
    class_next: bool,
    divided: bool,
    /// What the last `require` at the top asked for.
    asked: Option<String>,
    /// Variables that hold what a `require` gave.
    stars: BTreeMap<&'a str, Option<String>>,
    found: Lexed,
    /// Names that are also defined in a way that the lexer does not know.
    doubtful: BTreeSet<String>,
}

impl<'a> Lexer<'a> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn starts(&self, at: usize, what: &str) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    /// Whether `what` ends with the byte at `at`.
    fn ends(&self, at: usize, what: &str) -> bool {
        at.checked_add(1)
            .and_then(|end| self.bytes.get(..end))
            .is_some_and(|head| head.ends_with(what.as_bytes()))
    }

    /// A keyword that ends at `at`.
    fn keyword_ends(&self, at: usize, what: &str) -> bool {
        if !self.ends(at, what) {
            return false;
        }
        let start = at + 1 - what.len();
        // At the start of the text only some are taken for keywords.
        self.word_starts(start)
            && (start > 0 || matches!(what, "case" | "do" | "else" | "in" | "new"))
    }

    /// Whether what stands before `at` ends a word, and is no dot.
    fn word_starts(&self, at: usize) -> bool {
        if at == 0 {
            return true;
        }
        let before = self.byte(at - 1);
        is_gap(before) || (is_punctuator(before) && before != b'.') || self.ends(at - 1, "\u{a0}")
    }

    fn run(&mut self) -> Step {
        if self.starts(0, "#!") {
            self.skip_line();
        }
        while self.at < self.bytes.len() {
            let byte = self.byte(self.at);
            if is_gap(byte) || (byte == b'/' && self.comment()) {
                self.at += 1;
                continue;
            }
            if !(self.depth == 0 && self.at_top(byte)?) {
                self.token(byte)?;
            }
            self.last = self.at;
            self.at += 1;
        }
        if self.template.is_some() || self.depth > 0 {
            return Err(Stop::Broken);
        }
        Ok(())
    }

    /// Words that only count outside of all brackets; whether `byte` is done with.
    fn at_top(&mut self, byte: u8) -> Step<bool> {
        let start = self.at;
        match byte {
            b'i' => {
                if self.starts(start + 1, "mport") && self.word_starts(start) {
                    self.import()?;
                }
            }
            b'r' => self.bind_required(start)?,
            b'_' => {
                let free = self.word_starts(start) || self.byte(start.wrapping_sub(1)) == b'.';
                if free && self.starts(start, "_interopRequireWildcard") {
                    self.at += "_interopRequireWildcard".len();
                    if self.byte(self.at) == b'(' {
                        self.open();
                        self.at += 1;
                        self.bind_required(start)?;
                    }
                } else if free && self.starts(start, "__export") {
                    self.at += "__export".len();
                    if self.starts(self.at, "Star") {
                        self.at += 4;
                    }
                    if self.byte(self.at) == b'(' {
                        self.open();
                        if self.byte(self.at + 1) == b'r' {
                            self.at += 1;
                            if let Some(from) = self.require()? {
                                self.found.reexports.extend(decode(from));
                            }
                        }
                    }
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn token(&mut self, byte: u8) -> Step {
        let at = self.at;
        match byte {
            b'e' if self.starts(at, "export") && self.word_starts(at) => {
                if self.byte(at + 6) == b's' {
                    self.exports_assignment(false)?;
                } else if self.depth == 0 {
                    self.export_statement()?;
                }
            }
            b'c' if self.starts(at, "class") && self.word_starts(at) && self.gap(at + 5) > 0 => {
                self.class_next = true;
            }
            b'm' if self.starts(at, "module") && self.word_starts(at) => {
                self.at += 6;
                let back = self.at - 1;
                if self.may(".") && self.ahead("exports") {
                    self.exports_assignment(true)?;
                } else {
                    self.at = back;
                }
            }
            b'O' if self.starts(at, "Object") && self.word_starts(at) => self.object_call()?,
            b'(' => self.open(),
            b'{' => self.open(),
            b')' | b'}' => self.close(byte)?,
            b'\'' | b'"' => self.string(byte)?,
            b'`' => self.template_text()?,
            b'/' => {
                self.divided = !self.regex_starts();
                if !self.divided {
                    self.regex()?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self) {
        let class = self.byte(self.at) == b'{' && std::mem::take(&mut self.class_next);
        let open = Open {
            before: self.last,
            class,
        };
        self.opens.truncate(self.depth);
        // An expression in a template has depth without a bracket of its own.
        self.opens.resize(self.depth, open);
        self.opens.push(open);
        self.depth += 1;
    }

    fn close(&mut self, byte: u8) -> Step {
        if self.depth == 0 {
            return Err(Stop::Broken);
        }
        if byte == b'}' && self.template == Some(self.depth) {
            self.depth -= 1;
            self.template = self.templates.pop().flatten();
            return self.template_text();
        }
        self.depth -= 1;
        if byte == b'}' && self.template.is_some_and(|depth| self.depth < depth) {
            return Err(Stop::Broken);
        }
        Ok(())
    }

    // Blank space, comments and literals. Each ends at its last byte.

    /// The length of the blank space at `at`.
    fn gap(&self, at: usize) -> usize {
        match self.byte(at) {
            byte if is_gap(byte) => 1,
            _ if self.starts(at, "\u{a0}") => 2,
            _ => 0,
        }
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && !is_break(self.byte(self.at)) {
            self.at += 1;
        }
    }

    fn comment(&mut self) -> bool {
        if self.starts(self.at, "//") {
            self.skip_line();
            return true;
        }
        if self.starts(self.at, "/*") {
            let body = self.at + 2;
            let end = self.text[body..].find("*/");
            self.at = end.map_or(self.bytes.len(), |end| body + end + 1);
            return true;
        }
        false
    }

    fn string(&mut self, quote: u8) -> Step {
        loop {
            self.at += 1;
            match self.bytes.get(self.at) {
                None => return Err(Stop::Broken),
                Some(b'\\') => {
                    self.at += 1;
                    if self.starts(self.at, "\r\n") {
                        self.at += 1;
                    }
                }
                Some(byte) if *byte == quote => return Ok(()),
                Some(byte) if is_break(*byte) => return Err(Stop::Broken),
                Some(_) => {}
            }
        }
    }

    fn template_text(&mut self) -> Step {
        loop {
            self.at += 1;
            match self.bytes.get(self.at) {
                None => return Err(Stop::Broken),
                Some(b'`') => return Ok(()),
                Some(b'\\') => self.at += 1,
                Some(b'$') if self.byte(self.at + 1) == b'{' => {
                    self.at += 1;
                    self.templates.push(self.template);
                    self.depth += 1;
                    self.template = Some(self.depth);
                    return Ok(());
                }
                Some(_) => {}
            }
        }
    }

    fn regex(&mut self) -> Step {
        let mut class = false;
        loop {
            self.at += 1;
            match self.bytes.get(self.at) {
                None | Some(b'\n' | b'\r') => return Err(Stop::Broken),
                Some(b'\\') => self.at += 1,
                Some(b'[') => class = true,
                Some(b']') => class = false,
                Some(b'/') if !class => return Ok(()),
                Some(_) => {}
            }
        }
    }

    /// Whether a slash here starts a regular expression.
    fn regex_starts(&self) -> bool {
        let (at, last) = (self.last, self.byte(self.last));
        let before = self.byte(at.wrapping_sub(1));
        let closed = self.opens.get(self.depth);
        let value = match last {
            b'.' => before.is_ascii_digit(),
            b'+' | b'-' => before == last,
            _ => false,
        };
        (ends_before_value(last) && !value)
            || (last == b')' && closed.is_some_and(|open| self.takes_condition(open.before)))
            || (last == b'}'
                && closed.is_some_and(|open| open.class || self.starts_block(open.before)))
            || (last == b'/' && self.divided)
            || KEYWORDS.iter().any(|word| self.keyword_ends(at, word))
            || last == 0
    }

    fn takes_condition(&self, at: usize) -> bool {
        ["while", "for", "if"]
            .iter()
            .any(|word| self.ends(at, word))
    }

    fn starts_block(&self, at: usize) -> bool {
        ["=>", ";", ")", "catch", "finally", "else"]
            .iter()
            .any(|word| self.ends(at, word))
    }

    // Pieces of patterns. Each stands after blank space and comments, and moves past itself.

    /// The next byte that is neither blank nor in a comment.
    fn peek(&mut self) -> u8 {
        loop {
            let gap = self.gap(self.at);
            if gap > 0 {
                self.at += gap;
            } else if self.comment() {
                self.at += 1;
            } else {
                return self.byte(self.at);
            }
        }
    }

    fn ahead(&mut self, what: &str) -> bool {
        self.peek();
        self.starts(self.at, what)
    }

    fn here(&mut self, what: &str) -> Step {
        if !self.starts(self.at, what) {
            return Err(Stop::Other);
        }
        self.at += what.len();
        Ok(())
    }

    fn eat(&mut self, what: &str) -> Step {
        self.peek();
        self.here(what)
    }

    fn all(&mut self, whats: &[&str]) -> Step {
        whats.iter().try_for_each(|what| self.eat(what))
    }

    fn may(&mut self, what: &str) -> bool {
        self.eat(what).is_ok()
    }

    fn identifier(&mut self) -> bool {
        let Some(rest) = self.text.get(self.at..) else {
            return false;
        };
        let mut chars = rest.char_indices();
        if !chars
            .next()
            .is_some_and(|(_, first)| Ident::is_valid_start(first))
        {
            return false;
        }
        let end = chars.find(|(_, c)| !Ident::is_valid_continue(*c));
        self.at += end.map_or(rest.len(), |(end, _)| end);
        // Escapes are not read.
        self.byte(self.at) != b'\\'
    }

    fn word(&mut self) -> Step<&'a str> {
        self.peek();
        let start = self.at;
        if self.identifier() {
            Ok(&self.text[start..self.at])
        } else {
            Err(Stop::Other)
        }
    }

    /// A string with its quotes.
    fn literal(&mut self) -> Step<&'a str> {
        let quote = self.peek();
        if quote != b'\'' && quote != b'"' {
            return Err(Stop::Other);
        }
        let start = self.at;
        self.string(quote)?;
        self.at += 1;
        Ok(&self.text[start..self.at])
    }

    fn quoted(&mut self, what: &str) -> Step {
        let quote = match self.peek() {
            b'"' => "\"",
            b'\'' => "'",
            _ => return Err(Stop::Other),
        };
        self.at += 1;
        self.here(what)?;
        self.eat(quote)
    }

    /// `exports` or `module.exports`.
    fn exports_object(&mut self) -> Step {
        self.peek();
        let back = self.at;
        if self.starts(self.at, "module") {
            self.at += 6;
            if !self.may(".") {
                self.at = back;
                return Err(Stop::Other);
            }
        }
        let found = self.eat("exports");
        if found.is_err() {
            self.at = back;
        }
        found
    }

    /// `get() {` or `get: function name() {`.
    fn getter_head(&mut self) -> Step {
        self.eat("get")?;
        if self.may(":") {
            self.eat("function")?;
            let after = self.at;
            if self.peek() != b'(' {
                if self.at == after {
                    return Err(Stop::Other);
                }
                self.word()?;
            }
        }
        self.all(&["(", ")", "{"])
    }

    // The patterns.

    /// `require("x")`, from its first letter to its closing bracket.
    fn require(&mut self) -> Step<Option<&'a str>> {
        let back = self.at;
        if !self.starts(self.at + 1, "equire") {
            return Ok(None);
        }
        self.at += 7;
        let found = self
            .eat("(")
            .and_then(|()| self.literal())
            .and_then(|from| match self.peek() {
                b')' => Ok(from),
                _ => Err(Stop::Other),
            });
        match found {
            Ok(from) => Ok(Some(from)),
            Err(Stop::Other) => {
                self.at = back;
                Ok(None)
            }
            Err(broken) => Err(broken),
        }
    }

    /// `var x = require("y")`, where what gives the value starts at `start`.
    fn bind_required(&mut self, start: usize) -> Step {
        let Some(from) = self.require()? else {
            return Ok(());
        };
        self.asked = decode(from);
        if !self.word_starts(start) {
            return Ok(());
        }
        let head = self.text[..start].trim_end_matches(' ');
        let Some(head) = head.strip_suffix('=') else {
            return Ok(());
        };
        let head = head.trim_end_matches(' ');
        let keyword = head.trim_end_matches(Ident::is_valid_continue);
        let name = &head[keyword.len()..];
        if !name.starts_with(Ident::is_valid_start) || !keyword.ends_with(' ') {
            return Ok(());
        }
        let keyword = keyword.trim_end_matches(' ');
        if ["var", "let", "const"]
            .iter()
            .any(|word| keyword.ends_with(word))
        {
            self.stars.insert(name, self.asked.clone());
        }
        Ok(())
    }

    fn import(&mut self) -> Step {
        let start = self.at;
        self.at += 6;
        match self.peek() {
            b'(' => {
                self.last = start;
                self.open();
                Ok(())
            }
            b'.' | b'"' | b'\'' | b'{' | b'*' => Err(Stop::Broken),
            _ if self.at == start + 6 => Ok(()),
            _ => Err(Stop::Broken),
        }
    }

    fn export_statement(&mut self) -> Step {
        self.at += 6;
        let after = self.at;
        let next = self.peek();
        if self.at == after && !is_punctuator(next) {
            return Ok(());
        }
        Err(Stop::Broken)
    }

    /// `exports.x =`, `exports["x"] =`, and with `whole` (after `module.`) `= { … }` and
    /// `= require("x")`.
    fn exports_assignment(&mut self, whole: bool) -> Step {
        self.at += 7;
        let back = self.at - 1;
        match self.peek() {
            b'.' => {
                self.at += 1;
                if let Ok(name) = self.word()
                    && self.peek() == b'='
                {
                    self.found.names.insert(name.to_string());
                    return Ok(());
                }
            }
            b'[' => {
                self.at += 1;
                match self.literal() {
                    Ok(name) => {
                        if self.all(&["]", "="]).is_ok() {
                            self.found.names.extend(decode(name));
                        }
                    }
                    Err(Stop::Other) => {}
                    Err(broken) => return Err(broken),
                }
            }
            b'=' if whole => {
                self.found.reexports.clear();
                self.at += 1;
                match self.peek() {
                    b'{' => return self.object_literal(),
                    b'r' => {
                        if let Some(from) = self.require()? {
                            self.found.reexports.extend(decode(from));
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        self.at = back;
        Ok(())
    }

    /// `{ a, b: c, "d": e, ...require("x") }`, up to the first thing that is something else.
    fn object_literal(&mut self) -> Step {
        // As if the brace had not been looked at.
        let back = self.at - 1;
        while self.at < self.bytes.len() {
            self.at += 1;
            match self.property() {
                Ok(b'}') => return Ok(()),
                Ok(b',') => {}
                Ok(_) | Err(Stop::Other) => {
                    self.at = back;
                    return Ok(());
                }
                Err(broken) => return Err(broken),
            }
        }
        Ok(())
    }

    /// One property; gives the byte after it.
    fn property(&mut self) -> Step<u8> {
        match self.peek() {
            b'.' => {
                self.here("...")?;
                let required = if self.byte(self.at) == b'r' {
                    self.require()?
                } else {
                    None
                };
                match required {
                    Some(from) => {
                        self.found.reexports.extend(decode(from));
                        self.at += 1;
                    }
                    None if self.identifier() => {}
                    None => return Err(Stop::Other),
                }
                Ok(self.peek())
            }
            b'\'' | b'"' => {
                let name = self.literal()?;
                if !self.may(":") {
                    return Ok(self.byte(self.at));
                }
                self.word()?;
                self.found.names.extend(decode(name));
                Ok(self.byte(self.at))
            }
            _ => {
                let name = self.word()?;
                if self.may(":") {
                    self.word()?;
                }
                self.found.names.insert(name.to_string());
                // Blank space after a value is not passed over.
                Ok(self.byte(self.at))
            }
        }
    }

    /// `Object.defineProperty(exports, …)`, and at the top `Object.keys(x).forEach(…)`.
    fn object_call(&mut self) -> Step {
        self.at += 6;
        let mut back = self.at - 1;
        if self.may(".") {
            if self.ahead("defineProperty") {
                self.at += 14;
                back = self.at - 1;
                let mut name = None;
                match self.define(&mut name) {
                    Ok(how) => {
                        self.found.names.extend(name.and_then(decode));
                        if let Defined::Getter = how {
                            return Ok(());
                        }
                    }
                    Err(Stop::Other) => self.doubtful.extend(name.and_then(decode)),
                    Err(broken) => return Err(broken),
                }
            } else if self.depth == 0 && self.starts(self.at, "keys") {
                self.at += 4;
                back = self.at - 1;
                match self.star(&mut back) {
                    Ok(id) => match self.stars.get(id) {
                        Some(Some(from)) => {
                            self.found.reexports.insert(from.clone());
                        }
                        _ => return Ok(()),
                    },
                    Err(Stop::Other) => {}
                    Err(broken) => return Err(broken),
                }
            }
        }
        self.at = back;
        Ok(())
    }

    /// The rest of `Object.defineProperty`, of which the name is left in `name`.
    fn define(&mut self, name: &mut Option<&'a str>) -> Step<Defined> {
        self.eat("(")?;
        self.exports_object()?;
        self.eat(",")?;
        *name = Some(self.literal()?);
        self.all(&[",", "{"])?;
        if self.peek() == b'e' {
            self.all(&["enumerable", ":", "true", ","])?;
        }
        if self.peek() == b'v' {
            self.all(&["value", ":"])?;
            return Ok(Defined::Value);
        }
        self.getter_head()?;
        self.eat("return")?;
        self.word()?;
        if self.may(".") {
            self.word()?;
        } else if self.may("[") {
            self.literal()?;
            self.eat("]")?;
        }
        self.may(";");
        self.eat("}")?;
        self.may(",");
        self.eat("}")?;
        self.closed()?;
        Ok(Defined::Getter)
    }

    /// Stays at a closing bracket, which is the last byte of the pattern.
    fn closed(&mut self) -> Step {
        match self.peek() {
            b')' => Ok(()),
            _ => Err(Stop::Other),
        }
    }

    /// The loop that Babel writes for `export *`, after `Object.keys`; gives the variable.
    fn star(&mut self, back: &mut usize) -> Step<&'a str> {
        self.eat("(")?;
        let from = self.word()?;
        self.eat(")")?;
        *back = self.at - 1;
        self.all(&[".", "forEach"])?;
        self.peek();
        *back = self.at - 1;
        self.all(&["(", "function", "("])?;
        let key = self.word()?;
        self.all(&[")", "{", "if", "(", key])?;
        match self.peek() {
            b'=' => {
                self.eat("===")?;
                self.quoted("default")?;
                self.all(&["||", key, "==="])?;
                self.quoted("__esModule")?;
                self.all(&[")", "return"])?;
                self.may(";");
                if self.may("if") {
                    self.other_conditions(from, key)?;
                }
            }
            b'!' => {
                self.eat("!==")?;
                self.quoted("default")?;
                if self.peek() == b'&' {
                    self.all(&["&&", "!"])?;
                    if self.ahead("Object.") {
                        self.has_own(key)?;
                    } else {
                        self.word()?;
                        self.all(&[".", "hasOwnProperty", "(", key, ")"])?;
                    }
                }
                self.eat(")")?;
            }
            _ => return Err(Stop::Other),
        }
        if self.exports_object().is_ok() {
            self.all(&["[", key, "]", "=", from, "[", key, "]"])?;
        } else {
            self.all(&["Object", ".", "defineProperty", "("])?;
            self.exports_object()?;
            self.all(&[",", key, ",", "{", "enumerable", ":"])?;
            if self.peek() != b't' && !self.starts(self.at + 1, "rue") {
                return Err(Stop::Other);
            }
            self.at += 4;
            self.eat(",")?;
            self.getter_head()?;
            self.all(&["return", from, "[", key, "]"])?;
            self.may(";");
            self.eat("}")?;
            self.may(",");
            self.all(&["}", ")"])?;
        }
        self.may(";");
        self.eat("}")?;
        self.closed()?;
        Ok(from)
    }

    /// What Babel asks beyond the name, after `if`: whether the name is there already.
    fn other_conditions(&mut self, from: &str, key: &str) -> Step {
        self.eat("(")?;
        let inside = self.at;
        match self.has_own(key) {
            Ok(()) => {
                self.all(&[")", "return"])?;
                self.may(";");
                if !self.may("if") {
                    return Ok(());
                }
                self.eat("(")?;
            }
            Err(_) => self.at = inside,
        }
        self.here(key)?;
        self.eat("in ")?;
        self.exports_object()?;
        self.eat("&&")?;
        self.exports_object()?;
        self.all(&["[", key, "]", "===", from, "[", key, "]", ")", "return"])?;
        self.may(";");
        Ok(())
    }

    /// `Object.prototype.hasOwnProperty.call(names, key)`.
    fn has_own(&mut self, key: &str) -> Step {
        self.all(&["Object", "."])?;
        if self.may("prototype") {
            self.eat(".")?;
        }
        self.all(&["hasOwnProperty", ".", "call", "("])?;
        self.word()?;
        self.all(&[",", key, ")"])
    }
}

/// Words after which a value stands.
const KEYWORDS: [&str; 14] = [
    "case",
    "debugger",
    "delete",
    "do",
    "else",
    "in",
    "instanceof",
    "new",
    "return",
    "throw",
    "typeof",
    "void",
    "yield",
    "await",
];

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_gap(byte: u8) -> bool {
    matches!(byte, 9..=13 | b' ')
}

fn is_punctuator(byte: u8) -> bool {
    matches!(byte, b'!' | b'%' | b'&' | b'('..=b'/' | b':'..=b'?' | b'[' | b']' | b'^' | b'{'..=b'~')
}

/// Punctuators after which a value stands.
fn ends_before_value(byte: u8) -> bool {
    is_punctuator(byte) && !matches!(byte, b')' | b'/' | b']' | b'}')
}

/// What a string literal says; a word says itself.
fn decode(literal: &str) -> Option<String> {
    let mut chars = literal.chars();
    let quote = chars.next().filter(|c| matches!(c, '"' | '\''))?;
    let mut units: Vec<u16> = Vec::new();
    let mut chars = chars.peekable();
    let push = |units: &mut Vec<u16>, c: char| {
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    };
    loop {
        match chars.next()? {
            c if c == quote => break,
            '\n' | '\r' => return None,
            '\\' => match chars.next()? {
                '\r' => {
                    chars.next_if_eq(&'\n');
                }
                '\n' | '\u{2028}' | '\u{2029}' => {}
                'r' => units.push(13),
                'n' => units.push(10),
                't' => units.push(9),
                'b' => units.push(8),
                'f' => units.push(12),
                'v' => units.push(11),
                'x' => {
                    let mut unit = 0;
                    for _ in 0..2 {
                        unit = unit * 16 + chars.next()?.to_digit(16)?;
                    }
                    push(&mut units, char::from_u32(unit)?);
                }
                'u' if chars.next_if_eq(&'{').is_some() => {
                    let mut code = chars.next()?.to_digit(16)?;
                    while chars.next_if_eq(&'}').is_none() {
                        code = code * 16 + chars.next()?.to_digit(16)?;
                        if code > 0x10_FFFF {
                            return None;
                        }
                    }
                    push(&mut units, char::from_u32(code)?);
                }
                'u' => {
                    let mut unit = 0;
                    for _ in 0..4 {
                        unit = unit * 16 + chars.next()?.to_digit(16)?;
                    }
                    units.push(u16::try_from(unit).ok()?);
                }
                first @ '0'..='7' => {
                    let more = if first <= '3' { 2 } else { 1 };
                    let mut code = first.to_digit(8)?;
                    for _ in 0..more {
                        let Some(next) = chars.peek().and_then(|c| c.to_digit(8)) else {
                            break;
                        };
                        code = code * 8 + next;
                        chars.next();
                    }
                    push(&mut units, char::from_u32(code)?);
                }
                c => push(&mut units, c),
            },
            c => push(&mut units, c),
        }
    }
    // Half a character is no name.
    String::from_utf16(&units).ok()
}
