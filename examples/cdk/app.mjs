// Two functions of one stack, packed while it is made: their assets are coldcut's verified zips.

import { App, CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { Schedule, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Architecture, FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import { ColdcutFunction } from "coldcut-cdk";

class Orders extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);

    const api = new ColdcutFunction(this, "Api", {
      entry: "src/api.ts",
      architecture: Architecture.ARM_64,
      environment: { CURRENCY: "EUR" },
      coldcut: { event: "events/get.json", budget: ["zip=50kB"] },
    });
    const { url } = api.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    new CfnOutput(this, "Url", { value: url });

    const nightly = new ColdcutFunction(this, "Nightly", {
      entry: "src/nightly.ts",
      handler: "run",
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(1),
    });
    new Rule(this, "EveryNight", {
      schedule: Schedule.cron({ hour: "3", minute: "0" }),
      targets: [new LambdaFunction(nightly)],
    });
  }
}

const app = new App();
new Orders(app, "Orders");
app.synth();
