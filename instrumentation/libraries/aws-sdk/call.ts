// The span of one call, from the outside of the SDK: from the moment it is sent until it answers or gives up, retries
// and waiting between them included. The requests beneath it have no spans of their own; what they show is set on it.
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
} from '../../semconv.ts'
import type { Span } from '../../trace/span.ts'
import type { ActiveContext, ClientCall } from '../../trace/tracer.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf, numberOf, textOf } from '../fields.ts'
import type { SetAttribute } from '../http-span.ts'
import { modelSpanOf } from '../model-context.ts'
import { failSpan } from '../traced-call.ts'
import { callName, describeCall, describeRequestIds } from './attributes.ts'
import { type AwsCall, type AwsService, kindOf } from './service.ts'
import { findService } from './services.ts'

/** What the hooks of the SDK take of it. */
export type AwsTools = Pick<
  LibraryTools,
  'tracer' | 'guard' | 'propagation' | 'injection' | 'xrayTraceId'
>

const GEN_AI = 'gen_ai.'

/** A call under way. */
export interface OpenCall {
  readonly service: AwsService | undefined
  readonly call: AwsCall
  readonly span: Span
  /** What the function's code runs under, and its callbacks with it. */
  readonly outer: ActiveContext
  /** What the SDK runs under. */
  readonly inner: ActiveContext
}

/** How it went, in the SDK's words. */
export interface CallEnd {
  readonly error?: unknown
  readonly output?: unknown
  readonly requestId?: string | undefined
  readonly extendedRequestId?: string | undefined
  readonly statusCode?: number | undefined
  readonly region?: string | undefined
  /** Attempts after the first. */
  readonly resends?: number | undefined
}

/** Below a library's call of a model that one's span has what is told of the model: a call is counted once. */
function setterOf(span: Span, outer: ActiveContext): SetAttribute {
  const model = modelSpanOf(outer)
  return (name, value) => {
    if (model === undefined || !name.startsWith(GEN_AI)) span.setAttribute(name, value)
    else if (name !== ATTR_GEN_AI_OPERATION_NAME) model.setAttribute(name, value)
  }
}

/** `undefined` outside of an invocation. */
export function openCall(tools: AwsTools, serviceId: string, call: AwsCall): OpenCall | undefined {
  const outer = tools.tracer.active()
  if (outer === undefined) return undefined
  const service = findService(serviceId)
  const span = tools.tracer.startSpan({
    name: callName(serviceId, call.operation),
    kind: kindOf(service, call.operation),
    parent: outer.spanContext,
  })
  describeCall(service, call, setterOf(span, outer))
  const inner = {
    ...outer,
    spanContext: span.context,
    call: { span, outer, readAnswer: answerReader(service, call, setterOf(span, outer)) },
  }
  return { service, call, span, outer, inner }
}

/** Where the answer's headers tell what the SDK does not hand out. */
function answerReader(
  service: AwsService | undefined,
  call: AwsCall,
  set: SetAttribute,
): ClientCall['readAnswer'] {
  if (!service?.tellsInHeaders?.includes(call.operation ?? '')) return undefined
  return header => service.describeAnswer?.(call, service.readAnswer?.(header) ?? {}, set)
}

export function closeCall(tools: AwsTools, open: OpenCall, end: CallEnd): void {
  const { span, service, call } = open
  const set = setterOf(span, open.outer)
  if (end.region !== undefined && call.region === undefined) {
    describeCall(service, { ...call, region: end.region }, set)
  }
  describeRequestIds(end.requestId, end.extendedRequestId, set)
  set(ATTR_HTTP_RESPONSE_STATUS_CODE, end.statusCode)
  if (end.resends !== undefined && end.resends > 0) {
    set(ATTR_HTTP_REQUEST_RESEND_COUNT, end.resends)
  }
  if (end.error !== undefined) failSpan(span, end.error)
  else if (end.output !== undefined) service?.describeAnswer?.(call, fieldsOf(end.output), set)
  span.end(tools.tracer.clock.now())
}

/** What an error or an output of the third SDK says of its requests. */
export function readMetadata(value: unknown): CallEnd {
  const metadata = fieldsOf(fieldsOf(value).$metadata)
  const attempts = numberOf(metadata, 'attempts')
  return {
    requestId: textOf(metadata, 'requestId'),
    extendedRequestId: textOf(metadata, 'extendedRequestId'),
    statusCode: numberOf(metadata, 'httpStatusCode'),
    resends: attempts === undefined ? undefined : attempts - 1,
  }
}
