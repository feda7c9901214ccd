// Calls the user's handler and turns whatever it does into one outcome.
import type { HandlerKind } from '../handler/kind.ts'
import type { Handler } from '../handler/load.ts'
import type { StreamingMode } from '../streaming/handler-mode.ts'
import type { runStreaming } from '../streaming/run-streaming.ts'
import { type ContextOptions, createHandlerArguments } from './context.ts'
import type { RunningInvocation } from './in-flight.ts'
import { failed, succeeded } from './outcome.ts'

/** How a handler streams, and what runs it. */
export interface Streaming {
  readonly mode: StreamingMode
  readonly runStreaming: typeof runStreaming
}

export interface RunOptions {
  readonly handler: Handler
  readonly kind: HandlerKind
  /** Present for a handler that answers by a stream. */
  readonly streaming: Streaming | undefined
  readonly context: ContextOptions
}

/** Starts the handler; what it returns, throws or calls back, now or later, settles the invocation. Never throws. */
export function runHandler(options: RunOptions, running: RunningInvocation): void {
  if (options.kind === 'callback') runCallbackHandler(options, running)
  else void runPromiseHandler(options, running)
}

async function runPromiseHandler(options: RunOptions, running: RunningInvocation): Promise<void> {
  const { invocation } = running
  try {
    const { context } = createHandlerArguments(running, options.context)
    running.settle(succeeded(await call(options.handler, [invocation.event, context])))
  } catch (error) {
    running.settle(failed(error))
  }
}

/**
 * A promise still answers. Of other values those count that the handler can mean: one that declares a callback
 * returns what its last expression happens to be.
 */
function runCallbackHandler(options: RunOptions, running: RunningInvocation): void {
  const { handler } = options
  const { invocation } = running
  let result: unknown
  let isPromise: boolean
  try {
    const { context, callback } = createHandlerArguments(running, options.context)
    result = call(handler, [invocation.event, context, callback])
    // What is returned may throw when it is looked at.
    isPromise = isThenable(result)
  } catch (error) {
    running.settle(failed(error))
    return
  }
  if (isPromise) {
    // Its own `then` may be anyone's: only a promise of Node's is safe to chain on.
    Promise.resolve(result).then(
      value => running.settle(succeeded(value)),
      error => running.settle(failed(error)),
    )
  } else if (result !== undefined && handler.length < 3) running.settle(succeeded(result))
  // Nothing called and nothing left to wait for: AWS's runtime answers null.
  else running.atEmptyLoop ??= () => succeeded(null)
}

/** Without a `this`, and through Reflect: the user's function may have replaced its own `call`. */
function call(handler: Handler, args: readonly unknown[]): unknown {
  return Reflect.apply(handler, undefined, args)
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
