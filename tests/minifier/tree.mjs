// The tree of a random program, and what of it can be taken away.
//
// A node is a kind and its parts: texts, nodes and lists of nodes. A statement may be left out; an expression may
// be a constant, or one of the expressions in it; the rest is there as long as what is around it.

const kind = (name) => (texts, ...parts) => ({ kind: name, parts: texts.flatMap((text, i) => [text, parts[i] ?? ""]) });

export const statement = kind("statement");
export const expression = kind("expression");
export const plain = kind("plain");

export function textOf(node) {
  if (Array.isArray(node)) return node.map(textOf).join("");
  return typeof node === "object" ? textOf(node.parts) : String(node);
}

/** The program with the nodes of `changes` replaced. */
export function changed(node, changes) {
  if (Array.isArray(node)) return node.map((part) => changed(part, changes));
  if (typeof node !== "object") return node;
  if (changes.has(node)) return changes.get(node);
  return { kind: node.kind, parts: changed(node.parts, changes) };
}

const children = (node) => (Array.isArray(node) ? node : typeof node === "object" ? node.parts : []);

/** The nearest nodes of a kind below a node. */
function below(node, wanted, found = []) {
  for (const child of children(node)) {
    if (child.kind === wanted) found.push(child);
    else below(child, wanted, found);
  }
  return found;
}

/** Each `[node, instead]` that makes the program smaller, the largest first. */
export function reductions(tree) {
  const found = [];
  const visit = (node) => {
    if (node.kind === "statement") {
      found.push([node, ""]);
      const inside = below(node, "statement");
      if (inside.length) found.push([node, inside]);
    }
    if (node.kind === "expression") {
      const text = textOf(node);
      for (const instead of ["0", '"a"']) if (text.length > instead.length) found.push([node, instead]);
      for (const inside of below(node, "expression")) found.push([node, inside]);
    }
    children(node).forEach(visit);
  };
  visit(tree);
  const gain = ([node, instead]) => textOf(node).length - textOf(instead).length;
  return found.filter((pair) => gain(pair) > 0).sort((a, b) => gain(b) - gain(a));
}
