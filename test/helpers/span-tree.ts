// The spans of an invocation as a tree of names.
import { type CollectedSpan, type SpanTree, treeOf } from './otlp.ts'

const INVOCATION_ID = 'faas.invocation_id'

/** Whether the spans of so many invocations have come. */
export const hasInvocations =
  (count: number) =>
  (spans: readonly CollectedSpan[]): boolean =>
    spans.filter(span => INVOCATION_ID in span.attributes).length === count

export function invocationSpan(all: readonly CollectedSpan[], requestId: string): CollectedSpan {
  const root = all.find(span => span.attributes[INVOCATION_ID] === requestId)
  if (root === undefined) throw new Error(`${requestId}: expected a span, got none`)
  return root
}

/** All below it, each before its children. */
export function spansBelow(
  root: CollectedSpan,
  all: readonly CollectedSpan[],
): readonly CollectedSpan[] {
  const children = all.filter(span => span.parentSpanId === root.spanId)
  return children.flatMap(child => [child, ...spansBelow(child, all)])
}

/** Names with a `!` where a span failed, and a `?` where it did not end. */
export const markedTree = (span: CollectedSpan, all: readonly CollectedSpan[]): SpanTree =>
  treeOf(span, all, ({ name, status, attributes }) => {
    const failed = status.code === 'ERROR' ? '!' : ''
    return name + failed + ('baton.unfinished' in attributes ? '?' : '')
  })
