// The tracer as the runtime sees it. Nothing thrown behind it reaches the runtime, and so the function.
import type { Invocation, InvocationObservation, InvocationObserver } from '../runtime/contract.ts'
import type { InitPhase } from './coldstart/init-phase.ts'
import type { Journaling } from './export/journaling.ts'
import type { Shipper } from './export/shipper.ts'
import type { Guard } from './guard.ts'
import { cutOffInvocationSpan, endInvocationSpan } from './invocation-end.ts'
import { outlivesDeath } from './invocation-sampling.ts'
import {
  completeSpan,
  type FunctionIdentity,
  type InvocationSpanOptions,
  type OpenInvocationSpan,
  openInvocationSpan,
} from './invocation-span.ts'
import {
  addToPrelude,
  addToResult,
  mayHaveResponseHeader,
  type ResponseHeaderName,
} from './response-header.ts'
import { isSampled } from './trace/span-context.ts'
import type { Tracer } from './trace/tracer.ts'

export interface ObserverOptions {
  readonly tracer: Tracer
  readonly shipper: Shipper
  readonly journaling: Journaling
  readonly guard: Guard
  readonly identity: FunctionIdentity
  readonly spans: InvocationSpanOptions
  /** Told of with the first invocation that ends. */
  readonly init?: InitPhase | undefined
  /** Called once, when the first answer has left and the caller waits for nothing more. */
  readonly afterFirst: (() => void) | undefined
  /** The header by which a caller gets the trace's id; absent means none. */
  readonly responseHeader: ResponseHeaderName | undefined
}

/** A handler that answers sooner never has all of its span written before its end. */
const QUICK_MS = 2

export function createObserver(options: ObserverOptions): InvocationObserver {
  const { tracer, shipper, journaling, guard, identity, spans, responseHeader } = options
  /** From the event's arrival to the answer. */
  const opened = new Set<OpenInvocationSpan>()
  let { afterFirst } = options

  function open(invocation: Invocation): OpenInvocationSpan {
    shipper.arrived()
    const open = openInvocationSpan(tracer, invocation, identity, spans)
    opened.add(open)
    if (outlivesDeath(open)) journaling.begin(open.span, invocation.deadlineMs)
    return open
  }

  /** What a killed process could not tell any more is written down once the handler takes its time. */
  function completeLater(open: OpenInvocationSpan): NodeJS.Timeout | undefined {
    if (!journaling.isOn || !outlivesDeath(open)) return undefined
    return setTimeout(() => guard.run('journaling', () => complete(open)), QUICK_MS).unref()
  }

  /** While the spans are on their way, and not before. */
  function doAfterFirst(): void {
    if (afterFirst === undefined) return
    const work = afterFirst
    afterFirst = undefined
    setImmediate(() => guard.run('checking the bundle', work))
  }

  function complete(open: OpenInvocationSpan): void {
    if (!opened.has(open)) return
    completeSpan(open, identity)
    if (isSampled(open.span.context)) for (const { span } of open.inferred) journaling.open(span)
    journaling.begin(open.span, open.invocation.deadlineMs)
  }

  return {
    open(invocation) {
      const span = guard.run('opening the invocation span', () => open(invocation))
      const timer = span && completeLater(span)
      return {
        ...(responseHeader !== undefined &&
          span !== undefined &&
          completeBy(guard, responseHeader, span)),
        run: handler => (span === undefined ? handler() : tracer.run(span.context, handler)),
        end(outcome) {
          clearTimeout(timer)
          if (span === undefined) return
          opened.delete(span)
          options.init?.tell(span.context, span.span)
          guard.run('ending the invocation span', () =>
            endInvocationSpan(tracer, span, identity, outcome),
          )
          doAfterFirst()
          if (span.context.aside?.isDropped)
            guard.run('journaling', () => journaling.discard(span.span))
        },
      }
    },
    beforeNext: (deadlineMs, isLast) =>
      guard.run('exporting', () => shipper.beforeNext(deadlineMs, isLast)),
    async shutdown({ isPastDeadline }, budgetMs) {
      for (const span of opened) {
        options.init?.tell(span.context, span.span)
        guard.run('ending the invocation span', () =>
          cutOffInvocationSpan(tracer, span, identity, isPastDeadline ? 'timeout' : 'shutdown'),
        )
      }
      await guard.run('exporting', () => shipper.flush(budgetMs))
    },
    exited(code) {
      guard.run('journaling', () => journaling.exited(code))
    },
  }
}

type Completion = Pick<InvocationObservation, 'completeResult' | 'completePrelude'>

function completeBy(
  guard: Guard,
  name: ResponseHeaderName,
  { trigger, invocation, span }: OpenInvocationSpan,
): Completion | undefined {
  if (!mayHaveResponseHeader(trigger.source)) return undefined
  const request = { source: trigger.source, event: invocation.event, spanContext: span.context }
  // A getter of the function's own object may throw: then the runtime meets it, as it would have.
  const by = (add: typeof addToResult) => (given: unknown) =>
    guard.run('adding the response header', () => add(name, request, given)) ?? given
  return { completeResult: by(addToResult), completePrelude: by(addToPrelude) }
}
