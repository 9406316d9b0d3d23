import { UserError } from '../../../core/errors.ts'
import { readCsvTable, type CsvRow } from '../../../core/csv-table.ts'
import { readValidity } from './row-validity.ts'
import type { Draft } from './draft.ts'
import type { WrittenTarget } from './file-format.ts'
import type { Target } from '../rule-set.ts'
import { always, describeValidity, overlap } from '../validity.ts'

/** The targets of the file or of its registry, each entry checked against the others. */
export async function readTargets(draft: Draft): Promise<Target[]> {
  const { targets } = draft.written
  const entries = Array.isArray(targets)
    ? inlineEntries(targets, draft)
    : await registryEntries(targets.registry, draft)
  checkEntries(entries)
  return entries.map(({ target }) => target)
}

/** A target, and how to say that one of its columns is wrong. */
interface Entry {
  readonly target: Target
  readonly mistake: (column: 'id' | 'parent', what: string, hint: string) => UserError
}

function inlineEntries(targets: readonly WrittenTarget[], { whereIs }: Draft): Entry[] {
  return targets.map(({ valid, ...written }, index) => ({
    target: {
      id: written.id,
      name: written.name ?? written.id,
      parent: written.parent,
      valid: valid === undefined ? always : { from: valid.from, to: valid.to },
      mode: written.mode,
      costCentre: written.costCentre,
      glAccount: written.glAccount,
      legalEntity: written.legalEntity,
      contact: written.contact,
    },
    mistake: (column, what, hint) => new UserError(what, { where: whereIs(['targets', index, column]), hint }),
  }))
}

const columns = {
  required: ['id'],
  optional: [
    'name',
    'parent',
    'valid_from',
    'valid_to',
    'mode',
    'cost_centre',
    'gl_account',
    'legal_entity',
    'contact',
  ],
}

async function registryEntries(registry: string, draft: Draft): Promise<Entry[]> {
  const namedAt = draft.whereIs(['targets', 'registry'])
  const { rows } = await readCsvTable(draft.resolve(registry), registry, columns, namedAt)
  return rows.map((row) => ({ target: registryTarget(row), mistake: row.mistake }))
}

function registryTarget(row: CsvRow): Target {
  const id = row.value('id')
  if (id === undefined) throw row.mistake('id', 'the target has no id', 'Give it one, or remove the row.')
  return {
    id,
    name: row.value('name') ?? id,
    parent: row.value('parent'),
    valid: readValidity(row),
    mode: readMode(row),
    costCentre: row.value('cost_centre'),
    glAccount: row.value('gl_account'),
    legalEntity: row.value('legal_entity'),
    contact: row.value('contact'),
  }
}

const modes: readonly Target['mode'][] = ['showback', 'chargeback', 'external', 'central']

function readMode(row: CsvRow): Target['mode'] {
  const written = row.value('mode') ?? 'showback'
  const mode = modes.find((known) => known === written)
  if (mode !== undefined) return mode
  throw row.mistake('mode', `there is no mode ${written}`, `Write one of ${modes.join(', ')}, or nothing.`)
}

function checkEntries(entries: readonly Entry[]): void {
  const byId = Map.groupBy(entries, ({ target }) => target.id)
  for (const entry of entries) {
    checkOneAtATime(entry, byId.get(entry.target.id) ?? [])
    checkParents(entry, byId)
  }
}

function checkOneAtATime(entry: Entry, namesakes: readonly Entry[]): void {
  const { id, valid } = entry.target
  const earlier = namesakes.slice(0, namesakes.indexOf(entry)).find(({ target }) => overlap(target.valid, valid))
  if (earlier === undefined) return
  throw entry.mistake(
    'id',
    `the target ${id} is there twice: once ${describeValidity(earlier.target.valid)}, once ${describeValidity(valid)}`,
    'Give the entries dates that do not overlap, or remove one.',
  )
}

function checkParents(entry: Entry, byId: ReadonlyMap<string, readonly Entry[]>): void {
  const { id, parent } = entry.target
  if (parent === undefined) return
  if (!byId.has(parent)) {
    throw entry.mistake(
      'parent',
      `the target ${id} has the parent ${parent}, which is no target`,
      'Add it, or leave the parent out.',
    )
  }
  const line = [id, ...ancestors(parent, byId, id)]
  if (line.length > 1 && line.at(-1) === id) {
    throw entry.mistake('parent', `the target ${id} is its own ancestor: ${line.join(' → ')}`, 'Break the circle.')
  }
}

/** Parents upwards from `from`, until there is none, one repeats, or `start` is met again. */
function ancestors(from: string, byId: ReadonlyMap<string, readonly Entry[]>, start: string): string[] {
  const line: string[] = []
  let next: string | undefined = from
  while (next !== undefined && !line.includes(next)) {
    line.push(next)
    if (next === start) break
    next = byId.get(next)?.at(-1)?.target.parent
  }
  return line
}
