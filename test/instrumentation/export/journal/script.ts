// What a process under load does to its journal, step by step, the same every time; and what must be recovered after so
// many steps. Journals rewind, go round, and keep something open over many blocks.
import type { Journal } from '../../../../instrumentation/export/journal/journal.ts'
import { begin, finish, open } from './journals.ts'

type Step =
  | { readonly kind: 'begin' | 'open' | 'finish'; readonly number: number; readonly text: string }
  | { readonly kind: 'cut'; readonly before: number }

/** Spans of one invocation, its own included. */
const SPANS = 4
/** Invocations with, and as many without, something that is open all the time. */
const PHASE = 50
const LENGTHS = [0, 40, 300, 5000, 120]
/** Never accepted in time: what an outage leaves. */
const HELD = 3

/** `first` is the number of the first span: two processes use different ones. */
export function* steps(first: number): Generator<Step> {
  let ended = 0
  for (let invocation = 0; ; invocation++) {
    const number = first + invocation * (SPANS + 1)
    const text = (of: number) => 'x'.repeat(LENGTHS[(invocation + of) % LENGTHS.length] ?? 0)
    const phase = invocation % (2 * PHASE)
    const lasting = first + (invocation - phase) * (SPANS + 1) + SPANS
    if (phase === 0) yield { kind: 'open', number: lasting, text: text(0) }
    yield { kind: 'begin', number, text: text(0) }
    for (let child = 1; child < SPANS; child++) {
      yield { kind: 'open', number: number + child, text: text(child) }
      yield { kind: 'finish', number: number + child, text: text(child + 1) }
    }
    yield { kind: 'finish', number, text: text(0) }
    ended += SPANS
    if (phase === PHASE) {
      yield { kind: 'finish', number: lasting, text: '' }
      ended++
    }
    if (invocation % 3 === 0) yield { kind: 'cut', before: ended }
    if (invocation % 3 === 1) yield { kind: 'cut', before: ended - HELD }
  }
}

export function take(journal: Journal, step: Step): void {
  if (step.kind === 'cut') journal.cut(step.before)
  else if (step.kind === 'begin') begin(journal, step.number, 0, step)
  else if (step.kind === 'open') open(journal, step.number, step)
  else finish(journal, step.number, step)
}

/** The finished spans by number, in order, and the open ones in any. */
export function expectedAfter(
  count: number,
  first: number,
): { readonly finished: readonly number[]; readonly open: ReadonlySet<number> } {
  const finished: number[] = []
  const opened = new Set<number>()
  let cut = 0
  let done = 0
  for (const step of steps(first)) {
    if (done++ === count) break
    if (step.kind === 'cut') cut = step.before
    else if (step.kind === 'finish') {
      opened.delete(step.number)
      finished.push(step.number)
    } else opened.add(step.number)
  }
  return { finished: finished.slice(cut), open: opened }
}
