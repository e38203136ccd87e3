// Decides which of the kept preferences are believed: those of the type of their default. Pure.

const isText = (value) => typeof value === "string";
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function fits(value, standard) {
  if (standard === null) return value === null || isText(value);
  if (isRecord(standard)) return isRecord(value) && Object.values(value).every(isText);
  if (typeof standard === "number") return Number.isFinite(value);
  return typeof value === typeof standard;
}

/** Return `defaults` with what is believed of `kept`, any value: it may be of another version, or edited by hand. */
export function believed(kept, defaults) {
  const given = isRecord(kept) ? kept : {};
  const known = Object.entries(defaults).map(([name, standard]) => {
    const value = Object.prototype.hasOwnProperty.call(given, name) ? given[name] : standard;
    return [name, fits(value, standard) ? value : standard];
  });
  return Object.fromEntries(known);
}
