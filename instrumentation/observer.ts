// The tracer as the runtime sees it. Nothing thrown behind it reaches the runtime, and so the function.
import type { InvocationObserver } from '../runtime/contract.ts'
import type { Exporter } from './export/exporter.ts'
import type { Guard } from './guard.ts'
import {
  cutOffInvocationSpan,
  endInvocationSpan,
  type FunctionIdentity,
  type InvocationSpanOptions,
  type OpenInvocationSpan,
  openInvocationSpan,
} from './invocation-span.ts'
import type { Tracer } from './trace/tracer.ts'

export interface ObserverOptions {
  readonly tracer: Tracer
  readonly exporter: Exporter
  readonly guard: Guard
  readonly identity: FunctionIdentity
  readonly spans: InvocationSpanOptions
}

export function createObserver(options: ObserverOptions): InvocationObserver {
  const { tracer, exporter, guard, identity, spans } = options
  /** From the event's arrival to the answer. */
  const opened = new Set<OpenInvocationSpan>()
  return {
    open(invocation) {
      const open = guard.run('opening the invocation span', () =>
        openInvocationSpan(tracer, invocation, identity, spans),
      )
      if (open !== undefined) opened.add(open)
      return {
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
