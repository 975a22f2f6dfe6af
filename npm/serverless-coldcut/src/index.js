'use strict';

// The plugin: hooks of the Serverless Framework (3, 4, osls) -> `coldcut pack` -> artifacts.
//
// In: the framework's objects. Out: `package.artifact` of every function that coldcut packs; all
// else is the framework's as ever. One run of the binary packs all functions.

const path = require('node:path');
const artifacts = require('./artifacts');
const { check, frameworkVersion } = require('./checks');
const door = require('./door');
const defineSettings = require('./settings');
const findBinary = require('./binary');
const Problem = require('./problem');
const { pack } = require('./run');
const service = require('./service');
const watch = require('./watch');
const words = require('./words');

const OUT = '.coldcut';
const UNPACKED = `${OUT}/unpacked`;
const NOTHING_TO_PACK = 'CC007';
/** Commands that pack; others must work on a service that cannot be packed. */
const COMMANDS = /^(package|deploy|deploy function|invoke local|offline|offline start)$/;
/** A developer at work is told of a budget, and not stopped by it. */
const AT_WORK = /^(invoke local|offline|offline start)$/;

class ServerlessColdcut {
  constructor(serverless, options, { log, progress } = {}) {
    this.serverless = serverless;
    this.options = options || {};
    this.log = log;
    this.progress = progress;
    // `invoke local` sets the function's own environment in this very process before it calls.
    this.env = { ...process.env };
    // What the user wrote as `package` of functions that have an artifact of coldcut's.
    this.handed = new Map();

    this.orFail(() => frameworkVersion(serverless));
    defineSettings(serverless);
    const hook = (work) => () => this.orFail(work);
    this.hooks = {
      initialize: hook(() => this.initialize()),
      'before:package:createDeploymentArtifacts': hook(() => this.packService()),
      'before:deploy:function:packageFunction': hook(() => this.packService(this.options.function)),
      'before:invoke:local:invoke': hook(() => this.prepareInvoke()),
      'before:offline:start:init': hook(() => this.prepareOffline()),
      'before:offline:start': hook(() => this.prepareOffline()),
    };
  }

  initialize() {
    if (COMMANDS.test(this.command())) check(this.serverless);
  }

  command() {
    const { commands } = this.serverless.processedInput || { commands: [] };
    return commands.join(' ');
  }

  /** For `package` and `deploy`, and `deploy function`. */
  async packService(only) {
    try {
      const report = await this.run(only);
      this.keepOutOfOthers();
      if (!report) return;
      const files = await artifacts.place(this.serverless, report);
      artifacts.handOver(this.serverless, files, this.handed);
    } catch (error) {
      await artifacts.leaveNothing(this.serverless);
      throw error;
    }
  }

  /** `invoke local` loads the handler from a folder below the service's. */
  async prepareInvoke() {
    // In Docker the framework runs artifacts, and has itself asked for them.
    if (this.options.docker) return;
    const name = this.options.function;
    const report = await this.run(name, UNPACKED);
    const found = report && report.functions.find((packed) => packed.name === name);
    if (!found || found.kind !== 'node') return;
    const folder = path.join(UNPACKED, name);
    const { handler } = this.serverless.service.functions[name];
    const exported = handler.slice(handler.lastIndexOf('.') + 1);
    await door(path.join(this.serverless.serviceDir, folder), found.handler, exported);
    this.options.extraServicePath = folder;
  }

  /** serverless-offline unpacks and runs the artifact of a function that has one. */
  async prepareOffline() {
    await this.packOffline();
    watch(this.serverless.serviceDir, () => this.packAgain());
  }

  async packOffline() {
    const report = await this.run();
    if (!report) return;
    const root = this.serverless.serviceDir;
    const files = report.functions
      .filter(({ kind }) => kind === 'node')
      .map(({ name, artifact }) => [name, path.resolve(root, artifact.path)]);
    artifacts.handOver(this.serverless, files, this.handed);
  }

  /** A source changed. What cannot be packed is said, and what was packed before goes on running. */
  async packAgain() {
    try {
      await this.packOffline();
      await this.serverless.pluginManager.spawn('offline:functionsUpdated');
    } catch (error) {
      this.say('error', error instanceof Problem ? error.message : String(error.stack));
    }
  }

  /** Packs, and says what came of it; `undefined` where nothing is coldcut's to pack. */
  async run(only, unpack) {
    check(this.serverless);
    const names = service.wanted(this.serverless, only);
    if (!names.length) return undefined;
    const ask = {
      binary: findBinary(this.env),
      cwd: this.serverless.serviceDir,
      env: this.env,
      service: service.describe(this.serverless, names, this.handed),
      functions: only ? names : [],
      out: OUT,
      unpack,
      mayBeOver: AT_WORK.test(this.command()),
    };
    const task = this.progress && this.progress.get('serverless-coldcut');
    if (task) task.notice(`Packing ${names.length === 1 ? names[0] : `${names.length} functions`} with coldcut`);
    let report;
    let over;
    try {
      ({ report, over } = await pack(ask));
    } catch (error) {
      if (error.code !== NOTHING_TO_PACK) throw error;
      this.say('info', 'coldcut: none of the functions is Node.js or Rust; the framework packs them');
      return undefined;
    } finally {
      if (task) task.remove();
    }
    if (over) this.say('warning', over);
    this.tell(report);
    return report;
  }

  tell(report) {
    for (const text of words.warnings(report)) this.say('warning', text);
    const { excludeDevDependencies } = this.serverless.service.package || {};
    if (report.functions.length) {
      for (const text of words.lines(report.functions, excludeDevDependencies === false)) this.say('notice', text);
    }
    for (const { name, why } of report.skipped) {
      this.say('info', `${name}  left to the framework: ${why}`);
    }
  }

  say(level, text) {
    if (this.log) this.log[level](text);
    else this.serverless.cli.log(text);
  }

  /** What the framework zips itself is the service's folder, and coldcut's lies in it. */
  keepOutOfOthers() {
    const own = this.serverless.service.package;
    const rule = `!${OUT}/**`;
    const patterns = own.patterns || [];
    if (!patterns.includes(rule)) own.patterns = [rule, ...patterns];
  }

  /** Problems become errors of the framework's own class, which it shows without a stack. */
  orFail(work) {
    const shown = (error) => {
      if (!(error instanceof Problem)) throw error;
      throw new this.serverless.classes.Error(error.message, `COLDCUT_${error.code}`);
    };
    try {
      const result = work();
      return result && result.then ? result.catch(shown) : result;
    } catch (error) {
      return shown(error);
    }
  }
}

module.exports = ServerlessColdcut;
