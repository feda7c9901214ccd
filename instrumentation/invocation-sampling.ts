// What decides whether an invocation's spans are sent: its caller's word, and for one that is not sampled, how it ended.
import type { Invocation } from '../runtime/contract.ts'
import type { ExtractedParent } from './propagation/extract-parent.ts'
import type { Propagation } from './propagation/propagation.ts'
import { findKeepReason, type KeepConditions } from './trace/keep.ts'
import { type Span, STATUS_ERROR } from './trace/span.ts'
import { isSampled, type SpanContext } from './trace/span-context.ts'
import type { ActiveContext } from './trace/tracer.ts'
import type { Trigger } from './triggers/trigger.ts'

/** An open invocation, as far as it decides. */
interface UndecidedInvocation {
  readonly span: Span
  readonly invocation: Invocation
  readonly extracted: ExtractedParent
  readonly context: ActiveContext
  readonly keep: KeepConditions | undefined
}

/** Ours: no convention has a name for these. */
export const ATTR_KEPT_BY = 'baton.sampling.kept_by'
const ATTR_PARENT_UNSAMPLED = 'baton.sampling.parent_unsampled'
const ATTR_DROPPED_SPANS = 'baton.sampling.dropped_spans'

/** Only of a caller that gave no context besides. */
export function isDenied(
  denies: Propagation['denies'],
  trigger: Trigger,
  caller: SpanContext | undefined,
): boolean {
  if (denies === undefined || caller !== undefined) return false
  return trigger.carriers.some(({ carrier }) => denies(carrier))
}

/** Whether its span is to be sent should the process die under it: sampled, or kept for that very reason. */
export const outlivesDeath = ({ span, context, keep }: UndecidedInvocation): boolean =>
  isSampled(span.context) || (context.aside !== undefined && keep?.errors === true)

/** The end of an invocation that is not sampled: only now is it known whether it is kept. */
export function settleAside(open: UndecidedInvocation, now: number, isTimeout: boolean): void {
  const { span, invocation, extracted, keep } = open
  const { aside } = open.context
  if (aside === undefined || keep === undefined) return
  const reason = findKeepReason(keep, {
    isError: span.statusCode === STATUS_ERROR,
    isTimeout,
    isColdStart: invocation.isColdStart,
    durationMs: now - span.startMs,
  })
  span.setAttribute(ATTR_KEPT_BY, reason)
  const { parent } = extracted
  if (parent !== undefined && !isSampled(parent.spanContext))
    span.setAttribute(ATTR_PARENT_UNSAMPLED, true)
  if (aside.droppedSpans > 0) span.setAttribute(ATTR_DROPPED_SPANS, aside.droppedSpans)
  // Before the end of the invocation's own span, which then always has room.
  aside.settle(reason !== undefined)
}
