// Work on one record that is a function's: `records.map(async record => …)`. Its span is active inside of it and of
// nothing else, however many run at once, and lasts until its promise settles.

import type { BatchSpans, Step } from './batch-spans.ts'

type Work<T, R> = (record: T, index: number) => R

/**
 * What `work` returns. A promise of Node's comes back as another one that settles alike: waiting for it beside its
 * owner would hide a rejection that nobody handles.
 */
export function callWith<T, R>(
  batch: BatchSpans,
  record: T,
  index: number,
  work: Work<T, R>,
  isLeftOut: (step: Step) => boolean,
): R {
  const step = batch.begin(record)
  if (step === undefined) return work(record, index)
  const { tracer } = batch
  let result: R
  try {
    result = tracer.run(step.context, () => work(record, index))
  } catch (error) {
    fail(step, error)
    step.endMs = tracer.clock.now()
    throw error
  }
  if (!isNativePromise(result)) {
    step.endMs = tracer.clock.now()
    step.isLeftOut = isLeftOut(step)
    return result
  }
  const settled = result.then(
    value => {
      step.endMs = tracer.clock.now()
      return value
    },
    error => {
      fail(step, error)
      step.endMs = tracer.clock.now()
      throw error
    },
  )
  return settled as R
}

function fail(step: Step, error: unknown): void {
  const isError = error instanceof Error
  step.failure = {
    type: isError ? error.name : typeof error,
    message: isError ? error.message : String(error),
  }
}

/** Other thenables may do their work when `then` is called (query builders), and each time again. */
const isNativePromise = (value: unknown): value is Promise<unknown> =>
  value instanceof Promise && value.constructor === Promise
