// middy 5 to 7, in front of handlers of any event: each of its middleware has up to three functions. The one place that
// all calls go through is a function of the module that it does not export.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { AnyFunction } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { runStep } from './steps.ts'

/** Ours: no convention has a name for it. */
const ATTR_MIDDLEWARE_PHASE = 'baton.middleware.phase'

type Phase = 'before' | 'after' | 'onError'
type RunRequest = (...args: unknown[]) => unknown

/** Replaces `runRequest(request, before, handler, after, onError, plugin)`. */
export function wrapMiddy(tools: LibraryTools, { rebind }: LoadedModule): void {
  const original = rebind?.runRequest?.() as RunRequest | undefined
  if (typeof original !== 'function') return
  rebind?.runRequest?.((...args: unknown[]) => {
    // Outside of an invocation there is nothing to do.
    if (tools.tracer.active() === undefined) return original(...args)
    const [request, before, handler, after, onError, ...others] = args
    return original(
      request,
      followAll(tools, before, 'before'),
      follow(tools, handler as AnyFunction, undefined),
      followAll(tools, after, 'after'),
      followAll(tools, onError, 'onError'),
      ...others,
    )
  })
}

const followAll = (tools: LibraryTools, middlewares: unknown, phase: Phase): unknown =>
  Array.isArray(middlewares) ? middlewares.map(each => follow(tools, each, phase)) : middlewares

/** A function of the same name: middy tells its own hooks that. */
function follow(tools: LibraryTools, original: AnyFunction, phase: Phase | undefined): unknown {
  if (typeof original !== 'function') return original
  const { name } = original
  const traced = function (this: unknown, ...args: unknown[]): unknown {
    return runStep(
      tools,
      () => ({
        kind: phase === undefined ? 'handler' : 'middleware',
        functionName: name,
        attributes: { [ATTR_MIDDLEWARE_PHASE]: phase },
      }),
      () => Reflect.apply(original, this, args),
    )
  }
  return Object.defineProperty(traced, 'name', { value: name, configurable: true })
}
