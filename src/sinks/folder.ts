import { mkdir } from 'node:fs/promises'
import { RetryableError, UserError } from '../core/errors.ts'

/** Errors of a file system as errors of ours: a full disk, a folder that may not be written. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    if (isCode(cause, 'EACCES') || isCode(cause, 'EPERM') || isCode(cause, 'EROFS')) {
      throw new UserError('the folder cannot be written', {
        where: { file: folder },
        hint: 'Let the user that runs focal write there, or name another folder.',
        cause,
      })
    }
    if (isCode(cause, 'EEXIST') || isCode(cause, 'ENOTDIR')) {
      throw new UserError('the folder cannot be made: a file is in its way', {
        where: { file: folder },
        hint: 'Name another folder, or move the file.',
        cause,
      })
    }
    if (isCode(cause, 'ENOSPC')) {
      throw new RetryableError('no space left on the device', {
        where: { file: folder },
        hint: 'Free space where the lake is; nothing was published.',
        cause,
      })
    }
    throw cause
  }
}

/** Whether an error of the file system has this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
