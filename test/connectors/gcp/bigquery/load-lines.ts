import { quoteIdentifier, quoteText } from '../../../../src/core/duckdb.ts'
import { duckdbType, type Field } from '../../../../src/connectors/gcp/bigquery/fields.ts'
import { detailedExport } from './detailed-export.ts'

/** SQL that puts rows of extracted newline JSON into the table `export`, as a load job does: typed, and unread columns left out. */
export function loadLines(files: readonly string[], fields: readonly Field[] = detailedExport): string {
  const times = fields.flatMap(({ name, type }) => (type === 'TIMESTAMP' && name ? [quoteIdentifier(name)] : []))
  const columns = fields.map((field) => {
    const type = field.type === 'TIMESTAMP' ? 'VARCHAR' : duckdbType(field)
    return `${quoteIdentifier(field.name ?? '')}: ${quoteText(type)}`
  })
  return `
    INSERT INTO export BY NAME
    SELECT * REPLACE (${times.map((name) => `${name}::TIMESTAMPTZ AS ${name}`).join(', ')}),
      date_trunc('day', export_time::TIMESTAMPTZ) AS _PARTITIONTIME
    FROM read_json([${files.map(quoteText).join(', ')}], format = 'newline_delimited', columns = {${columns.join(', ')}})`
}
