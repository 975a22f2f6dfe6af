// What random programs are made of at the bottom.

export const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h", "k", "m", "p", "q", "u", "v", "w", "x", "y", "z"];
export const TYPES = ["num", "num", "str", "bool", "big", "arr", "obj", "any"];
export const KEYS = ["a", "b", "c", "d", "0", "1", "length", "then", "constructor"];

export const LITERALS = {
  num: ["0", "1", "2", "3", "-1", "-0", "0.5", "7", "10", "NaN", "Infinity", "1e21", "0x1f", "2 ** 31", "4294967295", "9007199254740993", "1e-7"],
  str: ['""', '"a"', '"b"', '"abc"', '"0"', '"1"', '"-0"', '"1e3"', '"0x1f"', '"a\\nb"', '"</script>"', '"$&"', '"use strict"', "`t`", '"true"'],
  bool: ["true", "false", "!0", "!1"],
  big: ["0n", "1n", "2n", "-1n", "255n", "(2n ** 64n)", "BigInt(3)"],
  arr: ["[]", "[1, 2, 3]", "[, 1]", "[1, , 3]", '["a", "b"]', "[[1], [2]]", "[undefined]", "[NaN]"],
  obj: ["{}", "{ a: 1 }", "{ a: 1, b: 2 }", '{ "1": 1, a: 2, "0": 3 }', "{ get a() { return 5; } }", "{ a: { b: 1 } }", "/a/g", "new Date(0)", "new Map([[1, 2]])", "{ length: 2 }"],
  any: ["undefined", "null", "void 0", "0", '"a"', "false", "Symbol.iterator", "globalThis.nothing"],
};
