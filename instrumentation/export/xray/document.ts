// A span as a document of X-Ray's. https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
//
// Lambda sends a segment for each invocation that it samples, and what a function adds are subsegments of it. So:
//
//   an invocation's span, in the trace that Lambda's header names   subsegment, child of Lambda's segment
//   a span whose parent is a span of this process                   subsegment, child of that span
//   any other: a root, or a child of a span elsewhere               segment, child of that span
//
// The last is an invocation whose trace came in its event, by W3C Trace Context: its callers know it by that trace, so
// there it is, with a node of its own on the map, and not under Lambda's segment in the trace that Lambda began.
import { ATTR_XRAY_SEGMENT } from '../../propagation/xray-segment.ts'
import type { DecodedEvent, DecodedHead, DecodedLink, DecodedSpan } from '../otlp-decoder.ts'
import type { DecodedValue } from '../otlp-values.ts'
import { type PlainValue, toPlain, toPlainObject, toText } from '../plain-values.ts'
import {
  type AwsBlock,
  awsServiceName,
  type HttpBlock,
  isOutgoing,
  readAws,
  readHttp,
  readSql,
  type SqlBlock,
} from './blocks.ts'
import { type Failure, isException, readFailure } from './cause.ts'
import { UnusedAttributes, unlessEmpty } from './unused-attributes.ts'

export interface XRayDocument extends Failure {
  readonly name: string
  readonly id: string
  readonly trace_id: string
  /** Seconds since the epoch. */
  readonly start_time: number
  readonly end_time: number
  readonly parent_id?: string
  readonly type?: 'subsegment'
  readonly namespace?: 'aws' | 'remote'
  readonly origin?: 'AWS::Lambda::Function'
  readonly resource_arn?: string
  readonly http?: Partial<HttpBlock>
  readonly aws?: Partial<AwsBlock>
  readonly sql?: Partial<SqlBlock>
  readonly annotations?: Readonly<Record<string, string | number | boolean>>
  readonly metadata?: { readonly otel: Readonly<Record<string, PlainValue>> }
}

/** `Span.flags`: bit 8 says that bit 9, "the parent is remote", means something. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200
const KIND_SERVER = 2
const KIND_CONSUMER = 5
const MAX_NAME_CHARACTERS = 200
/** X-Ray indexes no more of a trace. */
const MAX_ANNOTATIONS = 50
const MAX_KEY_CHARACTERS = 500
const MAX_ANNOTATION_CHARACTERS = 1000

export function toXRayDocument(span: DecodedSpan, head: DecodedHead): XRayDocument {
  const attributes = new UnusedAttributes(span.attributes)
  const lambdaSegment = takeLambdaSegment(attributes)
  const isSubsegment = lambdaSegment !== undefined || hasLocalParent(span)
  const isEntry = lambdaSegment !== undefined || !isSubsegment
  const serviceName = head.resource.find(([key]) => key === 'service.name')?.[1]
  const wanted = isSubsegment ? nameOf(span, attributes) : toText(serviceName) || span.name
  const name = sanitizeName(wanted)
  const parentId = lambdaSegment ?? span.parentSpanId
  const resourceArn = isSubsegment ? undefined : attributes.peek('cloud.resource_id')
  return {
    name,
    id: span.spanId,
    trace_id: `1-${span.traceId.slice(0, 8)}-${span.traceId.slice(8)}`,
    start_time: toSeconds(span.startNs),
    end_time: Math.max(toSeconds(span.startNs), toSeconds(span.endNs)),
    ...(parentId !== '' && { parent_id: parentId }),
    ...(isSubsegment ? { type: 'subsegment' } : { origin: 'AWS::Lambda::Function' }),
    ...(resourceArn !== undefined && { resource_arn: resourceArn }),
    ...describe(span, attributes, isSubsegment),
    ...toAnnotationsAndMetadata(span, attributes, {
      // A name that X-Ray could not take as it is.
      ...(name !== span.name && { name: span.name }),
      ...(isEntry && { resource: toPlainObject(head.resource) }),
      scope: { ...head.scope },
    }),
  }
}

/** What is no id was not put there by us, and stays an attribute. */
function takeLambdaSegment(attributes: UnusedAttributes): string | undefined {
  const isId = /^[0-9a-f]{16}$/.test(attributes.peek(ATTR_XRAY_SEGMENT) ?? '')
  return isId ? attributes.text(ATTR_XRAY_SEGMENT) : undefined
}

function hasLocalParent(span: DecodedSpan): boolean {
  if (span.parentSpanId === '') return false
  if ((span.flags & HAS_IS_REMOTE) !== 0) return (span.flags & IS_REMOTE) === 0
  return span.kind !== KIND_SERVER && span.kind !== KIND_CONSUMER
}

/** A call is named by what was called: X-Ray's map draws a node of that name. */
function nameOf(span: DecodedSpan, attributes: UnusedAttributes): string {
  if (!isOutgoing(span)) return span.name
  if (attributes.peek('rpc.system.name') === 'aws-api') return awsServiceName(attributes, span.name)
  const host = attributes.peek('server.address')
  const database = attributes.peek('db.namespace')
  if (attributes.peek('db.system.name') !== undefined && database !== undefined && host)
    return `${database}@${host}`
  return attributes.peek('peer.service') || host || span.name
}

/** Letters, digits, blanks and some signs. Of letters those of the first plane, which is all that its schema names. */
function sanitizeName(name: string): string {
  const allowed = name
    .toWellFormed()
    .replace(/[^\p{L}\p{N}\p{Z}_.:/%&#=+\\\-@]|[\u{10000}-\u{10ffff}]/gu, '')
    .slice(0, MAX_NAME_CHARACTERS)
  return allowed.trim() === '' ? 'unnamed' : allowed
}

/** Whole microseconds: more than that a number of seconds since 1970 cannot hold. */
function toSeconds(ns: bigint): number {
  return Number(ns / 1000n) / 1e6
}

function describe(
  span: DecodedSpan,
  attributes: UnusedAttributes,
  isSubsegment: boolean,
): Partial<XRayDocument> {
  const aws = readAws(attributes)
  const sql = readSql(attributes)
  const http = readHttp(attributes)
  const namespace = aws === undefined ? 'remote' : 'aws'
  return {
    ...(isSubsegment && isOutgoing(span) && { namespace }),
    ...(http !== undefined && { http }),
    ...(aws !== undefined && { aws }),
    ...(sql !== undefined && { sql }),
    ...readFailure(span, http?.response?.status),
  }
}

/** What can be searched for becomes annotations while there is room, and the rest metadata. */
function toAnnotationsAndMetadata(
  span: DecodedSpan,
  attributes: UnusedAttributes,
  extra: Readonly<Record<string, PlainValue>>,
): Partial<XRayDocument> {
  const annotations = new Map<string, string | number | boolean>()
  const rest: [string, DecodedValue][] = []
  for (const [key, value] of attributes.rest) {
    const name = key.replace(/[^A-Za-z0-9_]/g, '_').slice(0, MAX_KEY_CHARACTERS)
    const plain = toPlain(value)
    const fits = annotations.size < MAX_ANNOTATIONS && name !== '' && !annotations.has(name)
    if (fits && isAnnotation(plain)) annotations.set(name, plain)
    else rest.push([key, value])
  }
  const otel = unlessEmpty<Record<string, PlainValue>>({
    ...extra,
    attributes: rest.length === 0 ? undefined : toPlainObject(rest),
    events: ifAny(span.events.filter(event => !isException(event)).map(toPlainEvent)),
    links: ifAny(span.links.map(toPlainLink)),
    trace_state: span.traceState || undefined,
    dropped_attributes: span.droppedAttributes || undefined,
    dropped_events: span.droppedEvents || undefined,
    dropped_links: span.droppedLinks || undefined,
  })
  return {
    ...(annotations.size > 0 && { annotations: Object.fromEntries(annotations) }),
    ...(otel !== undefined && { metadata: { otel: otel as Record<string, PlainValue> } }),
  }
}

function isAnnotation(value: PlainValue): value is string | number | boolean {
  if (typeof value === 'string') return value !== '' && value.length <= MAX_ANNOTATION_CHARACTERS
  return typeof value === 'number' || typeof value === 'boolean'
}

function ifAny(list: readonly PlainValue[]): readonly PlainValue[] | undefined {
  return list.length === 0 ? undefined : list
}

function toPlainEvent(event: DecodedEvent): PlainValue {
  const { name, attributes } = event
  return { name, time: toSeconds(event.timeNs), attributes: toPlainObject(attributes) }
}

function toPlainLink({ traceId, spanId, attributes }: DecodedLink): PlainValue {
  return { trace_id: traceId, span_id: spanId, attributes: toPlainObject(attributes) }
}
