// The span of one call of a library, from when it is made until it answers: what the code of most libraries needs.
import { ATTR_ERROR_TYPE } from '../semconv.ts'
import type { Attributes } from '../trace/attributes.ts'
import type { Span } from '../trace/span.ts'
import type { SpanKind } from '../trace/span-kind.ts'
import type { ActiveContext } from '../trace/tracer.ts'
import type { ChannelListener, LibraryTools } from './contract.ts'

/** A call under way. */
export interface TracedCall {
  readonly span: Span
  /** What the function's code runs under, and its callbacks with it. */
  readonly outer: ActiveContext
  /** What the library runs under. */
  readonly inner: ActiveContext
}

export interface CallStart {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes?: Attributes
  /** The requests beneath it are part of it and have no spans of their own. */
  readonly hidesRequests?: boolean
  /** For those who ask which call they are within: `call.detail` of the context; only with `hidesRequests`. */
  readonly detail?: unknown
}

/** `undefined` outside of an invocation. */
export function openCall(tools: LibraryTools, start: CallStart): TracedCall | undefined {
  const outer = tools.tracer.active()
  if (outer === undefined) return undefined
  const { name, kind, attributes = {}, hidesRequests, detail } = start
  const span = tools.tracer.startSpan({ name, kind, attributes, parent: outer.spanContext })
  const call = hidesRequests ? { span, outer, readAnswer: undefined, detail } : outer.call
  return { span, outer, inner: { ...outer, spanContext: span.context, span, call } }
}

/** Ends it, as failed where there is an error. A call is ended once; what comes later has no effect. */
export function closeCall(tools: LibraryTools, { span }: TracedCall, error?: unknown): void {
  if (error !== undefined && error !== null) failSpan(span, error)
  span.end(tools.tracer.clock.now())
}

/** The library's own word for it (`SequelizeUniqueConstraintError`), a code (`ECONNREFUSED`, `23505`), or `_OTHER`. */
export function failSpan(span: Span, error: unknown): void {
  const isObject = typeof error === 'object' && error !== null
  const name = error instanceof Error && error.name !== 'Error' ? error.name : undefined
  const code: unknown = isObject ? Reflect.get(error, 'code') : undefined
  const known = typeof code === 'string' || typeof code === 'number' ? String(code) : undefined
  span.setAttribute(ATTR_ERROR_TYPE, name ?? known ?? '_OTHER')
  span.setError(error instanceof Error ? error.message : String(error))
}

/**
 * Runs the library's function in the call's context and ends the call when what it answers is settled: a promise of
 * Node's own is passed on with the end chained to it, so that a rejection nobody handles stays one. Anything else that is
 * answered ends the call at once: objects with a `then` of their own are the library's code to handle.
 */
export function runCall(
  tools: LibraryTools,
  call: TracedCall,
  work: () => unknown,
  onAnswer?: (answer: unknown) => void,
): unknown {
  const succeed = (answer: unknown): unknown => {
    tools.guard.run('reading an answer', () => onAnswer?.(answer))
    closeCall(tools, call)
    return answer
  }
  try {
    const result = tools.tracer.run(call.inner, work)
    if (!isPlainPromise(result)) return succeed(result)
    return result.then(succeed, error => {
      closeCall(tools, call, error ?? new Error('rejected with nothing'))
      throw error
    })
  } catch (error) {
    closeCall(tools, call, error ?? new Error('threw nothing'))
    throw error
  }
}

const isPlainPromise = (value: unknown): value is Promise<unknown> =>
  value instanceof Promise && value.constructor === Promise

/** The user's callback goes on where the user called: what it starts is no part of the call. */
export function closingCallback<A extends readonly unknown[]>(
  tools: LibraryTools,
  call: TracedCall,
  callback: (...args: A) => unknown,
  onAnswer?: (...args: A) => void,
): (...args: A) => unknown {
  return function (this: unknown, ...args: A) {
    tools.guard.run('reading an answer', () => onAnswer?.(...args))
    closeCall(tools, call, args[0])
    return tools.tracer.run(call.outer, () => Reflect.apply(callback, this, args))
  }
}

/** How the operations of a tracing channel become spans. */
export interface TracedChannel<M extends object> {
  /** What the channel is called, without `tracing:`. */
  readonly channel: string
  /** The operation's span, opened; `undefined` where it is none. */
  readonly open: (message: M) => TracedCall | undefined
  /**
   * Called before the span ends, in success and failure; the message then has `result` or `error`. What answers true ends the span
   * itself.
   */
  readonly close?: (call: TracedCall, message: M & ChannelOutcome) => unknown
  /** The channel's functions answer at once: their end is the operation's. */
  readonly isSync?: boolean
}

export interface ChannelOutcome {
  readonly result?: unknown
  readonly error?: unknown
}

/** Follows a tracing channel from its first message on. */
export function listenToCalls<M extends object>(
  tools: LibraryTools,
  traced: TracedChannel<M>,
): ChannelListener {
  const calls = new WeakMap<object, TracedCall>()
  const close = (message: object): void => {
    const call = calls.get(message)
    if (call === undefined) return
    calls.delete(message)
    const outcome = message as M & ChannelOutcome
    const goesOn = tools.guard.run(traced.channel, () => traced.close?.(call, outcome))
    if (goesOn !== true) closeCall(tools, call, outcome.error)
  }
  const on = (event: string, act: (message: object) => void): void =>
    void tools.subscribe(`tracing:${traced.channel}:${event}`, message => act(message as object))
  on('asyncEnd', close)
  // A function that throws before it waits, and one that never waits, end here and nowhere else.
  on('end', message => {
    if (traced.isSync || 'error' in message || 'result' in message) close(message)
  })
  return message => {
    const call = traced.open(message as M)
    if (call !== undefined) calls.set(message, call)
    return call?.inner
  }
}
