import { DataError } from '../../../core/errors.ts'
import { retry, type RetryOptions, type RetryPolicy, type Verdict } from '../../../core/retry.ts'
import type { ConnectorContext } from '../../connector.ts'
import { whileAlive } from '../../../core/stores/idle.ts'
import { judge, NotAPage } from './answer-errors.ts'
import type { Api } from './api.ts'
import { readPage, type Page } from './page.ts'

export interface PageTuning {
  readonly retry: RetryPolicy
  /** A request without an answer for so long is given up and tried again. */
  readonly idleMs: number
  readonly sleep: RetryOptions['sleep']
  readonly random: RetryOptions['random']
}

/** Quotas are counted by the minute and by the hour: patient enough for the first, and for what is left of the second. */
export const standardPageTuning: PageTuning = {
  retry: { attempts: 8, baseDelayMs: 1000, maxDelayMs: 60_000, longestWaitMs: 15 * 60_000 },
  idleMs: 5 * 60_000,
  sleep: undefined,
  random: undefined,
}

export type AskPage = (url: string) => Promise<Page>

/** A page at its address, tried again as the policy says. Throws `NotAPage` or the client library's own errors. */
export function pageAsker(
  api: Api,
  tuning: PageTuning,
  { signal, notice }: Pick<ConnectorContext, 'signal' | 'notice'>,
): AskPage {
  const { retry: policy, idleMs, sleep, random } = tuning
  async function once(url: string): Promise<Page> {
    const answer = await whileAlive(idleMs, signal, (attempt) => api.get(url, attempt))
    // Azure says "nothing" with or without an empty list.
    if (answer.status === 204) return { lines: [], dates: [], nextLink: undefined, kind: undefined }
    const page = answer.status === 200 ? readPage(answer.text) : undefined
    if (page === undefined) throw new NotAPage(answer)
    // The token goes wherever the link leads.
    if (page.nextLink !== undefined && URL.parse(page.nextLink)?.origin !== api.endpoint) throw leadsAway(page.nextLink)
    return page
  }
  /** A wait that people would take for a program that hangs is told. */
  function judgeAloud(error: unknown): Verdict {
    const verdict = judge(error)
    const wait = verdict === 'final' ? 0 : (verdict.retryAfterMs ?? 0)
    if (wait >= 10_000 && wait <= policy.longestWaitMs) notice?.(`Azure asks for a wait of ${Math.ceil(wait / 1000)} s`)
    return verdict
  }
  return (url) => retry(() => once(url), { policy, judge: judgeAloud, sleep, random, signal })
}

function leadsAway(link: string): DataError {
  return new DataError('the link to the next page leads to another host', {
    where: { column: 'nextLink', value: link.slice(0, 200) },
    hint: 'Something between here and Azure alters the answers (a proxy). Nothing was sent there.',
  })
}
