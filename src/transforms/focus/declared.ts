import type { Session } from '../../core/duckdb.ts'
import type { SourceFile } from '../transform.ts'

/** The FOCUS version that a Parquet file's own key-value metadata names; undefined when it names none. */
export async function declaredIn(session: Session, file: SourceFile): Promise<string | undefined> {
  await session.set('file', file.path)
  const [found] = await session.rows<{ value: string }>(`
    SELECT decode(value) AS value
    FROM parquet_kv_metadata(getvariable('file'))
    WHERE lower(replace(decode(key), '_', '')) = 'focusversion'`)
  return found?.value.trim().replace(/^v/i, '')
}
