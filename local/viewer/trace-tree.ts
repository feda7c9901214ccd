// Spans in the order they are shown, each with the lines that tie it to its parent. Input is whatever was received:
// parents may be missing, ids may occur twice, and parents may go round in a circle. Every span is shown once.
import type { CollectedSpan } from '../collector/span.ts'

export interface TreeRow {
  readonly span: CollectedSpan
  /** Lines before the span's name. */
  readonly branch: string
  /** Lines before what is written below the name. */
  readonly rail: string
  /** A root that has a parent, which did not report here. */
  readonly isOrphan: boolean
}

/** What stands before a name; before a root's, nothing. */
type Fork = '' | '├ ' | '└ '

/** How a fork goes on in the lines below it. */
const BELOW_FORK: Readonly<Record<Fork, string>> = { '': '', '├ ': '│ ', '└ ': '  ' }

interface Pending {
  readonly span: CollectedSpan
  readonly rail: string
  readonly fork: Fork
}

/** Parents before children, siblings by time. */
export function layOutTree(spans: readonly CollectedSpan[]): TreeRow[] {
  const ordered = [...spans].sort(compareStart)
  const ids = new Set(ordered.map(span => span.spanId))
  const children = groupByParent(ordered)
  const roots = ordered.filter(span => !ids.has(span.parentSpanId ?? ''))
  // A stack and not recursion: a chain of ten thousand spans is a strange trace, not a crash. Below the roots lie all
  // spans once more, for those that hang on nothing but each other.
  const stack = [...roots, ...ordered].map((span): Pending => ({ span, rail: '', fork: '' }))
  stack.reverse()
  const seen = new Set<CollectedSpan>()
  const rows: TreeRow[] = []
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, rail, fork } = next
    if (seen.has(span)) continue
    seen.add(span)
    const below = (children.get(span.spanId) ?? []).filter(child => !seen.has(child))
    const isOrphan = span.parentSpanId !== undefined && !ids.has(span.parentSpanId)
    const inner = rail + BELOW_FORK[fork]
    const lastRail = below.length > 0 ? '│ ' : '  '
    rows.push({ span, branch: rail + fork, rail: inner + lastRail, isOrphan })
    // The last child goes on the stack first, since the first one is to be shown next.
    for (const child of below.toReversed())
      stack.push({ span: child, rail: inner, fork: child === below.at(-1) ? '└ ' : '├ ' })
  }
  return rows
}

function groupByParent(spans: readonly CollectedSpan[]): Map<string, CollectedSpan[]> {
  const children = new Map<string, CollectedSpan[]>()
  for (const span of spans) {
    if (span.parentSpanId === undefined) continue
    const siblings = children.get(span.parentSpanId)
    if (siblings === undefined) children.set(span.parentSpanId, [span])
    else siblings.push(span)
  }
  return children
}

function compareStart(a: CollectedSpan, b: CollectedSpan): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano)
    return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1
  return a.name < b.name ? -1 : 1
}
