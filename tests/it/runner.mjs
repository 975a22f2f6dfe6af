// Runs entries one after the other in one process. In: a file with a list of paths, and a file for
// the results. Out: a line for each entry, written at once: what it printed, as a JSON string.
// Each starts as if it were alone: globals that one made are gone for the next, and what one left
// to happen has happened.
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const [list, results] = process.argv.slice(2);
const own = new Set(Reflect.ownKeys(globalThis));
let lines = [];
console.log = (...values) => lines.push(format(...values));
const name = (error) => (error && error.name) || String(error);
const unheard = (error) => lines.push(`unheard ${name(error)}`);
process.on('unhandledRejection', unheard);
process.on('uncaughtException', unheard);
const turn = () => new Promise((done) => setImmediate(done));

async function run(path) {
  try {
    // As Node starts them: by `import`, CommonJS would show its first values for good.
    if (path.endsWith('.cjs')) createRequire(path)(path);
    else await import(pathToFileURL(path).href);
  } catch (error) {
    lines.push(`failed ${name(error)}`);
    // What it asked for would print into the lines of the next.
    await Promise.allSettled(globalThis.first.map((one) => one()));
    return;
  }
  // What `import()` found comes before all that was put off: reading it takes its time.
  for (const list of [globalThis.first, globalThis.later]) for (const one of list) {
    try {
      await one();
    } catch (error) {
      lines.push(`later ${name(error)}`);
    }
  }
}

for (const path of JSON.parse(readFileSync(list, 'utf8'))) {
  lines = [];
  globalThis.first = [];
  globalThis.later = [];
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, 5000, 'late')));
  if ((await Promise.race([run(path), late])) === 'late') lines.push('never ends');
  clearTimeout(timer);
  await turn();
  await turn();
  for (const key of Reflect.ownKeys(globalThis)) if (!own.has(key)) delete globalThis[key];
  appendFileSync(results, JSON.stringify(lines.join('\n')) + '\n');
}
