// S3 notifications: there is no carrier in them, so that a pointer joins them to the call that stored the object.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

import { ATTR_POINTER } from '../../propagation/pointer.ts'
import {
  ATTR_FAAS_DOCUMENT_COLLECTION,
  ATTR_FAAS_DOCUMENT_NAME,
  ATTR_FAAS_DOCUMENT_OPERATION,
  ATTR_FAAS_DOCUMENT_TIME,
} from '../../semconv.ts'
import { describeBatch, mapRecords } from '../batch.ts'
import { type EventFields, fieldsOf, listOf, nameOf } from '../fields.ts'
import type { BatchRecord, TriggerSource } from '../trigger.ts'
import { bucketOf, decodeKey, objectHop, objectPointer } from './object.ts'

export const s3: TriggerSource = {
  name: 's3',
  detect: event => {
    const { s3: object } = fieldsOf(listOf(event.Records)[0])
    return typeof object === 'object' && object !== null
  },
  describe: event => {
    const list = listOf(event.Records)
    const record = fieldsOf(list[0])
    const bucket = bucketOf(record)
    const eventName = nameOf(record.eventName) ?? 'event'
    return describeBatch({
      source: s3.name,
      faasTrigger: 'datasource',
      spanName: bucket === undefined ? eventName : `${bucket} ${eventName}`,
      attributes: { [ATTR_FAAS_DOCUMENT_COLLECTION]: bucket },
      ownAttributes: list.length === 1 ? documentOf(record) : {},
      lists: [list],
      records: mapRecords([list], each => readRecord(fieldsOf(each))),
    })
  },
}

const documentOf = (record: EventFields) => ({
  [ATTR_FAAS_DOCUMENT_NAME]: decodeKey(fieldsOf(fieldsOf(record.s3).object).key),
  [ATTR_FAAS_DOCUMENT_OPERATION]: operationOf(record.eventName),
  [ATTR_FAAS_DOCUMENT_TIME]: nameOf(record.eventTime),
})

/** The conventions know three operations. */
function operationOf(eventName: unknown): string | undefined {
  const name = nameOf(eventName)
  if (name === undefined) return undefined
  if (name.includes('ObjectRemoved:') || name.startsWith('LifecycleExpiration')) return 'delete'
  return name.includes('ObjectCreated:') || name.includes('ObjectRestore:') ? 'insert' : 'edit'
}

const NO_CARRIERS = [] as const

const readRecord = (record: EventFields): BatchRecord => ({
  value: record,
  id: nameOf(fieldsOf(record.responseElements)['x-amz-request-id']),
  carriers: () => NO_CARRIERS,
  describe: () => {
    const pointer = objectPointer(record.s3)
    return { ...documentOf(record), [ATTR_POINTER]: pointer === undefined ? [] : [pointer] }
  },
  hops: () => [objectHop(record)],
})
