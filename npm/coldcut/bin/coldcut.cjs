#!/usr/bin/env node
"use strict";
// Runs the program of this platform in this process's place: its streams, its signals, its status.

const { spawn } = require("node:child_process");
const { find } = require("../lib/binary.cjs");

let file;
try {
  file = find();
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}
const child = spawn(file, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends Ctrl-C to both; whoever sends it to this process alone means the program.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`error: \`${file}\` cannot be run: ${error.message}`);
  process.exit(1);
});
child.on("close", (status, signal) => {
  if (signal) {
    for (const each of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  } else process.exit(status);
});
