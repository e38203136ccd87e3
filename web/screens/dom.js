// The few functions on the document that all screens share. Texts are set, never parsed as markup.

import { ornament } from "../browser/ornament.js";

export const $ = (id) => document.getElementById(id);

export function element(tag, className = "", content = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content) made.textContent = content;
  return made;
}

/** Set a text that has changed: a screen reader speaks a status region on each write. */
export function set(node, content) {
  if (node.textContent !== content) node.textContent = content;
}

/** Return the children of a <dl> for pairs of a term and its value. */
export const terms = (pairs) =>
  pairs.map(([term, value]) => {
    const pair = element("div");
    pair.append(element("dt", "", term), element("dd", "", value));
    return pair;
  });

/** Open a dialog over the page; where the browser knows no modal dialogs, in the page. */
export function openDialog(dialog) {
  if (dialog.open) return;
  if (!ornament("A modal dialog", () => (dialog.showModal(), true), false)) dialog.setAttribute("open", "");
}

export function closeDialog(dialog) {
  if (!ornament("A modal dialog", () => (dialog.close(), true), false)) dialog.removeAttribute("open");
}

/** Draw a matrix of unit squares. `rows`: booleans; `quiet`: width of the empty margin. */
export function drawModules(svg, rows, quiet = 4) {
  const size = rows.length + 2 * quiet;
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? `M${x + quiet},${y + quiet}h1v1h-1z` : [])));
  path.setAttribute("d", dark.join(""));
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.replaceChildren(path);
}
