// mysql2: by its channels since 3.20, in bundles too; by hooks before. Its text has the values in it by the time the channel
// tells of it, so that it is read as a text with literals. https://github.com/sidorares/node-mysql2 (lib/tracing.js)
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import type { ChannelOutcome, TracedCall } from '../traced-call.ts'
import { listenToQueries } from './published.ts'
import { bindCallback, type Callback, closingQuery, runQuery } from './run-query.ts'
import { closeQuery, openConnect, openQuery, type SqlTarget } from './sql-call.ts'

interface Message extends ChannelOutcome {
  readonly query?: string
  readonly database?: string
  readonly serverAddress?: string
  readonly serverPort?: number
}

type Open = (message: Message) => TracedCall | undefined

export function createMysql2Listeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  const query: Open = message => openQuery(tools, toTarget(message), message.query)
  const connect: Open = message => openConnect(tools, 'mysql2.connect', toTarget(message))
  const listeners: Readonly<Record<string, Open>> = {
    'mysql2:query': query,
    'mysql2:execute': query,
    'mysql2:connect': connect,
    // Waiting for a connection is no span: it is there so that what waited goes on in its own context.
    'mysql2:pool:connect': () => undefined,
  }
  const entries = Object.entries(listeners)
  return Object.fromEntries(
    entries.map(([name, open]) => [name, () => listenToQueries(tools, name, open)]),
  )
}

const toTarget = ({ database, serverAddress, serverPort }: Message): SqlTarget => ({
  system: 'mysql',
  namespace: database,
  address: serverAddress,
  port: serverPort,
})

export function createMysql2Wraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    wrapMysql2Connection: ({ exports }: LoadedModule) => {
      const { prototype } = exports as { prototype?: unknown }
      for (const name of ['query', 'execute'])
        wrapMethod(prototype, name, query => createQuery(tools, query))
    },
    wrapMysql2Pool: ({ exports }: LoadedModule) => {
      const { prototype } = exports as { prototype?: unknown }
      wrapMethod(
        prototype,
        'getConnection',
        getConnection =>
          function (this: unknown, callback: Callback) {
            return Reflect.apply(getConnection, this, [bindCallback(tools, callback)])
          },
      )
    },
  }
}

/** What a connection sends: the pool hands it over as it is, with the callback in it. */
interface Command {
  onResult?: unknown
  emit?: unknown
}

function createQuery(tools: LibraryTools, query: AnyFunction): AnyFunction {
  return function tracedQuery(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a query by mysql2', () =>
      openQuery(tools, targetOf(this), textOf(args[0])),
    )
    if (call === undefined) return Reflect.apply(query, this, args)
    const command = fieldsOf(args[0]) as Command
    const at = args.findIndex((arg, index) => index > 0 && typeof arg === 'function')
    if (typeof command.onResult === 'function')
      command.onResult = closingQuery(tools, call, command.onResult as Callback)
    const result = runQuery(tools, call, query, this, args, at === -1 ? 'none' : at)
    if (at === -1 && typeof command.onResult !== 'function') follow(tools, call, result)
    return result
  }
}

function textOf(query: unknown): string | undefined {
  const text = typeof query === 'string' ? query : fieldsOf(query).sql
  return typeof text === 'string' ? text : undefined
}

function targetOf(connection: unknown): SqlTarget {
  const { host, port, database, socketPath } = fieldsOf(fieldsOf(connection).config)
  const address = socketPath ?? host
  return {
    system: 'mysql',
    namespace: typeof database === 'string' ? database : undefined,
    address: typeof address === 'string' ? address : undefined,
    port: Number(port) || undefined,
  }
}

/** A command without a callback tells of its answer by events. */
function follow(tools: LibraryTools, call: TracedCall, result: unknown): void {
  wrapMethod(
    result,
    'emit',
    emit =>
      function (this: unknown, ...args: unknown[]) {
        const [event, error] = args
        if (event === 'end' || event === 'error')
          closeQuery(tools, call, event === 'error' ? error : undefined)
        return tools.tracer.run(call.outer, () => Reflect.apply(emit, this, args))
      },
  )
}
