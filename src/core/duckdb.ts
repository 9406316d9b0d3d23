import {
  BOOLEAN,
  DuckDBInstance,
  LIST,
  MAP,
  VARCHAR,
  listValue,
  mapValue,
  type DuckDBConnection,
  type DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'

export type SqlValue = DuckDBValue

/** What a SQL variable can hold: a text, a truth, a VARCHAR[] or a MAP(VARCHAR, VARCHAR). */
export type VariableValue = string | boolean | readonly string[] | ReadonlyMap<string, string>

export interface EngineOptions {
  /** DuckDB size text such as `4GB`. */
  readonly memoryLimit: string
  readonly threads: number
  /** Where DuckDB spills; created when needed. */
  readonly tempDirectory: string
  readonly signal?: AbortSignal | undefined
}

export interface ResultTable {
  readonly columns: string[]
  readonly rows: unknown[][]
}

/** One in-memory DuckDB with UTC as its time zone. */
export interface Session {
  /** Runs one or more statements; `values` bind `$name` in a single statement. */
  run(sql: string, values?: Record<string, SqlValue>): Promise<void>
  /** Rows as plain objects; DECIMAL, BIGINT, DATE and TIMESTAMP arrive as text so that no digit is lost. */
  rows<Row>(sql: string, values?: Record<string, SqlValue>): Promise<Row[]>
  /** As `rows`, with the columns in their order even when there is no row. */
  table(sql: string): Promise<ResultTable>
  /** Sets a SQL variable, read back in SQL by `getvariable('name')`. */
  set(name: string, value: VariableValue): Promise<void>
  /** Makes a function of ours known to SQL. It works on the main thread, a vector of rows at a time. */
  define(scalarFunction: DuckDBScalarFunction): void
  /**
   * Another session on the same database, for work at the same time: it shares tables, views and the memory limit,
   * and begins with the variables set here. Close it before this one.
   */
  fork(): Promise<Session>
  /** Gives the system back what statements before no longer use: the allocator keeps it for each thread that ran one. */
  returnMemory(): Promise<void>
  close(): void
}

/**
 * Opens a session. An abort of `signal` interrupts the statement under way, which then rejects.
 * DuckDB's own errors pass through unchanged; callers that know the file at fault translate them.
 */
export async function openSession(options: EngineOptions): Promise<Session> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: options.memoryLimit,
    threads: String(options.threads),
    temp_directory: options.tempDirectory,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // Files are read once or twice, and the system caches them; the engine would fill its memory with them.
    enable_external_file_cache: 'false',
  })
  const { signal, memoryLimit } = options
  const session = await connect({ instance, signal, memoryLimit }, new Map())
  return {
    ...session,
    close() {
      session.close()
      instance.closeSync()
    },
  }
}

interface Database {
  readonly instance: DuckDBInstance
  readonly memoryLimit: string
  readonly signal: AbortSignal | undefined
}

async function connect(database: Database, variables: ReadonlyMap<string, VariableValue>): Promise<Session> {
  const connection = await database.instance.connect()
  const interrupt = () => connection.interrupt()
  database.signal?.addEventListener('abort', interrupt)
  const session = sessionOn(connection, database, () => {
    database.signal?.removeEventListener('abort', interrupt)
    connection.closeSync()
  })
  await session.run("SET TimeZone = 'UTC'")
  for (const [name, value] of variables) await session.set(name, value)
  return session
}

function sessionOn(connection: DuckDBConnection, database: Database, close: () => void): Session {
  const variables = new Map<string, VariableValue>()
  return {
    async run(sql, values) {
      await connection.run(sql, values)
    },
    async rows<Row>(sql: string, values?: Record<string, SqlValue>) {
      const reader = await connection.runAndReadAll(sql, values)
      return reader.getRowObjectsJson() as Row[]
    },
    async table(sql) {
      const reader = await connection.runAndReadAll(sql)
      return { columns: reader.deduplicatedColumnNames(), rows: reader.getRowsJson() }
    },
    async set(name, value) {
      const [bound, type] = typed(value)
      await connection.run(`SET VARIABLE ${quoteIdentifier(name)} = $value`, { value: bound }, { value: type })
      variables.set(name, value)
    },
    define: (scalarFunction) => connection.registerScalarFunction(scalarFunction),
    fork: () => connect(database, variables),
    async returnMemory() {
      // Setting the limit, to what it is, has the engine trim the allocator; no statement is there for that alone. It may
      // refuse while another session reaches for the last of the memory: then the memory is in use.
      await connection.run(`SET memory_limit = ${quoteText(database.memoryLimit)}`).catch(() => undefined)
      database.signal?.throwIfAborted()
    },
    close,
  }
}

function typed(value: VariableValue): [SqlValue, DuckDBType] {
  if (typeof value === 'string') return [value, VARCHAR]
  if (typeof value === 'boolean') return [value, BOOLEAN]
  if (value instanceof Map)
    return [mapValue([...value].map(([key, entry]) => ({ key, value: entry }))), MAP(VARCHAR, VARCHAR)]
  return [listValue([...(value as readonly string[])]), LIST(VARCHAR)]
}

/**
 * Does `work` while the engine has one thread. Then a query over the same rows gives the same rows in the same order,
 * which on several threads those after a join, a window or an aggregate are not in.
 */
export async function onOneThread<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const [engine] = await session.rows<{ threads: string }>("SELECT current_setting('threads') AS threads")
  await session.run('SET threads = 1')
  try {
    return await work()
  } finally {
    await session.run(`SET threads = ${engine?.threads ?? 1}`)
  }
}

/**
 * Does `work` while queries join their tables as they are written: rows come by the first table, whichever is smaller. Not
 * quite in its order: of each vector (2,048 rows) a LEFT JOIN gives those with a match first.
 */
export async function joiningAsWritten<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.run("SET disabled_optimizers = 'join_order,build_side_probe_side'")
  try {
    return await work()
  } finally {
    await session.run('RESET disabled_optimizers')
  }
}

/**
 * How many sessions may work side by side on one thread each: as many as there are threads, and as memory has room for
 * `megabytes` each. At least one, which then has all of it.
 */
export async function lanesWithin(session: Session, megabytes: number): Promise<number> {
  const [engine] = await session.rows<{ threads: string; bytes: string }>(`
    SELECT current_setting('threads') AS threads, parse_formatted_bytes(current_setting('memory_limit')) AS bytes`)
  return lanesOf(Number(engine?.threads), Number(engine?.bytes) / 1e6, megabytes)
}

/** The same for an engine of so many threads and megabytes. */
export function lanesOf(threads: number, memory: number, megabytes: number): number {
  return Math.max(1, Math.min(threads, Math.floor(memory / megabytes)))
}

/** A name as DuckDB reads it literally, whatever it holds. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as a SQL literal, for the statements that take no bound value (COPY targets and options, DDL). */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
