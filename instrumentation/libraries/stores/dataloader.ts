// dataloader: a batch has a span, below the first that asked for it, with a link to each other.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { ATTR_DB_OPERATION_BATCH_SIZE } from '../../semconv.ts'
import type { SpanContext } from '../../trace/span-context.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { openCall, runCall } from '../traced-call.ts'

/** The part of a loader that is used. */
interface Loader {
  readonly name?: unknown
  /** What the next keys go into. */
  readonly _batch?: { readonly keys: readonly unknown[] } | null
  readonly _batchLoadFn: AnyFunction
}

export function wrapDataLoader(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = exports as { readonly prototype?: unknown }
  // By the list of keys, which is what the function's own batch function is called with.
  const askers = new WeakMap<object, Set<SpanContext>>()
  const isPrepared = new WeakSet<object>()
  wrapMethod(
    prototype,
    'load',
    load =>
      function tracedLoad(this: Loader, ...args: unknown[]): unknown {
        const active = tools.tracer.active()
        if (active === undefined) return Reflect.apply(load, this, args)
        tools.guard.run('a loader', () => {
          if (isPrepared.has(this)) return
          isPrepared.add(this)
          wrapMethod(this, '_batchLoadFn', batch => createBatch(tools, askers, batch))
        })
        const before = this._batch?.keys
        const count = before?.length
        const result: unknown = Reflect.apply(load, this, args)
        tools.guard.run('a loader', () => {
          const keys = this._batch?.keys
          // A key that is cached goes into no batch.
          if (keys === undefined || (keys === before && keys.length === count)) return
          const set = askers.get(keys) ?? new Set()
          askers.set(keys, set.add(active.spanContext))
        })
        return result
      },
  )
}

function createBatch(
  tools: LibraryTools,
  askers: WeakMap<object, Set<SpanContext>>,
  batch: AnyFunction,
): AnyFunction {
  return function tracedBatch(this: Loader, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(batch, this, args)
    const keys = args[0] as readonly unknown[]
    const call = tools.guard.run('a batch of a loader', () => {
      const name = typeof this.name === 'string' ? ` ${this.name}` : ''
      const opened = openCall(tools, {
        name: `dataloader.batch${name}`,
        kind: SPAN_KIND_INTERNAL,
        attributes: {
          [ATTR_DB_OPERATION_BATCH_SIZE]: keys.length > 1 ? keys.length : undefined,
        },
      })
      for (const asker of askers.get(keys) ?? []) {
        if (asker.spanId !== opened?.outer.spanContext.spanId) opened?.span.addLink(asker)
      }
      return opened
    })
    return call === undefined ? work() : runCall(tools, call, work)
  }
}
