'use strict';

// Hands zips over to the framework.
//
// In: the report of a run. Out: the zips in `.serverless/`, where the framework and its users look
// for them, and each function's `package.artifact`. All are in place before any is named.

const fs = require('node:fs/promises');
const path = require('node:path');
const Problem = require('./problem');

const FOLDER = '.serverless';
/** What the framework has put there by the time it asks for artifacts. */
const FIRST = 'cloudformation-template-create-stack.json';

/** Copies every zip, or none: what was copied goes again where one cannot be. */
async function place(serverless, report) {
  const root = serverless.serviceDir;
  const folder = path.join(root, FOLDER);
  const taken = otherNames(serverless, report);
  const beside = [];
  try {
    await fs.mkdir(folder, { recursive: true });
    for (const { name, artifact } of report.functions) {
      const target = path.join(folder, taken.has(name) ? `${name}.function.zip` : `${name}.zip`);
      const temporary = `${target}.${process.pid}.part`;
      beside.push({ name, target, temporary });
      await fs.copyFile(path.resolve(root, artifact.path), temporary);
    }
    for (const { target, temporary } of beside) await fs.rename(temporary, target);
  } catch (error) {
    for (const { target, temporary } of beside) {
      await fs.rm(temporary, { force: true });
      await fs.rm(target, { force: true });
    }
    throw new Problem(
      'CANNOT_WRITE',
      `The artifacts cannot be put into "${FOLDER}": ${error.message}\n` +
        'Check that the folder can be written and that the disk has free space, then run the command again.'
    );
  }
  return new Map(beside.map(({ name, target }) => [name, target]));
}

/** Takes the framework's folder away again where nothing but its first template is in it. */
async function leaveNothing(serverless) {
  const folder = path.join(serverless.serviceDir, FOLDER);
  const names = await fs.readdir(folder).catch(() => []);
  if (names.every((name) => name === FIRST)) await fs.rm(folder, { recursive: true, force: true }).catch(() => {});
}

/** What else the framework writes to `.serverless/NAME.zip` after this. */
function otherNames({ service }, report) {
  const names = new Set(Object.keys(service.layers || {}));
  const packed = new Set(report.functions.map(({ name }) => name));
  const shares = ([name, { image, package: own = {} }]) =>
    !packed.has(name) && !image && !own.artifact && !own.individually && !service.package.individually;
  // Functions that are left to the framework share one zip, called as the service is.
  if (Object.entries(service.functions).some(shares)) names.add(service.service);
  return names;
}

/**
 * Names the zips to the framework.
 *
 * @param {Map<string, object>} handed keeps what the user wrote as `package`, for another run in
 *   the same process
 */
function handOver(serverless, files, handed) {
  for (const [name, file] of files) {
    const own = serverless.service.functions[name];
    if (!handed.has(name)) handed.set(name, own.package);
    own.package = { ...handed.get(name), individually: true, artifact: named(serverless, file) };
  }
}

/**
 * The framework's state file holds this name and is uploaded: a path of this machine in it would
 * make it differ from machine to machine, and a package that is deployed elsewhere not be found.
 */
function named(serverless, file) {
  const root = serverless.serviceDir;
  return path.resolve(root) === process.cwd() ? path.relative(root, file) : file;
}

module.exports = { place, handOver, leaveNothing };
