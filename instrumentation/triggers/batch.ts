// The span of an invocation by a batch of records: messages, stream records, changed objects.
// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/

import { ATTR_POINTER } from '../propagation/pointer.ts'
import {
  ATTR_FAAS_TRIGGER,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '../semconv.ts'
import type { Attributes } from '../trace/attributes.ts'
import { SPAN_KIND_CONSUMER } from '../trace/span-kind.ts'
import { readBatchResult } from './batch-result.ts'
import { listOf } from './fields.ts'
import type { BatchRecord, FaasTrigger, LateDescription, Trigger } from './trigger.ts'

/** Records whose contexts and ids are read; as many as a span has links, by OpenTelemetry's default. */
export const MAX_RECORDS = 128
/** Ours: of a large event not all lists of records may have been found. */
export const ATTR_PARTIAL = 'baton.event.partial'
/** Pointers listed on one span. */
const MAX_POINTERS = 32

export interface BatchFields {
  readonly source: string
  readonly faasTrigger: FaasTrigger
  readonly spanName: string
  /** Of the invocation's span and of each record's. */
  readonly attributes: Attributes
  /** Of the invocation's span alone. */
  readonly ownAttributes?: Attributes
  readonly lists: readonly (readonly unknown[])[]
  /** Records in all; those of the lists where absent. */
  readonly count?: number
  readonly records: readonly BatchRecord[]
  readonly isOrdered?: boolean
}

export function describeBatch(fields: BatchFields): Trigger {
  const { source, faasTrigger, spanName, records, lists, isOrdered = false } = fields
  const count = fields.count ?? lists.reduce((sum, list) => sum + list.length, 0)
  const attributes = { [ATTR_FAAS_TRIGGER]: faasTrigger, ...fields.attributes }
  const batch = { lists, count, records, spanName, attributes: fields.attributes, isOrdered }
  const [first] = records
  return {
    source,
    faasTrigger,
    spanName,
    spanKind: SPAN_KIND_CONSUMER,
    attributes: {
      ...attributes,
      ...fields.ownAttributes,
      [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: count,
    },
    carriers: [],
    batch,
    hops: () => first?.hops?.() ?? [],
    describeLate: () => describePointers(records),
    describeResult: result => readBatchResult(result, count),
  }
}

/** What every message of a destination has in common. */
export const messagingOf = (system: string, destination: string | undefined): Attributes => ({
  [ATTR_MESSAGING_SYSTEM]: system,
  [ATTR_MESSAGING_DESTINATION_NAME]: destination,
  [ATTR_MESSAGING_OPERATION_TYPE]: 'process',
  [ATTR_MESSAGING_OPERATION_NAME]: 'process',
})

export const processName = (destination: string | undefined): string =>
  destination === undefined ? 'process' : `process ${destination}`

/** The first records of the given lists. */
export function mapRecords<T>(
  lists: readonly (readonly unknown[])[],
  read: (record: unknown) => T,
): readonly T[] {
  const records: T[] = []
  for (const list of lists) {
    for (let at = 0; at < list.length; at++) {
      if (records.length === MAX_RECORDS) return records
      records.push(read(list[at]))
    }
  }
  return records
}

/** Of each record one; a batch of one says the rest about its record too. */
function describePointers(records: readonly BatchRecord[]): LateDescription {
  const pointers: string[] = []
  let own: Attributes = {}
  for (const record of records) {
    if (pointers.length === MAX_POINTERS) break
    const { [ATTR_POINTER]: pointer, ...rest } = record.describe()
    if (records.length === 1) own = rest
    for (const each of listOf(pointer)) if (typeof each === 'string') pointers.push(each)
  }
  return {
    attributes: { ...own, [ATTR_POINTER]: pointers.length === 0 ? undefined : pointers },
  }
}
