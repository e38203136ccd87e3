// Starts the page. If one of its files did not come, as on a train, loads it all again; in the end says so.

const PAUSES_MS = [500, 2000, 5000];
const TRIES = "dragoman.loads"; // in this tab's sessionStorage: how often it was loaded again

try {
  // A browser may remember a module that did not come (HTML, module map): only a new page asks for it again.
  await import("./app.js");
  document.getElementById("unloaded").remove();
  sessionStorage.removeItem(TRIES);
} catch (error) {
  console.error(error);
  const tries = Number(sessionStorage.getItem(TRIES) ?? 0);
  sessionStorage.setItem(TRIES, String(tries + 1));
  if (tries < PAUSES_MS.length) {
    setTimeout(() => location.reload(), PAUSES_MS[tries]);
  } else {
    sessionStorage.removeItem(TRIES);
    const unloaded = document.getElementById("unloaded");
    unloaded.style.animation = "none"; // seen at once
    unloaded.onclick = (event) => {
      event.preventDefault(); // the link by itself would forget the fragment, which is the code of the call
      location.reload();
    };
  }
}
