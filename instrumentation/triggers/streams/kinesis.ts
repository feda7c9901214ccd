// Kinesis data streams, polled or by a consumer with a fan-out of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html

import { ATTR_POINTER, kinesisPointer } from '../../propagation/pointer.ts'
import {
  ATTR_AWS_KINESIS_STREAM_NAME,
  ATTR_MESSAGING_DESTINATION_PARTITION_ID,
  ATTR_MESSAGING_MESSAGE_ID,
} from '../../semconv.ts'
import { describeBatch, mapRecords, messagingOf, processName } from '../batch.ts'
import { type EventFields, fieldsOf, firstPart, listOf, nameOf, resourceOf } from '../fields.ts'
import { timeOfSeconds } from '../hop.ts'
import { newBudget, type ParseBudget } from '../json.ts'
import { messageHop } from '../messages/hops.ts'
import type { BatchRecord, Trigger, TriggerSource } from '../trigger.ts'
import { dataCarriers } from './stream-data.ts'

const KINESIS = 'aws.kinesis'

export const kinesis: TriggerSource = {
  name: 'kinesis',
  detect: event => {
    const record = fieldsOf(listOf(event.Records)[0])
    return isKinesis(record) || (typeof record.kinesis === 'object' && record.kinesis !== null)
  },
  describe: event => describeKinesis(kinesis.name, listOf(event.Records)),
}

export const isKinesis = (record: unknown): boolean =>
  fieldsOf(record).eventSource === 'aws:kinesis'

/** Records as Lambda sends them and, with all fields in one object, as EventBridge Pipes does. */
export function describeKinesis(source: string, list: readonly unknown[]): Trigger {
  const record = fieldsOf(list[0])
  const stream = streamOf(record)
  const budget = newBudget()
  return describeBatch({
    source,
    faasTrigger: 'pubsub',
    spanName: processName(stream),
    attributes: { ...messagingOf(KINESIS, stream), [ATTR_AWS_KINESIS_STREAM_NAME]: stream },
    // A batch is of one shard.
    ownAttributes: { [ATTR_MESSAGING_DESTINATION_PARTITION_ID]: shardOf(record) },
    lists: [list],
    records: mapRecords([list], each => readRecord(fieldsOf(each), stream, budget)),
    isOrdered: true,
  })
}

/** `stream/orders`, or `stream/orders/consumer/mine:1700000000`. */
const streamOf = (record: EventFields): string | undefined =>
  firstPart(resourceOf(record.eventSourceARN, 'stream/'))

/** `shardId-000000000006:4959…` */
function shardOf(record: EventFields): string | undefined {
  const id = nameOf(record.eventID)
  const end = id?.indexOf(':') ?? -1
  return end === -1 ? undefined : id?.slice(0, end)
}

function readRecord(
  record: EventFields,
  stream: string | undefined,
  budget: ParseBudget,
): BatchRecord {
  const { kinesis: inner } = record
  const { data, sequenceNumber, approximateArrivalTimestamp } =
    typeof inner === 'object' && inner !== null ? fieldsOf(inner) : record
  const id = nameOf(sequenceNumber)
  return {
    value: record,
    id,
    carriers: () => dataCarriers('kinesis.data', data, budget),
    describe: () => ({
      [ATTR_MESSAGING_MESSAGE_ID]: id,
      [ATTR_POINTER]: id === undefined ? [] : [kinesisPointer(stream ?? '', id)],
    }),
    hops: () => [
      messageHop({
        system: KINESIS,
        what: 'stream',
        destination: stream,
        startMs: timeOfSeconds(approximateArrivalTimestamp),
        endMs: 'start',
      }),
    ],
  }
}
