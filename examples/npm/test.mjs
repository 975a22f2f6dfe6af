// `npm ci`, then COLDCUT_BINARY=… node --test test.mjs

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));

const deploy = () => spawnSync(process.execPath, ["deploy.mjs"], { encoding: "utf8" });

test("each function gets its command, with an artifact that was compared with the original", () => {
  const { status, stdout, stderr } = deploy();
  assert.equal(status, 0, stderr);
  const [said, command] = stdout.trim().split("\n");
  assert.match(said, /^# orders: \d+ bytes, equal$/);
  const [, name, zip] = command.match(/^aws lambda update-function-code --function-name (\S+) --zip-file fileb:\/\/(\S+)$/);
  assert.equal(name, "orders");
  assert.ok(existsSync(zip), zip);
});

test("nothing is deployed that is over its budget", () => {
  const settings = readFileSync("coldcut.toml", "utf8");
  writeFileSync("coldcut.toml", settings.replace("10kB", "100B"));
  try {
    const { status, stdout, stderr } = deploy();
    assert.deepEqual([status, stdout], [3, ""]);
    assert.match(stderr, /budget/);
  } finally {
    writeFileSync("coldcut.toml", settings);
  }
});
