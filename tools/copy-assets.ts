/** Copies what the code reads beside itself (SQL, tables, examples) into dist/, after tsc. */
import { cp } from 'node:fs/promises'

await cp('src', 'dist', { recursive: true, filter: (path) => !path.endsWith('.ts') })
