// SNS, and EventBridge or S3 by way of it.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { ATTR_POINTER, messagePointer } from '../../propagation/pointer.ts'
import { ATTR_AWS_SNS_TOPIC_ARN, ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import { describeBatch, mapRecords, messagingOf, processName } from '../batch.ts'
import { type EventFields, fieldsOf, listOf, nameOf, resourceOf } from '../fields.ts'
import { newBudget, type ParseBudget } from '../json.ts'
import type { BatchRecord, Given, TriggerSource } from '../trigger.ts'
import { deadLetterCarriers, isDeadLetter } from './dead-letter.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import { SNS, snsHop } from './hops.ts'
import { attributeCarriers, xrayAttributeCarrier } from './message-attributes.ts'

export const sns: TriggerSource = {
  name: 'sns',
  // A capital E, of all services only here.
  detect: event => fieldsOf(listOf(event.Records)[0]).EventSource === 'aws:sns',
  describe: (event, given) => {
    const list = listOf(event.Records)
    const arn = fieldsOf(fieldsOf(list[0]).Sns).TopicArn
    const topic = resourceOf(arn)
    const budget = newBudget()
    return describeBatch({
      source: sns.name,
      faasTrigger: 'pubsub',
      spanName: processName(topic),
      attributes: { ...messagingOf(SNS, topic), [ATTR_AWS_SNS_TOPIC_ARN]: nameOf(arn) },
      lists: [list],
      records: mapRecords([list], record => readRecord(fieldsOf(record), budget, given)),
    })
  },
}

function readRecord(record: EventFields, budget: ParseBudget, given: Given): BatchRecord {
  const { Message, MessageAttributes, MessageId, TopicArn, Timestamp } = fieldsOf(record.Sns)
  const id = nameOf(MessageId)
  let parsed: Envelope | undefined
  const envelope = (): Envelope => {
    parsed ??= readEnvelope(Message, { name: 'sns.Message', budget, given })
    return parsed
  }
  const isOver = isDeadLetter(MessageAttributes)
  const own = (): readonly NamedCarrier[] =>
    attributeCarriers('sns.MessageAttributes', MessageAttributes, budget)
  return {
    value: record,
    id,
    carriers: () => (isOver ? NO_CARRIERS : own()),
    innerCarriers: () => {
      if (isOver) return [...own(), ...deadLetterCarriers(Message, budget, given)]
      const xray = xrayAttributeCarrier('sns.MessageAttributes', MessageAttributes)
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
    hops: () => [...(isOver ? [] : envelope().hops), snsHop(TopicArn, Timestamp)],
  }
}

const NO_CARRIERS: readonly NamedCarrier[] = []
