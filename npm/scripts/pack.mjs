// Lays out and packs the npm packages:
//
//     node npm/scripts/pack.mjs --binary TRIPLE=PATH [--binary …] --out DIR
//
// In: a built program for each platform. Out: in DIR a tarball of `coldcut`, of each platform's package,
// and of what goes with coldcut. The versions are Cargo.toml's; the checkout is only read.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const npm = join(root, "npm");
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const { platforms } = json(join(npm, "coldcut/platforms.json"));

const { values } = parseArgs({
  options: { binary: { type: "string", multiple: true, default: [] }, out: { type: "string" } },
});
if (!values.out || values.binary.length === 0) stop("say `--binary TRIPLE=PATH` and `--out DIR`");

function stop(message) {
  console.error(`pack.mjs: ${message}`);
  process.exit(2);
}

/** The system and processor that a program is for, by its first bytes. */
function made(bytes) {
  const cpu = (table, value) => table[value] ?? `processor ${value}`;
  if (bytes.readUInt32BE(0) === 0x7f454c46) {
    const os = "linux";
    return { os, cpu: cpu({ 62: "x64", 183: "arm64" }, bytes.readUInt16LE(18)) };
  }
  if (bytes.readUInt32LE(0) === 0xfeedfacf) {
    return { os: "darwin", cpu: cpu({ 0x01000007: "x64", 0x0100000c: "arm64" }, bytes.readUInt32LE(4)) };
  }
  if (bytes.toString("latin1", 0, 2) === "MZ") {
    const at = bytes.readUInt32LE(0x3c);
    return { os: "win32", cpu: cpu({ 0x8664: "x64", 0xaa64: "arm64" }, bytes.readUInt16LE(at + 4)) };
  }
  return { os: "no system that is known", cpu: "" };
}

const version = /^version = "(.+)"/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];
const own = json(join(npm, "coldcut/package.json"));
const common = { version, license: own.license };

const binaries = values.binary.map((said) => {
  const [triple, path] = said.split(/=(.*)/s);
  const platform = platforms.find((one) => one.triple === triple);
  if (!platform) stop(`there is no platform \`${triple}\`: ${platforms.map((one) => one.triple).join(", ")}`);
  if (!path || !existsSync(path)) stop(`\`${path}\` is not there`);
  const is = made(readFileSync(path).subarray(0, 4096));
  if (is.os !== platform.os || is.cpu !== platform.cpu) {
    stop(`\`${path}\` is for ${is.os} ${is.cpu}, and not for ${triple}`);
  }
  return { platform, path };
});

const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), "coldcut-npm-"));

function packed(name, manifest, fill) {
  const folder = join(scratch, name.replace("/", "-"));
  mkdirSync(folder, { recursive: true });
  fill(folder);
  for (const text of ["LICENSE-MIT", "LICENSE-APACHE"]) cpSync(join(root, text), join(folder, text));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", out];
  const said = execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  console.log(join(out, JSON.parse(said)[0].filename));
}

try {
  for (const { platform, path } of binaries) {
    const manifest = {
      name: platform.package,
      ...common,
      description: `coldcut's program for ${platform.triple}`,
      os: [platform.os],
      cpu: [platform.cpu],
      ...(platform.libc && { libc: [platform.libc] }),
      // A program cannot be run out of an archive.
      preferUnplugged: true,
      files: [platform.binary],
    };
    packed(platform.package, manifest, (folder) => {
      cpSync(path, join(folder, platform.binary));
      chmodSync(join(folder, platform.binary), 0o755);
    });
  }
  const optionalDependencies = Object.fromEntries(binaries.map(({ platform }) => [platform.package, version]));
  packed("coldcut", { ...own, ...common, optionalDependencies }, (folder) => {
    cpSync(join(npm, "coldcut"), folder, { recursive: true });
    cpSync(join(root, "README.md"), join(folder, "README.md"));
  });
  for (const beside of ["serverless-coldcut", "coldcut-cdk"]) {
    const from = join(npm, beside);
    if (!existsSync(from)) continue;
    const theirs = json(join(from, "package.json"));
    const { devDependencies, scripts, private: _, ...rest } = theirs;
    const manifest = { ...rest, ...common, dependencies: { ...theirs.dependencies, coldcut: version } };
    packed(beside, manifest, (folder) => {
      const skip = ["test", "bench", "scripts", "node_modules", "package-lock.json"].map((name) => join(from, name));
      cpSync(from, folder, { recursive: true, filter: (path) => !skip.includes(path) });
    });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
