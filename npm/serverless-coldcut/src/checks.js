'use strict';

// What a service must not be, if coldcut is to pack it.
//
// In: the framework's `serverless` object. Out: nothing, or a `Problem` that names the fix.

const Problem = require('./problem');

/** Plugins that make the artifacts of Node.js or Rust functions themselves. */
const PACKERS = [
  'serverless-esbuild',
  'serverless-plugin-esbuild',
  'serverless-webpack',
  'serverless-bundle',
  'serverless-plugin-typescript',
  'serverless-plugin-optimize',
  'serverless-plugin-optimize-js',
  'serverless-plugin-include-dependencies',
  'serverless-plugin-babel',
  'serverless-babel-plugin',
  'serverless-plugin-parcel',
  'serverless-parcel',
  'serverless-rollup',
  'serverless-plugin-rollup',
  'serverless-rollup-plugin',
  'serverless-rspack',
  'serverless-plugin-monorepo',
  'serverless-package-common',
  'serverless-jetpack',
  'serverless-rust',
];

/** Names in `plugins`, which may be a list or have one inside. */
function plugins({ service }) {
  const list = Array.isArray(service.plugins) ? service.plugins : (service.plugins || {}).modules;
  return Array.isArray(list) ? list : [];
}

function packers(serverless) {
  return plugins(serverless).filter((name) => PACKERS.includes(name));
}

function frameworkVersion(serverless) {
  const version = serverless.version || '';
  const major = Number.parseInt(version, 10);
  if (major >= 3) return;
  throw new Problem(
    'UNSUPPORTED_FRAMEWORK',
    `serverless-coldcut works with Serverless Framework 3 and 4 and with osls, and this is version ${version}.\n` +
      'Upgrade with "npm install --save-dev osls" or "npm install --save-dev serverless@3", ' +
      'or pack without the plugin: "npx coldcut pack".'
  );
}

function otherPackers(serverless) {
  const found = packers(serverless);
  if (!found.length) return;
  const names = found.map((name) => `"${name}"`).join(', ');
  throw new Problem(
    'CONFLICTING_PLUGIN',
    `"plugins" lists serverless-coldcut and ${names}, which would pack the same functions.\n` +
      `Remove ${names} from "plugins": coldcut bundles TypeScript and JavaScript by itself, ` +
      'and "custom.esbuild" and "custom.webpack" may stay as they are.'
  );
}

/** Only version 4 has a `build` setting, and its bundler runs before any plugin. */
function builtInBundler(serverless) {
  const { configSchemaHandler, service } = serverless;
  if (typeof (configSchemaHandler || {}).defineBuildProperty !== 'function') return;
  const { build } = service;
  if (build && typeof build === 'object' && build.esbuild === false) return;
  throw new Problem(
    'BUILT_IN_BUNDLER',
    'Serverless Framework 4 bundles functions itself, and serverless-coldcut would pack them a second time.\n' +
      'Switch that off in serverless.yml:\n\n  build:\n    esbuild: false'
  );
}

function check(serverless) {
  otherPackers(serverless);
  builtInBundler(serverless);
}

module.exports = { check, frameworkVersion, packers };
