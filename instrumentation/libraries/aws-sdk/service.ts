// What a service adds to its calls: one small file each. Operations and fields are called as the SDK calls them.

import { SPAN_KIND_CLIENT, SPAN_KIND_PRODUCER, type SpanKind } from '../../trace/span-kind.ts'
import type { Fields } from '../fields.ts'
import type { SetAttribute } from '../http-span.ts'
import type { MessageCarrier } from './message-carrier.ts'
import type { WireRequest } from './wire-request.ts'

/** What a call is told and where it goes. */
export interface AwsCall {
  /** As the SDK calls it: `GetItem`; `undefined` where the wire does not show it. */
  readonly operation: string | undefined
  readonly region: string | undefined
  /** The command's input; on the wire, what of it the request shows. */
  readonly input: Fields
}

/** What the wire shows of a call: an operation, and the part of its input that stands in path and headers. */
export interface WireCall {
  readonly operation: string | undefined
  readonly input: Fields
}

export interface AwsService {
  /** The SDK's service id: `DynamoDB`. */
  readonly id: string
  /** Operations that send messages: their spans are of kind PRODUCER. */
  readonly sends?: readonly string[]
  /** Attributes known before the call. Nothing of payloads, keys' values or secrets. */
  describe?(call: AwsCall, set: SetAttribute): void
  /** Attributes out of the answer; on the wire `output` is what `readAnswer` found. */
  describeAnswer?(call: AwsCall, output: Fields, set: SetAttribute): void
  /** Operations whose answer's headers tell what the SDK's output lacks. */
  readonly tellsInHeaders?: readonly string[]
  /** The input with the trace's context in it, as a copy; `undefined` when nothing is to be added. */
  inject?(call: AwsCall, carrier: MessageCarrier): Fields | undefined
  /** The same as v2 of the SDK wants it, where that is another form: it writes some JSON itself. */
  toV2?(input: Fields): Fields
  /** For services that name operations by path and method. */
  readRequest?(request: WireRequest): WireCall
  /** What of the answer its headers show, by the names that the SDK's output has. */
  readAnswer?(header: (name: string) => string | undefined): Fields
}

export function kindOf(service: AwsService | undefined, operation: string | undefined): SpanKind {
  const isSend = operation !== undefined && service?.sends?.includes(operation) === true
  return isSend ? SPAN_KIND_PRODUCER : SPAN_KIND_CLIENT
}

/** Kinesis takes 500 records in a call; an attribute need not hold them all. */
export const MAX_BATCH_POINTERS = 100
