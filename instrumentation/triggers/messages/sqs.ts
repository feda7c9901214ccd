// SQS, and what came to the queue by SNS, EventBridge or S3: SQS passes on their envelopes as the message's body.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { ATTR_POINTER, messagePointer } from '../../propagation/pointer.ts'
import { ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import { describeBatch, mapRecords, messagingOf, processName } from '../batch.ts'
import { type EventFields, fieldsOf, listOf, nameOf, resourceOf } from '../fields.ts'
import { type Hop, numberOf } from '../hop.ts'
import { newBudget, type ParseBudget } from '../json.ts'
import type { BatchRecord, Given, TriggerSource } from '../trigger.ts'
import { deadLetterCarriers, isDeadLetter } from './dead-letter.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import { messageHop, SQS } from './hops.ts'
import { attributeCarriers, xrayCarrier } from './message-attributes.ts'

export const sqs: TriggerSource = {
  name: 'sqs',
  detect: event => isSqs(listOf(event.Records)[0]),
  describe: (event, given) => describeSqs(listOf(event.Records), sqs.name, given),
}

export const isSqs = (record: unknown): boolean => fieldsOf(record).eventSource === 'aws:sqs'

/** Records as SQS and EventBridge Pipes both send them. */
export function describeSqs(
  list: readonly unknown[],
  source: string,
  given: Given,
): ReturnType<TriggerSource['describe']> {
  const queue = resourceOf(fieldsOf(list[0]).eventSourceARN)
  const budget = newBudget()
  return describeBatch({
    source,
    faasTrigger: 'pubsub',
    spanName: processName(queue),
    attributes: messagingOf(SQS, queue),
    lists: [list],
    records: mapRecords([list], record => readRecord(fieldsOf(record), budget, given)),
  })
}

function readRecord(record: EventFields, budget: ParseBudget, given: Given): BatchRecord {
  // Taken now: handlers like to replace a body by what it says.
  const { body, messageAttributes, attributes } = record
  const id = nameOf(record.messageId)
  let parsed: Envelope | undefined
  const envelope = (): Envelope => {
    parsed ??= readEnvelope(body, { name: 'sqs.body', budget, given })
    return parsed
  }
  const isOver = isDeadLetter(messageAttributes)
  const own = (): readonly NamedCarrier[] =>
    attributeCarriers('sqs.messageAttributes', messageAttributes, budget)
  return {
    value: record,
    id,
    carriers: () => (isOver ? NO_CARRIERS : own()),
    innerCarriers: () => {
      if (isOver) return [...own(), ...deadLetterCarriers(body, budget, given)]
      const xray = xrayCarrier('sqs.AWSTraceHeader', fieldsOf(attributes).AWSTraceHeader)
      return [...envelope().carriers, xray]
    },
    isInnerLink: () => isOver || envelope().isLinkOnly === true,
    describe: () => {
      const pointers = id === undefined ? [] : [messagePointer(id)]
      return {
        [ATTR_MESSAGING_MESSAGE_ID]: id,
        [ATTR_POINTER]: [...pointers, ...envelope().pointers],
      }
    },
    hops: () => [...(isOver ? [] : envelope().hops), queueHop(record)],
  }
}

/** From the message's sending to its first receipt; with retries the rest of the time was ours. */
function queueHop({ eventSourceARN, attributes }: EventFields): Hop {
  const { SentTimestamp, ApproximateFirstReceiveTimestamp } = fieldsOf(attributes)
  return messageHop({
    system: SQS,
    what: 'queue',
    destination: resourceOf(eventSourceARN),
    startMs: numberOf(SentTimestamp),
    endMs: numberOf(ApproximateFirstReceiveTimestamp) ?? 'start',
  })
}

const NO_CARRIERS: readonly NamedCarrier[] = []
