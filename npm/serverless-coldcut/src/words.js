'use strict';

// What a report of coldcut is in a line or two of the framework's log.
//
// In: parts of `coldcut pack --json`. Out: texts. Sizes read as in coldcut's own report.

const UNITS = ['kB', 'MB', 'GB'];

/** Three digits, decimal units: `325 kB`. */
function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  for (const [at, unit] of UNITS.entries()) {
    if (value < 999.5 || at + 1 === UNITS.length) {
      const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
      return `${value.toFixed(digits)} ${unit}`;
    }
    value /= 1000;
  }
}

/** `-98.5 %`; something that is left never reads as `-100.0 %`. */
function change(before, after) {
  const percent = ((after - before) / before) * 100;
  const shown = after > 0 ? Math.max(percent, -99.9) : percent;
  if (Math.abs(shown) < 0.05) return '0 %';
  return `${shown > 0 ? '+' : ''}${shown.toFixed(1)} %`;
}

const PROOF = { equal: 'verified equal', differs: 'differs from the original' };

/** What the framework itself would ship, which leaves dev dependencies out unless it is told not to. */
function shipped({ baseline, steps }, devDependencies) {
  const without = steps.find(({ name, measured }) => name === 'dev-dependencies' && measured);
  return without && !devDependencies ? without.zipped_after_bytes : baseline.bytes;
}

/**
 * One line for each function, with the sizes under each other.
 *
 * @param {boolean} devDependencies whether the framework would ship them
 */
function lines(functions, devDependencies) {
  const width = Math.max(...functions.map(({ name }) => name.length));
  return functions.map((packed) => {
    const { name, artifact, verification } = packed;
    const before = shipped(packed, devDependencies);
    const sizes = before
      ? `${size(before)} -> ${size(artifact.bytes)} (${change(before, artifact.bytes)})`
      : size(artifact.bytes);
    return `${name.padEnd(width)}  ${sizes}, ${PROOF[verification.status] || 'not verified'}`;
  });
}

function warningText({ code, message, path, line, column, notes, help }) {
  const place = path ? ` (${[path, line, column].filter((part) => part != null).join(':')})` : '';
  const rest = [...notes, ...(help ? [`help: ${help}`] : [])];
  return [`coldcut ${code}: ${message}${place}`, ...rest.map((text) => `  ${text}`)].join('\n');
}

/** Every warning once; one that several functions have names them. */
function warnings(report) {
  const askers = new Map();
  const add = (warning, name) => {
    const text = warningText(warning);
    if (!askers.has(text)) askers.set(text, []);
    if (name) askers.get(text).push(name);
  };
  report.warnings.forEach((warning) => add(warning));
  for (const { name, warnings: own } of report.functions) own.forEach((warning) => add(warning, name));
  return [...askers].map(([text, names]) => {
    if (!names.length || names.every((name) => text.includes(`\`${name}\``))) return text;
    return `${text}\n  in ${names.map((name) => `"${name}"`).join(', ')}`;
  });
}

/**
 * The errors among the diagnostics that coldcut wrote to standard error, with the code of the
 * first; all of the text where it holds no such thing, which a panic or a loader would do.
 */
function errors(text) {
  const blocks = text.split(/^(?=CC\d{3}$)/m).filter((block) => /^CC\d{3}$/m.test(block));
  const found = blocks.filter((block) => /^ {2}× /m.test(block));
  const shown = found.map((block) => {
    const [code, ...rest] = block.trim().split('\n');
    const body = rest.join('\n').trim().replace(/^× /, '').replace(/^ {2}│ /gm, '  ');
    return `coldcut ${code}: ${body}`;
  });
  const code = found.length ? found[0].slice(0, 5) : undefined;
  return { code, text: shown.length ? shown.join('\n\n') : text.trim() };
}

module.exports = { size, change, lines, warnings, errors };
