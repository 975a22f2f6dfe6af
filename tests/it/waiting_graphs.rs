//! Random graphs of modules with top-level `await`.
//!
//! In: a seed. Out: [`Graph`]: ES modules, some of which wait, and CommonJS among them, with cycles, siblings that
//! wait side by side, failures, and `import()` of graphs that wait. What each prints, and in which turn, is told
//! by the order of evaluation alone: nothing runs against the time that Node takes to read a file.

use std::fmt::Write;

use crate::graphs::Graph;
use crate::support::Random;

/// Adds a line; `write!` to a `String` cannot fail.
macro_rules! line {
    ($to:expr, $($text:tt)*) => { writeln!($to, $($text)*).unwrap() };
}

pub fn graph(seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let count = 3 + random.below(7);
    // How common waiting is differs from graph to graph.
    let waiting = [10, 30, 60][random.below(3)];
    // Where one waits for what it asks for by `import()`, no other waits: which came first would be
    // the disk's to say.
    let asks = random.chance(20).then(|| random.below(count));
    let waiting = if asks.is_some() { 0 } else { waiting };
    let names: Vec<String> = (0..count)
        .map(|at| match at > 0 && random.chance(15) {
            true => format!("m{at}.cjs"),
            false => format!("m{at}.mjs"),
        })
        .collect();
    let mut maker = Maker {
        random,
        names,
        waiting,
        asks,
    };
    let files = (0..count)
        .map(|at| {
            let text = match maker.names[at].ends_with(".cjs") {
                true => maker.common_js(at),
                false => maker.es_module(at),
            };
            (maker.names[at].clone(), text)
        })
        .collect();
    Graph { files }
}

struct Maker {
    random: Random,
    names: Vec<String>,
    waiting: usize,
    /// The module that waits for an `import()`, where one does.
    asks: Option<usize>,
}

impl Maker {
    fn common_js(&mut self, at: usize) -> String {
        let mut body = format!("console.log('run {at}');\n");
        self.turns(at, &mut body);
        line!(
            body,
            "exports.value = 'v{at}';\nexports.call = () => 'c{at}';"
        );
        body
    }

    /// What the queue of promises tells of the turn in which a module runs.
    fn turns(&mut self, at: usize, body: &mut String) {
        // An `import()` takes as many turns as the disk takes.
        if self.asks.is_none() && self.random.chance(40) {
            let turns: String = (0..1 + self.random.below(4))
                .map(|turn| format!(".then(() => console.log('turn {turn} of {at}'))"))
                .collect();
            line!(body, "Promise.resolve(){turns};");
        }
    }

    fn es_module(&mut self, at: usize) -> String {
        let mut head = String::new();
        let mut body = String::new();
        // Some do nothing but declare.
        if self.random.chance(15) {
            self.imports(at, &mut head, &mut String::new());
            line!(
                body,
                "export const value = 'v{at}';\nexport function call() {{ return 'c{at}'; }}"
            );
            return head + &body;
        }
        line!(body, "console.log('run {at}');");
        self.imports(at, &mut head, &mut body);
        self.turns(at, &mut body);
        if self.asks == Some(at) {
            for tag in 0..1 + self.random.below(2) {
                let to = self.names[self.random.below(self.names.len())].clone();
                line!(
                    body,
                    "const asked{tag} = await import('./{to}').catch((error) => ({{ value: error.code || error.message }}));\nconsole.log({at}, 'asked', asked{tag}.value, typeof asked{tag}.call);"
                );
            }
        }
        if self.random.chance(self.waiting) {
            for wait in 0..1 + self.random.below(3) {
                self.wait(at, wait, &mut body);
            }
        }
        line!(body, "export let value = 'v{at}';");
        line!(
            body,
            "export function call() {{ try {{ return value; }} catch (error) {{ return error.name; }} }}"
        );
        if self.random.chance(4) {
            line!(body, "throw new RangeError('thrown by {at}');");
        }
        if self.random.chance(30) || at == 0 {
            let to = self.names[self.random.below(self.names.len())].clone();
            line!(
                body,
                "globalThis.later.push(() => import('./{to}').then((n) => turn().then(() => console.log({at}, '{to}', n.value, n.call && n.call())), (error) => turn().then(() => console.log(error.code || error.name === 'SyntaxError' ? 'failed to load' : error.message))));\nfunction turn() {{ return new Promise((done) => setImmediate(done)); }}"
            );
        }
        line!(body, "value += '.';\nconsole.log('done {at}');");
        head + &body
    }

    fn imports(&mut self, at: usize, head: &mut String, body: &mut String) {
        let asking = self.random.below(4) + usize::from(at == 0);
        for tag in 0..asking {
            // Most imports lead onward, some back.
            let count = self.names.len();
            let to = match self.random.chance(75) && at + 1 < count {
                true => at + 1 + self.random.below(count - at - 1),
                false => self.random.below(count),
            };
            let from = self.names[to].clone();
            match self.random.below(5) {
                0 => line!(head, "import './{from}';"),
                1 | 2 => {
                    line!(
                        head,
                        "import {{ value as v{at}_{tag}, call as c{at}_{tag} }} from './{from}';"
                    );
                    line!(
                        body,
                        "try {{ console.log({at}, c{at}_{tag}(), v{at}_{tag}); }} catch (error) {{ console.log({at}, error.name); }}"
                    );
                }
                3 => {
                    line!(head, "import * as n{at}_{tag} from './{from}';");
                    line!(
                        body,
                        "try {{ console.log({at}, typeof n{at}_{tag}.call, n{at}_{tag}.value); }} catch (error) {{ console.log({at}, error.name); }}"
                    );
                }
                _ => line!(head, "export * from './{from}';"),
            }
        }
    }

    fn wait(&mut self, at: usize, wait: usize, body: &mut String) {
        match self.random.below(9) {
            0 => line!(
                body,
                "for await (const one of [{at}, Promise.resolve('p')]) console.log('{at} has', one);"
            ),
            1 => line!(
                body,
                "around{wait}: for (const x of [1, 2]) for await (let y of (function* () {{ try {{ yield 1; yield 2; }} finally {{ console.log('{at} closed'); }} }})()) {{ if (y === x) continue around{wait}; console.log({at}, x, y); }}"
            ),
            2 => line!(
                body,
                "try {{ for await (const {{ a = await '{at}' }} of (async function* () {{ try {{ yield {{}}; yield {{ a: 2 }}; }} finally {{ await 0; console.log('{at} closed'); }} }})()) {{ console.log(a); if (a === 2) throw new RangeError('left'); }} }} catch (error) {{ console.log({at}, error.message); }}"
            ),
            3 => line!(
                body,
                "try {{ await Promise.reject(new RangeError('rejected {at}')); }} catch (error) {{ console.log(error.message); }} finally {{ console.log({at}, await 'finally'); }}"
            ),
            4 => line!(
                body,
                "export class Kind{at}_{wait} {{ [await 'name']() {{ return {at}; }} static later = (async () => {{ await 0; console.log('static {at}'); }})(); }}"
            ),
            5 => line!(
                body,
                "export const waited{at}_{wait} = await new Promise((done) => setImmediate(done, {at})) + 1;\nconsole.log(waited{at}_{wait});"
            ),
            6 => line!(
                body,
                "await {{ then(done) {{ console.log('then {at}'); done(); }} }};\nconsole.log('after then {at}');"
            ),
            _ => line!(body, "await 0;\nconsole.log('waited {at} {wait}');"),
        }
    }
}
