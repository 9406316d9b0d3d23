import { UserError } from '../core/errors.ts'

/** A lake in a bucket, as its address names it. */
export interface LakeAddress {
  readonly scheme: 's3' | 'gs' | 'az'
  /** Without a slash at the end. */
  readonly address: string
  /** Of a storage account that has containers, the account; else ''. */
  readonly account: string
  readonly bucket: string
  /** '' or ends with a slash. */
  readonly prefix: string
}

/**
 * `s3://bucket/prefix`, `gs://bucket/prefix` or `az://account/container/prefix`; undefined for a folder.
 * UserError for any other scheme, or one without its bucket.
 */
export function parseLakeAddress(written: string): LakeAddress | undefined {
  const [, name, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/is.exec(written) ?? []
  if (name === undefined) return undefined
  const scheme = name.toLowerCase()
  if (scheme !== 's3' && scheme !== 'gs' && scheme !== 'az') {
    throw new UserError(`the lake cannot be written to ${scheme}://`, {
      hint: 'Write a local folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix.',
    })
  }
  const segments = (rest.startsWith('/') ? '' : rest).split('/').filter((segment) => segment !== '')
  const account = scheme === 'az' ? (segments.shift() ?? '') : ''
  const bucket = segments.shift() ?? ''
  if (bucket === '' || (scheme === 'az' && account === '')) {
    const whole = scheme === 'az' ? 'az://account/container/prefix' : `${scheme}://bucket/prefix`
    throw new UserError(`the lake's address names no ${scheme === 'az' ? 'container' : 'bucket'}`, {
      hint: `Write ${whole}.`,
    })
  }
  if (/[?#@\s]/.test(rest) || segments.some((segment) => segment === '.' || segment === '..')) {
    throw new UserError(`the lake's address has more in it than a bucket and a prefix`, {
      hint: 'Leave out signatures, user names and dots: credentials come from the cloud’s own default chain.',
    })
  }
  const place = [account, bucket, ...segments].filter((part) => part !== '').join('/')
  const prefix = segments.length === 0 ? '' : `${segments.join('/')}/`
  return { scheme, address: `${scheme}://${place}`, account, bucket, prefix }
}
