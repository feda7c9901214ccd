// The tracer as the runtime sees it. Nothing thrown behind it reaches the runtime, and so the function.
import type { InvocationObservation, InvocationObserver } from '../runtime/contract.ts'
import type { Exporter } from './export/exporter.ts'
import type { Guard } from './guard.ts'
import {
  cutOffInvocationSpan,
  endInvocationSpan,
  type FunctionIdentity,
  type InvocationSampling,
  type OpenInvocationSpan,
  openInvocationSpan,
} from './invocation-span.ts'
import {
  addToPrelude,
  addToResult,
  mayHaveResponseHeader,
  type ResponseHeaderName,
} from './response-header.ts'
import type { Tracer } from './trace/tracer.ts'

export interface ObserverOptions {
  readonly tracer: Tracer
  readonly exporter: Exporter
  readonly guard: Guard
  readonly identity: FunctionIdentity
  readonly sampling: InvocationSampling
  /** The header by which a caller gets the trace's id; absent means none. */
  readonly responseHeader: ResponseHeaderName | undefined
}

export function createObserver(options: ObserverOptions): InvocationObserver {
  const { tracer, exporter, guard, identity, sampling, responseHeader } = options
  /** From the event's arrival to the answer. */
  const opened = new Set<OpenInvocationSpan>()
  return {
    open(invocation) {
      const open = guard.run('opening the invocation span', () =>
        openInvocationSpan(tracer, invocation, identity, sampling),
      )
      if (open !== undefined) opened.add(open)
      return {
        ...(responseHeader !== undefined &&
          open !== undefined &&
          completeBy(guard, responseHeader, open)),
        run: handler => (open === undefined ? handler() : tracer.run(open.context, handler)),
        end(outcome) {
          if (open === undefined) return
          opened.delete(open)
          guard.run('ending the invocation span', () =>
            endInvocationSpan(tracer, open, identity, outcome),
          )
        },
      }
    },
    beforeNext: deadlineMs => guard.run('exporting', () => exporter.ship(deadlineMs)),
    async shutdown({ isPastDeadline }, budgetMs) {
      for (const open of opened) {
        guard.run('ending the invocation span', () =>
          cutOffInvocationSpan(tracer, open, identity, isPastDeadline ? 'timeout' : 'shutdown'),
        )
      }
      await guard.run('exporting', () => exporter.flush(budgetMs))
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
