// What moves in the report's page: the map of sizes, the two tables, the choice of a function.
// In: the report as JSON, in the page. Nothing is fetched, and text is only ever set as text.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const report = JSON.parse(byId("data").textContent);
  const functions = report.functions;
  // Nodes of the page that the map may have at once, however many files there are.
  const MOST_GROUPS = 60, MOST_TILES = 700, PAGE = 20;

  // ---- words -----------------------------------------------------------------------------------

  // As `report::size` writes it; a test holds the two together.
  function size(bytes) {
    if (bytes < 1000) return bytes + " B";
    let value = bytes / 1000;
    const units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    for (let at = 0; at < units.length; at++) {
      if (value < 999.5 || at + 1 === units.length) {
        const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return value.toFixed(decimals) + " " + units[at];
      }
      value /= 1000;
    }
    return bytes + " B";
  }
  const count = (number) => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const plural = (number, one) => count(number) + " " + one + (number === 1 ? "" : "s");
  // Names are the user's: what could turn the direction of writing is shown as "?".
  const clean = (text) => text.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "?");
  // Middles of very long paths are left out; the title has all of them.
  const brief = (text, most = 120) =>
    text.length <= most ? text : text.slice(0, most / 3) + " … " + text.slice(-most / 2);
  const share = (part, whole) => {
    if (!whole) return "";
    const percent = (part / whole) * 100;
    if (percent > 0 && percent < 0.1) return "<0.1 %";
    return percent.toFixed(percent < 10 ? 1 : 0) + " %";
  };

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else if (value !== undefined && value !== null) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  function named(text, most) {
    const shown = clean(text);
    const short = brief(shown, most);
    return make("span", { class: "name", title: short === shown ? null : shown }, short);
  }

  // ---- what is inside ----------------------------------------------------------------------------

  const OWN = "own code", NOBODY = "of no crate";
  // What a binary has that no symbol covers is named after its section.
  const owner = (f, item) => item.pack
    ?? (f.kind === "rust" && item.inBundle && /^[.(]/.test(item.path) ? NOBODY : OWN);
  const label = (pack) => pack.name + (pack.version ? "@" + pack.version : "");
  const nameOf = (id) => { const at = id.lastIndexOf("@"); return at > 0 ? id.slice(0, at) : id; };
  const indexes = new Map();

  // Everything in one function by its path, made when it is first asked for.
  function inside(at) {
    let found = indexes.get(at);
    if (found) return found;
    const f = functions[at];
    const by = new Map(), items = [];
    const changes = new Map(), packChanges = new Map();
    const change = report.comparison?.functions.find((one) => one.name === f.name);
    for (const one of change?.packages ?? []) packChanges.set(one.name, one);
    for (const one of change?.changed_files ?? []) changes.set(one.path, one);
    const add = (path, pack, raw, zip, from, reasons, part) => {
      const item = { path, pack, raw, zip, from, reasons, part, change: changes.get(path)?.kind };
      items.push(item);
      by.set(path, item);
    };
    const modules = f.modules ?? [];
    let raw = 0, zip = 0;
    for (const module of modules) {
      raw += module.bytes;
      zip += module.zipped_share_bytes;
    }
    for (const file of f.files) {
      const holds = modules.length > 0 && file.path === f.handler;
      // Of a bundle only its own text stands under its name: the rest is its modules'.
      add(file.path, file.package, Math.max(0, file.bytes - (holds ? raw : 0)),
        Math.max(0, file.zipped_bytes - (holds ? zip : 0)), file.from, file.reasons, holds);
    }
    for (const module of modules) {
      if (!by.has(module.path)) by.set(module.path, null);
      const item = { path: module.path, pack: module.package, raw: module.bytes,
        zip: module.zipped_share_bytes, from: module.from, reasons: [], inBundle: true };
      items.push(item);
      by.set(module.path, item);
    }
    found = { f, by, items, packChanges, change };
    indexes.set(at, found);
    return found;
  }

  // From the handler to a file, as lines "A:3 asks for B".
  function chain(at, item) {
    const { by } = inside(at);
    const steps = [], seen = new Set();
    let here = item;
    while (here?.from && !seen.has(here) && steps.length < 60) {
      seen.add(here);
      steps.push({ by: here.from.by, line: here.from.line, to: here.path });
      here = by.get(here.from.by) ?? by.get("node_modules/" + here.from.by);
    }
    return steps.reverse();
  }
  // The shortest chain that leads into a package.
  function chainInto(at, id) {
    let best = null;
    for (const item of inside(at).items) {
      if (item.pack !== id) continue;
      const steps = chain(at, item);
      if (steps.length && (!best || steps.length < best.length)) best = steps;
    }
    return best ?? [];
  }
  function chainList(steps) {
    if (!steps.length) return make("p", { class: "note" }, "No import requires it: it is the handler, or a rule keeps it.");
    return make("ol", { class: "chain" }, ...steps.map((step) => {
      const code = make("code", {}, brief(clean(step.by)) + ":" + step.line);
      return make("li", {}, code, " asks for ", make("code", {}, brief(clean(step.to))));
    }));
  }

  // ---- the map -----------------------------------------------------------------------------------

  const map = byId("map"), crumbs = byId("crumbs"), picked = byId("picked");
  let zipped = true, here = null;
  const value = (node) => (zipped ? node.zip : node.raw);

  function node(kind, name, parent, rest) {
    return { kind, name, parent, raw: 0, zip: 0, children: null, ...rest };
  }
  const root = node("root", report.project.name, null, {});
  root.children = functions.map((f, at) =>
    node("function", f.name, root, { at, raw: f.artifact.unpacked_bytes, zip: f.artifact.bytes, open: true }));
  root.raw = report.totals.artifact_unpacked_bytes;
  root.zip = report.totals.artifact_bytes;

  // A package has one colour in all functions, and the big ones, which lie side by side, differ.
  const hues = new Map();
  function hue(name) {
    if (!hues.has(name)) hues.set(name, hues.size % 6);
    return "p" + hues.get(name);
  }
  for (const f of functions) for (const pack of f.packages) hue(pack.name);
  // Children are made when a level is first seen.
  function children(of) {
    if (of.children) return of.children;
    of.children = [];
    if (of.kind !== "function") return of.children;
    const { f, items, packChanges, change } = inside(of.at);
    const packs = new Map();
    for (const item of items) {
      const id = owner(f, item);
      let pack = packs.get(id);
      if (!pack) {
        const tone = item.pack ? hue(nameOf(id)) : "own";
        const changed = change?.kind === "new" ? "new" : packChanges.get(nameOf(id))?.kind;
        pack = node("package", id, of, { at: of.at, tone, change: item.pack ? changed : undefined, children: [], open: true });
        packs.set(id, pack);
      }
      pack.raw += item.raw;
      pack.zip += item.zip;
      const own = item.path.lastIndexOf("node_modules/");
      const name = item.part ? item.path + " (its own text)"
        : item.pack && own >= 0 ? item.path.slice(own + 13 + nameOf(item.pack).length + 1) || item.path : item.path;
      pack.children.push(node("file", name, pack,
        { at: of.at, item, raw: item.raw, zip: item.zip, tone: pack.tone, change: item.change ?? pack.change, children: [] }));
    }
    of.children = [...packs.values()];
    if (f.artifact.container_bytes) {
      of.children.push(node("container", "zip headers and names", of,
        { at: of.at, zip: f.artifact.container_bytes, tone: "container", children: [] }));
    }
    return of.children;
  }
  // The biggest children, and one that stands for all others.
  function biggest(of, most) {
    const all = children(of).filter((child) => value(child) > 0).sort((a, b) => value(b) - value(a));
    if (all.length <= most) return all;
    const rest = node("rest", plural(all.length - most + 1, "smaller one"), of, { tone: "rest", children: [] });
    for (const child of all.slice(most - 1)) {
      rest.raw += child.raw;
      rest.zip += child.zip;
    }
    return [...all.slice(0, most - 1), rest];
  }

  // Squarified treemap (Bruls, Huizing, van Wijk 2000): rows along the shorter side, each taken for
  // as long as its worst tile gets no narrower.
  function squarify(nodes, x, y, width, height) {
    const out = [];
    let total = nodes.reduce((sum, one) => sum + value(one), 0);
    let at = 0;
    while (at < nodes.length && total > 0 && width > 0 && height > 0) {
      const side = Math.min(width, height), scale = (width * height) / total;
      let sum = 0, end = at, worst = Infinity;
      while (end < nodes.length) {
        const next = sum + value(nodes[end]);
        const thick = (next * scale) / side;
        const ratio = (v) => { const long = (v * scale) / thick; return Math.max(long / thick, thick / long); };
        const now = Math.max(ratio(value(nodes[at])), ratio(value(nodes[end])));
        if (now > worst) break;
        worst = now;
        sum = next;
        end++;
      }
      const thick = (sum * scale) / side;
      let along = 0;
      for (; at < end; at++) {
        const long = (value(nodes[at]) * scale) / thick;
        out.push(width >= height
          ? { node: nodes[at], x, y: y + along, w: thick, h: long }
          : { node: nodes[at], x: x + along, y, w: long, h: thick });
        along += long;
      }
      if (width >= height) { x += thick; width -= thick; } else { y += thick; height -= thick; }
      total -= sum;
    }
    return out;
  }

  const approximate = (of) => zipped && (of.kind === "package" || of.item?.inBundle || of.item?.part)
    && (functions[of.at]?.modules ?? []).length > 0;
  const shownSize = (of) => (approximate(of) ? "≈ " : "") + size(value(of));
  const SIGNS = { new: "+", grown: "▲", shrunk: "▼", gone: "−", changed: "≠" };
  function words(of) {
    const sign = report.comparison && of.change ? ", " + of.change : "";
    return clean(brief(of.name)) + ", " + shownSize(of) + ", " + share(value(of), value(here)) + sign;
  }
  function tile(rect, group) {
    const of = rect.node;
    const sign = report.comparison && SIGNS[of.change] ? SIGNS[of.change] + " " : "";
    const more = of.open && children(of).length > 0;
    const name = group ? "head" : "tile " + (of.tone ?? "own") + (more ? "" : " leaf") + (of.change ? " " + of.change : "");
    const button = make("button", { type: "button", class: name, tabindex: "-1", "aria-label": words(of) });
    button.node = of;
    const text = sign + clean(brief(of.name, 60));
    if (group) button.append(make("b", {}, text), " " + shownSize(of));
    else if (rect.w > 52 && rect.h > 19) {
      button.append(make("span", {}, make("b", {}, text)));
      if (rect.h > 36 && rect.w > 64) button.append(make("span", {}, shownSize(of)));
    }
    if (!group) place(button, rect);
    return button;
  }
  function place(element, rect) {
    const gap = 1;
    element.style.left = rect.x + "px";
    element.style.top = rect.y + "px";
    element.style.width = Math.max(0, rect.w - gap) + "px";
    element.style.height = Math.max(0, rect.h - gap) + "px";
  }

  function draw(focus) {
    const box = map.getBoundingClientRect();
    map.classList.toggle("changes", Boolean(report.comparison));
    const nodes = [];
    let left = MOST_TILES;
    const top = biggest(here, MOST_GROUPS);
    for (const rect of squarify(top, 0, 0, box.width, box.height)) {
      const of = rect.node;
      const nested = of.open && rect.w > 70 && rect.h > 46 && left > 0;
      if (!nested) {
        if (rect.w < 2 || rect.h < 2) continue;
        left--;
        nodes.push(tile(rect, false));
        continue;
      }
      const group = make("div", { class: "group " + (of.tone ?? "own") + (of.change ? " " + of.change : "") });
      place(group, rect);
      group.append(tile(rect, true));
      const parts = squarify(biggest(of, Math.max(4, Math.min(40, Math.floor((rect.w * rect.h) / 1500)))), 3, 19, rect.w - 7, rect.h - 23);
      for (const part of parts) {
        if (part.w < 4 || part.h < 4 || left <= 0) continue;
        left--;
        group.append(tile(part, false));
      }
      nodes.push(group);
    }
    map.replaceChildren(...nodes);
    map.setAttribute("aria-label", "Map of sizes: " + clean(brief(here.name)) + ", " + shownSize(here));
    const buttons = [...map.querySelectorAll("button")];
    const wanted = buttons.find((button) => button.node === focus) ?? buttons[0];
    if (wanted) wanted.tabIndex = 0;
    if (focus && wanted) wanted.focus();
    drawCrumbs();
    byId("map-note").textContent = zipped && here.kind !== "root" && (functions[here.at]?.modules ?? []).length > 0
      ? "Bundled or linked files are compressed together: their shares are computed from the unpacked size." : "";
  }
  function drawCrumbs() {
    const trail = [];
    for (let at = here; at; at = at.parent) if (!(at === root && functions.length === 1)) trail.unshift(at);
    crumbs.replaceChildren(...trail.map((of) => make("li", {}, of === here
      ? make("span", { "aria-current": "location" }, make("strong", {}, clean(brief(of.name))), " " + shownSize(of))
      : make("button", { type: "button", class: "link", on: { click: () => zoom(of, here) } }, clean(brief(of.name))))));
  }
  function zoom(to, focus) {
    here = to;
    draw(focus === undefined ? biggest(to, MOST_GROUPS)[0] : focus);
    show(to);
    if (to.at !== undefined && to.at !== chosen) choose(to.at);
  }
  function enter(of) {
    if (of.open && children(of).length > 0) zoom(of);
    else show(of);
  }
  function out() {
    const top = functions.length === 1 ? root.children[0] : root;
    if (here !== top && here.parent) zoom(here.parent, here);
  }
  // What is known of one tile, below the map.
  function show(of) {
    const sizes = size(of.raw) + " unpacked, " + (approximate(of) ? "≈ " : "") + size(of.zip) + " zipped";
    const parts = [make("p", {}, make("strong", {}, named(of.name)), " ", of.kind === "container" ? size(of.zip) : sizes,
      report.comparison && of.change ? " · " + (SIGNS[of.change] ?? "") + " " + of.change : "")];
    if (of.kind === "package" && of.name !== OWN && of.name !== NOBODY) parts.push(chainList(chainInto(of.at, of.name)));
    if (of.item) {
      if (of.item.reasons.length) parts.push(make("p", { class: "note" }, clean(of.item.reasons.map((one) => brief(one)).join("; "))));
      if (of.item.from) parts.push(chainList(chain(of.at, of.item)));
    }
    picked.replaceChildren(...parts);
  }

  map.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.node) { setStop(button); enter(button.node); }
  });
  map.addEventListener("focusin", (event) => { if (event.target.node) show(event.target.node); });
  map.addEventListener("pointerover", (event) => {
    const button = event.target.closest("button");
    if (button?.node && event.pointerType === "mouse") button.title ||= words(button.node);
  });
  function setStop(button) {
    for (const other of map.querySelectorAll('button[tabindex="0"]')) other.tabIndex = -1;
    button.tabIndex = 0;
  }
  const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  map.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Backspace") { event.preventDefault(); out(); return; }
    const direction = DIRECTIONS[event.key];
    const from = event.target.closest("button");
    if (!direction || !from) return;
    event.preventDefault();
    // The nearest that way, what lies straight ahead before what lies aside.
    const middle = (of) => { const box = of.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
    const [x, y] = middle(from);
    let best = null, least = Infinity;
    for (const button of map.querySelectorAll("button")) {
      const [bx, by] = middle(button);
      const ahead = (bx - x) * direction[0] + (by - y) * direction[1];
      const aside = Math.abs((bx - x) * direction[1]) + Math.abs((by - y) * direction[0]);
      if (button === from || ahead <= 0.5) continue;
      const far = ahead + 2 * aside;
      if (far < least) { least = far; best = button; }
    }
    if (best) { setStop(best); best.focus(); }
  });
  for (const radio of document.querySelectorAll('input[name="size"]')) {
    radio.addEventListener("change", () => { zipped = radio.value === "zip"; draw(); show(here); });
  }
  let waiting = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => { if (here && map.dataset.width !== String(map.clientWidth)) { map.dataset.width = map.clientWidth; draw(); } });
  }).observe(map);

  // ---- the tables --------------------------------------------------------------------------------

  let chosen = 0;
  const search = byId("search");
  function table(id, columns, rows, sort) {
    const element = byId(id), more = byId("more-" + id);
    const state = { sort, up: false, most: PAGE };
    const heads = columns.map((column) => {
      const th = make("th", { scope: "col", class: column.class ?? null });
      if (!column.key) { th.append(column.label); return th; }
      th.append(make("button", { type: "button", on: { click: () => {
        state.up = state.sort === column.key ? !state.up : Boolean(column.text);
        state.sort = column.key;
        state.most = PAGE;
        fill();
      } } }, column.label));
      return th;
    });
    element.tHead.replaceChildren(make("tr", {}, ...heads));
    function fill() {
      const column = columns.find((one) => one.key === state.sort);
      const all = rows().slice();
      const turn = state.up ? 1 : -1;
      all.sort((a, b) => {
        const [x, y] = [column.of(a), column.of(b)];
        return (x < y ? -1 : x > y ? 1 : 0) * turn;
      });
      columns.forEach((one, at) => {
        if (one.key) heads[at].setAttribute("aria-sort", one.key !== state.sort ? "none" : state.up ? "ascending" : "descending");
      });
      element.tBodies[0].replaceChildren(...all.slice(0, state.most).map((row) =>
        make("tr", {}, ...columns.map((one) => make("td", { class: one.class ?? null }, one.cell(row))))));
      more.hidden = all.length <= state.most;
      more.textContent = "Show more: " + count(Math.max(0, all.length - state.most)) + " are left";
      return all.length;
    }
    more.addEventListener("click", () => { state.most += 10 * PAGE; fill(); });
    return { fill, reset: () => { state.most = PAGE; } };
  }
  const needle = () => search.value.trim().toLowerCase();
  const packageRows = () => functions[chosen].packages.filter((pack) => label(pack).toLowerCase().includes(needle()));
  const fileRows = () => inside(chosen).items.filter((item) =>
    item.path.toLowerCase().includes(needle()) || (item.pack ?? "").toLowerCase().includes(needle()));
  const zipOf = (pack) => pack.zipped_share_bytes ?? pack.zipped_bytes ?? 0;

  function intoMap(find) {
    const top = root.children[chosen];
    const target = find(children(top));
    if (!target) return;
    zoom(target);
    map.scrollIntoView({ block: "center" });
  }
  function whyCell(pack) {
    const details = make("details", {}, make("summary", {}, clean(brief(pack.why || "why", 80))));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(chainList(chainInto(chosen, label(pack))));
    });
    return details;
  }
  const changeOf = (pack) => inside(chosen).packChanges.get(pack.name);
  const packages = functions.length === 0 ? null : table("packages", [
    { key: "name", label: "Package", class: "name", text: true, of: (p) => label(p).toLowerCase(), cell: (p) => {
      const change = changeOf(p);
      const button = make("button", { type: "button", class: "link", on: { click: () => intoMap((all) => all.find((one) => one.name === label(p))) } }, named(label(p)));
      if (!change || !SIGNS[change.kind]) return button;
      return make("span", {}, make("span", { class: "chg " + change.kind }, SIGNS[change.kind] + " " + change.kind), " ", button);
    } },
    { key: "raw", label: "Unpacked", class: "n", of: (p) => p.bytes, cell: (p) => size(p.bytes) },
    { key: "zip", label: "Zipped", class: "n", of: zipOf, cell: (p) => (p.zipped_bytes === null ? "≈ " : "") + size(zipOf(p)) },
    { label: "Share", class: "share", cell: (p) => {
      // To the scale of the biggest, which is listed first in the report.
      const bar = make("i");
      bar.style.width = Math.min(1, p.bytes / Math.max(1, functions[chosen].packages[0].bytes)) * 4.5 + "rem";
      const part = share(p.bytes, functions[chosen].artifact.unpacked_bytes);
      return make("span", { title: "of the unpacked size" }, bar, make("small", {}, part));
    } },
    { key: "files", label: "Files", class: "n files", of: (p) => p.files, cell: (p) => count(p.files) },
    { key: "why", label: "Why is this here", class: "why", text: true, of: (p) => p.why, cell: whyCell },
  ], packageRows, "raw");
  const files = functions.length === 0 ? null : table("files", [
    { key: "path", label: "File", class: "name", text: true, of: (i) => i.path, cell: (i) => {
      const details = make("details", {}, make("summary", {}, named(i.path), i.part ? " (its own text)" : ""));
      details.addEventListener("toggle", () => {
        if (!details.open || details.children.length > 1) return;
        if (i.path.length > 120) details.append(make("p", { class: "note" }, clean(i.path)));
        if (i.reasons.length) details.append(make("p", { class: "note" }, clean(i.reasons.map((one) => brief(one)).join("; "))));
        details.append(chainList(chain(chosen, i)));
      });
      return details;
    } },
    { key: "raw", label: "Unpacked", class: "n", of: (i) => i.raw, cell: (i) => size(i.raw) },
    { key: "zip", label: "Zipped", class: "n", of: (i) => i.zip, cell: (i) => (i.inBundle || i.part ? "≈ " : "") + size(i.zip) },
    { key: "pack", label: "Of", class: "name pack", text: true, of: (i) => i.pack ?? "", cell: (i) => (i.pack ? named(i.pack) : owner(functions[chosen], i)) },
  ], fileRows, "raw");
  function fillTables() {
    if (!packages) return;
    const found = packages.fill(), among = files.fill();
    const what = needle() ? " match" + (needle() ? " “" + clean(brief(search.value.trim())) + "”" : "") : "";
    byId("found").textContent = clean(functions[chosen].name) + ": " + plural(found, "package") + ", " + plural(among, "file") + what;
  }
  let typing = 0;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => { packages?.reset(); files?.reset(); fillTables(); }, 60);
  });

  // ---- which function ----------------------------------------------------------------------------

  const picker = byId("function");
  function choose(at) {
    chosen = at;
    for (const article of document.querySelectorAll("article.function")) article.hidden = Number(article.dataset.at) !== at;
    if (picker) picker.value = String(at);
    packages?.reset();
    files?.reset();
    fillTables();
  }
  picker?.addEventListener("change", () => zoom(root.children[Number(picker.value)], null));
  for (const button of document.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => {
      const at = Number(button.dataset.choose);
      zoom(root.children[at], null);
      byId("f-" + at).focus();
      byId("f-" + at).scrollIntoView({ block: "start" });
    });
  }

  if (functions.length > 0) {
    for (const part of document.querySelectorAll(".js")) part.hidden = false;
    if (report.comparison) {
      const legend = byId("legend");
      legend.hidden = false;
      legend.append(...["new", "grown", "shrunk", "changed"].map((kind) =>
        make("li", {}, make("span", { class: "chg " + kind }, SIGNS[kind] + " " + kind))),
        make("li", { class: "note" }, "Removed files are listed above, under the change."));
    }
    choose(0);
    here = functions.length === 1 ? root.children[0] : root;
    map.dataset.width = map.clientWidth;
    draw();
  }
  // For the test that holds both ways of writing a size together.
  window.coldcut = { size, count };
})();
