// Reads an event stream (WHATWG HTML, 9.2) that `fetch` has opened: messages without a socket, subtitles of a viewer.
// No DOM: works wherever `fetch` and its streams do.

/** Yield the parts of a response's body: the texts between empty lines, each an event or a comment. */
export async function* partsOf(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const found = text.split("\n\n");
    text = found.pop();
    yield* found;
  }
}

/** Return the fields of a part: name → value. A comment has none with a name. */
export function fieldsOf(part) {
  return Object.fromEntries(part.split("\n").map((line) => line.split(/: ([^]*)/, 2)));
}
