import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

/** The official validator in a Python environment of its own, and what it says of a file. */

const execute = promisify(execFile)

/** There is no Python for it, or no registry to fetch it from. */
export class Unavailable extends Error {}

/** Installs the pinned validator into `folder` where it is not yet; gives back the folder of its packages. */
export async function installValidator(folder: string, requirements: string): Promise<string> {
  const installed = path.join(folder, 'installed.txt')
  const wanted = await readFile(requirements, 'utf8')
  if (!existsSync(installed) || (await readFile(installed, 'utf8')) !== wanted) {
    const python = await findPython()
    await rm(folder, { recursive: true, force: true })
    await mkdir(path.dirname(folder), { recursive: true })
    await execute(python, ['-m', 'venv', folder])
    await execute(pythonIn(folder), ['-m', 'pip', 'install', '--quiet', '-r', requirements]).catch((cause: unknown) => {
      throw new Unavailable('PyPI does not give the official validator', { cause })
    })
    await execute(pythonIn(folder), [
      '-c',
      `import shutil; shutil.copy(${JSON.stringify(requirements)}, ${JSON.stringify(installed)})`,
    ])
  }
  const { stdout } = await execute(pythonIn(folder), ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])
  return stdout.trim()
}

function pythonIn(folder: string): string {
  return path.join(folder, 'bin', 'python')
}

/** The first Python that the validator runs on; FOCAL_PYTHON names another. */
async function findPython(): Promise<string> {
  const candidates = [process.env['FOCAL_PYTHON'], 'python3.12', 'python3.13', 'python3'].filter(
    (each) => each !== undefined,
  )
  for (const candidate of candidates) {
    const { stdout } = await execute(candidate, ['-c', 'import sys; print(sys.version_info[:2] >= (3, 12))']).catch(
      () => ({ stdout: '' }),
    )
    if (stdout.trim() === 'True') return candidate
  }
  throw new Unavailable('There is no Python 3.12 or later; FOCAL_PYTHON may name one')
}

/** Ids of the rules that the validator says a file breaks. Its rules are those it brings: nothing is downloaded. */
export async function officialFailures(
  folder: string,
  packages: string,
  file: string,
  version: string,
  report: string,
): Promise<string[]> {
  const rules = ['--validate-version', version, '--block-download', '--applicability-criteria', 'ALL']
  const output = ['--output-type', 'unittest', '--output-destination', report]
  // It looks for its list of currencies below the working directory.
  await execute(path.join(folder, 'bin', 'focus-validator'), ['--data-file', file, ...rules, ...output], {
    cwd: packages,
    maxBuffer: 1e8,
  })
  const xml = await readFile(report, 'utf8')
  return [...xml.matchAll(/<failure name="([^"]+)"/g)].map(([, id = '']) => id).toSorted()
}
