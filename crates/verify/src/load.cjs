'use strict';
// Loads one handler as the Lambda runtime loads it, and writes what shows to a report file; given
// a Runtime API, also asks it for an event, calls the handler and hands in the answer, as the
// Lambda runtime does. Started by `verify::node` in a fresh process: `node load.cjs REQUEST`.
//
// The user's code runs in this process and may replace, print or end whatever it likes, so all
// that is needed afterwards is taken hold of here first, and nothing is said through stdout.

const fs = require('node:fs');
const path = require('node:path');
const url = require('node:url');
const Module = require('node:module');
// The Lambda runtime has this loaded before any user code too.
const http = require('node:http');
const { Writable } = require('node:stream');

const { writeFileSync, renameSync, existsSync, readFileSync, statSync } = fs;
const { stringify, parse } = JSON;
const { keys, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const sourceOf = Function.prototype.call.bind(Function.prototype.toString);
const later = setImmediate;
const now = Date.now;
const ask = http.request;
const clock = performance.now.bind(performance);
// Ends at once, without the user's `exit` listeners; `process.exit` may be replaced meanwhile.
const leave = process.reallyExit ? process.reallyExit.bind(process) : process.exit.bind(process);

const request = parse(readFileSync(process.argv[2], 'utf8'));
const file = path.join(request.root, ...request.handler.split('/'));
process.argv.splice(1, Infinity, file);

let stage = 'load';
let done = false;
// What the process takes to start is Node's own; the rest is the code's.
const timing = { start_ms: clock(), load_ms: null, answer_ms: null };

function write(report) {
  // Written beside and renamed: a report is whole or not there.
  writeFileSync(request.report + '.part', stringify({ ...report, timing }));
  renameSync(request.report + '.part', request.report);
}

function finish(report) {
  if (done) return;
  done = true;
  write(report);
  leave(0);
}

// ---- what a value is -------------------------------------------------------------------------

function text(value, limit) {
  let out;
  try {
    out = typeof value === 'string' ? value : String(value);
  } catch {
    out = '(a value that cannot be shown)';
  }
  return out.length > limit ? out.slice(0, limit) + '…' : out;
}

function kindOf(value) {
  if (value === null) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : 'object';
  if (typeof value !== 'function') return typeof value;
  try {
    return /^class\b/.test(sourceOf(value)) ? 'class' : 'function';
  } catch {
    return 'function';
  }
}

function isAsync(value) {
  try {
    const proto = getPrototypeOf(value);
    const tag = proto && proto[Symbol.toStringTag];
    return tag === 'AsyncFunction' || tag === 'AsyncGeneratorFunction';
  } catch {
    return false;
  }
}

function ownKeys(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return [];
  try {
    return keys(value).sort();
  } catch {
    return [];
  }
}

// `read` gives the value; a getter (a lazy require, say) may throw, and then that is what shows.
function entry(name, read) {
  let value;
  try {
    value = read();
  } catch (error) {
    const e = failure('thrown', error);
    return { name, kind: `getter that throws ${e.name}: ${text(e.message.split('\n')[0], 300)}`, async: false, arity: null, keys: [] };
  }
  const callable = typeof value === 'function';
  const whole = name === 'default' || name === 'module.exports';
  let arity = null;
  if (callable) {
    const length = getOwnPropertyDescriptor(value, 'length');
    arity = length && Number.isInteger(length.value) && length.value >= 0 ? length.value : null;
  }
  return { name, kind: kindOf(value), async: callable && isAsync(value), arity, keys: whole ? ownKeys(value) : [] };
}

function describe(loaded, format) {
  const list = ownKeys(loaded).map((name) => entry(name, () => loaded[name]));
  if (format === 'commonjs') list.push(entry('module.exports', () => loaded));
  return list;
}

function failure(kind, error) {
  try {
    if (error !== null && typeof error === 'object' && typeof error.message === 'string') {
      const lines = typeof error.stack === 'string' ? error.stack.split('\n') : [];
      const frames = lines.filter((line) => /^\s+at /.test(line) && !line.includes(__filename) && !line.includes('node:'));
      // A syntax error has its place before its message and no frame of the user's.
      const place = error.name === 'SyntaxError' && lines[0] && /:\d+$/.test(lines[0]) ? [lines[0]] : [];
      return {
        kind,
        name: text(error.name || 'Error', 200),
        code: error.code === undefined || error.code === null ? null : text(error.code, 200),
        message: text(error.message, 16384),
        frames: place.concat(frames).slice(0, 6).map((line) => text(line.trim(), 500)),
      };
    }
  } catch {
    // A hostile getter: what follows asks nothing of it.
  }
  return { kind, name: typeof error, code: null, message: text(error, 16384), frames: [] };
}

function fail(kind, error) {
  if (done) return;
  const what = failure(kind, error);
  // Nothing can be sent any more while the process ends.
  if (stage !== 'invoke' || kind === 'exited') return finish({ failure: what, stage });
  hand('error', stringify({ errorType: what.name, errorMessage: what.message, trace: what.frames, failure: what }));
}

// ---- the ways a load can go wrong without an exception ---------------------------------------

process.on('uncaughtException', (error) => fail('thrown', error));
process.on('unhandledRejection', (error) => fail('rejected', error));
process.on('beforeExit', () => {
  // Nothing is left that could go on.
  if (stage === 'load') {
    fail('unsettled', new Error('a top-level await never settles: nothing is left that could settle it'));
  } else if (emptied) {
    emptied();
  }
});
process.on('exit', (code) => {
  if (done && !sending) return;
  done = false;
  fail('exited', Object.assign(new Error(`the process exits with status ${code || 0}`), { name: 'Exit', code: String(code || 0) }));
});
let emptied = null;

// ---- the Runtime API -------------------------------------------------------------------------

let invocation = null;
let sending = false;

function call(method, path, headers, then) {
  const [host, port] = request.api.split(':');
  const out = ask({ host, port, method, path: '/2018-06-01/runtime/invocation/' + path, headers, agent: false }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => then(Buffer.concat(parts).toString('utf8'), answer.headers));
  });
  out.on('error', (error) => {
    sending = false;
    done = false;
    finish({ failure: failure('thrown', error), stage });
  });
  return out;
}

function next(then) {
  call('GET', 'next', {}, (event, headers) => {
    invocation = headers;
    then(parse(event));
  }).end();
}

// Opens the answer to the event; the first answer counts, and ends the process once it is taken.
function open(what, headers) {
  done = true;
  sending = true;
  timing.answer_ms = timing.called === undefined ? null : clock() - timing.called;
  write({});
  return call('POST', invocation['lambda-runtime-aws-request-id'] + '/' + what, headers, () => {
    sending = false;
    leave(0);
  });
}

function hand(what, body) {
  if (done) return;
  const bytes = Buffer.from(body);
  open(what, { 'Content-Type': 'application/json', 'Content-Length': bytes.length }).end(bytes);
}

// ---- the platform ----------------------------------------------------------------------------

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const INTEGRATION = 'application/vnd.awslambda.http-integration-response';
globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMING] = 'response';
    return handler;
  },
  HttpResponseStream: {
    // What an HTTP integration reads: a head in JSON, eight zeros, the body.
    from(stream, prelude) {
      stream.setContentType(INTEGRATION);
      stream.head = Buffer.concat([Buffer.from(stringify(prelude)), Buffer.alloc(8)]);
      return stream;
    },
  },
};

// Packages that the platform has are not in the artifact; they are found in a folder that has
// them, and only they: everything else must be in the artifact.
if (request.provided) {
  const { from, packages } = request.provided;
  const base = path.join(from, 'noop.js');
  const given = (specifier) =>
    packages.some((p) => (p.endsWith('/*') ? specifier.startsWith(p.slice(0, -1)) : specifier === p || specifier.startsWith(p + '/')));
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (specifier, ...rest) {
    try {
      return resolveFilename.call(this, specifier, ...rest);
    } catch (error) {
      if (!error || error.code !== 'MODULE_NOT_FOUND' || !given(specifier)) throw error;
      try {
        return Module.createRequire(base).resolve(specifier);
      } catch {
        throw error;
      }
    }
  };
  const parentURL = url.pathToFileURL(base).href;
  if (Module.registerHooks) {
    Module.registerHooks({
      resolve(specifier, context, next) {
        try {
          return next(specifier, context);
        } catch (error) {
          if (!given(specifier)) throw error;
          try {
            return next(specifier, { ...context, parentURL });
          } catch {
            throw error;
          }
        }
      },
    });
  } else if (Module.register) {
    const source = `
      let parentURL, packages;
      const given = (s) => packages.some((p) => p.endsWith('/*') ? s.startsWith(p.slice(0, -1)) : s === p || s.startsWith(p + '/'));
      export function initialize(data) { ({ parentURL, packages } = data); }
      export async function resolve(specifier, context, next) {
        try { return await next(specifier, context); } catch (error) {
          if (!given(specifier)) throw error;
          try { return await next(specifier, { ...context, parentURL }); } catch { throw error; }
        }
      }`;
    Module.register('data:text/javascript,' + encodeURIComponent(source), { data: { parentURL, packages } });
  }
}

// In a profile, reading and compiling a module is Node's own work, done for whoever asked for the
// module. A frame that is named after the module stands between the two and makes it the module's.
if (request.profile) {
  const { compileFunction } = require('node:vm');
  const { load } = Module.prototype;
  Module.prototype.load = function (filename) {
    const frame = compileFunction('return load.call(self, name)', ['load', 'self', 'name'], { filename: 'coldcut-load:' + filename });
    return frame(load, this, filename);
  };
}

// The nearest package.json decides, and a `node_modules` folder ends the search.
function isModule(folder) {
  for (;;) {
    if (path.basename(folder) === 'node_modules') return false;
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest)) {
      try {
        return parse(readFileSync(manifest, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    const parent = path.dirname(folder);
    if (parent === folder) return false;
    folder = parent;
  }
}

async function loadHandler() {
  const esm = file.endsWith('.mjs') || (!file.endsWith('.cjs') && isModule(path.dirname(file)));
  if (esm) return [await import(url.pathToFileURL(file).href), 'module'];
  return [Module.createRequire(file)(file), 'commonjs'];
}

// `a.b` names the property `b` of the export `a`.
function pick(loaded) {
  return request.export.split('.').reduce((from, name) => from && from[name], loaded);
}

// ---- invoking --------------------------------------------------------------------------------

// A stream whose chunks go out as they come.
function streamed() {
  let out = null;
  let type = 'application/octet-stream';
  const begin = () => {
    if (out || done) return;
    out = open('response', { 'Content-Type': type, 'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Transfer-Encoding': 'chunked' });
    if (stream.head) out.write(stream.head);
  };
  const stream = new Writable({
    write(chunk, encoding, then) {
      begin();
      if (out) out.write(Buffer.from(chunk, encoding), then);
      else then();
    },
    final(then) {
      begin();
      if (out) out.end();
      then();
    },
  });
  stream.setContentType = (said) => { type = said; };
  // An error after the first chunk: what was sent is no answer.
  stream.broken = (kind, error) => {
    if (!out || stream.writableFinished) return fail(kind, error);
    sending = false;
    done = false;
    finish({ failure: failure(kind, error), stage });
  };
  return stream;
}

// From this version on the runtime takes what a handler gives back without a promise, and no
// handler that calls back.
const PLAIN_VALUES = 24;

function invoke(handler, event) {
  stage = 'invoke';
  const setting = `${request.handler.replace(/\.[^./]+$/, '')}.${request.export}`;
  const refuse = (name, message) => {
    const error = new Error(message);
    error.name = name;
    fail('thrown', error);
  };
  if (typeof handler !== 'function') {
    return refuse('Runtime.HandlerNotFound', `${setting} ${handler ? 'is not a function' : 'is undefined or not exported'}`);
  }
  const plain = parseInt(process.versions.node, 10) >= PLAIN_VALUES;
  const streaming = handler[STREAMING] === 'response';
  if (plain && !streaming && handler.length >= 3) {
    return refuse('Runtime.CallbackHandlerDeprecated', `${setting} takes a callback, which Lambda calls no more from Node.js ${PLAIN_VALUES} on`);
  }
  const deadline = Number(invocation['lambda-runtime-deadline-ms']);
  // The first answer counts.
  const succeed = (value) => {
    let json;
    try {
      json = stringify(value === undefined ? null : value);
    } catch (error) {
      return fail('thrown', error);
    }
    hand('response', json === undefined ? 'null' : json);
  };
  const callback = (error, value) => (error ? fail('thrown', error) : succeed(value));
  const context = {
    // Whether Lambda waits before it answers; the answer itself is the same, so it is not waited.
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: invocation['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: invocation['lambda-runtime-aws-request-id'],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    identity: undefined,
    clientContext: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
    done: callback,
    fail: (error) => callback(error || new Error('context.fail without an error')),
    succeed,
  };
  timing.called = clock();
  try {
    if (streaming) {
      const stream = streamed();
      emptied = () => stream.broken('unsettled', new Error('the response stream is never ended'));
      const out = handler(event, stream, context);
      if (out && typeof out.then === 'function') out.then(undefined, (error) => stream.broken('rejected', error));
      return;
    }
    const out = handler(event, context, callback);
    if (out && typeof out.then === 'function') {
      out.then(succeed, (error) => fail('rejected', error));
      emptied = () => fail('unsettled', new Error('the promise that the handler gives never settles'));
    } else if (plain) {
      succeed(out);
    } else {
      // A handler that neither gives a promise nor calls back ends with `null`.
      emptied = () => succeed(null);
    }
  } catch (error) {
    fail('thrown', error);
  }
}

// ---- what it took in -------------------------------------------------------------------------

// Files that were loaded, and their bytes. V8 names every script that it holds, whoever asked for
// it (`require`, `import`, a loader), once a debugger asks; that is after the load was timed, so it
// costs the load nothing. Data that was required (JSON) is in the cache of modules alone.
function amount() {
  const files = new Set();
  const add = (name) => {
    if (name.startsWith('file://')) name = url.fileURLToPath(name);
    if (path.isAbsolute(name) && name !== __filename && !name.endsWith('.node')) files.add(name);
  };
  try {
    const { Session } = require('node:inspector');
    const session = new Session();
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => add(params.url));
    session.post('Debugger.enable');
    session.disconnect();
    Object.keys(Module._cache).forEach(add);
    let bytes = 0;
    let count = 0;
    for (const name of files) {
      const stat = statSync(name, { throwIfNoEntry: false });
      if (!stat || !stat.isFile()) continue;
      bytes += stat.size;
      count += 1;
    }
    return { files: count, bytes };
  } catch {
    return null;
  }
}

// ---- go --------------------------------------------------------------------------------------

const before = clock();
loadHandler().then(
  ([loaded, format]) => {
    timing.load_ms = clock() - before;
    if (request.api) {
      let handler;
      try {
        handler = pick(loaded);
      } catch (error) {
        return fail('thrown', error);
      }
      return next((event) => invoke(handler, event));
    }
    // A rejection nobody handles shows only after the microtasks: give it two turns.
    later(() => later(() => {
      const report = { exports: { format, list: describe(loaded, format), handler: null } };
      if (request.export) report.exports.handler = entry(request.export, () => pick(loaded));
      if (!request.profile) report.amount = amount();
      finish(report);
    }));
  },
  (error) => fail('thrown', error),
);
