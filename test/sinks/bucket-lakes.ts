import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSink } from '../../src/sinks/open.ts'
import type { LakeTuning } from '../../src/sinks/tuning.ts'
import { visible, type LakeServer } from './lake-server.ts'

const kibibyte = 1024

/** Objects by full key, however they are reached. */
export interface Objects {
  get(key: string): Promise<Buffer | undefined>
  put(key: string, bytes: Buffer): Promise<void>
  keys(prefix: string): Promise<string[]>
}

export interface BucketServer {
  readonly env: Readonly<Record<string, string>>
  /** Of every lake there: `s3://acme-lakes`. */
  readonly root: string
  readonly uploadPartSize: number
  readonly objects: Objects
  readonly close: () => Promise<void>
}

export function bucketLakes({ env, root, uploadPartSize, objects, close }: BucketServer): LakeServer {
  const work = mkdtempSync(path.join(tmpdir(), 'focal-lakes-'))
  return {
    env,
    async create() {
      const prefix = `prod+1/für-alle/${randomUUID()}`
      const address = `${root}/${prefix}`
      const open = (tuning: Partial<LakeTuning> = {}, options: Readonly<Record<string, unknown>> = {}) =>
        openSink(address, {
          workDirectory: path.join(work, randomUUID()),
          env,
          options,
          tuning: { uploadPartSize, partSize: 100 * kibibyte, pageSize: 2, sleep: async () => undefined, ...tuning },
        })
      return {
        address,
        severalParts: Math.ceil(uploadPartSize * 2.5),
        open,
        openAfterSilence: () => open({ leaseMs: -1 }),
        get: (name) => objects.get(`${prefix}/${name}`),
        put: (name, bytes) => objects.put(`${prefix}/${name}`, Buffer.from(bytes)),
        async paths() {
          const keys = await objects.keys(`${prefix}/`)
          return visible(keys.map((key) => key.slice(prefix.length + 1)))
        },
      }
    },
    async close() {
      await close()
      rmSync(work, { recursive: true, force: true })
    },
  }
}
