/** What an expression may call. All take text; each is a DuckDB function of the same name. */
export interface KnownFunction {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly gives: 'text' | 'truth'
  /** In words, for the error about the number of inputs. */
  readonly takes: string
  readonly example: string
}

const one = { least: 1, most: 1, takes: 'one input' } as const
const two = { least: 2, most: 2, takes: 'two inputs' } as const

const list: readonly KnownFunction[] = [
  { name: 'lower', ...one, gives: 'text', example: 'lower(ServiceName)' },
  { name: 'upper', ...one, gives: 'text', example: 'upper(RegionId)' },
  { name: 'trim', ...one, gives: 'text', example: "trim(Tags['team'])" },
  {
    name: 'coalesce',
    least: 2,
    most: 100,
    takes: 'two inputs or more',
    gives: 'text',
    example: "coalesce(Tags['team'], Tags['Team'])",
  },
  { name: 'starts_with', ...two, gives: 'truth', example: "starts_with(ResourceId, 'i-')" },
  { name: 'ends_with', ...two, gives: 'truth', example: "ends_with(ResourceName, '-prod')" },
  { name: 'contains', ...two, gives: 'truth', example: "contains(ResourceId, '/shared/')" },
]

export const functions: ReadonlyMap<string, KnownFunction> = new Map(list.map((known) => [known.name, known]))
