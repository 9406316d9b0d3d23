/** What goes back to a client. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** null where there is none to send. */
  readonly body: unknown
}

/** Something that the client can mend, told as a problem document (RFC 9457). */
export class ApiError extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.headers = headers
  }
}

/** Never in a shared cache: who may see what depends on the token. */
const ours = { 'cache-control': 'private, no-cache', vary: 'Authorization', 'x-content-type-options': 'nosniff' }

/** JSON under the tag of what it was made from; 304 without a body when the client has that already. */
export function tagged(body: () => unknown, tag: string, ifNoneMatch: string | undefined): Answer {
  const headers = { ...ours, etag: `"${tag}"` }
  if (has(ifNoneMatch, tag)) return { status: 304, headers, body: null }
  return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body: body() }
}

/** Weak comparison, as If-None-Match has it: proxies that compress weaken a tag. */
function has(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((one) => ['*', `"${tag}"`].includes(one.trim().replace(/^W\//, '')))
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  410: 'Gone',
  500: 'Internal Server Error',
}

export function problem({ status, message, headers }: Pick<ApiError, 'status' | 'message' | 'headers'>): Answer {
  return {
    status,
    headers: { ...ours, ...headers, 'content-type': 'application/problem+json' },
    body: { title: titles[status] ?? 'Error', status, detail: message },
  }
}
