// What both benches here share: flags, and the functions of `fixtures/rust`.
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const repository = resolve(here, "../..");
export const flag = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};

// Folder of the workspace, folder of the package in it, binary.
export const functions = {
  hello: [["hello", ".", "hello"]],
  trio: [
    ["trio", "http", "orders-http"],
    ["trio", "queue", "orders-queue"],
    ["trio", "report", "orders-report"],
  ],
  extension: [["extension", ".", "counter"]],
  api: [["api", ".", "api"]],
};
