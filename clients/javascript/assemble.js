// Brings the package's two parts that are at home elsewhere: the page's own protocol/, and the generated declarations.

import { copyFileSync, cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

rmSync(here("protocol"), { recursive: true, force: true });
cpSync(here("../../web/protocol"), here("protocol"), { recursive: true });
copyFileSync(here("../../docs/api/dragoman.d.ts"), here("messages.d.ts"));
copyFileSync(here("../../LICENSE"), here("LICENSE"));
