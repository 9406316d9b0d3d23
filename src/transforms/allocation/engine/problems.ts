import { UserError } from '../../../core/errors.ts'
import type { RuleSet } from '../rule-set.ts'

/** What stops the month: a rule says that this is an error. */
export interface AllocationProblem {
  readonly problem: string
  readonly line: number
  readonly value: string | undefined
  readonly hint: string
}

/** UserError for the first problem, which counts the others. */
export function refuseProblems({ file }: RuleSet, problems: readonly AllocationProblem[]): void {
  const [first, ...others] = new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()
  if (first === undefined) return
  const more = others.length === 0 ? '' : `, and ${others.length} more like it`
  throw new UserError(`${first.problem}${more}`, {
    where: { file, line: first.line, ...(first.value !== undefined && { value: first.value }) },
    hint: first.hint,
  })
}
