// What a bundle needs at run time. Each is taken in only where it is used.
var __commonJS = (run, module) => () => {
  if (!module) {
    module = { exports: {} };
    // Node forgets a module that throws while it loads, so that the next `require` tries again.
    try {
      run.call(module.exports, module.exports, module);
    } catch (error) {
      module = void 0;
      throw error;
    }
  }
  return module.exports;
};
// For code that looks at more of `module` than its exports.
var __commonJSModule = (run, require, filename, main, module) => () => {
  if (!module) {
    module = main || {
      id: filename, filename, path: filename.replace(/[\\/][^\\/]*$/, ""), exports: {}, loaded: false,
      children: [], paths: [], require,
      parent: main === null ? void 0 : require.main || { exports: {}, children: [] }, isPreloading: false,
    };
    try {
      run.call(module.exports, module.exports, require, module, filename, module.path);
      module.loaded = true;
    } catch (error) {
      module = void 0;
      throw error;
    }
  }
  return module.exports;
};
// The module object of a program that is started by its name, as `require.main` has it; `null` where the output is
// imported, since nobody is its parent then. Node says which of both it is from version 24.2 on.
var __mainModule = (Module, realpath, filename, main) => {
  if (main === void 0) {
    for (var end of ["", ".js"]) {
      try {
        main = main || realpath(process.argv[1] + end) === filename;
      } catch {}
    }
  }
  if (!main) return null;
  var module = new Module(".", null);
  module.filename = filename;
  module.paths = Module._nodeModulePaths(module.path = filename.replace(/[\\/][^\\/]*$/, ""));
  return process.mainModule = module;
};
// A module that threw throws the same again.
var __lazy = (run, failed) => () => {
  if (failed) throw failed[0];
  if (run) {
    var first = run;
    run = void 0;
    try {
      first();
    } catch (error) {
      failed = [error];
      throw error;
    }
  }
};
// A module that waits at its top, or imports one that does. `body` stops for the first time where its functions
// are there, and then wherever it waits; `imports` gives what it imports, in order. They are evaluated as
// ECMA-262 has it in 16.2.1.6.1.3: those that do not wait for each other wait side by side.
var __asyncModule = ((count) => {
  var link = (node) => {
    if (node.running) return;
    (node.running = node.body()).next();
    node.list = node.imports ? node.imports() : [];
    for (var one of node.list) if (one.node) link(one.node);
  };
  var evaluate = (node) => {
    if (node.visited) node = node.root;
    if (!node.promise) {
      var stack = [];
      node.promise = new Promise((resolve, reject) => { node.resolve = resolve; node.reject = reject; });
      try {
        link(node);
        visit(node, stack);
        if (!node.order) node.resolve();
      } catch (error) {
        for (var one of stack) {
          one.visited = true;
          one.root = one;
          one.failure = [error];
        }
        node.reject(error);
      }
    }
    return node.promise;
  };
  // Whether the module is still on the stack.
  var visit = (node, stack) => {
    if (node.failure) throw node.failure[0];
    if (node.visited) return false;
    if (node.low) return true;
    var index = node.low = ++count;
    stack.push(node);
    for (let one of node.list) {
      let to = one.node;
      if (!to) {
        one();
        continue;
      }
      if (visit(to, stack)) node.low = Math.min(node.low, to.low);
      else if ((to = to.root).failure) throw to.failure[0];
      if (to.order) {
        node.pending++;
        to.parents.push(node);
      }
    }
    if (node.pending || node.waits) {
      node.order = ++count;
      if (!node.pending) start(node);
    } else node.running.next();
    if (node.low !== index) return true;
    do {
      var last = stack.pop();
      last.visited = true;
      last.root = node;
    } while (last !== node);
    return false;
  };
  var start = (node) => {
    var step = (how) => (value) => {
      try {
        var at = node.running[how](value);
      } catch (error) {
        Promise.resolve().then(() => failed(node, error));
        return;
      }
      if (at.done) Promise.resolve().then(() => finished(node));
      else Promise.resolve(at.value).then(step("next"), step("throw"));
    };
    step("next")();
  };
  var settled = (node) => {
    node.order = 0;
    if (node.resolve) node.resolve();
  };
  var ready = (node, list) => {
    for (let parent of node.parents)
      if (!list.includes(parent) && !parent.root.failure && !--parent.pending) {
        list.push(parent);
        if (!parent.waits) ready(parent, list);
      }
    return list;
  };
  var finished = (node) => {
    if (node.failure) return;
    settled(node);
    for (let parent of ready(node, []).sort((a, b) => a.order - b.order))
      if (parent.failure) continue;
      else if (parent.waits) start(parent);
      else {
        try {
          parent.running.next();
        } catch (error) {
          failed(parent, error);
          continue;
        }
        settled(parent);
      }
  };
  var failed = (node, error) => {
    if (node.failure) return;
    node.failure = [error];
    node.order = 0;
    for (let parent of node.parents) failed(parent, error);
    if (node.reject) node.reject(error);
  };
  return (body, waits, imports) => {
    var node = { body, waits, imports, parents: [], pending: 0 };
    return Object.assign(() => evaluate(node), { node });
  };
})(0);
// What `for await` asks for its values.
var __asyncIterator = (values) => {
  var method = values[Symbol.asyncIterator];
  if (method != null) return method.call(values);
  var plain = values[Symbol.iterator]();
  var pass = (how) => plain[how] && ((value) => {
    try {
      var one = plain[how](value);
      return Promise.resolve(one.value).then((value) => ({ value, done: one.done }));
    } catch (error) {
      return Promise.reject(error);
    }
  });
  return { next: pass("next"), return: pass("return") };
};
var __export = (target, getters) => {
  for (var name in getters)
    Object.defineProperty(target, name, { get: getters[name], enumerable: true, configurable: true });
  return target;
};
var __sealed = (target, getters) => Object.seal(__export(target, getters));
var __namespace = (target, getters) => (
  __export(target, getters),
  Object.defineProperty(target, Symbol.toStringTag, { value: "Module" }),
  Object.seal(target)
);
// What a namespace is to code that asks how its properties are made: values that can be set, by the module alone.
var __exoticNamespace = (target, getters) => {
  for (var name in getters) Object.defineProperty(target, name, { value: void 0, writable: true, enumerable: true });
  Object.defineProperty(target, Symbol.toStringTag, { value: "Module" });
  var own = (object, name) => {
    var found = Reflect.getOwnPropertyDescriptor(object, name);
    if (found && typeof name === "string") found.value = getters[name]();
    return found;
  };
  return new Proxy(Object.preventExtensions(target), {
    get: (object, name) => own(object, name)?.value,
    getOwnPropertyDescriptor: own,
    set: () => false,
    defineProperty: (object, name, said) => {
      var found = own(object, name);
      return !!found && !said.configurable && !said.get && !said.set
        && (said.enumerable ?? found.enumerable) === found.enumerable
        && (said.writable ?? found.writable) === found.writable
        && (!("value" in said) || Object.is(said.value, found.value));
    },
  });
};
// A name that two of them give is nobody's, as in Node; `from` remembers whose each name is.
var __star = ((known) => (target, source) => {
  var from = known.get(target);
  if (!from) known.set(target, from = Object.create(null));
  for (let name of typeof source === "function" ? Object.keys(source) : Object.getOwnPropertyNames(source))
    if (name in from) {
      if (from[name] !== source) {
        from[name] = void 0;
        delete target[name];
      }
    } else if (name !== "default" && !Object.prototype.hasOwnProperty.call(target, name)) {
      from[name] = source;
      Object.defineProperty(target, name, { get: () => source[name], enumerable: true, configurable: true });
    }
  // The names of a namespace are in order.
  for (let name of Object.keys(target).sort()) {
    var one = Object.getOwnPropertyDescriptor(target, name);
    if (one.configurable && delete target[name]) Object.defineProperty(target, name, one);
  }
  return target;
})(/* @__PURE__ */ new WeakMap());
// For those who read nothing but `default`.
var __default = (value) => value && (value.__esModule || value[Symbol.toStringTag] === "Module") ? value : { default: value };
// `asNode` is a list where Node knows the names before the module runs.
var __toESM = (value, asNode) => {
  var known = Array.isArray(asNode), own = Object.prototype.hasOwnProperty;
  if (value && !known && (value[Symbol.toStringTag] === "Module" || (!asNode && value.__esModule))) return value;
  var out = asNode ? Object.create(null) : {};
  // As Node does, which goes on where a getter throws.
  var read = (name) => { try { return value[name]; } catch {} };
  var names = asNode;
  if (!known) {
    names = value && (typeof value === "object" || typeof value === "function") ? Object.getOwnPropertyNames(value) : [];
    if (typeof value === "function") names = names.filter((name) => Object.prototype.propertyIsEnumerable.call(value, name));
    names = names.filter((name) => name !== "default").concat("default").sort();
  }
  for (let name of names)
    // Node copies the names of CommonJS once, when it has run.
    Object.defineProperty(out, name, name === "default" ? { value, enumerable: true } : asNode ? { value: !known || own.call(value, name) ? read(name) : void 0, enumerable: true } : { get: () => value[name], enumerable: true });
  return asNode ? Object.preventExtensions(Object.defineProperty(out, Symbol.toStringTag, { value: "Module" })) : out;
};
var __glob = (files) => (path) => {
  if (Object.prototype.hasOwnProperty.call(files, path)) return files[path]();
  throw Object.assign(new Error("Cannot find module '" + path + "'"), { code: "MODULE_NOT_FOUND" });
};
// For whole paths: `files` are named as seen from `folder`.
var __globAt = (files, folder, relative, load) => (path) => {
  var has = (key) => Object.prototype.hasOwnProperty.call(files, key);
  var key = String(path);
  if (!has(key)) {
    if (key.startsWith("file:")) key = decodeURIComponent(new URL(key).pathname);
    key = relative(folder, key);
    if (!key.startsWith("../")) key = "./" + key;
  }
  return has(key) ? files[key]() : load(path);
};
var __requireOf = (files, require, load = require) => Object.assign((path) => Object.prototype.hasOwnProperty.call(files, path) ? files[path]() : load(path), require);
var __importOf = (files) => (path) => Object.prototype.hasOwnProperty.call(files, path) ? files[path]() : import(path);
var __requireAsync = () => {
  throw Object.assign(new Error("require() cannot be used on an ESM graph with top-level await. Use import() instead."), { code: "ERR_REQUIRE_ASYNC_MODULE" });
};
