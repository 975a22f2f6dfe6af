// A Lambda function for each one that coldcut.toml declares, packed while Pulumi runs this program.

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { pack } from "coldcut";

const role = new aws.iam.Role("orders", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

/** What only a deployed function has; what it is verified with stands in coldcut.toml. */
const environments = { api: { CURRENCY: "EUR" } };

// Rejects, and so fails the preview, where an artifact does not do what the original does.
const { functions } = await pack();

export const arns = {};
for (const { name, artifact, handler_setting, runtime, arch } of functions) {
  const deployed = new aws.lambda.Function(name, {
    role: role.arn,
    code: new pulumi.asset.FileArchive(artifact.path),
    sourceCodeHash: artifact.code_sha256_base64,
    handler: handler_setting,
    runtime,
    architectures: [arch],
    environment: { variables: environments[name] ?? {} },
  });
  arns[name] = deployed.arn;
}
