import { createHash } from 'node:crypto'
import { UserError } from '../../core/errors.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { dataFiles } from './location.ts'
import type { SideFiles } from './side-files.ts'

/** Files extracted from the committed-use metadata export, the same for every month. UserError when there are none. */
export function openCommitmentFiles(store: ObjectStore): () => Promise<SideFiles> {
  let known: Promise<SideFiles> | undefined
  return () => (known ??= findCommitmentFiles(store))
}

async function findCommitmentFiles(store: ObjectStore): Promise<SideFiles> {
  const files = await dataFiles(store, '', 0)
  if (files.length === 0) {
    throw new UserError(`no committed-use metadata in ${store.location}`, {
      hint: 'Point commitments at the folder with the files extracted from cud_subscriptions_export, or leave it out.',
    })
  }
  const contents = files.map(({ size, version }) => `${version} ${size}`).toSorted()
  return {
    fingerprint: createHash('sha256').update(JSON.stringify(contents)).digest('hex'),
    fetch: () =>
      Promise.all(files.map(async (file) => ({ name: `commitments/${file.key}`, path: await store.fetch(file) }))),
  }
}
