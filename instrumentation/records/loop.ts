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
  options: LoopOptions,
): Generator<R, void, undefined> {
  const loop = new Loop(batch)
  try {
    // By index and length at each turn, as an array's own iterator does: a body may push to it.
    for (let index = 0; index < list.length; index++) {
      loop.enter(list[index])
      yield show(list[index] as T, index)
      loop.leave()
    }
  } finally {
    loop.breakOff()
    if (options.isAutomatic) loop.leaveOutCopying()
  }
}

class Loop {
  readonly #batch: BatchSpans
  readonly #steps: Step[] = []
  /** Steps that took time. */
  #worked = 0
  #enteredMs = 0
  #outer: ActiveContext | undefined
  #current: Step | undefined

  constructor(batch: BatchSpans) {
    this.#batch = batch
  }

  enter(record: unknown): void {
    const { tracer } = this.#batch
    this.#outer ??= this.#batch.isCurrent() ? tracer.active() : undefined
    this.#current = this.#outer && this.#batch.begin(record, this.#outer)
    if (this.#current === undefined) return
    this.#steps.push(this.#current)
    tracer.enter(this.#current.context)
    this.#enteredMs = tracer.clock.now()
  }

  leave(): void {
    const step = this.#current
    if (step === undefined) return
    this.#current = undefined
    step.endMs = this.#batch.tracer.clock.now()
    if (step.endMs - this.#enteredMs >= MIN_WORK_MS) this.#worked++
    leave(this.#batch, step, this.#outer)
  }

  /** The loop ended inside of a step. */
  breakOff(): void {
    if (this.#current !== undefined) this.#current.isLast = true
    this.leave()
  }

  leaveOutCopying(): void {
    if (this.#worked > this.#steps.length / 4) return
    for (const step of this.#steps) if (!step.isUsed) step.isLeftOut = true
  }
}

/** Only out of the step's own context: who has entered another one meanwhile, or asks from elsewhere, keeps theirs. */
function leave(batch: BatchSpans, step: Step | undefined, outer: ActiveContext | undefined): void {
  if (step === undefined || outer === undefined) return
  if (batch.tracer.active() === step.context) batch.tracer.enter(outer)
  const { stay } = step.context
  if (stay !== undefined) stay.isOver = true
}
