// The span of one invocation, opened from its event; `invocation-end.ts` ends it.
import type { Invocation } from '../runtime/contract.ts'
import { captureFields, type HeaderLists, REQUEST_HEADER } from './captured-headers.ts'
import { inferSpans, type OpenInferredSpan, startInferredSpans } from './inferred-spans.ts'
import { ATTR_KEPT_BY, isDenied } from './invocation-sampling.ts'
import {
  type ExtractedParent,
  type Extraction,
  extractParent,
} from './propagation/extract-parent.ts'
import type { Propagation } from './propagation/propagation.ts'
import { ATTR_XRAY_SEGMENT, readLambdaSegment } from './propagation/xray-segment.ts'
import type { BatchSpans } from './records/batch-spans.ts'
import type { RecordSpans } from './records/records.ts'
import {
  ATTR_AWS_LAMBDA_INVOKED_ARN,
  ATTR_CLOUD_ACCOUNT_ID,
  ATTR_CLOUD_RESOURCE_ID,
  ATTR_FAAS_COLDSTART,
  ATTR_FAAS_INVOCATION_ID,
  ATTR_URL_PATH,
} from './semconv.ts'
import type { Attributes } from './trace/attributes.ts'
import { Aside, type KeepConditions } from './trace/keep.ts'
import type { Span } from './trace/span.ts'
import { isSampled } from './trace/span-context.ts'
import type { ActiveContext, SpanOptions, Tracer } from './trace/tracer.ts'
import type { detectTrigger } from './triggers/detect.ts'
import { detectRequest } from './triggers/detect-request.ts'
import type { LateDescription, Trigger } from './triggers/trigger.ts'

export interface FunctionIdentity {
  readonly functionName: string | undefined
  readonly functionVersion: string | undefined
}

/** What is told of an invocation beside its own span, how its caller is found, and what decides whether it is sent. */
export interface InvocationSpanOptions {
  /** For events that are no HTTP requests. */
  readonly detectTrigger: typeof detectTrigger
  /** Spans of the services in front of the function. */
  readonly hasInferredSpans?: boolean
  /** Header formats that are read; W3C's where absent. */
  readonly formats?: Extraction
  /** Whether a carrier says that nothing is to be traced. */
  readonly denies?: Propagation['denies']
  /** Spans of a batch's records; none where absent. */
  readonly recordSpans?: RecordSpans
  /** Headers of HTTP requests and their answers that are to stand on the span; none where absent. */
  readonly headers?: HeaderLists | undefined
  /** When an invocation that is not sampled is kept all the same; absent means never. */
  readonly keep?: KeepConditions | undefined
  /** Where a span's end goes when it is kept. */
  readonly onKeep?: (span: Span) => void
}

/** An open invocation span and what its end will need. */
export interface OpenInvocationSpan {
  readonly span: Span
  readonly invocation: Invocation
  readonly trigger: Trigger
  readonly extracted: ExtractedParent
  /** What the handler runs under. */
  readonly context: ActiveContext
  readonly keep: KeepConditions | undefined
  readonly headers: HeaderLists | undefined
  /** All that its event and the platform say has been set on the span. */
  isComplete: boolean
  readonly inferred: readonly OpenInferredSpan[]
  readonly records: BatchSpans | undefined
}

/** Ours: no convention has a name for these. */
const ATTR_TRIED_CARRIERS = 'baton.propagation.tried'
const ATTR_TENANT_ID = 'baton.tenant_id'

/**
 * Opens the span: what the handler and its calls need, and no more, since the caller waits meanwhile. What is known of
 * the invocation is set on it after the answer, in `endInvocationSpan`.
 */
export function openInvocationSpan(
  tracer: Tracer,
  invocation: Invocation,
  identity: FunctionIdentity,
  options: InvocationSpanOptions,
): OpenInvocationSpan {
  tracer.clock.anchor()
  const functionName = identity.functionName ?? 'unknown'
  const { event, eventBytes, eventHead } = invocation
  const trigger =
    detectRequest(event, functionName, eventBytes ?? 0) ??
    options.detectTrigger(event, functionName, eventBytes, eventHead)
  const extracted = extractParent({
    carriers: trigger.carriers,
    records: trigger.batch?.records,
    recordCount: trigger.batch?.count,
    relation: trigger.relation,
    clientContext: invocation.clientContext,
    traceHeader: invocation.traceHeader,
    formats: options.formats,
  })
  const { keep, onKeep } = options
  const aside = keep === undefined || onKeep === undefined ? undefined : new Aside(onKeep)
  const caller = extracted.parent?.spanContext
  const sampling = { isDenied: isDenied(options.denies, trigger, caller), aside }
  const inferred = options.hasInferredSpans ? inferAround(tracer, trigger, extracted, sampling) : []
  const span = tracer.startSpan({
    name: trigger.spanName,
    kind: trigger.spanKind,
    parent: inferred.at(-1)?.span.context ?? caller,
    hasRemoteParent: caller !== undefined && inferred.length === 0,
    ...sampling,
    attributes: { [ATTR_FAAS_INVOCATION_ID]: invocation.requestId },
    isAnnouncedLater: true,
  })
  const context = {
    spanContext: span.context,
    baggage: extracted.baggage,
    traceHeader: invocation.traceHeader,
    openSpans: new Set<Span>(),
    served: { route: undefined, steps: 0, path: pathOf(trigger) },
    invocation: span,
    span,
    aside: isSampled(span.context) ? undefined : aside,
  }
  // Should the process die, nobody is left to decide.
  if (context.aside !== undefined && keep?.errors) span.setAttribute(ATTR_KEPT_BY, 'errors')
  const { batch } = trigger
  const records = options.recordSpans?.open({ event, batch, extracted, invocation: context })
  const headers = trigger.faasTrigger === 'http' ? options.headers : undefined
  const state = { keep, headers, isComplete: false }
  return { span, invocation, trigger, extracted, context, inferred, records, ...state }
}

function pathOf({ attributes }: Trigger): string | undefined {
  const path = attributes[ATTR_URL_PATH]
  return typeof path === 'string' ? path : undefined
}

/** Of records with several callers none speaks for the batch. */
function inferAround(
  tracer: Tracer,
  trigger: Trigger,
  { parent, records }: ExtractedParent,
  sampling: Pick<SpanOptions, 'isDenied' | 'aside'>,
): readonly OpenInferredSpan[] {
  if (parent === undefined && records?.hasAny === true) return []
  const hops = attempt(() => trigger.hops?.()) ?? []
  return startInferredSpans(
    tracer,
    inferSpans(hops, tracer.clock.now()),
    parent?.spanContext,
    sampling,
  )
}

/** An event made of getters that throw says nothing. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function describe(open: OpenInvocationSpan, identity: FunctionIdentity): Attributes {
  const { invocation, trigger, extracted } = open
  const { functionArn } = invocation
  // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
  const arn = functionArn === '' ? undefined : functionArn.split(':')
  return {
    ...trigger.attributes,
    [ATTR_XRAY_SEGMENT]: readLambdaSegment(invocation.traceHeader, open.span.context.traceId),
    [ATTR_FAAS_COLDSTART]: invocation.isColdStart,
    [ATTR_TENANT_ID]: invocation.tenantId,
    [ATTR_AWS_LAMBDA_INVOKED_ARN]: arn && functionArn,
    [ATTR_CLOUD_ACCOUNT_ID]: arn?.[4],
    [ATTR_CLOUD_RESOURCE_ID]: arn && resolveAlias(arn, identity.functionVersion),
    [ATTR_TRIED_CARRIERS]: extracted.parent === undefined ? extracted.tried : undefined,
  }
}

/** An alias moves; the version that ran does not. */
function resolveAlias(arn: readonly string[], version: string | undefined): string {
  return arn.length > 7 && version !== undefined
    ? [...arn.slice(0, 7), version].join(':')
    : arn.join(':')
}

/** What is known of the invocation whatever comes of it; a second time nothing is added. */
export function completeSpan(open: OpenInvocationSpan, identity: FunctionIdentity): void {
  if (open.isComplete) return
  open.isComplete = true
  const { span, trigger, extracted } = open
  const late: LateDescription = attempt(() => trigger.describeLate?.()) ?? {}
  if (late.spanName !== undefined && span.name === trigger.spanName) span.name = late.spanName
  span.fillAttributes({
    ...describe(open, identity),
    ...late.attributes,
    ...captureFields(REQUEST_HEADER, open.headers?.request, open.invocation.event),
  })
  for (const { context, attributes } of [...extracted.links, ...(late.links ?? [])])
    span.addLink(context, attributes)
  span.droppedLinks += extracted.unreadLinks
}
