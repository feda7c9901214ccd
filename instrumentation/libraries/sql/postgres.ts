// postgres.js: a query is a promise that is sent when somebody waits for it. It settles by two functions of its own, which are
// watched, so that the function keeps the library's promise. Which server it goes to only the library's insides know.

import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import type { Callback } from './run-query.ts'
import { closeQuery, openQuery, retellQuery, type SqlTarget } from './sql-call.ts'

const TARGET: SqlTarget = { system: 'postgresql' }

/** The part of a query that is used. */
interface Query {
  readonly strings: readonly string[]
  readonly args: readonly unknown[]
  readonly executed: boolean
  readonly statement: unknown
}

export function createPostgresWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    wrapPostgresQuery: ({ exports }: LoadedModule) => {
      const { prototype } = fieldsOf(exports).Query as { prototype?: unknown }
      wrapMethod(prototype, 'handle', handle => createHandle(tools, handle))
    },
  }
}

function createHandle(tools: LibraryTools, handle: AnyFunction): AnyFunction {
  return function tracedHandle(this: Query, ...args: unknown[]): unknown {
    const call = this.executed
      ? undefined
      : tools.guard.run('a query by postgres', () => openQuery(tools, TARGET, textOf(this)))
    if (call === undefined) return Reflect.apply(handle, this, args)
    tools.guard.run('a query by postgres', () => follow(tools, call, this))
    return tools.tracer.run(call.inner, () => Reflect.apply(handle, this, args))
  }
}

/** As far as it is known before the library has made it: other queries in it, and a `?` for all else. */
function textOf({ strings, args }: Query): string {
  return strings
    .map((text, index) => {
      if (index === strings.length - 1) return text
      const { strings: inner, value } = fieldsOf(args[index])
      if (Array.isArray(inner)) return text + textOf(args[index] as Query)
      // A name, which is in quotes then; a value has a type beside it.
      const isName = typeof value === 'string' && Object.keys(args[index] as object).length === 1
      return text + (isName ? value : '?')
    })
    .join('')
}

/** Functions of the library's, which it replaces while a cursor is read. */
const SETTLING = ['resolve', 'reject']
/** Functions of the user's: they are told of rows in the context of the connection. */
const TOLD = ['forEachFn', 'cursorFn']

function follow(tools: LibraryTools, call: TracedCall, query: Query): void {
  const close = (name: string, [value]: readonly unknown[]): void => {
    const text = fieldsOf(query.statement).string
    if (typeof text === 'string' && text !== textOf(query)) retellQuery(tools, call, TARGET, text)
    closeQuery(tools, call, name === 'reject' ? (value ?? new Error('rejected')) : undefined)
  }
  for (const name of SETTLING) {
    let settle = Reflect.get(query, name) as Callback
    const closing: Callback = (...args) => {
      tools.guard.run('a query by postgres', () => close(name, args))
      return settle(...args)
    }
    Object.defineProperty(query, name, {
      get: () => closing,
      set(next: Callback) {
        settle = next
      },
      configurable: true,
      enumerable: true,
    })
  }
  for (const name of TOLD) {
    const tell: unknown = Reflect.get(query, name)
    if (typeof tell === 'function')
      Reflect.set(query, name, (...args: unknown[]) =>
        tools.tracer.run(call.outer, () => Reflect.apply(tell, undefined, args)),
      )
  }
}
