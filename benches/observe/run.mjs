// Time, peak memory and error of percentiles of `coldcut observe` on a log of a gigabyte; and how
// well `--fit` finds again what noisy logs were made of.
//
//   COLDCUT_BIN=… node benches/observe/run.mjs [--dir DIR] [--mb 1000] [--runs 3] [--forms text,json,csv,gz] [--fits 20] [--keep]
//
// The log is made from a fixed seed: five functions in three versions, with START, END and REPORT
// lines, lines of the application between them, and skewed times. The exact percentiles are taken
// from all values while it is written, by the nearest rank. Memory is the peak of the process as
// the kernel tells it (`VmHWM`), read until it ends.
//
// A fit is of five versions with 200 cold starts each. Every time is off by a tenth (normal), and one
// start in twenty takes 2.5 times as long; each log has another seed.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import zlib from 'node:zlib';

const { values: flags } = parseArgs({
  options: {
    dir: { type: 'string', default: fs.mkdtempSync(path.join(os.tmpdir(), 'observe-')) },
    mb: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '3' },
    forms: { type: 'string', default: 'text,json,csv,gz' },
    fits: { type: 'string', default: '20' },
    keep: { type: 'boolean', default: false },
  },
});
const coldcut = process.env.COLDCUT_BIN;
if (!coldcut) {
  console.error('COLDCUT_BIN=… node run.mjs [--dir DIR] [--mb 1000] [--runs 3] [--forms text,json,csv,gz] [--fits 20] [--keep]');
  process.exit(2);
}

let state = 12345;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296;
}
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const hex = (digits) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

const writers = {
  text: (r) => {
    const at = `${r.time}\t${r.stream}\t`;
    let out = `${at}START RequestId: ${r.id} Version: ${r.version}\n`;
    if (r.chatty) out += `${at}${r.time}\t${r.id}\tINFO\thandled ${r.name} in a way that says nothing of use, as applications do\n`;
    out += `${at}END RequestId: ${r.id}\n${at}REPORT RequestId: ${r.id}\tDuration: ${r.ms} ms\tBilled Duration: ${r.billed} ms\tMemory Size: 512 MB\tMax Memory Used: ${r.used} MB\t`;
    return `${out}${r.init ? `Init Duration: ${r.init} ms\t` : ''}\n`;
  },
  json: (r) => {
    const start = { time: r.time, type: 'platform.start', record: { requestId: r.id, version: r.version } };
    const metrics = { durationMs: Number(r.ms), billedDurationMs: r.billed, memorySizeMB: 512, maxMemoryUsedMB: r.used, ...(r.init && { initDurationMs: Number(r.init) }) };
    const report = { time: r.time, type: 'platform.report', record: { requestId: r.id, metrics, status: 'success' } };
    return `/aws/lambda/${r.name} ${JSON.stringify(start)}\n/aws/lambda/${r.name} ${JSON.stringify(report)}\n`;
  },
  csv: (r) => `${r.time.replace('T', ' ').replace('Z', '')},${r.stream},REPORT,${r.id},${r.ms},${r.billed},5.12E8,${r.used}E6,${r.init ?? ''}\n`,
};

/** Writes a log of so many bytes, and gives the values of each function. */
function make(form, file) {
  state = 12345;
  const write = writers[form === 'gz' ? 'text' : form];
  const names = ['orders', 'users', 'search', 'billing', 'images'];
  const values = Object.fromEntries(names.map((name) => [name, { init: [], warm: [] }]));
  const out = fs.openSync(file, 'w');
  let bytes = 0;
  let text = form === 'csv' ? '@timestamp,@logStream,@type,@requestId,@duration,@billedDuration,@memorySize,@maxMemoryUsed,@initDuration\n' : '';
  const flush = () => {
    bytes += text.length;
    fs.writeSync(out, form === 'gz' ? zlib.gzipSync(text, { level: 1 }) : text);
    text = '';
  };
  const pool = Array.from({ length: 64 }, () => hex(32));
  let time = Date.parse('2026-10-01T00:00:00Z');
  while (bytes + text.length < Number(flags.mb) * 1e6) {
    const at = Math.floor(random() * names.length);
    const name = names[at];
    const version = String(1 + Math.floor(random() * 3));
    const cold = random() < 0.01;
    const ms = (Math.exp(2 + at * 0.6 + normal() * 0.8) + 1).toFixed(2);
    const init = cold ? (150 + at * 60 + Math.exp(3 + normal())).toFixed(2) : null;
    if (cold) values[name].init.push(Number(init));
    else values[name].warm.push(Number(ms));
    time += Math.floor(random() * 200);
    const id = `${hex(8)}-8f5c-4b4a-9b1d-${hex(12)}`;
    text += write({
      name, version, ms, init, id,
      time: new Date(time).toISOString(),
      stream: `2026/10/01/${name}[${version}]${pool[Math.floor(random() * 64)]}`,
      billed: Math.ceil(Number(ms) + Number(init ?? 0)),
      used: 90 + Math.floor(random() * 200),
      chatty: random() < 0.5,
    });
    if (text.length > 1 << 22) flush();
  }
  flush();
  fs.closeSync(out);
  return { values, bytes };
}

/** One run: its wall time, its peak memory, and what it printed. */
function run(file) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(coldcut, ['observe', file, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    let peak = 0;
    child.stdout.on('data', (part) => (text += part));
    const timer = setInterval(() => {
      try {
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024);
      } catch {}
    }, 20);
    child.on('close', (status) => {
      clearInterval(timer);
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      if (status !== 0) return reject(new Error(`status ${status}`));
      resolve({ ms, peak, found: JSON.parse(text) });
    });
  });
}

const rank = (sorted, part) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];

console.log(`${os.cpus().length} processors, ${os.cpus()[0].model}`);
for (const form of flags.forms.split(',').filter(Boolean)) {
  const file = path.join(flags.dir, `log.${form}`);
  const { values, bytes } = make(form, file);
  let best = Infinity;
  let peak = 0;
  let found;
  for (let n = 0; n < Number(flags.runs); n++) {
    const once = await run(file);
    best = Math.min(best, once.ms);
    peak = Math.max(peak, once.peak);
    found = once.found;
  }
  let worst = 0;
  let invocations = 0;
  for (const [name, { init, warm }] of Object.entries(values)) {
    const seen = found.functions.find((one) => one.name === name);
    invocations += init.length + warm.length;
    for (const [list, times] of [[init, seen.init_ms], [warm, seen.warm_ms]]) {
      list.sort((a, b) => a - b);
      if (times.count !== list.length) throw new Error(`${name}: ${times.count} of ${list.length} found`);
      for (const [key, part] of [['p50', 0.5], ['p90', 0.9], ['p99', 0.99]]) {
        worst = Math.max(worst, Math.abs(times[key] / rank(list, part) - 1));
      }
    }
  }
  console.log(
    `${form.padEnd(5)} ${(bytes / 1e6).toFixed(0)} MB of log (${(fs.statSync(file).size / 1e6).toFixed(0)} MB on disk), ${invocations} invocations: ` +
      `${(best / 1000).toFixed(2)} s, ${(peak / 1e6).toFixed(0)} MB of memory, percentiles off by ${(worst * 100).toFixed(2)} % at most`,
  );
  if (!flags.keep) fs.rmSync(file);
}

/** By how much each parameter that was found is off, as a part of it. */
function fit(seed) {
  state = seed;
  const truth = { perMb: 32, base: 140, slope: 7, floor: 120 };
  let log = '';
  let wall = 'request_id,wall_ms\n';
  let sizes = 'function,version,zip_bytes,loaded_bytes,loaded_files\n';
  for (const [version, loaded, zip] of [[1, 0.5, 6], [2, 1.5, 12], [3, 3, 25], [4, 5, 40], [5, 8, 60]]) {
    sizes += `orders,${version},${zip * 1e6},${loaded * 1e6},\n`;
    for (let at = 0; at < 600; at++) {
      const cold = at % 3 === 0;
      const ms = Math.exp(2 + 0.3 * normal());
      const far = random() < 0.05 ? 2.5 : 1;
      const init = (truth.base + truth.perMb * loaded) * (1 + 0.1 * normal()) * far;
      const fetch = (truth.floor + truth.slope * (zip - 5)) * (1 + 0.1 * normal());
      const trip = 25 + 2 * normal();
      const id = `${version}-${at}`;
      wall += `${id},${(ms + trip + (cold ? init + fetch : 0)).toFixed(2)}\n`;
      log += `2026-11-20T10:00:00.000Z\t2026/11/20/orders[${version}]0123456789abcdef\tREPORT RequestId: ${id}\tDuration: ${ms.toFixed(2)} ms\tBilled Duration: ${Math.ceil(ms + (cold ? init : 0))} ms\tMemory Size: 512 MB\tMax Memory Used: 120 MB\t${cold ? `Init Duration: ${init.toFixed(2)} ms\t` : ''}\n`;
    }
  }
  const file = (name, text) => {
    const at = path.join(flags.dir, name);
    fs.writeFileSync(at, text);
    return at;
  };
  const args = ['observe', file('fit.log', log), '--json', '--fit', '--sizes', file('sizes.csv', sizes), '--wall', file('wall.csv', wall)];
  const { load, transfer } = JSON.parse(execFileSync(coldcut, args, { encoding: 'utf8' })).fit;
  const off = (found, wanted) => Math.abs(found / wanted - 1);
  return {
    'load per MB': off(load.ms_per_mb.value, truth.perMb),
    'load base': off(load.base_ms, truth.base),
    'transfer per MB': off(transfer.ms_per_mb.value, truth.slope),
    'transfer floor': off(transfer.base_ms, truth.floor),
  };
}

const fits = Array.from({ length: Number(flags.fits) }, (_, at) => fit(1000 + at * 7919));
for (const name of Object.keys(fits[0] ?? {})) {
  const sorted = fits.map((one) => one[name] * 100).sort((a, b) => a - b);
  const within = sorted.filter((off) => off < 5).length;
  console.log(`fit   ${name.padEnd(15)} off by ${rank(sorted, 0.5).toFixed(1)} % at the median, ${sorted.at(-1).toFixed(1)} % at most, ${within} of ${sorted.length} within 5 %`);
}
if (!flags.keep) for (const name of ['fit.log', 'sizes.csv', 'wall.csv']) fs.rmSync(path.join(flags.dir, name), { force: true });
