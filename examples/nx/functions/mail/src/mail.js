const { readFileSync } = require("node:fs");
const { join } = require("node:path");

exports.handler = async (event) =>
  readFileSync(join(__dirname, "../templates", `${event.language}.txt`), "utf8").replace("NAME", event.name);
