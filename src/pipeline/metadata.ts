import { columnDefinitions, guidOf, schemaId } from '../core/focus-structure.ts'
import type { FocusVersion } from '../core/focus.ts'
import { periodBounds } from '../core/period.ts'
import type { Sink } from '../sinks/sink.ts'
import type { UnitRecord } from './state.ts'

/**
 * FOCUS metadata of a dataset, as FOCUS 1.3 lays it out: `metadata/focus/schema-<SchemaId>.json` for each structure that
 * was ever written, and `metadata/focus/dataset.json` for the dataset instance and how recent it is; other datasets
 * have a folder of their own. Each Parquet
 * file names its schema in its own metadata, as focus_schema_id.
 */
interface SchemaFile {
  readonly DataGenerator: { readonly DataGenerator: string }
  readonly Schema: readonly {
    readonly SchemaId: string
    readonly FocusVersion: FocusVersion
    readonly CreationDate: string
    readonly DatasetInstanceId: string
    readonly ColumnDefinition: unknown
  }[]
}

interface DatasetFile {
  readonly DataGenerator: { readonly DataGenerator: string }
  readonly DatasetInstance: readonly {
    readonly DatasetInstanceId: string
    readonly DatasetInstanceName: string
    readonly FocusDatasetId: string
  }[]
  readonly Recency: readonly unknown[]
}

const generator = { DataGenerator: 'focal' }

/** A dataset by the name that FOCUS gives it and by its folder. */
export interface DatasetName {
  readonly dataset: string
  readonly folder: string
}

export const costAndUsage: DatasetName = { dataset: 'CostAndUsage', folder: 'focus' }

/** What metadata says of a published unit. */
export type MetadataUnit = Pick<UnitRecord, 'period' | 'publishedAt' | 'status'>

/** Where metadata is read and written: a lake, or the folder of an export. */
type Place = Pick<Sink, 'readFile' | 'writeFile'>

/**
 * Brings the metadata up to date with what is published. It follows from the records, but for the dataset's id and
 * the schema's creation date, which stay what they were when first written; nothing is written that is there already.
 */
export async function writeMetadata(
  place: Place,
  name: DatasetName,
  units: readonly MetadataUnit[],
  version: FocusVersion,
  { runId, now }: { runId: string; now: Date },
): Promise<void> {
  if (units.length === 0) return
  const folder = `metadata/${name.folder}`
  const known = await read<DatasetFile>(place, `${folder}/dataset.json`)
  const instance = known?.DatasetInstance[0]?.DatasetInstanceId ?? guidOf([name.dataset, runId])
  const id = schemaId(version, name.dataset)
  const schemaFile = `${folder}/schema-${id}.json`
  const created = (await read<SchemaFile>(place, schemaFile))?.Schema[0]?.CreationDate ?? now.toISOString()
  await writeIfNew(place, schemaFile, {
    DataGenerator: generator,
    Schema: [
      {
        SchemaId: id,
        FocusVersion: version,
        CreationDate: created,
        DatasetInstanceId: instance,
        ColumnDefinition: columnDefinitions(version, name.dataset),
      },
    ],
  } satisfies SchemaFile)
  await writeIfNew(place, `${folder}/dataset.json`, datasetFile(name, instance, units))
}

/** One time sector for each billing period: complete when every source of it is closed. */
function datasetFile(name: DatasetName, instance: string, units: readonly MetadataUnit[]): DatasetFile {
  const periods = Map.groupBy(units, ({ period }) => period)
  const sectors = [...periods]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([period, inPeriod]) => {
      const { start, end } = periodBounds(period)
      return {
        TimeSectorStart: `${start}T00:00:00Z`,
        TimeSectorEnd: `${end}T00:00:00Z`,
        TimeSectorLastUpdated: newest(inPeriod),
        TimeSectorComplete: inPeriod.every(({ status }) => status === 'closed'),
      }
    })
  return {
    DataGenerator: generator,
    DatasetInstance: [{ DatasetInstanceId: instance, DatasetInstanceName: name.folder, FocusDatasetId: name.dataset }],
    Recency: [
      {
        DatasetInstanceId: instance,
        DatasetInstanceLastUpdated: newest(units),
        RecencyLastUpdated: newest(units),
        TimeSectors: sectors,
      },
    ],
  }
}

function newest(units: readonly MetadataUnit[]): string {
  return (
    units
      .map(({ publishedAt }) => publishedAt)
      .toSorted()
      .at(-1) ?? ''
  )
}

async function read<Content>(place: Place, name: string): Promise<Content | undefined> {
  const content = await place.readFile(name)
  return content === undefined ? undefined : (JSON.parse(content.toString('utf8')) as Content)
}

async function writeIfNew(place: Place, name: string, content: unknown): Promise<void> {
  const text = `${JSON.stringify(content, null, 2)}\n`
  if ((await place.readFile(name))?.toString('utf8') !== text) await place.writeFile(name, text)
}
