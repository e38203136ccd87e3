// The start of the page: loads app.js. Where a file does not arrive, reloads the page, and in the end reports it.

const PAUSES_MS = [500, 2000, 5000];
const RELOADS = "dragoman.loads"; // in this tab's sessionStorage: number of reloads

try {
  // A browser may remember a failed module (HTML, module map): only a new page requests it again.
  await import("./app.js");
  document.getElementById("unloaded").remove();
  sessionStorage.removeItem(RELOADS);
} catch (error) {
  console.error(error);
  const reloads = Number(sessionStorage.getItem(RELOADS) ?? 0);
  sessionStorage.setItem(RELOADS, String(reloads + 1));
  if (reloads < PAUSES_MS.length) {
    setTimeout(() => location.reload(), PAUSES_MS[reloads]);
  } else {
    sessionStorage.removeItem(RELOADS);
    const unloaded = document.getElementById("unloaded");
    unloaded.style.animation = "none"; // visible at once
    unloaded.onclick = (event) => {
      event.preventDefault(); // the link alone would lose the fragment, which is the code of the call
      location.reload();
    };
  }
}
