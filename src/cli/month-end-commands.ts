import { Option, type Command } from 'commander'
import { configOption, wholeNumber, type CommandLine } from './command-line.ts'

/** Statements, invoices and the books. */
export function addMonthEndCommands({ program, add, does, version }: CommandLine): void {
  const report = add('report', 'what finance sends and posts at month end', [
    'focal report chargeback --period 2026-10',
  ])
  add(
    'chargeback',
    "a month's statements, the controller's summary and the journal",
    [
      'focal report chargeback --period 2026-10',
      'focal report chargeback --period 2026-10 --target payments --format pdf --output for-payments',
      'focal report chargeback --period 2026-10 --format journal --profile netsuite',
    ],
    report,
  )
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('-t, --target <id>', 'only the statement of this target')
    .option(
      '--format <formats>',
      'any of xlsx, csv, html, pdf, json, journal, separated by commas',
      'xlsx,html,pdf,json',
    )
    .option('--profile <name>', 'ledger that a journal is for: generic, netsuite, sap, quickbooks, xero', 'generic')
    .addOption(
      new Option('--kind <kind>', 'final, or an estimate that is reversed')
        .choices(['final', 'accrual'])
        .default('final'),
    )
    .option('-o, --output <dir>', "where to write; the lake's reports/<period> when not given")
    .action(does(async () => (await import('../commands/report.ts')).reportChargeback))

  add('reconcile', "a month's charges against the providers' invoices, and every step from there to the statements", [
    'focal reconcile --period 2026-10',
  ])
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/reconcile.ts')).reconcileCommand))

  const books = (name: string, summary: string, examples: readonly string[], parent?: Command) =>
    add(name, summary, examples, parent)
      .addOption(configOption())
      .requiredOption('-p, --period <month>', 'the billing period')
      .option('--as <name>', 'who does it; FOCAL_AS when not given')

  books('close', 'bring a month of the books a step further: preliminary, review, closed', [
    'focal close --period 2026-10 --to review --as anna',
    'focal close --period 2026-10 --as bert',
  ])
    .addOption(new Option('--to <state>', 'bring it to this state').choices(['preliminary', 'review', 'closed']))
    .option('--despite <reason>', 'close it although it does not tie with its invoices; the books say why')
    .action(does(async () => (await import('../commands/close.ts')).close))

  books('accept', 'a target agrees with its statement of a month under review', [
    'focal accept --period 2026-10 --target payments --as carl',
  ])
    .requiredOption('-t, --target <id>', 'who owes')
    .option('--comment <text>', 'what it says beside')
    .action(does(async () => (await import('../commands/accept.ts')).accept))

  const dispute = program.command('dispute').description('what targets disagree with').exitOverride()
  books(
    'raise',
    'a target disagrees with its statement: the month stays open until that is resolved',
    ['focal dispute raise --period 2026-10 --target payments --reason "not our cluster" --as carl'],
    dispute,
  )
    .requiredOption('-t, --target <id>', 'who owes')
    .requiredOption('--reason <text>', 'why')
    .option('--amount <decimal>', 'how much of the statement')
    .action(does(async () => (await import('../commands/dispute.ts')).raise))
  books(
    'resolve',
    'what came of a dispute',
    ['focal dispute resolve --period 2026-10 --number 1 --resolution "moved to search" --as anna'],
    dispute,
  )
    .requiredOption('--number <count>', 'which dispute of the month', wholeNumber)
    .requiredOption('--resolution <text>', 'what came of it')
    .action(does(async () => (await import('../commands/dispute.ts')).resolve))

  books('correct', "let today's rules count for a closed month, and post the difference in an open one", [
    'focal correct --period 2026-09 --reason "cluster moved to search" --as bert',
  ])
    .requiredOption('--reason <text>', 'why')
    .action(does(async () => (await import('../commands/correct.ts')).correct))

  books('reopen', 'open the newest closed month again, once two approvers have asked for it', [
    'focal reopen --period 2026-10 --reason "posted to the wrong year" --as bert',
  ])
    .requiredOption('--reason <text>', 'why')
    .action(does(async () => (await import('../commands/reopen.ts')).reopen))

  const audit = program.command('audit').description('the books and their proof').exitOverride()
  add(
    'verify',
    'prove that nothing of the books was altered: the ledger, closed months, statements',
    ['focal audit verify', 'focal audit verify --head 5c1f…'],
    audit,
  )
    .addOption(configOption())
    .option('--head <sha256>', 'a head noted earlier, that must still be in the ledger')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/audit.ts')).verify))

  add('serve', 'statements, lines and journals over HTTP, read-only, for who has a token', [
    'focal serve --listen 8080 --tokens tokens.yaml',
  ])
    .addOption(configOption())
    .option('--listen <address>', 'a port, or host:port', '127.0.0.1:8080')
    .option('--tokens <file>', 'SHA-256 of each token and what it may see; FOCAL_TOKEN may see all')
    .action(does(async () => (await import('../commands/serve.ts')).serve, { version }))
}
