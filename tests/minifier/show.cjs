// What random programs print with: values in a form that shows their type and stays the same from run to run.
"use strict";

// Texts of functions are the minifier's to choose.
Function.prototype.toString = () => "function";

let lines = 0;

/** Before each program. */
exports.reset = () => (lines = 0);

const key = (name) => (typeof name === "symbol" ? `[${String(name)}]` : name);

function show(value, deep = 0) {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return value + "n";
  if (typeof value === "undefined" || typeof value === "boolean" || typeof value === "symbol") return String(value);
  if (value instanceof Error) return "!" + value.name;
  if (value === globalThis) return "global";
  if (deep > 3) return "…";
  const prototype = Object.getPrototypeOf(value);
  const parts = [];
  for (const name of Reflect.ownKeys(value)) {
    // So are names.
    if (typeof value === "function" && ["name", "prototype", "arguments", "caller"].includes(name)) continue;
    if (Array.isArray(value) && name === "length") continue;
    const own = Object.getOwnPropertyDescriptor(value, name);
    const marks = (own.enumerable ? "" : "~") + (own.writable === false ? "!" : "");
    const text = "value" in own ? show(own.value, deep + 1) : (own.get ? "get" : "") + (own.set ? "set" : "");
    parts.push(`${marks}${key(name)}:${text}`);
  }
  if (Array.isArray(value)) parts.push("length:" + value.length);
  if (value instanceof Map || value instanceof Set) parts.push(show([...value], deep + 1));
  if (value instanceof Promise) parts.push("promise");
  if (prototype === null) parts.push("no prototype");
  const boxed = [Number, String, Boolean].find((type) => value instanceof type && prototype === type.prototype);
  if (boxed) parts.push(show(value.valueOf()));
  return (typeof value === "function" ? "function" : "") + (Array.isArray(value) ? `[${parts}]` : `{${parts}}`);
}

exports.log = (...values) => {
  if (++lines > 300) throw new RangeError("It prints too much.");
  console.log(values.map((value) => show(value)).join(" "));
};

/** Says that it is computed. */
exports.note = (name, value) => {
  exports.log(name);
  return value;
};

exports.attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? "!" + error.name : error;
  }
};
