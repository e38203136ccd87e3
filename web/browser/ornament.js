// Ornaments: parts that a call can do without. One that fails is logged once, and costs nothing else.

const logged = new Set();

/**
 * Return what `action()` returns, or `otherwise` where it throws. A promise that rejects fulfils with `otherwise`.
 * `name`: the part, for the console.
 */
export function ornament(name, action, otherwise = undefined) {
  const failed = (error) => {
    if (!logged.has(name)) console.warn(`${name}: it does not work here, and the call does without.`, error);
    logged.add(name);
    return otherwise;
  };
  try {
    const result = action();
    return typeof result?.then === "function" ? Promise.resolve(result).catch(failed) : result;
  } catch (error) {
    return failed(error);
  }
}
