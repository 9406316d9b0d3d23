import { expect, test } from 'vitest'
import { zipOf } from '../../src/core/zip.ts'
import { unzip } from './unzip.ts'

test('a zip holds what was put in, also what is empty, and names in any script', async () => {
  const content = { 'a.csv': 'x,y\r\n1,2\r\n', 'statements/Übersicht – 請求.json': '{}'.repeat(5000), 'empty.txt': '' }
  const entries = Object.entries(content).map(([name, text]) => ({ name, content: Buffer.from(text, 'utf8') }))
  expect(await unzip(zipOf(entries))).toEqual(content)
  expect(zipOf(entries)).toEqual(zipOf(entries))
})
