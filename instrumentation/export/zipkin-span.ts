// A span as Zipkin's v2 JSON has it. https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/
//
//   attributes, resource, scope, status, dropped counts   tags, all of them texts
//   events                                                annotations: the name, and `"name": {attributes}` with some
//   kind                                                  absent for INTERNAL
//   times                                                 whole microseconds; a duration is at least one
//   links, tracestate                                     Zipkin has no place for them
import type { DecodedEvent, DecodedHead, DecodedSpan } from './otlp-decoder.ts'
import type { DecodedValue } from './otlp-values.ts'
import { toPlainObject, toText } from './plain-values.ts'

/** https://zipkin.io/zipkin-api/ */
export interface ZipkinSpan {
  readonly traceId: string
  readonly id: string
  readonly parentId?: string
  readonly name?: string
  readonly kind?: ZipkinKind
  /** Microseconds since the epoch. */
  readonly timestamp?: number
  /** Microseconds. */
  readonly duration?: number
  readonly localEndpoint: ZipkinEndpoint
  readonly remoteEndpoint?: ZipkinEndpoint
  readonly annotations?: readonly { readonly timestamp: number; readonly value: string }[]
  readonly tags?: Readonly<Record<string, string>>
}

export interface ZipkinEndpoint {
  readonly serviceName?: string
  readonly ipv4?: string
  readonly ipv6?: string
  readonly port?: number
}

type ZipkinKind = 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER'
type Tags = Map<string, DecodedValue>

/** By OTLP's number. */
const KINDS: readonly (ZipkinKind | undefined)[] = [
  undefined,
  undefined,
  'SERVER',
  'CLIENT',
  'PRODUCER',
  'CONSUMER',
]
/** By OTLP's number. */
const STATUS_CODES: readonly (string | undefined)[] = [undefined, 'OK', 'ERROR']
const ERROR = 2
const SERVICE_NAME = 'service.name'
const UNKNOWN_SERVICE = 'unknown_service:node'
const MAX_PORT = 65_535

/** Where a call went, the best name first: the specification's list. Those with a port are addresses. */
const PEER_ATTRIBUTES: readonly (readonly [name: string, port?: string])[] = [
  ['peer.service'],
  ['server.address'],
  ['net.peer.name'],
  ['network.peer.address', 'network.peer.port'],
  ['server.socket.domain'],
  ['server.socket.address', 'server.socket.port'],
  ['net.sock.peer.name'],
  ['net.sock.peer.addr', 'net.sock.peer.port'],
  ['peer.hostname'],
  ['peer.address'],
  ['db.name'],
]

export function toZipkinSpan(span: DecodedSpan, head: DecodedHead): ZipkinSpan {
  const resource: Tags = new Map(head.resource)
  const serviceName = toText(resource.get(SERVICE_NAME)) || UNKNOWN_SERVICE
  resource.delete(SERVICE_NAME)
  const attributes: Tags = new Map(span.attributes)
  const kind = KINDS[span.kind]
  const remoteEndpoint =
    kind === 'CLIENT' || kind === 'PRODUCER' ? findRemoteEndpoint(attributes) : undefined
  const startUs = toMicroseconds(span.startNs)
  return {
    traceId: span.traceId,
    id: span.spanId,
    ...(span.parentSpanId !== '' && { parentId: span.parentSpanId }),
    ...(span.name !== '' && { name: span.name }),
    ...(kind !== undefined && { kind }),
    // 0 is how Zipkin says that a time is not known.
    ...(startUs > 0 && { timestamp: startUs }),
    ...(span.endNs >= span.startNs && {
      duration: Math.max(1, toMicroseconds(span.endNs - span.startNs)),
    }),
    localEndpoint: { serviceName },
    ...(remoteEndpoint !== undefined && { remoteEndpoint }),
    ...(span.events.length > 0 && { annotations: span.events.map(toAnnotation) }),
    tags: collectTags(span, resource, attributes, head),
  }
}

function toMicroseconds(ns: bigint): number {
  return Number(ns / 1000n)
}

/** What the span says wins over what its process says, and what its status says over both. */
function collectTags(
  span: DecodedSpan,
  resource: Tags,
  attributes: Tags,
  { scope }: DecodedHead,
): Record<string, string> {
  const tags: Tags = new Map([...resource, ...attributes])
  // To Zipkin every span with this tag has failed, whatever the tag's value.
  if (toText(tags.get('error')) === 'false') tags.delete('error')
  const status = STATUS_CODES[span.statusCode]
  if (status !== undefined) tags.set('otel.status_code', status)
  if (span.statusCode === ERROR) tags.set('error', span.statusMessage)
  if (scope.name !== '') tags.set('otel.scope.name', scope.name)
  if (scope.version !== '') tags.set('otel.scope.version', scope.version)
  const dropped: readonly (readonly [string, number])[] = [
    ['otel.dropped_attributes_count', span.droppedAttributes],
    ['otel.dropped_events_count', span.droppedEvents],
    ['otel.dropped_links_count', span.droppedLinks],
  ]
  for (const [name, count] of dropped) if (count > 0) tags.set(name, count)
  return Object.fromEntries([...tags].map(([key, value]) => [key, toText(value)]))
}

function toAnnotation(event: DecodedEvent): { timestamp: number; value: string } {
  const attributes = new Map<string, DecodedValue>(event.attributes)
  if (event.droppedAttributes > 0)
    attributes.set('otel.dropped_attributes_count', event.droppedAttributes)
  const value =
    attributes.size === 0
      ? event.name
      : `${JSON.stringify(event.name)}: ${JSON.stringify(toPlainObject(attributes))}`
  return { timestamp: toMicroseconds(event.timeNs), value }
}

/** Without it Zipkin draws no line to the service that was called. */
function findRemoteEndpoint(attributes: Tags): ZipkinEndpoint | undefined {
  for (const [name, portName] of PEER_ATTRIBUTES) {
    const peer = toText(attributes.get(name))
    if (peer === '') continue
    if (portName === undefined) return { serviceName: peer }
    const port = Number(attributes.get(portName) ?? 0)
    const hasPort = Number.isInteger(port) && port > 0 && port <= MAX_PORT
    return { ...toAddress(peer), ...(hasPort && { port }) }
  }
  return undefined
}

/** The path of a socket is no address of a network: it stands where names do. */
function toAddress(peer: string): ZipkinEndpoint {
  const version = process.getBuiltinModule('node:net').isIP(peer)
  if (version === 4) return { ipv4: peer }
  return version === 6 ? { ipv6: peer } : { serviceName: peer }
}
