// How the span of an invocation ends: with its answer, or cut off by a timeout or a shutdown.
import type { InvocationOutcome } from '../runtime/contract.ts'
import { captureFields, RESPONSE_HEADER } from './captured-headers.ts'
import { endInferredSpans } from './inferred-spans.ts'
import { settleAside } from './invocation-sampling.ts'
import { completeSpan, type FunctionIdentity, type OpenInvocationSpan } from './invocation-span.ts'
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from './semconv.ts'
import { setServedRoute } from './served-route.ts'
import { describeStream } from './stream-attributes.ts'
import { type Span, STATUS_ERROR, STATUS_UNSET } from './trace/span.ts'
import type { Tracer } from './trace/tracer.ts'
import type { BatchFailures, ResultDescription } from './triggers/trigger.ts'

/** Ours: no convention has a name for it. */
const ATTR_UNFINISHED = 'baton.unfinished'

/** Ends what the handler left open, then the invocation's span. */
export function endInvocationSpan(
  tracer: Tracer,
  open: OpenInvocationSpan,
  identity: FunctionIdentity,
  outcome: InvocationOutcome,
): void {
  const { span, trigger } = open
  if (!span.isRecording) return
  const now = tracer.clock.now()
  for (const child of youngestFirst(open)) endUnfinished(child, now)
  completeSpan(open, identity)
  setServedRoute(open)
  let failures: BatchFailures | undefined
  let hop: Pick<ResultDescription, 'attributes' | 'isError'> | undefined
  const { stream } = outcome
  if (stream !== undefined) {
    span.setAttributes(describeStream(stream, trigger.faasTrigger === 'http'))
  }
  // A stream that failed had its status sent before.
  if (outcome.status === 'ok' || stream?.prelude !== undefined) {
    const result =
      outcome.status === 'ok' && stream === undefined ? outcome.result : stream?.prelude
    const described = trigger.describeResult(result)
    span.setAttributes({
      ...described.attributes,
      ...captureFields(RESPONSE_HEADER, open.headers?.response, result),
    })
    // What the function's code said of its span stands.
    if (described.isError && span.statusCode === STATUS_UNSET) span.setError('')
    failures = described.failures
    hop = described
  }
  const errorType = outcome.status === 'error' ? outcome.errorType : undefined
  open.records?.settle({ failures, errorType }, now)
  if (outcome.status === 'error') recordFailure(span, outcome, now)
  settleAside(open, now, false)
  span.end(now)
  endInferredSpans(open.inferred, now, hop ?? { attributes: {}, isError: true })
}

/** How an invocation ended that never came to its answer: the value of `error.type`. */
export type CutOff = 'timeout' | 'shutdown'

const CUT_OFF_MESSAGES: Readonly<Record<CutOff, string>> = {
  timeout: 'The invocation ran out of time',
  shutdown: 'The execution environment was shut down',
}

/** Ends all that is open as failed, the innermost call first: it is what the invocation waited for. */
export function cutOffInvocationSpan(
  tracer: Tracer,
  open: OpenInvocationSpan,
  identity: FunctionIdentity,
  cause: CutOff,
): void {
  if (!open.span.isRecording) return
  const now = tracer.clock.now()
  for (const child of youngestFirst(open)) {
    // An error that the call has met by itself says more.
    child.fillAttributes({ [ATTR_ERROR_TYPE]: cause })
    child.setError(child.statusMessage)
    endUnfinished(child, now)
  }
  completeSpan(open, identity)
  setServedRoute(open)
  open.span.setAttribute(ATTR_ERROR_TYPE, cause)
  open.span.setError(CUT_OFF_MESSAGES[cause])
  open.records?.settle({ failures: undefined, errorType: cause }, now)
  settleAside(open, now, cause === 'timeout')
  open.span.end(now)
  endInferredSpans(open.inferred, now, { attributes: {}, isError: true })
}

function youngestFirst(open: OpenInvocationSpan): readonly Span[] {
  return [...open.context.openSpans].reverse()
}

/** Nobody waits for it any more, and the sandbox may freeze before it is over. */
function endUnfinished(child: Span, now: number): void {
  child.setAttribute(ATTR_UNFINISHED, true)
  child.end(now)
}

function recordFailure(
  span: Span,
  outcome: Extract<InvocationOutcome, { status: 'error' }>,
  now: number,
): void {
  const { error, errorType } = outcome
  const message = error instanceof Error ? error.message : String(error)
  span.setAttribute(ATTR_ERROR_TYPE, errorType)
  // A message that the function's code gave stands.
  span.setError(span.statusCode === STATUS_ERROR ? span.statusMessage || message : message)
  span.addEvent('exception', now, {
    [ATTR_EXCEPTION_TYPE]: errorType,
    [ATTR_EXCEPTION_MESSAGE]: message,
    [ATTR_EXCEPTION_STACKTRACE]: error instanceof Error ? error.stack : undefined,
  })
}
