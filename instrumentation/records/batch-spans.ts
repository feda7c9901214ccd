// The spans of a batch's records, within one invocation. A record's span is a child of the invocation's and has a link
// to the record's own context: the invocation is what really ran, and the conventions for Lambda say the same.
// https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/#sqs-message
//
// States of a step: begun -> ended -> settled, or begun -> ended -> left out. Spans are made only when the invocation
// is over: by then it is known which records failed, and which steps were no work at all.

import type { ExtractedParent } from '../propagation/extract-parent.ts'
import { ATTR_ERROR_TYPE } from '../semconv.ts'
import type { SpanContext } from '../trace/span-context.ts'
import { SPAN_KIND_CONSUMER } from '../trace/span-kind.ts'
import type { ActiveContext, Stay, Tracer } from '../trace/tracer.ts'
import type { Batch, BatchFailures, BatchRecord } from '../triggers/trigger.ts'

/** Work on one record, from one step of a loop to the next or from a call to its end. */
export interface Step {
  readonly context: ActiveContext
  readonly startMs: number
  /** 0 while it is under way. */
  endMs: number
  /** Something asked for its span: a call that was made, a line that was logged. */
  isUsed: boolean
  /** The loop was left at this step, by a break or by an error. */
  isLast: boolean
  /** It was no work on the record: nothing is told of it. */
  isLeftOut: boolean
  failure: { readonly type: string; readonly message: string } | undefined
}

/** How the invocation ended, as far as records are concerned. */
export interface BatchEnd {
  readonly failures: BatchFailures | undefined
  /** Of an invocation that failed or was cut off. */
  readonly errorType: string | undefined
}

/** More steps of one invocation are not told: two loops over all records whose contexts are read. */
const MAX_STEPS = 256

export class BatchSpans {
  readonly tracer: Tracer
  readonly #batch: Batch
  readonly #extracted: ExtractedParent
  readonly #invocation: ActiveContext
  readonly #steps: (readonly [step: Step, index: number])[] = []
  #indexes: ReadonlyMap<unknown, number> | undefined
  #isOver = false

  constructor(tracer: Tracer, batch: Batch, extracted: ExtractedParent, invocation: ActiveContext) {
    this.tracer = tracer
    this.#batch = batch
    this.#extracted = extracted
    this.#invocation = invocation
  }

  /** True for code that runs for this invocation: an event may be kept and gone over again in a later one. */
  isCurrent(): boolean {
    return !this.#isOver && this.tracer.active()?.openSpans === this.#invocation.openSpans
  }

  /**
   * `undefined` for what is none of the first records, and after too many steps. With an outer context the step's own
   * may be entered, and stands until the step ends.
   */
  begin(value: unknown, outer?: ActiveContext): Step | undefined {
    this.#indexes ??= new Map(this.#batch.records.map((record, index) => [record.value, index]))
    const index = this.#indexes.get(value)
    if (index === undefined || this.#steps.length >= MAX_STEPS || !this.isCurrent()) return
    const spanContext = this.tracer.childOf(this.#invocation.spanContext)
    const baggage = this.#extracted.records?.at(index).context?.baggage
    const stay: Stay | undefined = outer && { outer, entered: undefined, isOver: false }
    const own = {
      ...this.#invocation,
      baggage: baggage ?? this.#invocation.baggage,
      stay,
    }
    const step: Step = {
      context: markUse(own, spanContext, () => {
        step.isUsed = true
      }),
      startMs: this.tracer.clock.now(),
      endMs: 0,
      isUsed: false,
      isLast: false,
      isLeftOut: false,
      failure: undefined,
    }
    if (stay !== undefined) stay.entered = step.context
    this.#steps.push([step, index])
    return step
  }

  /** Makes and ends the spans; later steps make none. */
  settle(end: BatchEnd, nowMs: number): void {
    this.#isOver = true
    const failed = this.#failedFrom(end.failures)
    const last = this.#steps.findLast(([step]) => step.isLast || step.endMs === 0)
    for (const entry of this.#steps) {
      const [step, index] = entry
      const record = this.#batch.records[index]
      if (record === undefined) continue
      const isFailed = failed(index, record)
      if (step.isLeftOut && !isFailed) continue
      if (isFailed) step.failure ??= { type: 'batch_item_failure', message: '' }
      if (entry === last && end.errorType !== undefined)
        step.failure ??= { type: end.errorType, message: '' }
      this.#tell(step, index, record, nowMs)
    }
  }

  /** In a stream the first failure takes all later records along: they come again, done or not. */
  #failedFrom(
    failures: BatchFailures | undefined,
  ): (index: number, record: BatchRecord) => boolean {
    if (failures === undefined) return () => false
    if (failures === 'all') return () => true
    const { records, isOrdered } = this.#batch
    if (!isOrdered) return (_, { id }) => id !== undefined && failures.has(id)
    const first = records.findIndex(({ id }) => id !== undefined && failures.has(id))
    return index => first !== -1 && index >= first
  }

  #tell(step: Step, index: number, record: BatchRecord, nowMs: number): void {
    const span = this.tracer.startSpan({
      name: this.#batch.spanName,
      kind: SPAN_KIND_CONSUMER,
      parent: this.#invocation.spanContext,
      context: step.context.spanContext,
      startMs: step.startMs,
    })
    span.setAttributes(this.#batch.attributes)
    span.setAttributes(record.describe())
    const own = this.#extracted.records?.at(index)
    const context = own?.context?.spanContext ?? own?.link
    // A context that all records share is the invocation's parent.
    if (context !== undefined && this.#extracted.parent === undefined) span.addLink(context)
    if (step.failure !== undefined) {
      span.setAttribute(ATTR_ERROR_TYPE, step.failure.type)
      span.setError(step.failure.message)
    }
    span.end(step.endMs === 0 ? nowMs : step.endMs)
  }
}

/** A context that tells when its span is asked for. */
function markUse(
  context: ActiveContext,
  spanContext: SpanContext,
  onUse: () => void,
): ActiveContext {
  return Object.defineProperty(context, 'spanContext', {
    enumerable: true,
    get: () => {
      onUse()
      return spanContext
    },
  })
}
