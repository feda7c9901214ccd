// A library's call of a model, as those find it who make it for that library: what they know of the model is its span's.
import type { Span } from '../trace/span.ts'
import type { ActiveContext } from '../trace/tracer.ts'

/** `detail` of a call of a model. */
export interface ModelDetail {
  /** As `gen_ai.operation.name` has it. */
  readonly modelOperation: string
}

export const modelOperationOf = ({ call }: ActiveContext): string | undefined =>
  (call?.detail as ModelDetail | undefined)?.modelOperation

export const modelSpanOf = (context: ActiveContext): Span | undefined =>
  modelOperationOf(context) === undefined ? undefined : context.call?.span
