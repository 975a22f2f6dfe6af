// The types of the documents that coldcut prints, from their schemas. `node scripts/types.mjs` writes
// them into the package; `--check` only says whether they are what the schemas say.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const here = (path) => new URL(path, import.meta.url);
const DOCUMENTS = ["report", "verification", "measurement", "diff"];

let stale = false;
for (const name of DOCUMENTS) {
  const schema = JSON.parse(readFileSync(here(`../../docs/${name}.schema.json`), "utf8"));
  schema.title = name[0].toUpperCase() + name.slice(1);
  const text = await compile(schema, name, {
    bannerComment: `/* Made of docs/${name}.schema.json by npm/scripts/types.mjs. */`,
    additionalProperties: false,
  });
  const file = here(`../coldcut/lib/${name}.d.ts`);
  if (process.argv.includes("--check")) {
    let there = "";
    try {
      there = readFileSync(file, "utf8");
    } catch {
      // Missing is stale too.
    }
    if (there !== text) {
      console.error(`${name}.d.ts is not what docs/${name}.schema.json says: run \`node npm/scripts/types.mjs\``);
      stale = true;
    }
  } else writeFileSync(file, text);
}
process.exit(stale ? 1 : 0);
