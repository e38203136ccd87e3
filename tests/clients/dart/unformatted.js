// Prints a line of JSON, {path, error?}, for each file on standard input's list that dart-style would write otherwise.

const { readFileSync } = require("node:fs");
const { formatCode } = require("dart-style");

for (const path of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const text = readFileSync(path, "utf8");
  const { code, error } = formatCode(text);
  if (error || code !== text) console.log(JSON.stringify({ path, error: error?.slice(0, 500) }));
}
