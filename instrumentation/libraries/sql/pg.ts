// pg and pg-pool. A query is asked for by promise, by callback or as an object that follows its own answer (cursors, streams);
// it waits in its client's queue and is answered in the context in which the client was connected.

import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import { bindCallback, type Callback, runQuery } from './run-query.ts'
import { closeQuery, openConnect, openQuery, type SqlTarget } from './sql-call.ts'

export function createPgWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    wrapPgClient: ({ exports }: LoadedModule) => {
      wrapMethod(prototypeOf(exports), 'query', query => createQuery(tools, query))
      wrapMethod(prototypeOf(exports), 'connect', connect => createConnect(tools, connect))
    },
    // Whoever gives a client back to the pool would otherwise be the one whose context the next in the queue has.
    wrapPgPool: ({ exports }: LoadedModule) => {
      wrapMethod(
        prototypeOf(exports),
        'connect',
        connect =>
          function (this: unknown, ...args: unknown[]) {
            if (typeof args[0] === 'function') args[0] = bindCallback(tools, args[0] as Callback)
            return Reflect.apply(connect, this, args)
          },
      )
    },
  }
}

const prototypeOf = (exports: unknown): unknown => (exports as { prototype?: unknown }).prototype

function targetOf(client: unknown): SqlTarget {
  const { host, port, database } = fieldsOf(client)
  return {
    system: 'postgresql',
    namespace: typeof database === 'string' ? database : undefined,
    address: typeof host === 'string' ? host : undefined,
    port: Number(port) || undefined,
  }
}

/** A text, a configuration that has one, or an object that is sent by itself: a cursor has its text one level deeper. */
function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query
  const { text, cursor } = fieldsOf(query)
  const found = text ?? fieldsOf(cursor).text
  return typeof found === 'string' ? found : undefined
}

function createQuery(tools: LibraryTools, query: AnyFunction): AnyFunction {
  return function tracedQuery(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a query by pg', () =>
      openQuery(tools, targetOf(this), textOf(args[0])),
    )
    if (call === undefined) return Reflect.apply(query, this, args)
    const { submit, callback } = fieldsOf(args[0])
    if (typeof submit === 'function')
      tools.guard.run('a query by pg', () => follow(tools, call, args[0] as Submittable))
    else {
      const at = args.findIndex((arg, index) => index > 0 && typeof arg === 'function')
      const own = at === -1 && typeof callback === 'function'
      // What a configuration brings counts where no other is given.
      if (own) return runQuery(tools, call, query, this, [args[0], args[1], callback], 2)
      return runQuery(tools, call, query, this, args, at === -1 ? 'promise' : at)
    }
    return tools.tracer.run(call.inner, () => Reflect.apply(query, this, args))
  }
}

type Submittable = Record<string, unknown>

/** What the client calls of a query as its answer comes; the two that end it first. */
const ANSWERED = ['handleReadyForQuery', 'handleError']
const ANSWERING = [
  ...ANSWERED,
  'handleRowDescription',
  'handleDataRow',
  'handlePortalSuspended',
  'handleCommandComplete',
  'handleEmptyQuery',
]

/** An object that follows its own answer does so, and tells the function of it, where the function asked. */
function follow(tools: LibraryTools, call: TracedCall, query: Submittable): void {
  for (const name of ANSWERING) {
    const handle = query[name]
    if (typeof handle !== 'function') continue
    query[name] = function (this: unknown, ...args: unknown[]): unknown {
      if (ANSWERED.includes(name))
        closeQuery(tools, call, name === 'handleError' ? args[0] : undefined)
      return tools.tracer.run(call.outer, () => Reflect.apply(handle, this, args))
    }
  }
}

function createConnect(tools: LibraryTools, connect: AnyFunction): AnyFunction {
  return function tracedConnect(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a connection by pg', () =>
      openConnect(tools, 'pg.connect', targetOf(this)),
    )
    if (call === undefined) return Reflect.apply(connect, this, args)
    return runQuery(tools, call, connect, this, args, typeof args[0] === 'function' ? 0 : 'promise')
  }
}
