// mssql, by its channels since 12.5, in bundles too. They say which pool is asked, and of a pool once where it leads. What
// tedious below it knows, where that is hooked, stands on the same span. https://github.com/tediousjs/node-mssql (lib/diagnostics.js)
import type { ChannelListener, LibraryTools } from '../contract.ts'
import type { TracedCall } from '../traced-call.ts'
import { listenToQueries } from './published.ts'
import { nameOperation, openConnect, openCovering, type SqlTarget } from './sql-call.ts'

interface Message {
  readonly poolId?: number
  /** Of a pool that connects. */
  readonly server?: string
  readonly port?: number
  readonly database?: string
  /** Of a query or batch. */
  readonly command?: unknown
  /** Of a prepared statement. */
  readonly statement?: unknown
  readonly procedure?: unknown
  readonly table?: unknown
}

const SYSTEM = 'microsoft.sql_server'
/** A function has few. */
const MAX_POOLS = 100

/** Where pools lead, by their numbers: one channel tells what the others need. */
const pools = new Map<unknown, SqlTarget>()

export function createMssqlListeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  const targetOf = ({ poolId }: Message): SqlTarget => pools.get(poolId) ?? { system: SYSTEM }
  const query = (message: Message): TracedCall | undefined =>
    openCovering(tools, targetOf(message), textOf(message.command ?? message.statement))
  const listeners: Readonly<Record<string, (message: Message) => TracedCall | undefined>> = {
    'mssql:query': query,
    'mssql:batch': query,
    'mssql:prepared-statement:execute': query,
    'mssql:execute': message =>
      openCovering(tools, targetOf(message), `EXEC ${textOf(message.procedure) ?? ''}`),
    'mssql:bulk': message =>
      nameOperation(openCovering(tools, targetOf(message), undefined), 'INSERT', message.table),
    'mssql:connect': message => openConnect(tools, 'mssql.connect', targetOf(message)),
  }
  const listen = (name: string): ChannelListener => {
    const listener = listenToQueries<Message>(tools, name, message => listeners[name]?.(message))
    if (name !== 'mssql:connect') return listener
    // Most functions connect before their first invocation.
    return message => {
      learn(message as Message)
      return listener(message)
    }
  }
  return Object.fromEntries(Object.keys(listeners).map(name => [name, () => listen(name)]))
}

function learn(message: Message): void {
  const { poolId, server, port, database } = message
  if (pools.size >= MAX_POOLS) pools.clear()
  pools.set(poolId, { system: SYSTEM, address: server, port, namespace: database })
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined
