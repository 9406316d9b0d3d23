import { copyFile, link, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isCode, makeFolder } from './folder.ts'
import { withLock, type LocalLock } from './local-lock.ts'
import { historyPath, partitionPath, versionsBeyond, type Partition, type PartitionState, type Sink } from './sink.ts'

/**
 * A lake in a local folder. While it is held, every step that others see asks first whether it still is. Between that
 * look and the rename lie microseconds that no file system closes: a process stopped right there, for longer than a
 * silent holder is waited for, could still put its file in place when it wakes up.
 */
export function localSink(lake: string): Sink {
  let lock: LocalLock | undefined
  const fenced = async (step: () => Promise<void>): Promise<void> => {
    await lock?.check()
    await step()
  }
  return {
    address: lake,
    hold: (runId, now, work, waiting) =>
      withLock(
        lake,
        runId,
        now,
        async (own) => {
          lock = own
          return work().finally(() => (lock = undefined))
        },
        waiting,
      ),
    asidePath: (runId, partition) => asidePath(lake, runId, partition),
    publish: (partition, aside) => fenced(() => publish(lake, partition, aside)),
    keepVersion: (partition, version) => fenced(() => keepVersion(lake, partition, version)),
    trimHistory: (partition, keep) => fenced(() => trimHistory(lake, partition, keep)),
    clearAside: () => clearAside(lake),
    partitionState: (partition, bytes) => partitionState(lake, partition, bytes),
    readable: (files) => Promise.all(files.map((file) => existing(path.join(lake, file)))),
    writeFile: (name, content) => fenced(() => writeWhole(path.join(lake, name), content)),
    readFile: (name) => readOrNone(path.join(lake, name)),
    listNames: async (folder) => (await readdirOrNone(path.join(lake, folder))).toSorted(),
  }
}

/** On the lake's own file system, so that putting it in place is a rename. */
async function asidePath(lake: string, runId: string, { dataset, period, source }: Partition): Promise<string> {
  const folder = path.join(lake, '_focal', 'tmp', runId)
  await makeFolder(folder)
  return path.join(folder, `${dataset}-${source}-${period}.parquet`)
}

/**
 * What a run that was killed wrote aside, and the record that it may have been writing: that has the run's own name, so
 * that no later one would write it again. Other small files keep theirs, and may be somebody else's at this moment.
 */
async function clearAside(lake: string): Promise<void> {
  await rm(path.join(lake, '_focal', 'tmp'), { recursive: true, force: true })
  const records = path.join(lake, '_focal', 'runs')
  const unfinished = (await readdirOrNone(records)).filter((name) => name.endsWith('.tmp'))
  await Promise.all(unfinished.map((name) => rm(path.join(records, name), { force: true })))
}

/** What gives way is the same file, or one of a lake whose records were lost since. */
async function keepVersion(lake: string, partition: Partition, version: number): Promise<void> {
  const from = path.join(lake, partitionPath(partition))
  const to = path.join(lake, historyPath(partition, version))
  await makeFolder(path.dirname(to))
  await rm(to, { force: true })
  try {
    await link(from, to)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    // A file system without hard links: copy, and let the copy appear whole.
    await copyFile(from, `${to}.tmp`)
    await rename(`${to}.tmp`, to)
  }
  await syncFolder(path.dirname(to))
}

/** The data is on the disk before its name changes. */
async function publish(lake: string, partition: Partition, aside: string): Promise<void> {
  const target = path.join(lake, partitionPath(partition))
  await makeFolder(path.dirname(target))
  await syncFile(aside)
  await rename(aside, target)
  await syncFolder(path.dirname(target))
}

async function trimHistory(lake: string, partition: Partition, keep: number): Promise<void> {
  const folder = path.dirname(path.join(lake, historyPath(partition, 0)))
  const oldest = versionsBeyond(await readdirOrNone(folder), keep)
  await Promise.all(oldest.map((version) => rm(path.join(folder, `${version}.parquet`), { force: true })))
}

async function writeWhole(target: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(path.dirname(target))
  await writeFile(`${target}.tmp`, content)
  await syncFile(`${target}.tmp`)
  await rename(`${target}.tmp`, target)
}

async function readOrNone(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

async function partitionState(lake: string, partition: Partition, bytes: number): Promise<PartitionState> {
  const found = await stat(path.join(lake, partitionPath(partition))).catch(() => undefined)
  if (found === undefined) return 'missing'
  return found.size === bytes ? 'as published' : 'another file'
}

async function existing(file: string): Promise<string | undefined> {
  return (await stat(file).catch(() => undefined)) === undefined ? undefined : file
}

async function readdirOrNone(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.sync().finally(() => handle.close())
}

/** So that a rename survives a power cut; a file system that cannot is left alone. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle
    .sync()
    .catch(() => undefined)
    .finally(() => handle.close())
}
