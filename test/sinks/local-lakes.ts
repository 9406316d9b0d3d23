import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { localSink } from '../../src/sinks/local.ts'
import { visible, type LakeServer } from './lake-server.ts'

/** Lakes in folders of their own. */
export function localLakes(): LakeServer {
  const root = mkdtempSync(path.join(tmpdir(), 'focal-lakes-'))
  return {
    env: {},
    async create() {
      const folder = path.join(root, randomUUID())
      const lock = path.join(folder, '_focal/lock.json')
      return {
        address: folder,
        severalParts: 1000,
        open: async () => localSink(folder),
        async openAfterSilence() {
          const hourAgo = new Date(Date.now() - 60 * 60_000)
          if (existsSync(lock)) utimesSync(lock, hourAgo, hourAgo)
          return localSink(folder)
        },
        async get(name) {
          const file = path.join(folder, name)
          return existsSync(file) ? readFileSync(file) : undefined
        },
        async put(name, bytes) {
          mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
          writeFileSync(path.join(folder, name), bytes)
        },
        async paths() {
          if (!existsSync(folder)) return []
          const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
          const files = entries.filter((entry) => entry.isFile())
          return visible(files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))))
        },
      }
    },
    close: async () => rmSync(root, { recursive: true, force: true }),
  }
}
