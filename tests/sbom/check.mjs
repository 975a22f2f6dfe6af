// Holds a bill of materials to CycloneDX's own schema.
//
//     node check.mjs FILE.cdx.json
import { readFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
const found = await validator.validate(readFileSync(process.argv[2], "utf8"));
if (found !== null) {
  console.error(JSON.stringify(found, null, 2));
  process.exit(1);
}
console.log("valid");
