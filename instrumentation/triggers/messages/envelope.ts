// What one service wraps around the message of another before it is put into a queue or a topic:
//
//   SNS in SQS             {"Type":"Notification","TopicArn":…,"Message":…,"MessageAttributes":{…}}
//   EventBridge in either  {"detail-type":…,"source":…,"detail":{…}}
//   S3 in either           {"Records":[{"s3":{…}}]}
//   a destination          {"requestContext":{"functionArn":…},"requestPayload":…}
//   a dead letter in SNS   the event itself, with the error in MessageAttributes
//
// and SNS in SQS may hold any of the others.

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { messagePointer } from '../../propagation/pointer.ts'
import { type EventFields, fieldsOf, listOf, nameOf } from '../fields.ts'
import type { Hop } from '../hop.ts'
import { carriersOfTrigger } from '../inner.ts'
import { mayHold, type ParseBudget, parseObject, parseTail } from '../json.ts'
import { objectHop, objectPointer } from '../storage/object.ts'
import type { Given } from '../trigger.ts'
import { deadLetterCarriers, isDeadLetter } from './dead-letter.ts'
import { eventBridgeHop, snsHop } from './hops.ts'
import { attributeCarriers, fieldCarriers, xrayAttributeCarrier } from './message-attributes.ts'

export interface Envelope {
  readonly carriers: readonly NamedCarrier[]
  /** Of what the message tells of. */
  readonly pointers: readonly string[]
  /** Its services, the first one first; each ends where the next one began. */
  readonly hops: readonly Hop[]
  /** The contexts are those of work that is over. */
  readonly isLinkOnly?: boolean
}

export interface EnvelopeOptions {
  /** First part of the carriers' names. */
  readonly name: string
  readonly budget: ParseBudget
  readonly given: Given
}

const NONE: Envelope = { carriers: [], pointers: [], hops: [] }
const SNS_MARK = '"TopicArn"'
const MARKS = [SNS_MARK, '"detail-type"', '"s3"', '"requestPayload"']
const MAX_DEPTH = 3
/** SNS writes what it knows of a message before the message. */
const MAX_HEAD = 1024

/** Never more than the budget allows is parsed, and what is no envelope not at all. */
export function readEnvelope(text: unknown, options: EnvelopeOptions, depth = 0): Envelope {
  if (depth === MAX_DEPTH) return NONE
  const { name, budget } = options
  if (!mayHold(text, MARKS, budget)) return readTail(text, options)
  const fields = parseObject(text, budget)
  if (fields === undefined) return NONE
  if (typeof fields.TopicArn === 'string') {
    return readNotification(fields, readEnvelope(fields.Message, options, depth + 1), options)
  }
  if (typeof fields['detail-type'] === 'string') return readEventBridge(fields, name)
  if ('requestPayload' in fields) return readDestination(fields, options)
  return readObject(fields)
}

/** A notification with a long message. */
function readTail(text: unknown, { name, budget }: EnvelopeOptions): Envelope {
  if (typeof text !== 'string' || !text.slice(0, MAX_HEAD).includes(SNS_MARK)) return NONE
  const attributes = parseTail(text, budget)?.MessageAttributes
  return { ...NONE, carriers: attributeCarriers(`${name}.sns`, attributes, budget) }
}

function readNotification(
  fields: EventFields,
  inner: Envelope,
  { name, budget, given }: EnvelopeOptions,
): Envelope {
  const id = nameOf(fields.MessageId)
  const attributes = fields.MessageAttributes
  const isOver = isDeadLetter(attributes)
  return {
    carriers: [
      ...attributeCarriers(`${name}.sns`, attributes, budget),
      ...(isOver ? deadLetterCarriers(fields.Message, budget, given) : inner.carriers),
      xrayAttributeCarrier(`${name}.sns`, attributes),
    ],
    pointers: id === undefined ? inner.pointers : [messagePointer(id), ...inner.pointers],
    hops: [...(isOver ? [] : inner.hops), snsHop(fields.TopicArn, fields.Timestamp)],
    ...((isOver || inner.isLinkOnly === true) && { isLinkOnly: true }),
  }
}

function readEventBridge(fields: EventFields, name: string): Envelope {
  const id = nameOf(fields.id)
  return {
    carriers: fieldCarriers(`${name}.detail`, fieldsOf(fields.detail)),
    pointers: id === undefined ? [] : [messagePointer(id)],
    hops: [eventBridgeHop(fields)],
  }
}

function readDestination(fields: EventFields, { given }: EnvelopeOptions): Envelope {
  return {
    ...NONE,
    carriers: carriersOfTrigger(given.detectInner(fields.requestPayload)),
    isLinkOnly: true,
  }
}

/** S3 puts one record into a notification. */
function readObject(fields: EventFields): Envelope {
  const record = fieldsOf(listOf(fields.Records)[0])
  if (typeof record.s3 !== 'object' || record.s3 === null) return NONE
  const pointer = objectPointer(record.s3)
  return {
    ...NONE,
    pointers: pointer === undefined ? [] : [pointer],
    hops: [objectHop(record)],
  }
}
