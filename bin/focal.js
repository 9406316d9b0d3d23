#!/usr/bin/env node
// Starts focal: the built package has dist/, a checkout runs its TypeScript as it is.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { availableParallelism } from 'node:os'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`focal needs Node.js 22.18 or newer; this is ${process.versions.node}.`)
  console.error('  hint: in a checkout, `npm run focal -- …` brings its own.')
  process.exit(2)
}
// Who reads us may stop reading: `focal status | head`. The work goes on; only the words are lost.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
})
// A query holds a thread of this pool until it is done; there are four unless told before the first use.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)
module.enableCompileCache?.()
const built = new URL('../dist/cli.js', import.meta.url)
const { main } = await import(existsSync(built) ? built.href : new URL('../src/cli.ts', import.meta.url).href)
process.exitCode = await main(process.argv)
