/// <reference path="./.sst/platform/config.d.ts" />

// A function of SST's for each one that coldcut.toml declares. `bundle` names a folder that is ready to
// ship, and SST zips it as it is; links, permissions and routes are SST's as ever.

const FOLDER = ".coldcut/unpacked";

export default $config({
  app: () => ({ name: "orders", home: "aws" }),
  async run() {
    const { pack } = await import("coldcut");
    // Rejects, and so fails the deployment, where an artifact does not do what the original does.
    const { functions } = await pack({ unpack: FOLDER });

    const shipped = (wanted: string) => {
      const { name, handler_setting, arch } = functions.find(({ name }) => name === wanted)!;
      return {
        bundle: `${FOLDER}/${name}`,
        handler: handler_setting!,
        runtime: "nodejs22.x",
        architecture: arch as "arm64" | "x86_64",
      } as const;
    };

    const api = new sst.aws.Function("Api", { ...shipped("Api"), environment: { CURRENCY: "EUR" }, url: true });
    new sst.aws.Cron("Nightly", { schedule: "cron(0 3 * * ? *)", function: shipped("Nightly") });
    return { api: api.url };
  },
});
