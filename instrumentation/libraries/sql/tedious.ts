// tedious, the driver of mssql, Sequelize, Knex and TypeORM. A request is settled by its own callback, and tells of its rows by
// events, all of it in the context in which its connection was made.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { type ActiveContext, OWN_WORK } from '../../trace/tracer.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import { type Callback, closingQuery } from './run-query.ts'
import {
  closeQuery,
  nameOperation,
  openConnect,
  openCovering,
  openQuery,
  type SqlTarget,
} from './sql-call.ts'

interface Request {
  readonly sqlTextOrProcedure?: unknown
  readonly table?: unknown
  callback: Callback
}

/** A request that is sent: one may be sent again when it has been answered. */
interface Sent {
  call: TracedCall | undefined
  /** Where the function asked. */
  outer: ActiveContext | undefined
}

type Open = (connection: unknown, request: Request) => TracedCall | undefined

export function createTediousWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  const sent = new WeakMap<object, Sent>()
  const query: Open = (connection, request) =>
    openQuery(tools, targetOf(connection), textOf(request.sqlTextOrProcedure))
  const opens: Readonly<Record<string, Open>> = {
    execSql: query,
    execSqlBatch: query,
    execute: query,
    callProcedure: (connection, { sqlTextOrProcedure: name }) =>
      openQuery(tools, targetOf(connection), `EXEC ${textOf(name) ?? ''}`),
    // Its statement goes before its rows.
    execBulkLoad: (connection, { table }) =>
      nameOperation(openCovering(tools, targetOf(connection), undefined), 'INSERT', table),
  }
  return {
    wrapTedious({ exports }: LoadedModule) {
      // Here is seen when a connection is made, and to where.
      tools.stopListening('mssql:connect')
      const { prototype } = exports as { readonly prototype?: unknown }
      for (const [name, open] of Object.entries(opens))
        wrapMethod(prototype, name, send => createSend(tools, send, sent, open))
      // What every request goes through, those that have no span too.
      wrapMethod(prototype, 'makeRequest', send => createSend(tools, send, sent))
      for (const [name, text] of Object.entries(TRANSACTIONS))
        wrapMethod(prototype, name, run => createTransaction(tools, run, text))
      wrapMethod(prototype, 'connect', connect => createConnect(tools, connect))
    },
    // mssql asks a connection whether it is still there each time that it takes it from its pool: no query of the function's.
    wrapMssqlPool({ exports }: LoadedModule) {
      wrapMethod(
        (exports as { readonly prototype?: unknown }).prototype,
        '_poolValidate',
        validate =>
          function (this: unknown, ...args: unknown[]): unknown {
            return tools.tracer.run(OWN_WORK, () => Reflect.apply(validate, this, args))
          },
      )
    },
  }
}

/** By the methods that send them, the callback first. */
const TRANSACTIONS: Readonly<Record<string, string>> = {
  beginTransaction: 'BEGIN TRANSACTION',
  commitTransaction: 'COMMIT TRANSACTION',
  rollbackTransaction: 'ROLLBACK TRANSACTION',
  saveTransaction: 'SAVE TRANSACTION',
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

function targetOf(connection: unknown): SqlTarget {
  const { server, options } = fieldsOf(fieldsOf(connection).config)
  const { database, port } = fieldsOf(options)
  return {
    system: 'microsoft.sql_server',
    namespace: textOf(database),
    address: textOf(server),
    // A named instance has the one that its server tells of.
    port: typeof port === 'number' ? port : undefined,
  }
}

function createSend(
  tools: LibraryTools,
  send: AnyFunction,
  sent: WeakMap<object, Sent>,
  open?: Open,
): AnyFunction {
  return function tracedSend(this: unknown, ...args: unknown[]): unknown {
    const request = args[0] as Request
    const call = tools.guard.run('a request by tedious', () => {
      const state = follow(tools, sent, request)
      // Within one of the others this goes on with what that has begun.
      if (state.call !== undefined && !state.call.span.isEnded) return undefined
      state.outer = tools.tracer.active()
      state.call = open?.(this, request)
      return state.call
    })
    const run = (): unknown => Reflect.apply(send, this, args)
    return call === undefined ? run() : tools.tracer.run(call.inner, run)
  }
}

/** Once for each request: its callback ends what was sent last, and with its events goes on where the function asked. */
function follow(tools: LibraryTools, sent: WeakMap<object, Sent>, request: Request): Sent {
  const known = sent.get(request)
  if (known !== undefined) return known
  const state: Sent = { call: undefined, outer: undefined }
  sent.set(request, state)
  const outside = (work: () => unknown): unknown =>
    state.outer === undefined ? work() : tools.tracer.run(state.outer, work)
  const { callback } = request
  request.callback = function (this: unknown, ...args: unknown[]): unknown {
    if (state.call !== undefined) closeQuery(tools, state.call, args[0])
    return outside(() => Reflect.apply(callback, this, args))
  }
  wrapMethod(
    request,
    'emit',
    emit =>
      function (this: unknown, ...args: unknown[]): unknown {
        return outside(() => Reflect.apply(emit, this, args))
      },
  )
  return state
}

function createTransaction(tools: LibraryTools, run: AnyFunction, text: string): AnyFunction {
  return function tracedTransaction(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a transaction by tedious', () =>
      openCovering(tools, targetOf(this), text),
    )
    if (call === undefined) return Reflect.apply(run, this, args)
    args[0] = closingQuery(tools, call, args[0] as Callback)
    return tools.tracer.run(call.inner, () => Reflect.apply(run, this, args))
  }
}

interface Connection {
  once(event: string, listener: Callback): unknown
}

function createConnect(tools: LibraryTools, connect: AnyFunction): AnyFunction {
  return function tracedConnect(this: Connection, ...args: unknown[]): unknown {
    const call = tools.guard.run('a connection by tedious', () =>
      openConnect(tools, 'tedious.connect', targetOf(this)),
    )
    if (call === undefined) return Reflect.apply(connect, this, args)
    const outside = (work: () => unknown): unknown => tools.tracer.run(call.outer, work)
    this.once('connect', error => closeQuery(tools, call, error))
    wrapMethod(
      this,
      'emit',
      emit =>
        function (this: unknown, ...given: unknown[]): unknown {
          const run = (): unknown => Reflect.apply(emit, this, given)
          return given[0] === 'connect' ? outside(run) : run()
        },
    )
    return tools.tracer.run(call.inner, () => Reflect.apply(connect, this, args))
  }
}
