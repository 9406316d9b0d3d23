import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The text of a `.sql` (or other text) file that lies beside the module, e.g. `readText(import.meta.url, 'focus.sql')`. */
export function readBeside(moduleUrl: string | URL, name: string): string {
  return readFileSync(new URL(name, moduleUrl), 'utf8')
}

/** The path of a file that lies beside the module, for SQL that reads it. */
export function pathBeside(moduleUrl: string | URL, name: string): string {
  return fileURLToPath(new URL(name, moduleUrl))
}
