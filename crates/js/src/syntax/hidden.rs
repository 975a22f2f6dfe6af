//! What a bundle hides from the minifier.
//!
//! In: expressions of the readable program that the minifier would take for something else than they are. Out: names
//! that nothing declares, which it must leave where they are, and after it has run the text in their places. A
//! value that must stay as it is becomes `__coldcut_hidden_1_`; an expression that must stay, but may change
//! inside, `__coldcut_hidden_1_(expression)`, of which the parentheses remain.

use swc_core::common::{DUMMY_SP, SyntaxContext};
use swc_core::ecma::ast::*;

const MARK: &str = "__coldcut_hidden_";

/// Stands for a name and the parenthesis behind it.
const BARE: &str = "(0,";

/// The texts that are hidden, by the numbers of their names.
#[derive(Debug)]
pub(super) struct Hidden {
    unresolved: SyntaxContext,
    texts: Vec<String>,
}

/// A place of a text, line and column from 0, columns in UTF-16 units.
pub(super) trait Placed {
    fn at(&self) -> (u32, u32);
    fn set_col(&mut self, col: u32);
}

impl Hidden {
    pub fn new(unresolved: SyntaxContext) -> Self {
        Self {
            unresolved,
            texts: Vec::new(),
        }
    }

    fn name(&mut self, text: String) -> Ident {
        let name = format!("{MARK}{}_", self.texts.len());
        self.texts.push(text);
        Ident::new(name.into(), DUMMY_SP, self.unresolved)
    }

    /// A value that the minifier must not know; `text` is how it is written, as an operand of anything.
    pub fn value(&mut self, text: String) -> Expr {
        Expr::Ident(self.name(text))
    }

    /// The name of a member, written as `text`.
    pub fn key(&mut self, text: String) -> IdentName {
        self.name(text).into()
    }

    /// An expression that the minifier must leave where it is, even where nothing uses its value.
    pub fn expression(&mut self, expr: &mut Expr) {
        self.wrap(expr, String::new());
    }

    /// A function that must be called without the object that it is read from: `(0, expression)`.
    pub fn bare_callee(&mut self, expr: &mut Expr) {
        self.wrap(expr, BARE.to_owned());
    }

    fn wrap(&mut self, expr: &mut Expr, text: String) {
        let inner = std::mem::replace(expr, Expr::Invalid(Invalid { span: DUMMY_SP }));
        *expr = Expr::Call(CallExpr {
            span: DUMMY_SP,
            callee: Callee::Expr(Box::new(self.value(text))),
            args: vec![inner.into()],
            ..Default::default()
        });
    }

    /// Whether the names in the readable text are these alone.
    pub fn is_told_apart(&self, readable: &str) -> bool {
        self.texts.is_empty() || readable.matches(MARK).count() <= self.texts.len()
    }

    /// The text with everything in its place again, and its places, which are in the order of the text.
    pub fn shown<P: Placed>(&self, code: String, places: &mut [P]) -> String {
        if self.texts.is_empty() {
            return code;
        }
        let mut out = String::with_capacity(code.len());
        let mut places = places.iter_mut().peekable();
        let (mut last, mut line, mut start) = (0, 0, 0);
        // How much further on its line everything is.
        let mut moved = 0_i64;
        let mut move_to = |line: u32, col: u32, moved: i64| {
            while let Some(place) = places.next_if(|place| place.at() <= (line, col)) {
                let (own, col) = place.at();
                if own == line {
                    place.set_col((i64::from(col) + moved) as u32);
                }
            }
        };
        for (at, _) in code.match_indices(MARK) {
            let number = &code[at + MARK.len()..];
            let digits = number
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(number.len());
            let Some(text) = number[..digits]
                .parse()
                .ok()
                .and_then(|number: usize| self.texts.get(number))
            else {
                continue;
            };
            let before = &code[last..at];
            if let Some(newline) = before.rfind('\n') {
                move_to(line, u32::MAX, moved);
                line += before.matches('\n').count() as u32;
                start = last + newline + 1;
                moved = 0;
            }
            let col = code[start..at].encode_utf16().count() as u32;
            move_to(line, col, moved);
            out.push_str(before);
            out.push_str(text);
            last = at + MARK.len() + digits + 1 + usize::from(text == BARE);
            moved += text.encode_utf16().count() as i64 - (last - at) as i64;
        }
        move_to(line, u32::MAX, moved);
        out.push_str(&code[last..]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Placed for (u32, u32) {
        fn at(&self) -> (u32, u32) {
            *self
        }
        fn set_col(&mut self, col: u32) {
            self.1 = col;
        }
    }

    #[test]
    fn texts_are_put_back_and_places_move_with_them() {
        let mut hidden = Hidden::new(SyntaxContext::empty());
        hidden.value("\"ä\"".to_string());
        hidden.value(String::new());
        hidden.texts.push(BARE.to_owned());
        let code = "a(__coldcut_hidden_0_,__coldcut_hidden_1_(b));c\n;d(__coldcut_hidden_0_)+e;__coldcut_hidden_2_(f)()";
        let at = |text: &str, line: u32, start: usize| {
            let found = code[start..].find(text).unwrap_or_default();
            (line, found as u32)
        };
        let second = code.find('\n').unwrap_or_default() + 1;
        let mut places = [
            (0, 0),
            at("(b", 0, 0),
            at(";c", 0, 0),
            (1, 1),
            at("+e", 1, second),
        ];
        let shown = hidden.shown(code.to_string(), &mut places);
        assert_eq!(shown, "a(\"ä\",(b));c\n;d(\"ä\")+e;(0,f)()");
        assert_eq!(places, [(0, 0), (0, 6), (0, 10), (1, 1), (1, 7)]);
    }
}
