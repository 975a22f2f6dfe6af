'use strict';

// Tells the framework which settings there are, so that it checks them as it checks its own.
//
// In: the framework's `serverless` object. Out: its schema, extended. `schema.json` is written by
// `scripts/schema.mjs` from coldcut's own schema. The framework only warns by default; coldcut
// itself refuses an unknown key whatever the mode is.

const { settings } = require('./schema.json');
const { packers } = require('./checks');

/** Keys of functions that serverless-esbuild and serverless-webpack define. */
const LEFT_BEHIND = { skipEsbuild: { type: 'boolean' }, entrypoint: { type: 'string' } };

module.exports = function define(serverless) {
  const { configSchemaHandler } = serverless;
  if (!configSchemaHandler) return;
  configSchemaHandler.defineCustomProperties({ properties: { coldcut: copy(settings) } });
  configSchemaHandler.defineFunctionProperties('aws', {
    properties: {
      coldcut: { anyOf: [{ type: 'boolean', const: false }, copy(settings)] },
      // Two plugins must not define one key. Where such a plugin is still listed the check of
      // plugins ends the command with a better message than the framework's.
      ...(packers(serverless).length ? {} : LEFT_BEHIND),
    },
  });
};

/** The framework writes into the schemas that it is given. */
function copy(schema) {
  return JSON.parse(JSON.stringify(schema));
}
