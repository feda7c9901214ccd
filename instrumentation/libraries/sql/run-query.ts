// How a query's function is called: the library's part in the query's context, the function's callback in the caller's,
// and what is answered stays what it was.

import type { AnyFunction } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import type { TracedCall } from '../traced-call.ts'
import { closeQuery, isThenable } from './sql-call.ts'

export type Callback = (...args: unknown[]) => unknown

/**
 * Calls it with the callback that stands at the place, or for a promise, or for nothing that ends the query. A promise of
 * whatever kind is passed on by its own `then`, so that one which nobody handles is still reported; what is no promise may
 * have a `then` that must not be called (mysql2).
 */
export function runQuery(
  tools: LibraryTools,
  call: TracedCall,
  query: AnyFunction,
  self: unknown,
  args: unknown[],
  answer: number | 'promise' | 'none',
): unknown {
  if (typeof answer === 'number') args[answer] = closingQuery(tools, call, args[answer] as Callback)
  try {
    const result: unknown = tools.tracer.run(call.inner, () => Reflect.apply(query, self, args))
    if (answer !== 'promise' || !isThenable(result)) return result
    return result.then(
      value => {
        closeQuery(tools, call)
        return value
      },
      (error: unknown) => {
        closeQuery(tools, call, error ?? new Error('rejected with nothing'))
        throw error
      },
    )
  } catch (error) {
    closeQuery(tools, call, error ?? new Error('threw nothing'))
    throw error
  }
}

/** The callback, which ends the query first and goes on where the function asked. */
export function closingQuery(tools: LibraryTools, call: TracedCall, callback: Callback): Callback {
  return function (this: unknown, ...args: unknown[]): unknown {
    closeQuery(tools, call, args[0])
    return tools.tracer.run(call.outer, () => Reflect.apply(callback, this, args))
  }
}

/** The callback in the context that is active now, for what waits in a queue. */
export function bindCallback({ tracer }: LibraryTools, callback: Callback): Callback {
  const active = tracer.active()
  if (active === undefined) return callback
  return function (this: unknown, ...args: unknown[]): unknown {
    return tracer.run(active, () => Reflect.apply(callback, this, args))
  }
}
