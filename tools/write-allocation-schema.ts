import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { jsonSchema } from '../src/transforms/allocation/rules.ts'

/** Writes the JSON Schema of allocation.yaml that editors use; a test holds that it is up to date. */
const file = fileURLToPath(new URL('../schemas/allocation.schema.json', import.meta.url))
const options = await resolveConfig(file)
await writeFile(file, await format(JSON.stringify(jsonSchema()), { ...options, parser: 'json' }))
