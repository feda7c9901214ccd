// The span of one invocation: opened from its event, ended with its answer.
import type { Invocation, InvocationOutcome } from '../runtime/contract.ts'
import { type ExtractedParent, extractParent } from './propagation/extract-parent.ts'
import {
  ATTR_AWS_LAMBDA_INVOKED_ARN,
  ATTR_CLOUD_ACCOUNT_ID,
  ATTR_CLOUD_RESOURCE_ID,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_FAAS_COLDSTART,
  ATTR_FAAS_INVOCATION_ID,
} from './semconv.ts'
import type { Span } from './trace/span.ts'
import type { ActiveContext, Tracer } from './trace/tracer.ts'
import { detectTrigger } from './triggers/detect.ts'
import type { Trigger } from './triggers/trigger.ts'

export interface FunctionIdentity {
  readonly functionName: string | undefined
  readonly functionVersion: string | undefined
}

/** An open invocation span and what its end will need. */
export interface OpenInvocationSpan {
  readonly span: Span
  readonly trigger: Trigger
  /** What the handler runs under. */
  readonly context: ActiveContext
}

/** Ours: no convention has a name for these. */
const ATTR_TRIED_CARRIERS = 'baton.propagation.tried'
const ATTR_TENANT_ID = 'baton.tenant_id'
const ATTR_UNFINISHED = 'baton.unfinished'

export function openInvocationSpan(
  tracer: Tracer,
  invocation: Invocation,
  identity: FunctionIdentity,
): OpenInvocationSpan {
  tracer.clock.anchor()
  const trigger = detectTrigger(invocation.event, identity.functionName ?? 'unknown')
  const extracted = extractParent({
    carriers: trigger.carriers,
    clientContext: invocation.clientContext,
    traceHeader: invocation.traceHeader,
  })
  const span = tracer.startSpan({
    name: trigger.spanName,
    kind: trigger.spanKind,
    parent: extracted.parent?.spanContext,
    hasRemoteParent: extracted.parent !== undefined,
  })
  describe(span, invocation, identity, extracted)
  span.setAttributes(trigger.attributes)
  return {
    span,
    trigger,
    context: { spanContext: span.context, baggage: extracted.baggage, openSpans: new Set() },
  }
}

function describe(
  span: Span,
  invocation: Invocation,
  identity: FunctionIdentity,
  extracted: ExtractedParent,
): void {
  const { functionArn } = invocation
  span.setAttribute(ATTR_FAAS_INVOCATION_ID, invocation.requestId)
  span.setAttribute(ATTR_FAAS_COLDSTART, invocation.isColdStart)
  span.setAttribute(ATTR_TENANT_ID, invocation.tenantId)
  if (functionArn !== '') {
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
    const parts = functionArn.split(':')
    span.setAttribute(ATTR_AWS_LAMBDA_INVOKED_ARN, functionArn)
    span.setAttribute(ATTR_CLOUD_ACCOUNT_ID, parts[4])
    span.setAttribute(ATTR_CLOUD_RESOURCE_ID, resolveAlias(parts, identity.functionVersion))
  }
  for (const link of extracted.links) span.addLink(link)
  if (extracted.parent === undefined) span.setAttribute(ATTR_TRIED_CARRIERS, extracted.tried)
}

/** An alias moves; the version that ran does not. */
function resolveAlias(arn: readonly string[], version: string | undefined): string {
  return arn.length > 7 && version !== undefined
    ? [...arn.slice(0, 7), version].join(':')
    : arn.join(':')
}

/** Ends what the handler left open, then the invocation's span. */
export function endInvocationSpan(
  tracer: Tracer,
  open: OpenInvocationSpan,
  outcome: InvocationOutcome,
): void {
  const { span, trigger, context } = open
  const now = tracer.clock.now()
  for (const child of [...context.openSpans].reverse()) {
    // Nobody waits for it any more, and the sandbox may freeze before it is over.
    child.setAttribute(ATTR_UNFINISHED, true)
    child.end(now)
  }
  if (outcome.status === 'error') recordFailure(span, outcome, now)
  else {
    const { attributes, isError } = trigger.describeResult(outcome.result)
    span.setAttributes(attributes)
    if (isError) span.setError('')
  }
  span.end(now)
}

function recordFailure(
  span: Span,
  outcome: Extract<InvocationOutcome, { status: 'error' }>,
  now: number,
): void {
  const { error, errorType } = outcome
  const message = error instanceof Error ? error.message : String(error)
  span.setAttribute(ATTR_ERROR_TYPE, errorType)
  span.setError(message)
  span.addEvent('exception', now, {
    [ATTR_EXCEPTION_TYPE]: errorType,
    [ATTR_EXCEPTION_MESSAGE]: message,
    [ATTR_EXCEPTION_STACKTRACE]: error instanceof Error ? error.stack : undefined,
  })
}
