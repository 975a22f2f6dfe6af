// The example under Pulumi's own mocks: no engine and no account, the program and `@pulumi/aws` are real.
// `npm ci`, then COLDCUT_BINARY=… node --test test.mjs

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import pulumi from "@pulumi/pulumi";
import { verify } from "coldcut";

// As Pulumi runs a program.
process.chdir(fileURLToPath(new URL(".", import.meta.url)));

/** What the program asks the provider for, by name. */
const asked = {};
await pulumi.runtime.setMocks(
  {
    newResource({ type, name, inputs }) {
      if (type === "aws:lambda/function:Function") asked[name] = inputs;
      return { id: name, state: { ...inputs, arn: `arn:${name}` } };
    },
    call: ({ inputs }) => inputs,
  },
  "orders",
  "test",
);
const { arns } = await import("./index.mjs");
const deployed = await new Promise((resolve) => pulumi.output(arns).apply(resolve));

test("each function of coldcut.toml is one of Lambda's, with the digest that Lambda will report", async () => {
  assert.deepEqual(deployed, { api: "arn:api", nightly: "arn:nightly" });
  assert.deepEqual(Object.keys(asked).sort(), ["api", "nightly"]);
  for (const { code, sourceCodeHash, runtime, architectures } of Object.values(asked)) {
    assert.equal(sourceCodeHash, createHash("sha256").update(readFileSync(await code.path)).digest("base64"));
    assert.deepEqual([runtime, architectures], ["nodejs22.x", ["arm64"]]);
  }
});

test("the deployed handlers answer", async () => {
  const answer = async ({ code, handler, environment }, event) => {
    const done = await verify({ zip: await code.path, handler, event, env: environment.variables });
    return done.artifact.answer.value;
  };
  const { body } = await answer(asked.api, "events/get.json");
  assert.deepEqual(JSON.parse(body), { order: "17", total: 4498, currency: "EUR" });
  assert.deepEqual(await answer(asked.nightly, "events/nothing.json"), { sold: 0 });
});
