// A loop over records in which the span of the record at hand is the active one. The loop's body is not a function, so
// that the context cannot be run around it: it is entered with each step and left with the last. What keeps it from
// getting out: the loop closes its iterator however it ends; a context is only ever exchanged for another of the same
// invocation; who got it by the way (the caller of an async function with a loop in it) has the outer one again as soon
// as the step ends; and what the handler runs in as a whole is restored by `Tracer.run`.
//
// So work that is begun in a body and not waited for there belongs to the record only until the next step. `map` is
// for such work.

import type { ActiveContext } from '../trace/tracer.ts'
import type { BatchSpans, Step } from './batch-spans.ts'

export interface LoopOptions {
  /** Nobody asked for spans: what was no work gets none. */
  readonly isAutomatic: boolean
}

/**
 * Time of the loop's own code for one record, below which it only copied (`[...records]`, `const [first] =`): that
 * takes 0.2 µs, and a body that logs a line 5 µs or more. A pause of the process may fall into any step, so that a few
 * longer ones do not count.
 */
const MIN_WORK_MS = 0.003

/** `show` makes what the loop is given of each record. */
export function* loopOver<T, R>(
  batch: BatchSpans,
  list: readonly T[],
  show: (record: T, index: number) => R,
  { isAutomatic }: LoopOptions,
): Generator<R, void, undefined> {
  const { clock } = batch.tracer
  const steps: Step[] = []
  let worked = 0
  let outer: ActiveContext | undefined
  let current: Step | undefined
  let leftMs = 0
  try {
    // By index and length at each turn, as an array's own iterator does: a body may push to it.
    for (let index = 0; index < list.length; index++) {
      outer ??= batch.isCurrent() ? batch.tracer.active() : undefined
      current = outer && batch.begin(list[index], outer)
      if (current !== undefined) {
        steps.push(current)
        batch.tracer.enter(current.context)
      }
      const shown = show(list[index] as T, index)
      leftMs = clock.now()
      yield shown
      const nowMs = clock.now()
      if (nowMs - leftMs >= MIN_WORK_MS) worked++
      if (current !== undefined) current.endMs = nowMs
      leave(batch, current, outer)
      current = undefined
    }
  } finally {
    if (current !== undefined) {
      const nowMs = clock.now()
      if (nowMs - leftMs >= MIN_WORK_MS) worked++
      current.endMs = nowMs
      current.isLast = true
      leave(batch, current, outer)
    }
    if (isAutomatic && worked <= steps.length / 4) leaveOut(steps)
  }
}

/** Only out of the step's own context: who has entered another one meanwhile, or asks from elsewhere, keeps theirs. */
function leave(batch: BatchSpans, step: Step | undefined, outer: ActiveContext | undefined): void {
  if (step === undefined || outer === undefined) return
  if (batch.tracer.active() === step.context) batch.tracer.enter(outer)
  const { stay } = step.context
  if (stay !== undefined) stay.isOver = true
}

function leaveOut(steps: readonly Step[]): void {
  for (const step of steps) if (!step.isUsed) step.isLeftOut = true
}
