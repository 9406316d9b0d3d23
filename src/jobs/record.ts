/** How a job's last run went: `_focal/jobs/<name>.json` in the lake. What is due follows from it. */
export interface JobRecord {
  readonly job: string
  /** The time that the run was due; runs due up to here are done with. */
  readonly dueAt: string
  /** Absent while the job was only looked at: runs before `dueAt` are not made up for. */
  readonly startedAt?: string
  /** Absent when the run was stopped, or died: it is made up for. */
  readonly endedAt?: string
  /** Set when somebody stopped the run; one that died has neither this nor an end. */
  readonly stoppedAt?: string
  readonly exitCode?: number
  readonly steps?: readonly StepResult[]
}

export interface StepResult {
  /** As it was run: `focal run --period 2026-10`. */
  readonly command: string
  readonly exitCode: number
  readonly seconds: number
  /** What stopped it, in words; absent when the command told its failures by its exit code. */
  readonly error?: string
}

/** The lake, as far as jobs need it. */
export interface JobStore {
  /** Writes a small file whole or not at all. */
  writeFile(name: string, content: string): Promise<void>
  readFile(name: string): Promise<Buffer | undefined>
}

const recordFile = (job: string) => `_focal/jobs/${job}.json`

export async function readJobRecord(store: JobStore, job: string): Promise<JobRecord | undefined> {
  const content = await store.readFile(recordFile(job))
  return content === undefined ? undefined : (JSON.parse(content.toString('utf8')) as JobRecord)
}

/** Of every job that was ever run or scheduled, by name. */
export async function readJobRecords(
  store: JobStore & { listNames(folder: string): Promise<string[]> },
): Promise<JobRecord[]> {
  const names = (await store.listNames('_focal/jobs')).flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? [])
  const records = await Promise.all(names.map((name) => readJobRecord(store, name)))
  return records.filter((record) => record !== undefined)
}

export async function writeJobRecord(store: JobStore, record: JobRecord): Promise<void> {
  await store.writeFile(recordFile(record.job), `${JSON.stringify(record, null, 2)}\n`)
}
