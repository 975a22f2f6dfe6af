// The example under the real `cdk synth`: what the template names are zips of coldcut's, and they answer.
// `npm ci`, then COLDCUT_BINARY=… node --test test.mjs

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { verify } from "coldcut";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "coldcut-example-cdk-"));
const read = (file) => JSON.parse(readFileSync(join(out, file), "utf8"));
after(() => rmSync(out, { recursive: true, force: true }));

/** The functions of the template by the start of their names, each with its asset's file. */
const functions = {};

before(() => {
  const cdk = createRequire(import.meta.url).resolve("aws-cdk/bin/cdk");
  // A home of its own: nothing of the machine's is read, and nothing is written there.
  const env = { PATH: process.env.PATH, HOME: out, COLDCUT_BINARY: process.env.COLDCUT_BINARY, CDK_DISABLE_CLI_TELEMETRY: "true" };
  execFileSync(process.execPath, [cdk, "synth", "--quiet", "--no-notices", "--output", out], { cwd: here, env, stdio: "pipe" });
  for (const [name, { Type, Properties }] of Object.entries(read("Orders.template.json").Resources)) {
    if (Type !== "AWS::Lambda::Function") continue;
    functions[name.slice(0, -8)] = { ...Properties, digest: Properties.Code.S3Key.replace(".zip", "") };
  }
});

const zip = ({ digest }) => join(out, `asset.${digest}.zip`);

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

test("each asset is a zip, named by its own content", () => {
  assert.deepEqual(Object.keys(functions), ["Api", "Nightly"]);
  for (const one of Object.values(functions)) {
    // CDK names an asset by the digest of what it is told, and is told the zip's.
    assert.equal(one.digest, sha256(sha256(readFileSync(zip(one)))));
    assert.deepEqual([one.Runtime, one.Architectures], ["nodejs22.x", ["arm64"]]);
  }
});

test("the deployed handlers answer", async () => {
  const { Api, Nightly } = functions;
  const answer = async (one, event) => {
    const env = one.Environment?.Variables;
    return (await verify({ zip: zip(one), handler: one.Handler, event, env })).artifact.answer.value;
  };
  const { body } = await answer(Api, join(here, "events/get.json"));
  assert.deepEqual(JSON.parse(body), { order: "17", total: 4498, currency: "EUR" });
  const event = join(out, "event.json");
  writeFileSync(event, '{"items":[{"price":2,"count":3}]}');
  assert.deepEqual(await answer(Nightly, event), { sold: 6 });
});

test("the code of a package that nothing calls does not ship", () => {
  // All of hono is about sixty times as much.
  const { size } = statSync(zip(functions.Api));
  assert.ok(size < 15_000, `${size} bytes`);
});
