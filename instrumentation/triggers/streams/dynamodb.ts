// DynamoDB streams: changed items. A writer may leave a carrier in the item; if not, a pointer made of table and key
// joins both sides. Keys and values are not recorded.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

import { mapCarriers, type NamedCarrier, readText } from '../../propagation/carrier.ts'
import { ATTR_POINTER, dynamoPointer } from '../../propagation/pointer.ts'
import {
  ATTR_FAAS_DOCUMENT_COLLECTION,
  ATTR_FAAS_DOCUMENT_OPERATION,
  ATTR_FAAS_DOCUMENT_TIME,
  ATTR_MESSAGING_MESSAGE_ID,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import { describeBatch, mapRecords } from '../batch.ts'
import { type EventFields, fieldsOf, firstPart, listOf, nameOf, resourceOf } from '../fields.ts'
import { timeOfSeconds } from '../hop.ts'
import { type EventText, namesOf } from '../names.ts'
import type { BatchRecord, Trigger, TriggerSource } from '../trigger.ts'

export const dynamoDb: TriggerSource = {
  name: 'dynamodb',
  detect: event => {
    const { dynamodb } = fieldsOf(listOf(event.Records)[0])
    return typeof dynamodb === 'object' && dynamodb !== null
  },
  describe: (event, given) => describeDynamoDb(dynamoDb.name, listOf(event.Records), given),
}

/** Records as Lambda and EventBridge Pipes both send them. */
export function describeDynamoDb(
  source: string,
  list: readonly unknown[],
  given: EventText,
): Trigger {
  const first = fieldsOf(list[0])
  // arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL
  const table = firstPart(resourceOf(first.eventSourceARN, 'table/'))
  const keysOf = keyReader(list, given)
  const records = mapRecords([list], each => readRecord(fieldsOf(each), table, keysOf))
  const eventName = commonName(list)
  return describeBatch({
    source,
    faasTrigger: 'datasource',
    spanName: table === undefined ? eventName : `${table} ${eventName}`,
    attributes: { [ATTR_FAAS_DOCUMENT_COLLECTION]: table },
    ownAttributes: list.length === 1 ? documentOf(first) : {},
    lists: [list],
    records,
    isOrdered: true,
  })
}

/** What all the first records say alike. */
function commonName(list: readonly unknown[]): string {
  const names = new Set(mapRecords([list], each => nameOf(fieldsOf(each).eventName)))
  const [name] = names
  return names.size === 1 && name !== undefined ? name : 'changes'
}

const OPERATIONS: Readonly<Record<string, string>> = {
  INSERT: 'insert',
  MODIFY: 'edit',
  REMOVE: 'delete',
}

function documentOf({ eventName, dynamodb }: EventFields): Attributes {
  const name = nameOf(eventName)
  const time = timeOfSeconds(fieldsOf(dynamodb).ApproximateCreationDateTime)
  return {
    [ATTR_FAAS_DOCUMENT_OPERATION]:
      name !== undefined && Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined,
    [ATTR_FAAS_DOCUMENT_TIME]: isoOf(time),
  }
}

/** The last time that a Date can tell. */
const MAX_TIME_MS = 8.64e15

const isoOf = (timeMs: number | undefined): string | undefined =>
  timeMs !== undefined && Math.abs(timeMs) <= MAX_TIME_MS
    ? new Date(timeMs).toISOString()
    : undefined

type ReadKeys = (change: EventFields) => EventFields

/** The items of one table have keys of the same names, two at most: those of the first are found, and looked up. */
function keyReader(list: readonly unknown[], given: EventText): ReadKeys {
  let known: readonly string[] | undefined
  return ({ Keys }) => {
    const keys = fieldsOf(Keys)
    if (given.isSmall) return keys
    known ??= wholeNames(fieldsOf(fieldsOf(list[0]).dynamodb).Keys, given)
    const own = known.filter(name => Object.hasOwn(keys, name))
    return Object.fromEntries(own.map(name => [name, keys[name]]))
  }
}

const MAX_KEYS = 8

/** Half a key is none. */
function wholeNames(keys: unknown, given: EventText): readonly string[] {
  const { names, isCut } = namesOf(keys, 'Keys', given, MAX_KEYS)
  return isCut ? [] : names
}

function readRecord(record: EventFields, table: string | undefined, keysOf: ReadKeys): BatchRecord {
  const change = fieldsOf(record.dynamodb)
  return {
    value: record,
    id: nameOf(change.SequenceNumber),
    carriers: () => imageCarriers(change),
    describe: () => {
      const pointer = table === undefined ? undefined : dynamoPointer(table, keysOf(change))
      return {
        [ATTR_MESSAGING_MESSAGE_ID]: nameOf(record.eventID),
        ...documentOf(record),
        [ATTR_POINTER]: pointer === undefined ? [] : [pointer],
      }
    },
    hops: () => [
      {
        service: 'aws.dynamodb',
        name: `stream ${table ?? 'dynamodb'}`,
        kind: SPAN_KIND_INTERNAL,
        startMs: timeOfSeconds(change.ApproximateCreationDateTime),
        endMs: 'start',
        attributes: { [ATTR_FAAS_DOCUMENT_COLLECTION]: table },
      },
    ],
  }
}

/** The old image of a removed item names whoever wrote it last, not who removed it. */
const imageCarriers = ({ NewImage }: EventFields): readonly NamedCarrier[] =>
  mapCarriers('dynamodb.NewImage', NewImage, (value, name) => readText(fieldsOf(value).S, name))
