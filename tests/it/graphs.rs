//! Random module graphs.
//!
//! In: a seed. Out: [`Graph`]: some files, the first of which is the entry. ES modules and CommonJS
//! are mixed, with cycles, side effects, re-exports, live bindings, and all the ways in which
//! CommonJS gives its exports, whether or not Node finds their names.

use std::fmt::Write;

use crate::support::Random;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    pub files: Vec<(String, String)>,
}

/// Adds a line; `write!` to a `String` cannot fail.
macro_rules! line {
    ($to:expr, $($text:tt)*) => { writeln!($to, $($text)*).unwrap() };
}

pub fn graph(seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let count = 2 + random.below(6);
    let esm: Vec<bool> = (0..count).map(|_| random.chance(55)).collect();
    let mut maker = Maker {
        random,
        esm,
        asked_early: false,
    };
    let files = (0..count)
        .map(|at| {
            let text = if maker.esm[at] {
                maker.es_module(at)
            } else {
                maker.common_js(at)
            };
            (maker.name(at), text)
        })
        .collect();
    Graph { files }
}

struct Maker {
    random: Random,
    esm: Vec<bool>,
    /// Which of two `import()`s is read first is the disk's to say.
    asked_early: bool,
}

/// What code may do that is not strict. `@` is the number of its module.
const SLOPPY: [&str; 15] = [
    "leak@ = @;\nconsole.log(@, typeof globalThis.leak@, delete globalThis.leak@);",
    "function linked@(a, b) { arguments[0] = 'x'; b = 'y'; return [a, arguments[1], arguments.length].join(); }\nconsole.log(@, linked@(1, 2), linked@(1));",
    "function twice@(a, a) { return a; }\nconsole.log(@, twice@(1, 2));",
    "with ({ value: 'with @' }) console.log(value);",
    "console.log(@, delete exports.nothing@, delete globalThis.nothing@);",
    "console.log(@, '\\101', 010 + 1);",
    "console.log(@, typeof block@);\n{ function block@() { return 'block'; } }\nconsole.log(@, typeof block@, block@());",
    "if (@ >= 0) function branch@() { return 'branch'; }\nconsole.log(@, branch@());",
    "eval('var made@ = @ + 1');\nconsole.log(@, made@);",
    "console.log(@, (function () { return this === globalThis; })(), [0].map(function () { return typeof this; }).join());",
    "console.log(@, (function me@() { me@ = 1; return typeof me@; })());",
    "const own@ = { run() { return typeof this; } };\nconst taken@ = own@.run;\nconsole.log(@, taken@(), (0, own@.run)(), own@.run());",
    "var yield, let@ = 1, static;\nconsole.log(@, typeof yield, typeof static, let@);",
    "function boxed@() { return typeof this; }\nconsole.log(@, boxed@.call('x'), boxed@.call(null));",
    "console.log(@, (function () { return arguments.callee.length; })(), function (a) {}.length);",
];

impl Maker {
    fn name(&self, at: usize) -> String {
        format!(
            "{}{at}.{}",
            if at == 0 { "main" } else { "m" },
            if self.esm[at] { "mjs" } else { "cjs" }
        )
    }

    /// Another module, and a number for names that belong to asking for it.
    fn other(&mut self) -> (usize, String, u64) {
        let to = self.random.below(self.esm.len());
        (to, self.name(to), self.random.next() % 100_000)
    }

    fn key(&mut self) -> &'static str {
        const KEYS: [&str; 8] = [
            "value",
            "list",
            "spare",
            "ghost",
            "computed",
            "default",
            "bump",
            "__esModule",
        ];
        KEYS[self.random.below(KEYS.len())]
    }

    /// A look at a namespace object; from Node 23 on there is a name more. `Object.keys` reads
    /// every name, and throws where one is not set yet; namespaces in bundles do not.
    fn looks(&mut self, at: usize, namespace: &str) -> String {
        let key = self.key();
        match self.random.below(6) {
            0 => format!(
                "console.log({at}, Reflect.ownKeys({namespace}).filter((k) => typeof k === 'string' && k !== 'module.exports').join());"
            ),
            1 => {
                format!("console.log({at}, {namespace}.value, {namespace}['{key}'] === undefined);")
            }
            2 => format!("console.log({at}, '{key}' in {namespace}, typeof {namespace}.{key});"),
            3 => format!(
                "const {{ {key}: read, ...others }} = {namespace}; console.log({at}, typeof read, Object.keys(others).length > 1);"
            ),
            4 => format!(
                "const {{ {key}: read, value: seen = 'none' }} = {namespace}; console.log({at}, typeof read, seen);"
            ),
            _ => format!(
                "console.log({at}, typeof {namespace}.default, {namespace}.{key} === {namespace}.default);"
            ),
        }
    }

    /// Every module exports the same kinds of things, so that any can use any other.
    fn es_module(&mut self, at: usize) -> String {
        let mut head = String::new();
        let mut body = format!("console.log('run {at}');\n");
        let asking = self.random.below(3) + usize::from(at == 0);
        for _ in 0..asking {
            self.import(at, &mut head, &mut body);
        }
        line!(body, "export let value = 'v{at}';");
        line!(
            body,
            "export function bump() {{ value += '+'; return inner(1); }}"
        );
        line!(body, "function inner(n) {{ return {{ n, value }}; }}");
        line!(body, "export const list = [inner(2).n];");
        line!(
            body,
            "export class Spare{at} {{ static made = 's{at}'; run() {{ return list; }} }}"
        );
        if self.random.chance(30) {
            line!(
                body,
                "Spare{at}.prototype.more = function () {{ return this.run(); }};\nconsole.log(new Spare{at}().more().length);"
            );
        }
        if self.random.chance(40) {
            line!(body, "const unused{at} = console.log('effect {at}');");
        }
        line!(
            body,
            "{}",
            [
                "export default { value: 'default' };",
                "export default function named() { return value; }",
                "export { list as default };",
                "export default inner;",
            ][self.random.below(4)]
        );
        self.oddities(at, &mut body);
        line!(body, "value += '.';");
        head + &body
    }

    /// What ES modules may have besides.
    fn oddities(&mut self, at: usize, body: &mut String) {
        match self.random.below(9) {
            0 => line!(
                body,
                "export const {{ a{at}, b: [c{at} = 'd'] }} = {{ a{at}: {at}, b: [] }};\nconsole.log({at}, a{at}, c{at});"
            ),
            1 => line!(
                body,
                "export var hoisted{at} = value;\nhoisted{at} += typeof this;"
            ),
            2 => line!(
                body,
                "export {{ value as renamed{at}, inner as 'odd name {at}' }};\nconsole.log({at}, typeof import.meta.url);"
            ),
            3 => line!(
                body,
                "export async function* stream{at}() {{ yield value; }}\nglobalThis.later.push(async () => {{ for await (const one of stream{at}()) console.log({at}, one); }});"
            ),
            4 => line!(
                body,
                "globalThis.later.push(() => import('./missing{at}.mjs').catch((error) => console.log({at}, error.name)));"
            ),
            5 => line!(
                body,
                "switch (value) {{ default: {{ function inner() {{ return 'block'; }} console.log({at}, inner()); }} }}"
            ),
            _ => {}
        }
    }

    fn import(&mut self, at: usize, head: &mut String, body: &mut String) {
        let (to, from, tag) = self.other();
        match self.random.below(16) {
            0 => line!(head, "import './{from}';"),
            1 | 2 => {
                line!(
                    head,
                    "import {{ value as v{tag}, bump as b{tag} }} from './{from}';"
                );
                line!(
                    body,
                    "try {{ console.log({at}, v{tag}); b{tag}(); console.log({at}, v{tag}, typeof b{tag}); }} catch (error) {{ console.log({at}, error.name); }}"
                );
            }
            3 | 4 => {
                let both = if self.random.chance(30) {
                    line!(
                        body,
                        "try {{ console.log({at}, typeof d{tag}); }} catch (error) {{ console.log({at}, error.name); }}"
                    );
                    format!("d{tag}, ")
                } else {
                    String::new()
                };
                line!(head, "import {both}* as n{tag} from './{from}';");
                for _ in 0..1 + self.random.below(2) {
                    let looks = self.looks(at, &format!("n{tag}"));
                    line!(
                        body,
                        "try {{ {looks} }} catch (error) {{ console.log({at}, error.name); }}"
                    );
                }
            }
            5 => {
                line!(head, "import d{tag}, {{ list as i{tag} }} from './{from}';");
                line!(
                    body,
                    "try {{ console.log({at}, typeof d{tag}, d{tag} && d{tag}.value, i{tag} && i{tag}.length); }} catch (error) {{ console.log({at}, error.name); }}"
                );
            }
            6 => {
                line!(head, "import d{tag} from './{from}';");
                line!(
                    body,
                    "try {{ console.log({at}, typeof d{tag}, d{tag} && d{tag}.value); }} catch (error) {{ console.log({at}, error.name); }}"
                );
            }
            7 => line!(
                head,
                "export {{ value as again{tag}, list as l{tag} }} from './{from}';"
            ),
            8 | 9 => line!(head, "export * from './{from}';"),
            10 => line!(head, "export * as all{tag} from './{from}';"),
            11 => {
                line!(head, "import {{ list as x{tag} }} from './{from}';");
                line!(
                    body,
                    "export {{ x{tag} }};\nexport const read{tag} = () => x{tag};"
                );
            }
            12 => {
                line!(head, "import * as n{tag} from './{from}';");
                line!(
                    body,
                    "const show{tag} = (ns) => Object.keys(ns).map((key) => key + typeof ns[key]).filter((key) => !key.startsWith('module')).join();\nglobalThis.later.push(() => console.log({at}, show{tag}(n{tag})));"
                );
            }
            13 => {
                let builtin = ["node:path", "util", "node:events"][self.random.below(3)];
                match self.random.below(4) {
                    0 => {
                        line!(head, "import * as n{tag} from '{builtin}';");
                        line!(
                            body,
                            "console.log({at}, Reflect.ownKeys(n{tag}).length, n{tag}.default === n{tag}.default.default);"
                        );
                    }
                    1 => {
                        line!(head, "import d{tag} from '{builtin}';");
                        line!(
                            body,
                            "console.log({at}, typeof d{tag}, Object.keys(d{tag}).length);"
                        );
                    }
                    2 => line!(head, "export * from '{builtin}';"),
                    _ => line!(
                        body,
                        "globalThis.later.push(async () => {{ const n = await import('{builtin}'); console.log({at}, Object.keys(n).length, typeof n.default); }});"
                    ),
                }
            }
            _ => self.import_call(at, to, &from, body),
        }
    }

    fn import_call(&mut self, at: usize, to: usize, from: &str, body: &mut String) {
        let looks = self.looks(at, "n");
        let bump = if self.esm[to] {
            "n.bump && (n.bump(), n.value)"
        } else {
            "n.value"
        };
        if at == 0 && !self.asked_early && self.random.chance(60) {
            self.asked_early = true;
            line!(
                body,
                "const early = import('./{from}');\nglobalThis.first.push(async () => {{ const n = await early; console.log({at}, 'early', n.value, typeof n.bump, n === await import('./{from}'), {bump}); }});"
            );
            return;
        }
        line!(
            body,
            "globalThis.later.push(async () => {{ const n = await import('./{from}'); console.log({at}, 'late', {bump}, n === await import('./{from}')); {looks} }});"
        );
    }

    fn common_js(&mut self, at: usize) -> String {
        let mut body = String::new();
        let strict = self.random.chance(40);
        if strict {
            body.push_str("'use strict';\n");
        }
        line!(
            body,
            "console.log('run {at}', this === module.exports, (() => typeof this)());"
        );
        if self.random.chance(20) {
            line!(
                body,
                "console.log({at}, (function () {{ return typeof this; }})());"
            );
        }
        while !strict && self.random.chance(25) {
            let text = SLOPPY[self.random.below(SLOPPY.len())];
            line!(body, "{}", text.replace('@', &at.to_string()));
        }
        self.exports(at, &mut body);
        let asking = self.random.below(4) + usize::from(at == 0);
        for _ in 0..asking {
            self.require(at, &mut body);
        }
        if self.random.chance(50) {
            line!(
                body,
                "function Old{at}() {{ this.x = {at}; }}\nOld{at}.prototype.get = function () {{ return this.x; }};"
            );
            if self.random.chance(50) {
                line!(body, "console.log(new Old{at}().get());");
            }
        }
        body
    }

    fn exports(&mut self, at: usize, body: &mut String) {
        let plain = format!(
            "exports.value = 'v{at}';\nexports.bump = () => {{ exports.value += '+'; }};\nexports.list = [{at}];"
        );
        match self.random.below(12) {
            0 => line!(
                body,
                "module.exports = {{ value: 'v{at}', bump() {{ this.value += '+'; }}, list: [{at}], spare: 'x' }};"
            ),
            1 | 2 => line!(
                body,
                "module.exports = exports = function callable() {{ return 'called {at}'; }};\n{plain}"
            ),
            3 | 4 => line!(
                body,
                "let value = 'v{at}', list = [{at}];\nconst bump = () => {{ value += '+'; }};\nmodule.exports = {{ value, bump, list }};"
            ),
            // As esbuild writes it, with a name that is not there in the end.
            5 => line!(
                body,
                "const out{at} = {{}};\nfor (const key of ['value', 'list']) out{at}[key] = [key, {at}].join();\nout{at}.bump = () => {at};\nmodule.exports = out{at};\n0 && (module.exports = {{ value, bump, list, ghost }});"
            ),
            6 => line!(
                body,
                "Object.assign(exports, {{ value: 'v{at}', list: [{at}], bump() {{ return typeof this; }} }});"
            ),
            // As TypeScript and Babel pass on what another module has.
            7 => {
                let (_, from, tag) = self.other();
                line!(body, "{plain}");
                if self.random.chance(50) {
                    line!(
                        body,
                        "var __exportStar = function (m, e) {{ for (var p in m) if (p !== 'default' && !Object.prototype.hasOwnProperty.call(e, p)) e[p] = m[p]; }};\n__exportStar(require('./{from}'), exports);"
                    );
                } else {
                    line!(
                        body,
                        "var _m{tag} = require('./{from}');\nObject.keys(_m{tag}).forEach(function (key) {{ if (key === 'default' || key === '__esModule') return; if (key in exports && exports[key] === _m{tag}[key]) return; exports[key] = _m{tag}[key]; }});"
                    );
                }
            }
            8 if at > 0 => {
                let (_, from, _) = self.other();
                line!(body, "module.exports = require('./{from}');");
                return;
            }
            _ => line!(body, "{plain}"),
        }
        if self.random.chance(30) {
            let getter = if self.random.chance(70) {
                "function () { return exports.value; }"
            } else {
                "() => exports.value"
            };
            line!(
                body,
                "Object.defineProperty(exports, 'spare', {{ enumerable: true, get: {getter} }});"
            );
        }
        // As an ES module, the entry's exports are read as Node's `import` reads them; and Node's `import` reads a
        // getter whose name it found in a module that is passed on, which bundles do not.
        let passes_on = body.contains("__exportStar") || body.contains(".forEach(");
        if at > 0 && !passes_on && self.random.chance(15) {
            let key = ["list", "spare", "ghost"][self.random.below(3)];
            line!(
                body,
                "Object.defineProperty(exports, '{key}', {{ enumerable: true, configurable: true, get: function () {{ console.log('read {key} of {at}'); return [{at}]; }} }});"
            );
        }
        if self.random.chance(15) {
            line!(body, "if (globalThis.never) exports.ghost = 1;");
        }
        if self.random.chance(15) {
            line!(body, "exports['comp' + 'uted'] = {at};");
        }
        match self.random.below(12) {
            0 => line!(
                body,
                "exports.Kind = class {{ name() {{ return 'kind {at}'; }} }};\nexports.make = function () {{ return new this.Kind().name(); }};\nconsole.log({at}, exports.make());"
            ),
            1 => line!(
                body,
                "exports.first = exports.second = {at};\ndelete exports.first;\nconsole.log({at}, Object.keys(exports).length);"
            ),
            2 => line!(
                body,
                "globalThis.later.push(() => {{ exports.value = 'later'; module.exports.more = {at}; }});"
            ),
            3 => line!(body, "module.exports.self = module.exports;"),
            4 => line!(
                body,
                "let count{at} = 0;\nObject.defineProperty(exports, 'counted', {{ get() {{ return ++count{at}; }}, configurable: true, enumerable: true }});"
            ),
            5 => line!(
                body,
                "const path{at} = require('node:path');\nexports.joined = path{at}.posix.join('a', '{at}');\nconsole.log({at}, exports.joined);"
            ),
            _ => {}
        }
        if self.random.chance(25) {
            body.push_str("Object.defineProperty(exports, '__esModule', { value: true });\nexports.default = 'cjs default';\n");
        }
    }

    fn require(&mut self, at: usize, body: &mut String) {
        let (to, from, tag) = self.other();
        match self.random.below(13) {
            0 => line!(body, "require('./{from}');"),
            1 => line!(
                body,
                "const r{tag} = require('./{from}');\nif (r{tag}.bump) r{tag}.bump();\nconsole.log({at}, r{tag}.value, typeof r{tag});"
            ),
            2 => line!(
                body,
                "const {{ value: p{tag}, list: q{tag} }} = require('./{from}'); {{ console.log({at}, p{tag}, q{tag} && q{tag}.length); }}"
            ),
            3 => line!(
                body,
                "console.log({at}, require('./{from}').value, Object.keys(require('./{from}')).sort().join());"
            ),
            4 => line!(
                body,
                "try {{ require('./missing{tag}.cjs'); }} catch (error) {{ console.log({at}, error.code); }}"
            ),
            5 => line!(
                body,
                "exports.later{tag} = function () {{ return require('./{from}').value; }};\nglobalThis.later.push(async () => console.log({at}, exports.later{tag} && exports.later{tag}()));"
            ),
            6 => line!(
                body,
                "exports.passed{tag} = require('./{from}');\nconsole.log({at}, typeof exports.passed{tag});"
            ),
            7 => line!(
                body,
                "if (globalThis.never) require('./{from}');\nfunction lazy{tag}() {{ return require('./{from}'); }}\nglobalThis.later.push(() => console.log({at}, typeof lazy{tag}().value));"
            ),
            8 => line!(
                body,
                "const {{ list: l{tag}, ...rest{tag} }} = require('./{from}');\nconsole.log({at}, Object.keys(rest{tag}).sort().join(), l{tag} === undefined);"
            ),
            9 => line!(
                body,
                "for (const key in require('./{from}')) exports['all_' + key] = key;\nconsole.log({at}, Object.keys(exports).length);"
            ),
            10 => line!(
                body,
                "const m{tag} = require('./{from}');\nexports.called{tag} = typeof m{tag} === 'function' ? m{tag}() : m{tag}.bump && m{tag}.bump();\nconsole.log({at}, exports.called{tag}, m{tag}.value);"
            ),
            _ => self.import_call(at, to, &from, body),
        }
    }
}
