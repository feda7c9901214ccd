// Which invocations are kept although they were not sampled (`BATON_SAMPLE_KEEP`). It is known only when they end, so
// their spans are held aside until then.

import type { Span } from './span.ts'
import { setMember } from './trace-state.ts'

/** When an invocation is kept; what is false or absent is no reason. */
export interface KeepConditions {
  /** It failed, or answered with status 500 or above; also by running out of time. */
  readonly errors: boolean
  /** It ran out of time. */
  readonly timeouts: boolean
  readonly coldStarts: boolean
  /** It took longer, milliseconds. */
  readonly slowerThanMs: number | undefined
}

/** What is known of an invocation at its end. */
export interface KeepFacts {
  readonly isError: boolean
  readonly isTimeout: boolean
  readonly isColdStart: boolean
  readonly durationMs: number
}

export type KeepReason = 'timeouts' | 'errors' | 'slower-than' | 'cold-starts'

/** The reason that says most; `undefined` when there is none. */
export function findKeepReason(keep: KeepConditions, facts: KeepFacts): KeepReason | undefined {
  if (keep.timeouts && facts.isTimeout) return 'timeouts'
  if (keep.errors && facts.isError) return 'errors'
  if (keep.slowerThanMs !== undefined && facts.durationMs > keep.slowerThanMs) return 'slower-than'
  return keep.coldStarts && facts.isColdStart ? 'cold-starts' : undefined
}

/** Some hundred kilobytes at most for one invocation. */
export const MAX_ASIDE_SPANS = 1000

/**
 * The `tracestate` of spans held aside and of what they call: not sampled, and not promised to anyone, but perhaps
 * kept. They state no threshold (`ot=th`): a sampled trace stands already for those that were not, and a kept one
 * counted as one more would be counted twice.
 */
export const markAside = (traceState: string | undefined): string | undefined =>
  setMember(traceState, 'baton', 'tail')

/** States: open (ended spans are held) -> kept (they were passed on, and later ones are) or dropped (so are later ones). */
export class Aside {
  /** Spans that had no room. */
  droppedSpans = 0
  #state: 'open' | 'kept' | 'dropped' = 'open'
  #spans: Span[] = []
  readonly #onKeep: (span: Span) => void

  constructor(onKeep: (span: Span) => void) {
    this.#onKeep = onKeep
  }

  get isDropped(): boolean {
    return this.#state === 'dropped'
  }

  /** Takes an ended span. */
  add(span: Span): void {
    if (this.#state === 'kept') this.#onKeep(span)
    else if (this.#state === 'open') {
      if (this.#spans.length < MAX_ASIDE_SPANS) this.#spans.push(span)
      else this.droppedSpans++
    }
  }

  /** Passes on what is held, in the order in which it ended, or lets it go. The first call counts. */
  settle(isKept: boolean): void {
    if (this.#state !== 'open') return
    this.#state = isKept ? 'kept' : 'dropped'
    const spans = this.#spans
    this.#spans = []
    if (isKept) for (const span of spans) this.#onKeep(span)
  }
}
