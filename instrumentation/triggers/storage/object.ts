// An object in S3 as events name it. Keys come as in a form's query: `%` codes, and `+` for a blank.

import { s3Pointer } from '../../propagation/pointer.ts'
import { ATTR_FAAS_DOCUMENT_COLLECTION } from '../../semconv.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import { type EventFields, fieldsOf, MAX_TEXT_LENGTH, nameOf, textOf } from '../fields.ts'
import { type Hop, timeOfIso } from '../hop.ts'

/** Longest key, in `%` codes. */
const MAX_CODED_LENGTH = 3 * MAX_TEXT_LENGTH

/** The key as it was given to PutObject. */
export function decodeKey(key: unknown): string | undefined {
  const coded = textOf(key, MAX_CODED_LENGTH)
  if (coded === undefined) return undefined
  try {
    return decodeURIComponent(coded.replaceAll('+', ' ')).slice(0, MAX_TEXT_LENGTH)
  } catch {
    return coded.slice(0, MAX_TEXT_LENGTH)
  }
}

export const bucketOf = (record: EventFields): string | undefined =>
  nameOf(fieldsOf(fieldsOf(record.s3).bucket).name)

/** From the change of an object until whoever was notified had the notification. */
export const objectHop = (record: EventFields): Hop => ({
  service: 'aws.s3',
  name: `notification ${bucketOf(record) ?? 's3'}`,
  kind: SPAN_KIND_INTERNAL,
  startMs: timeOfIso(record.eventTime),
  endMs: 'start',
  attributes: { [ATTR_FAAS_DOCUMENT_COLLECTION]: bucketOf(record) },
})

/** Of the field `s3` of a notification's record. */
export function objectPointer(s3: unknown): string | undefined {
  const { bucket, object } = fieldsOf(s3)
  const { key, eTag } = fieldsOf(object)
  return pointerOf(fieldsOf(bucket), decodeKey(key), eTag)
}

/** Of an event by EventBridge, which sends keys as they are; made when called. */
export function bucketObjectPointer(bucket: unknown, object: unknown): () => string | undefined {
  const { key, etag } = fieldsOf(object)
  const fields = fieldsOf(bucket)
  return () => pointerOf(fields, textOf(key, MAX_TEXT_LENGTH), etag)
}

function pointerOf(
  bucket: EventFields,
  key: string | undefined,
  etag: unknown,
): string | undefined {
  const name = nameOf(bucket.name)
  return name !== undefined && key !== undefined && typeof etag === 'string'
    ? s3Pointer(name, key, etag)
    : undefined
}
