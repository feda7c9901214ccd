// The tracer as the runtime sees it. Nothing thrown behind it reaches the runtime, and so the function.
import type { InvocationObserver } from '../runtime/contract.ts'
import type { Journaling } from './export/journaling.ts'
import type { Shipper } from './export/shipper.ts'
import type { Guard } from './guard.ts'
import {
  completeSpan,
  cutOffInvocationSpan,
  endInvocationSpan,
  type FunctionIdentity,
  type OpenInvocationSpan,
  openInvocationSpan,
} from './invocation-span.ts'
import type { Tracer } from './trace/tracer.ts'

export interface ObserverOptions {
  readonly tracer: Tracer
  readonly shipper: Shipper
  readonly journaling: Journaling
  readonly guard: Guard
  readonly identity: FunctionIdentity
}

export function createObserver(options: ObserverOptions): InvocationObserver {
  const { tracer, shipper, journaling, guard, identity } = options
  /** From the event's arrival to the answer. */
  const opened = new Set<OpenInvocationSpan>()

  function open(invocation: Parameters<InvocationObserver['open']>[0]): OpenInvocationSpan {
    shipper.arrived()
    const open = openInvocationSpan(tracer, invocation, identity)
    journaling.begin(open.span, invocation.deadlineMs)
    opened.add(open)
    // The rest of what a killed process could not tell any more is written when the handler has started, or is done.
    if (journaling.isOn) setImmediate(() => guard.run('journaling', () => complete(open)))
    return open
  }

  function complete(open: OpenInvocationSpan): void {
    if (!opened.has(open)) return
    completeSpan(open, identity)
    journaling.begin(open.span, open.invocation.deadlineMs)
  }

  return {
    open(invocation) {
      const span = guard.run('opening the invocation span', () => open(invocation))
      return {
        run: handler => (span === undefined ? handler() : tracer.run(span.context, handler)),
        end(outcome) {
          if (span === undefined) return
          opened.delete(span)
          guard.run('ending the invocation span', () =>
            endInvocationSpan(tracer, span, identity, outcome),
          )
        },
      }
    },
    beforeNext: (deadlineMs, isLast) =>
      guard.run('exporting', () => shipper.beforeNext(deadlineMs, isLast)),
    async shutdown({ isPastDeadline }, budgetMs) {
      for (const span of opened) {
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
