import { configOption, type CommandLine, type CommandsOfJobs } from './command-line.ts'

/** What runs by itself, and who is told. */
export function addJobCommands({ program, add, does }: CommandLine, commands: CommandsOfJobs): void {
  add('job', 'the steps of a job, one after another, and notices of what came of it', [
    'focal job nightly',
    'focal job monthly-chargeback --dry-run',
    'focal job monthly-chargeback --at 2026-10-12',
  ])
    .argument('<name>', 'a job in jobs/ beside the configuration, or nightly or monthly-chargeback')
    .addOption(configOption())
    .option('--at <time>', 'the time that the job was due: it decides what its {lastMonth} is')
    .option('--dry-run', 'print the steps and run nothing')
    .option('--json', 'log as JSON lines')
    .action(does(async () => (await import('../commands/job.ts')).job, { commands }))

  add('schedule', 'run jobs as they fall due, and make up for those that were missed', [
    'focal schedule',
    'focal schedule nightly monthly-chargeback --health 8080',
  ])
    .argument('[names...]', 'jobs; nightly when none is named')
    .addOption(configOption())
    .option('--health <address>', 'answer GET /healthz on this port, or host:port')
    .option('--json', 'log as JSON lines')
    .action(does(async () => (await import('../commands/schedule.ts')).schedule, { commands }))

  const notify = program.command('notify').description('notices: try the channels, or send what waits').exitOverride()
  add(
    'test',
    'send a notice that says that it is a test',
    ['focal notify test', 'focal notify test --channel ops'],
    notify,
  )
    .addOption(configOption())
    .option('--channel <names...>', 'only these channels')
    .action(does(async () => (await import('../commands/notify.ts')).notifyTest))
  add('send', 'send what waits in the outbox', ['focal notify send'], notify)
    .addOption(configOption())
    .action(does(async () => (await import('../commands/notify.ts')).notifySend))
}
