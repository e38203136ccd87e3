// The start of the page: loads app.js. Where a file does not arrive, reloads the page, and in the end reports it.

const PAUSES_MS = [500, 2000, 5000];
const RELOADS = "dragoman.loads"; // number of reloads, in this tab's sessionStorage, or in the history where that fails

function reloads() {
  try {
    return Number(sessionStorage.getItem(RELOADS) ?? 0);
  } catch {
    return Number(history.state?.[RELOADS] ?? 0);
  }
}

/** Remember the number of reloads. Return false where nothing can be remembered. */
function remember(count) {
  try {
    if (count) sessionStorage.setItem(RELOADS, String(count));
    else sessionStorage.removeItem(RELOADS);
    return true;
  } catch {
    if (!count && !history.state) return true;
  }
  try {
    history.replaceState(count ? { [RELOADS]: count } : null, "");
    return true;
  } catch {
    return false;
  }
}

try {
  // A browser may remember a failed module (HTML, module map): only a new page requests it again.
  await import("./app.js");
  document.getElementById("unloaded").remove();
  remember(0);
} catch (error) {
  console.error(error);
  const before = reloads();
  if (before < PAUSES_MS.length && remember(before + 1)) {
    setTimeout(() => location.reload(), PAUSES_MS[before]);
  } else {
    remember(0);
    const unloaded = document.getElementById("unloaded");
    unloaded.style.animation = "none"; // visible at once
    unloaded.onclick = (event) => {
      event.preventDefault(); // the link alone would lose the fragment, which is the code of the call
      location.reload();
    };
  }
}
