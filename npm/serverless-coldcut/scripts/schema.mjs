// Writes `src/schema.json`: coldcut's settings in the form that the framework's validator takes.
//
// In: `docs/config.schema.json`. Out: the same keys without references, formats and nulls, each in
// both spellings (`keep-names`, `keepNames`). `--check` writes nothing and fails where it would.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SOURCE = here('../../../docs/config.schema.json');
const TARGET = here('../src/schema.json');

/** Where functions are is the framework's to say. */
const NOT_SETTINGS = ['functions'];
/** The validator keeps what it knows only; texts are in the schema that this comes from. */
const DROPPED = ['description', 'default', 'format', 'title'];

const camel = (key) => key.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());

function convert(schema, defs) {
  if (schema.$ref) return convert(defs[schema.$ref.replace('#/$defs/', '')], defs);
  const out = {};
  for (const [key, value] of Object.entries(schema)) {
    if (DROPPED.includes(key)) continue;
    if (key === 'type') out.type = Array.isArray(value) ? only(value) : value;
    else if (key === 'properties') out.properties = properties(value, defs);
    else if (key === 'items' || key === 'additionalProperties') {
      out[key] = typeof value === 'object' ? convert(value, defs) : value;
    } else if (key === 'anyOf' || key === 'oneOf') Object.assign(out, choice(value, defs));
    else out[key] = value;
  }
  return out;
}

function only(types) {
  const [type, ...more] = types.filter((name) => name !== 'null');
  if (more.length) throw new Error(`a value of several types: ${types}`);
  return type;
}

function properties(all, defs) {
  const out = {};
  for (const [key, value] of Object.entries(all)) {
    const converted = convert(value, defs);
    out[key] = converted;
    out[camel(key)] = converted;
  }
  return out;
}

function choice(branches, defs) {
  const kept = branches.filter(({ type }) => type !== 'null').map((branch) => convert(branch, defs));
  if (kept.length === 1) return kept[0];
  const names = kept.flatMap((branch) => branch.enum ?? (branch.const === undefined ? [] : [branch.const]));
  const simple = kept.every((branch) => branch.enum || branch.const !== undefined);
  return simple ? { type: 'string', enum: names } : { anyOf: kept };
}

export function generate() {
  const { $defs, ...source } = JSON.parse(readFileSync(SOURCE, 'utf8'));
  for (const key of NOT_SETTINGS) delete source.properties[key];
  const { type, additionalProperties, properties: own } = source;
  const settings = convert({ type, additionalProperties, properties: own }, $defs);
  return `${JSON.stringify({ settings }, null, 1)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = generate();
  if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
  else if (text !== readFileSync(TARGET, 'utf8')) {
    console.error('src/schema.json is stale: run `npm run schema`');
    process.exitCode = 1;
  }
}
