import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '../core/errors.ts'
import { parseJob, type Job } from './job.ts'

/** The jobs that come with focal. */
const packaged = fileURLToPath(new URL('../../jobs/', import.meta.url))

export interface JobFolders {
  /** The folder of the configuration; jobs of the user's own lie in `jobs/` there. */
  readonly baseDirectory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly noticeKinds: readonly string[]
}

/** The job of this name: the user's own before the one that comes with focal. UserError when there is none. */
export async function findJob(name: string, folders: JobFolders): Promise<Job> {
  const own = path.join(folders.baseDirectory, 'jobs')
  for (const folder of [own, packaged]) {
    if (!(await jobNames(folder)).includes(name)) continue
    const file = path.join(folder, `${name}.yaml`)
    return parseJob(await readFile(file, 'utf8'), { name, file, ...folders })
  }
  const known = [...new Set([...(await jobNames(own)), ...(await jobNames(packaged))])].toSorted()
  throw new UserError(`there is no job "${name}"`, {
    hint: `There is ${known.join(', ')}; jobs of your own go into ${own}.`,
  })
}

async function jobNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => /^([\w-]+)\.yaml$/.exec(name)?.[1] ?? [])
}
