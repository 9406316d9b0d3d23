/**
 * Runs `work` with a signal that aborts once `idleMs` have passed without a call of `alive`: no client library
 * notices a server that accepts a request and then says nothing, or stops in the middle of a body.
 * Fails with code ETIMEDOUT then, which counts as a network failure; an abort of `signal` throws its reason.
 */
export async function whileAlive<T>(
  idleMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(), idleMs)
  try {
    return await work(
      signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]),
      () => void timer.refresh(),
    )
  } catch (error) {
    signal?.throwIfAborted()
    if (!stalled.signal.aborted) throw error
    throw Object.assign(new Error(`no data for ${idleMs / 1000} s`), { code: 'ETIMEDOUT' })
  } finally {
    clearTimeout(timer)
  }
}
