// A deploy script of one's own: packs every function of coldcut.toml and prints the command that
// deploys each, or why none is deployed.

import { ColdcutError, pack } from "coldcut";

try {
  const { functions } = await pack();
  for (const { name, artifact, verification } of functions) {
    console.log(`# ${name}: ${artifact.bytes} bytes, ${verification.status}`);
    console.log(`aws lambda update-function-code --function-name ${name} --zip-file fileb://${artifact.path}`);
  }
} catch (error) {
  if (!(error instanceof ColdcutError)) throw error;
  // A budget is exceeded, or an artifact does not do what the original does: both are in the report.
  console.error(error.stderr);
  process.exitCode = error.status;
}
