import { configOption, percentage, type CommandLine } from './command-line.ts'

/** Who owes it, and how much is tagged. */
export function addAllocationCommands({ add, does }: CommandLine): void {
  const allocate = add('allocate', 'split shared cost by the rules, without fetching or normalising again', [
    'focal allocate',
    'focal allocate --period 2026-10 --full',
    'focal allocate explain --target payments --period 2026-10',
  ])
    .addOption(configOption())
    .option('-p, --period <months>', 'only these billing periods: 2026-10, or 2026-08..2026-10')
    .option('--full', 'allocate again what is up to date')
    .option('--json', 'log as JSON lines, and print the run record as JSON')
    .enablePositionalOptions()
    .action(does(async () => (await import('../commands/allocate.ts')).allocate))

  add(
    'explain',
    'where the cost of a target, or the parts of a charge, come from',
    [
      'focal allocate explain --target payments --period 2026-10',
      'focal allocate explain --charge aws-main:412 --period 2026-10',
    ],
    allocate,
  )
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('-t, --target <id>', 'who owes')
    .option('--charge <source:row>', 'one charge: its source, and its x_OriginRow')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/allocate-explain.ts')).explainAllocation))

  add(
    'simulate',
    'who would pay more or less by other rules; nothing is written',
    ['focal allocate simulate --rules new.yaml', 'focal allocate simulate --rules new.yaml --period 2026-10'],
    allocate,
  )
    .addOption(configOption())
    .requiredOption('-r, --rules <file>', 'the other rules')
    .option('-p, --period <months>', 'a billing period or a range; the newest when not given')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/allocate-simulate.ts')).simulate))

  add(
    'diff',
    'why the targets owe more or less than before: causes that sum to the difference',
    ['focal allocate diff --period 2026-10', 'focal allocate diff --period 2026-10 --against 1'],
    allocate,
  )
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('--against <what>', 'a version of the same month, or another month; the month before when not given')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/allocate-diff.ts')).diffAllocation))

  add('tags', 'how much of the cost is tagged: by key, by team, worst offenders, spellings', [
    'focal tags',
    'focal tags --by CostCenter --period 2026-10',
    'focal tags --fail-under 85',
  ])
    .addOption(configOption())
    .option('-p, --period <months>', 'a billing period or a range; the newest when not given')
    .option('--by <name>', 'a dimension of the allocation rules, or a tag key')
    .option('--fail-under <percent>', 'end with 4 when less of EffectiveCost is covered', percentage)
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/tags.ts')).tags))
}
