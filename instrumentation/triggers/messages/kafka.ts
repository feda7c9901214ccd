// Kafka, Amazon's and one's own: records by topic and partition, their headers as lists of byte numbers.
// https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html

import { listCarriers } from '../../propagation/carrier.ts'
import {
  ATTR_MESSAGING_DESTINATION_PARTITION_ID,
  ATTR_MESSAGING_KAFKA_OFFSET,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import {
  ATTR_PARTIAL,
  describeBatch,
  MAX_RECORDS,
  mapRecords,
  messagingOf,
  processName,
} from '../batch.ts'
import { type EventFields, fieldsOf, nameOf } from '../fields.ts'
import { numberOf } from '../hop.ts'
import { newBudget } from '../json.ts'
import type { BatchRecord, Trigger, TriggerSource } from '../trigger.ts'
import { bytesReader } from './bytes.ts'
import { messageHop } from './hops.ts'
import { type ListsOfMap, listsIn } from './lists.ts'

const KAFKA = 'kafka'

const kafkaSource = (name: string, eventSource: string): TriggerSource => ({
  name,
  detect: event => event.eventSource === eventSource,
  describe: (event, given) => describeKafka(name, listsIn(event.records, 'records', given)),
})

export const msk: TriggerSource = kafkaSource('msk', 'aws:kafka')
export const selfManagedKafka: TriggerSource = kafkaSource('self-managed-kafka', 'SelfManagedKafka')

/** Several topics in one batch have the name that the conventions give to several sources. */
export function describeKafka(source: string, { lists, count, isCut }: ListsOfMap): Trigger {
  const topics = new Set(lists.map(list => nameOf(fieldsOf(list[0]).topic)))
  const [topic] = topics
  const destination = topics.size > 1 ? 'multiple_sources' : topic
  const isOne = lists.length === 1
  const read = bytesReader(newBudget())
  const limit = Math.min(MAX_HEADERS, Math.floor(MAX_BATCH_HEADERS / Math.min(count, MAX_RECORDS)))
  return describeBatch({
    source,
    faasTrigger: 'pubsub',
    spanName: processName(destination),
    attributes: messagingOf(KAFKA, topics.size > 1 ? undefined : topic),
    ownAttributes: {
      ...(isOne ? positionOf(fieldsOf(lists[0]?.[0]), lists[0]?.length === 1) : undefined),
      [ATTR_PARTIAL]: isCut || undefined,
    },
    lists,
    count,
    records: mapRecords(lists, record => readRecord(fieldsOf(record), read, limit)),
    isOrdered: true,
  })
}

/** Of one record. */
const MAX_HEADERS = 64
/** Of all records that are read: 8 each where these are 128. Each takes 0.4 µs. */
const MAX_BATCH_HEADERS = 1024

function readRecord(
  record: EventFields,
  read: ReturnType<typeof bytesReader>,
  limit: number,
): BatchRecord {
  const { headers, topic, timestamp } = record
  return {
    value: record,
    id: idOf(record),
    carriers: () => listCarriers('kafka.headers', headers, read, limit),
    describe: () => positionOf(record, true),
    hops: () => [
      messageHop({
        system: KAFKA,
        what: 'topic',
        destination: nameOf(topic),
        startMs: numberOf(timestamp),
        endMs: 'start',
      }),
    ],
  }
}

const positionOf = (record: EventFields, hasOffset: boolean): Attributes => ({
  [ATTR_MESSAGING_DESTINATION_PARTITION_ID]: numberOf(record.partition)?.toString(),
  [ATTR_MESSAGING_KAFKA_OFFSET]: hasOffset ? numberOf(record.offset) : undefined,
})

/** Kafka's failures are named by partition and offset. */
function idOf({ topic, partition, offset }: EventFields): string | undefined {
  const at = numberOf(partition)
  return at === undefined ? undefined : `${nameOf(topic) ?? ''}-${at}-${numberOf(offset) ?? ''}`
}
