// Prints, a line of JSON for each file named, what Node's plist makes of it: the value, or null where it refuses the file.
// The lines are those of corefoundation.c. It lies beside the modules, where Node.js looks for them.

import { readFileSync } from "node:fs";
import * as plist from "plist";

console.warn = console.error = () => {};

function shown(value) {
  if (typeof value === "boolean" || typeof value === "string") return value;
  // A number of JavaScript does not tell the two apart.
  if (typeof value === "number") return { number: String(value) };
  if (value instanceof Date) return { date: String((value.getTime() - Date.UTC(2001, 0, 1)) / 1000) };
  if (value instanceof Uint8Array) return { data: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return { array: value.map(shown) };
  if (value && typeof value === "object") {
    return { dict: Object.keys(value).sort().map((key) => [key, shown(value[key])]) };
  }
  return { other: String(value) };
}

for (const path of process.argv.slice(2)) {
  try {
    console.log(JSON.stringify(shown(plist.parse(readFileSync(path, "utf8")))));
  } catch {
    console.log("null");
  }
}
