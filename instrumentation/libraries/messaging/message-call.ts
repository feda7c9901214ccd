// The span of sending or taking messages, by the conventions for messaging, and the trace's context in them: in the field that a
// protocol has for what senders add, on copies of what the function gave, and never over what is there already.
// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
import type { Carrier } from '../../propagation/carrier.ts'
import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_DESTINATION_TEMPORARY,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import type { Span } from '../../trace/span.ts'
import type { RemoteContext, SpanContext } from '../../trace/span-context.ts'
import {
  SPAN_KIND_CLIENT,
  SPAN_KIND_CONSUMER,
  SPAN_KIND_PRODUCER,
  type SpanKind,
} from '../../trace/span-kind.ts'
import type { ActiveContext } from '../../trace/tracer.ts'
import type { LibraryTools } from '../contract.ts'
import { openCall, type TracedCall } from '../traced-call.ts'

export interface MessageStart {
  /** `messaging.system`. */
  readonly system: string
  /** As the library calls it. */
  readonly operation: string
  readonly type: 'send' | 'receive' | 'process'
  readonly destination?: string | undefined
  /** What names the span, where that is not the destination. */
  readonly shortName?: string | undefined
  /** The destination is one of many that come and go, and names no span. */
  readonly isTemporary?: boolean
  readonly batchSize?: number | undefined
  readonly attributes?: Attributes
}

const TRACEPARENT = 'traceparent'
const BAGGAGE = 'baggage'
const XRAY = 'x-amzn-trace-id'
/** Of a context without a span. */
const NONE: SpanContext = { traceId: '', spanId: '', traceFlags: 0, traceState: undefined }
/** What protocols need for an entry beside its name and value. */
const ENTRY_BYTES = 16

const KINDS: Readonly<Record<MessageStart['type'], SpanKind>> = {
  send: SPAN_KIND_PRODUCER,
  receive: SPAN_KIND_CLIENT,
  process: SPAN_KIND_CONSUMER,
}

function describe(start: MessageStart): { name: string; kind: SpanKind; attributes: Attributes } {
  const { operation, type, destination, shortName = destination, isTemporary } = start
  const { batchSize = 1 } = start
  return {
    name: shortName && !isTemporary ? `${operation} ${shortName}` : operation,
    kind: KINDS[type],
    attributes: {
      [ATTR_MESSAGING_SYSTEM]: start.system,
      [ATTR_MESSAGING_DESTINATION_NAME]: destination || undefined,
      [ATTR_MESSAGING_DESTINATION_TEMPORARY]: isTemporary || undefined,
      [ATTR_MESSAGING_OPERATION_NAME]: operation,
      [ATTR_MESSAGING_OPERATION_TYPE]: type,
      [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: batchSize > 1 ? batchSize : undefined,
      ...start.attributes,
    },
  }
}

/** Sending, or asking for a message; `undefined` outside of an invocation. */
export const openMessageCall = (tools: LibraryTools, start: MessageStart): TracedCall | undefined =>
  openCall(tools, describe(start))

/** Where a consumer was begun. */
export interface Consumer {
  /** Absent outside of invocations; dropped when that one is over. */
  begunIn: ActiveContext | undefined
}

/** `undefined` where nothing is to be traced. */
export function beginConsumer({ tracer }: LibraryTools): Consumer | undefined {
  const begunIn = tracer.activeOrHidden()
  return begunIn?.isHidden ? undefined : { begunIn }
}

/**
 * Working on what came, one message or several at once. It is below the span that sent them, with a link to what the
 * consumer was begun in; where nobody says who sent them or several did, below what it was begun in, with a link to each
 * sender. An invocation that is over is none: a consumer outlives it, and works on in later ones and between them.
 */
export function openProcess(
  { tracer, propagation }: LibraryTools,
  consumer: Consumer,
  start: MessageStart,
  carriers: readonly Carrier[],
): TracedCall {
  if (consumer.begunIn?.invocation?.isEnded) consumer.begunIn = undefined
  const around = consumer.begunIn
  // A freeze may have passed.
  if (around === undefined) tracer.clock.anchor()
  const senders = carriers.map(carrier => propagation.extract(carrier))
  const [first] = senders
  const sender = senders.every(each => isSame(each, first)) ? first : undefined
  const outer = around ?? { spanContext: NONE, baggage: undefined, openSpans: new Set<Span>() }
  const span = tracer.run(outer, () =>
    tracer.startSpan({
      ...describe(start),
      parent: (sender ?? around)?.spanContext,
      hasRemoteParent: sender !== undefined,
    }),
  )
  for (const linked of sender === undefined ? senders : [around])
    if (linked !== undefined) span.addLink(linked.spanContext)
  const baggage = sender?.baggage ?? outer.baggage
  return { span, outer, inner: { ...outer, spanContext: span.context, span, baggage } }
}

const isSame = (one: RemoteContext | undefined, other: RemoteContext | undefined): boolean =>
  one?.spanContext.spanId === other?.spanContext.spanId &&
  one?.spanContext.traceId === other?.spanContext.traceId

export function linkSender(
  { propagation }: LibraryTools,
  { span }: TracedCall,
  carrier: Carrier,
): void {
  const sender = propagation.extract(carrier)
  if (sender !== undefined) span.addLink(sender.spanContext)
}

/** The context as messages carry it, the most important first. */
export type Entries = readonly (readonly [name: string, value: string])[]

/** None where nothing may be added to messages. */
export function entriesFor(
  { injection, propagation }: LibraryTools,
  { inner }: TracedCall,
): Entries {
  const entries: [string, string][] = []
  if (injection === 'messages' || injection === 'payloads')
    propagation.inject(inner, (name, value) => void entries.push([name, value]))
  return entries
}

/** What of it a message gets: nothing where it names a sender, X-Ray's where it is all there is, and no more than there is room for. */
export function entriesInto(
  entries: Entries,
  has: (name: string) => boolean,
  roomBytes: number = Number.POSITIVE_INFINITY,
): Entries {
  if (entries.some(([name]) => name !== BAGGAGE && has(name))) return []
  const hasOthers = entries.some(([name]) => name === TRACEPARENT)
  let room = roomBytes
  return entries.filter(([name, value]) => {
    if (has(name) || (hasOthers && name === XRAY)) return false
    room -= name.length + value.length + ENTRY_BYTES
    return room >= 0
  })
}

/** Reads headers that are texts. */
export const textCarrier =
  (headers: Readonly<Record<string, unknown>>): Carrier =>
  name => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined
    return typeof value === 'string' ? value : undefined
  }
