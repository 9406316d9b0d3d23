import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checksumOf } from '../../src/core/stores/checksum.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The digits one to nine: the input whose result the catalogues of CRC algorithms and of hashes print. */
test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['MD5', '25f9e794323b453885f5181f1b624d0b'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
] as const)('%s of the digits one to nine is %s', async (algorithm, hex) => {
  const file = path.join(temporaryFolder(), 'digits')
  await writeFile(file, '123456789')
  expect(await checksumOf(file, algorithm)).toEqual({ algorithm, value: Buffer.from(hex, 'hex').toString('base64') })
})

test('reads a file of several chunks in order', async () => {
  const bytes = Buffer.alloc(3 * 1024 * 1024 + 5, 'focal')
  const file = path.join(temporaryFolder(), 'large')
  await writeFile(file, bytes)
  const value = createHash('sha256').update(bytes).digest('base64')
  expect(await checksumOf(file, 'SHA256')).toEqual({ algorithm: 'SHA256', value })
  expect(await checksumOf(file, 'CRC64NVME')).toEqual({ algorithm: 'CRC64NVME', value: 'DDLUX1nom1w=' })
  expect(await checksumOf(file, 'CRC32C')).toEqual({ algorithm: 'CRC32C', value: 'uZ2qMw==' })
})
