// Saves a file of the page's own making, or one that was fetched with a token, where the browser saves downloads.

const KEPT_MS = 10_000; // a browser may ask where to save before it reads

/** Save `blob` as `name`. Throws where the browser forbids it. */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
