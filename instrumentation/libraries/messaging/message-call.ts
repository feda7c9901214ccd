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
import type { RemoteContext } from '../../trace/span-context.ts'
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

/**
 * Working on what came: below its sender's span, with a link to the span that it is worked on beneath; below that one where the
 * message names no sender.
 */
export function openProcess(
  tools: LibraryTools,
  outer: ActiveContext,
  start: MessageStart,
  carrier: Carrier,
): TracedCall {
  return openBelow(tools, outer, start, tools.propagation.extract(carrier))
}

/** Working on several at once: below the span that they are worked on beneath, with a link to the sender of each. */
export function openBatch(
  tools: LibraryTools,
  outer: ActiveContext,
  start: MessageStart,
  carriers: readonly Carrier[],
): TracedCall {
  const call = openBelow(tools, outer, start, undefined)
  for (const carrier of carriers) linkSender(tools, call, carrier)
  return call
}

export function linkSender(tools: LibraryTools, { span }: TracedCall, carrier: Carrier): void {
  const sender = tools.propagation.extract(carrier)
  if (sender !== undefined) span.addLink(sender.spanContext)
}

function openBelow(
  { tracer }: LibraryTools,
  outer: ActiveContext,
  start: MessageStart,
  sender: RemoteContext | undefined,
): TracedCall {
  const span = tracer.run(outer, () =>
    tracer.startSpan({
      ...describe(start),
      parent: sender?.spanContext ?? outer.spanContext,
      hasRemoteParent: sender !== undefined,
    }),
  )
  if (sender !== undefined) span.addLink(outer.spanContext)
  const baggage = sender?.baggage ?? outer.baggage
  return { span, outer, inner: { ...outer, spanContext: span.context, span, baggage } }
}

/** Names and values to be put into a message; none where the message names a sender, or nothing may be added. */
export function contextFor(
  { injection, propagation }: LibraryTools,
  { inner }: TracedCall,
  has: (name: string) => boolean,
): Record<string, string> | undefined {
  if (injection !== 'messages' && injection !== 'payloads') return undefined
  const entries: Record<string, string> = {}
  let isEmpty = true
  propagation.inject(
    inner,
    (name, value) => {
      entries[name] = value
      isEmpty = false
    },
    has,
  )
  return isEmpty ? undefined : entries
}

/** Reads headers that are texts. */
export const textCarrier =
  (headers: Readonly<Record<string, unknown>>): Carrier =>
  name => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined
    return typeof value === 'string' ? value : undefined
  }
