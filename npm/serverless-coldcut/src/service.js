'use strict';

// The service as coldcut is told of it: the shape of `serverless.yml`, with every variable resolved.
//
// In: the framework's `serverless` object. Out: JSON, and which functions are asked for. What the
// framework itself put into the objects since (compiled templates, artifacts) is left out.

const Problem = require('./problem');

const PROVIDER = ['name', 'stage', 'region', 'runtime', 'architecture', 'environment', 'layers', 'memorySize', 'timeout'];
const PLAIN = ['handler', 'runtime', 'architecture'];

/** Names of the functions that coldcut is asked about: not those that say `coldcut: false`. */
function wanted(serverless, only) {
  const functions = serverless.service.functions || {};
  const names = only ? [only] : Object.keys(functions);
  return names.filter((name) => {
    const own = functions[name];
    return own && own.coldcut !== false && !(own.package && own.package.disable);
  });
}

/**
 * @param {Map<string, object>} handed functions that have an artifact of this plugin's, with the
 *   `package` that the user wrote
 */
function describe(serverless, names, handed) {
  const { service } = serverless;
  const provider = {};
  for (const key of PROVIDER) provider[key] = service.provider[key];
  const functions = {};
  for (const name of names) functions[name] = ownFunction(serverless, name, handed);
  return toJson({
    service: service.service,
    provider,
    package: ownPackage(service),
    functions,
    custom: service.custom,
    plugins: service.plugins,
  });
}

function ownFunction(serverless, name, handed) {
  const { events, ...own } = serverless.service.functions[name];
  const told = { ...own, package: handed.has(name) ? handed.get(name) : own.package };
  if (!told.image) told.runtime = runtime(serverless, told.runtime);
  for (const key of PLAIN) {
    if (typeof told[key] === 'string' && told[key].includes('${')) {
      throw new Problem(
        'UNRESOLVED_VARIABLE',
        `"functions.${name}.${key}" contains a variable that the framework did not resolve: ${told[key]}\n` +
          'Give the variable a value, or a default: "${env:NAME, \'value\'}".'
      );
    }
  }
  return told;
}

/** Where no runtime is set the framework has its own default, and that is what is deployed. */
function runtime(serverless, own) {
  const provider = serverless.getProvider('aws');
  return provider && provider.getRuntime ? provider.getRuntime(own) : own;
}

/** The framework notes the zip that it made of the whole service where a user would name one. */
function ownPackage(service) {
  const { artifact, ...rest } = service.package || {};
  return service.artifact && service.artifact === artifact ? rest : { ...rest, artifact };
}

/** Configurations that are programs may hold functions, cycles and numbers that JSON has not. */
function toJson(value) {
  const above = [];
  return JSON.stringify(value, function (key, inner) {
    while (above.length && above[above.length - 1] !== this) above.pop();
    if (typeof inner === 'bigint') return String(inner);
    if (inner === null || typeof inner !== 'object') return inner;
    if (above.includes(inner)) return undefined;
    above.push(inner);
    return inner;
  });
}

module.exports = { wanted, describe };
