//! Random functions, classes and objects, most of them used for nothing.
//!
//! In: a seed. Out: a [`Graph`] whose modules call each other's functions at the top and throw away
//! what they give. Some do nothing, some print, set a variable, run a setter or change an object
//! that somebody else has; what can be left out must be told from what cannot.

use std::fmt::Write;

use crate::graphs::Graph;
use crate::support::Random;

/// Adds a line; `write!` to a `String` cannot fail.
macro_rules! line {
    ($to:expr, $($text:tt)*) => { writeln!($to, $($text)*).unwrap() };
}

/// Functions and classes of each module, by number: `f3`, `C3`.
const EACH: usize = 4;

pub fn graph(seed: u64) -> Graph {
    let mut random = Random::new(seed ^ 0x5EED);
    let count = 2 + random.below(3);
    let mut files = Vec::new();
    for at in 0..count {
        let name = if at == 0 {
            "main.mjs".to_string()
        } else {
            format!("m{at}.mjs")
        };
        let text = Maker {
            random: &mut random,
            at,
            count,
        }
        .module();
        files.push((name, text));
    }
    Graph { files }
}

struct Maker<'r> {
    random: &'r mut Random,
    at: usize,
    count: usize,
}

impl Maker<'_> {
    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.random.below(from.len())]
    }

    /// The module's own things, or those of one after it: so nothing is asked for too early.
    fn from(&mut self) -> String {
        let rest = self.count - self.at;
        let to = self.at + self.random.below(rest);
        if to == self.at {
            String::new()
        } else {
            format!("m{to}.")
        }
    }

    fn value(&mut self) -> String {
        let from = self.from();
        let n = self.random.below(EACH);
        match self.random.below(12) {
            0 => "1".into(),
            1 => "'text'".into(),
            2 => "{}".into(),
            3 => format!("{from}shared{n}"),
            4 => "[1, 2]".into(),
            5 => format!("() => {from}f{n}(1)"),
            6 => format!("{from}state"),
            7 => "'a,b'.split(',').map((one) => one)".into(),
            8 => "'text'.replace('t', () => 'x').trim()".into(),
            9 => "[3, 1].filter((one) => one > 1)".into(),
            10 => "{ set x(v) { console.log('setter of a literal'); } }".into(),
            _ => "undefined".into(),
        }
    }

    /// A statement of a function that has `a` and `b`, and a local `o` and `n`.
    fn statement(&mut self) -> String {
        let from = self.from();
        let k = self.random.below(EACH);
        let value = self.value();
        match self.random.below(24) {
            0 => "o.x = a;".into(),
            1 => "a.x = 1;".into(),
            2 => "o = a;".into(),
            3 => format!("state{} += 1;", if self.random.chance(50) { "" } else { "2" }),
            4 => format!("console.log('f', {k});"),
            5 => format!("{from}f{k}(o, n);"),
            6 => format!("new {from}C{k}(a);"),
            7 => "for (let i = 0; i < 2; i++) { o.y = i; }".into(),
            8 => format!("for (let i = 0; i < 2; i++) {{ o.y = i; o = shared{k}; }}"),
            9 => "try { n += 1; } catch { console.log('caught'); }".into(),
            10 => "if (a === 1) n = 2; else n = 'b';".into(),
            11 => format!("shared{k}.z = n;"),
            12 => "const inner = () => { o.w = 1; }; inner();".into(),
            13 => "const touch = (p) => { p.v = 1; }; touch(b);".into(),
            14 => "switch (n) { case 1: n = 3; break; default: n = 4; }".into(),
            15 => "b = { x: a };".into(),
            16 => "const { x = 1 } = { x: n }; n = x;".into(),
            17 => format!("const list = [{value}]; list.push(n);"),
            18 => "(function () { n++; })();".into(),
            19 => "while (false) { console.log('never'); }".into(),
            20 => format!("const got = {value}; n = typeof got;"),
            21 => "n = `${n}`.length;".into(),
            22 => "Object.assign(o, { q: 1 });".into(),
            _ => "Object.defineProperty(o, 'x', { set(v) { console.log('defined setter'); }, configurable: true });".into(),
        }
    }

    fn body(&mut self) -> String {
        let mut out = String::from("let o = {}, n = 1; ");
        for _ in 0..self.random.below(4) {
            out.push_str(&self.statement());
            out.push(' ');
        }
        let back = self
            .pick(&["o", "n", "[n]", "() => o", "a", "undefined"])
            .to_string();
        write!(out, "return {back};").unwrap();
        out
    }

    fn function(&mut self, n: usize) -> String {
        let body = self.body();
        // Calls go to smaller numbers or stop: nothing runs for ever.
        let guard = "if (++depth > 40) return; ";
        match self.random.below(6) {
            0 => format!("export const f{n} = (a, b = {{}}) => {{ {guard}{body} }};"),
            1 => format!("export async function f{n}(a, b = {{}}) {{ {guard}{body} }}"),
            2 => format!("export function* f{n}(a, b = {{}}) {{ {guard}{body} }}"),
            3 => format!(
                "export function f{n}(a, b = console.log('default {n}')) {{ {guard}return a; }}"
            ),
            _ => format!("export function f{n}(a, b = {{}}) {{ {guard}{body} }}"),
        }
    }

    fn class(&mut self, n: usize) -> String {
        let extends = if n > 0 && self.random.chance(50) {
            format!(" extends C{}", self.random.below(n))
        } else {
            String::new()
        };
        let call = if extends.is_empty() { "" } else { "super(a); " };
        let member = self.pick(&[
            "",
            "field = 1;",
            "field = console.log('field');",
            "set x(v) { console.log('class setter', typeof v); }",
            "get x() { return 1; }",
            "static made = 1;",
            "#own = 1;",
            "method() { console.log('method'); }",
        ]);
        let set = self.pick(&[
            "",
            "this.x = a;",
            "this.method?.();",
            "this.y = {};",
            "state++;",
        ]);
        let constructor = if self.random.chance(70) {
            format!("constructor(a) {{ {call}{set} }}")
        } else {
            String::new()
        };
        format!("export class C{n}{extends} {{ {member} {constructor} }}")
    }

    fn top(&mut self, tag: usize) -> String {
        let from = self.from();
        let k = self.random.below(EACH);
        let value = self.value();
        match self.random.below(15) {
            12 => format!(
                "const held{tag} = {{ in: shared{k} }};\nconst alias{tag} = held{tag}.in;\nalias{tag}.aliased = 1;"
            ),
            13 => format!(
                "const held{tag} = {{ in: {from}shared{k} }};\n(function (o) {{ o.handed = 1; }})(held{tag}.in);"
            ),
            14 => format!("const alias{tag} = shared{k};\nalias{tag}.renamed = 1;"),
            0 | 1 => format!("const u{tag} = {from}f{k}({value});"),
            2 => format!("const u{tag} = {from}f{k}({value}, {});", self.value()),
            3 | 4 => format!("const u{tag} = new {from}C{k}({value});"),
            5 => format!("{from}f{k}(shared{k});"),
            6 => format!("const u{tag} = {value};"),
            7 => format!("C{k}.prototype.added = () => {value};"),
            8 => format!(
                "Object.defineProperty(C{k}.prototype, 'y', {{ set(v) {{ console.log('late setter'); }}, configurable: true }});"
            ),
            9 => format!(
                "const u{tag} = (function (a) {{ {} return a; }})({value});",
                "let o = {}, n = 1; o.x = n;"
            ),
            10 => format!(
                "try {{ {from}f{k}({value}); }} catch (error) {{ console.log(error.name); }}"
            ),
            _ => {
                format!("const u{tag} = typeof {from}f{k} === 'function' ? 1 : console.log('no');")
            }
        }
    }

    fn module(&mut self) -> String {
        let mut out = String::new();
        for to in self.at + 1..self.count {
            line!(out, "import * as m{to} from './m{to}.mjs';");
        }
        line!(
            out,
            "export let state = 0;\nexport let state2 = 0;\nlet depth = 0;"
        );
        for n in 0..EACH {
            line!(out, "export const shared{n} = {{ n: {n} }};");
        }
        for n in 0..EACH {
            let function = self.function(n);
            line!(out, "{function}");
            let class = self.class(n);
            line!(out, "{class}");
        }
        for tag in 0..3 + self.random.below(5) {
            let top = self.top(tag);
            line!(out, "{top}");
        }
        // What was changed by then is seen by the entry alone.
        if self.at == 0 {
            line!(out, "console.log('end');");
            for at in 0..self.count {
                let from = if at == 0 {
                    String::new()
                } else {
                    format!("m{at}.")
                };
                if self.random.chance(40) {
                    line!(out, "console.log({at}, {from}state);");
                }
                if self.random.chance(30) {
                    let n = self.random.below(EACH);
                    line!(
                        out,
                        "console.log({at}, Object.keys({from}shared{n}).join());"
                    );
                }
            }
        }
        out
    }
}
