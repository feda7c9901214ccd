// Firehose: records to be transformed on their way, and an answer for each.
// https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html

import { ATTR_POINTER, kinesisPointer } from '../../propagation/pointer.ts'
import { ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import { describeBatch, mapRecords, messagingOf, processName } from '../batch.ts'
import { readRecordResults } from '../batch-result.ts'
import { type EventFields, fieldsOf, listOf, nameOf, resourceOf } from '../fields.ts'
import { numberOf } from '../hop.ts'
import { newBudget, type ParseBudget } from '../json.ts'
import { messageHop } from '../messages/hops.ts'
import type { BatchRecord, TriggerSource } from '../trigger.ts'
import { dataCarriers } from './stream-data.ts'

const FIREHOSE = 'aws.firehose'

export const firehose: TriggerSource = {
  name: 'firehose',
  detect: event => typeof event.deliveryStreamArn === 'string' && Array.isArray(event.records),
  describe: event => {
    const list = listOf(event.records)
    const stream = resourceOf(event.deliveryStreamArn, 'deliverystream/')
    const source = resourceOf(event.sourceKinesisStreamArn, 'stream/')
    const budget = newBudget()
    const trigger = describeBatch({
      source: firehose.name,
      faasTrigger: 'pubsub',
      spanName: processName(stream),
      attributes: messagingOf(FIREHOSE, stream),
      lists: [list],
      records: mapRecords([list], each => readRecord(fieldsOf(each), { stream, source, budget })),
    })
    return {
      ...trigger,
      describeResult: result => {
        return readRecordResults(result, list.length, failedId)
      },
    }
  },
}

const failedId = (result: unknown): string | undefined => {
  const { result: outcome, recordId } = fieldsOf(result)
  return outcome === 'ProcessingFailed' ? nameOf(recordId) : undefined
}

interface Streams {
  readonly stream: string | undefined
  /** The data stream that the delivery stream reads, if it does. */
  readonly source: string | undefined
  readonly budget: ParseBudget
}

function readRecord(record: EventFields, { stream, source, budget }: Streams): BatchRecord {
  const { data, recordId, approximateArrivalTimestamp, kinesisRecordMetadata } = record
  const id = nameOf(recordId)
  const sequence = nameOf(fieldsOf(kinesisRecordMetadata).sequenceNumber)
  return {
    value: record,
    id,
    carriers: () => dataCarriers('firehose.data', data, budget),
    describe: () => ({
      [ATTR_MESSAGING_MESSAGE_ID]: id,
      [ATTR_POINTER]: sequence === undefined ? [] : [kinesisPointer(source ?? '', sequence)],
    }),
    hops: () => [
      messageHop({
        system: FIREHOSE,
        what: 'stream',
        destination: stream,
        startMs: numberOf(approximateArrivalTimestamp),
        endMs: 'start',
      }),
    ],
  }
}
