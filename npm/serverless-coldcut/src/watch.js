'use strict';

// Says when a source of the service changed.
//
// In: the service's folder. Out: a call, a moment after the last of several changes, and never two
// at once. Folders are watched one by one, since not every Node.js can watch a tree; packages and
// what tools write (folders that begin with a dot) are none of them.

const fs = require('node:fs');
const path = require('node:path');

const MOMENT_MS = 100;
const ignored = (name) => name === 'node_modules' || name.startsWith('.');

module.exports = function watch(root, changed) {
  const watched = new Set();
  let timer;
  let busy = false;
  let again = false;

  const add = (folder) => {
    let entries;
    try {
      entries = fs.readdirSync(folder, { withFileTypes: true });
      if (!watched.has(folder)) {
        // The server that is reloaded keeps the process alive, and nothing here shall.
        const watcher = fs.watch(folder, { persistent: false }, (_, name) => {
          if (!name || !ignored(name)) soon();
        });
        watcher.on('error', () => watched.delete(folder));
        watched.add(folder);
      }
    } catch {
      // Gone since it was listed.
      return;
    }
    for (const entry of entries) {
      if (entry.isDirectory() && !ignored(entry.name)) add(path.join(folder, entry.name));
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(run, MOMENT_MS);
  };
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    add(root);
    try {
      await changed();
    } finally {
      busy = false;
      if (again) soon();
      again = false;
    }
  };
  add(root);
};
