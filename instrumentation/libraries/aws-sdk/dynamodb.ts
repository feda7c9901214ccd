// DynamoDB: https://opentelemetry.io/docs/specs/semconv/db/dynamodb/. Keys and values of items stay in the function; the pointer
// holds a hash of a key.
import { ATTR_POINTER, dynamoPointer } from '../../propagation/pointer.ts'
import {
  ATTR_AWS_DYNAMODB_CONSISTENT_READ,
  ATTR_AWS_DYNAMODB_CONSUMED_CAPACITY,
  ATTR_AWS_DYNAMODB_COUNT,
  ATTR_AWS_DYNAMODB_INDEX_NAME,
  ATTR_AWS_DYNAMODB_LIMIT,
  ATTR_AWS_DYNAMODB_PROJECTION,
  ATTR_AWS_DYNAMODB_SCAN_FORWARD,
  ATTR_AWS_DYNAMODB_SCANNED_COUNT,
  ATTR_AWS_DYNAMODB_SEGMENT,
  ATTR_AWS_DYNAMODB_SELECT,
  ATTR_AWS_DYNAMODB_TABLE_NAMES,
  ATTR_AWS_DYNAMODB_TOTAL_SEGMENTS,
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_BATCH_SIZE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
} from '../../semconv.ts'
import {
  childOf,
  type Fields,
  fieldsOf,
  flagOf,
  lastPart,
  listOf,
  numberOf,
  onlyOne,
  textOf,
} from '../fields.ts'
import { type AwsService, MAX_BATCH_POINTERS } from './service.ts'

/** A batch or transaction names at most 100 items: DynamoDB's limit. */
const MAX_ITEMS = 100

export const dynamodb: AwsService = {
  id: 'DynamoDB',

  describe({ operation, input }, set) {
    const tables = tablesOf(input)
    const items = itemsOf(input)
    set(ATTR_DB_SYSTEM_NAME, 'aws.dynamodb')
    set(ATTR_DB_OPERATION_NAME, operation)
    set(ATTR_DB_COLLECTION_NAME, onlyOne(tables))
    set(ATTR_DB_OPERATION_BATCH_SIZE, items > 1 ? items : undefined)
    set(ATTR_AWS_DYNAMODB_TABLE_NAMES, tables.length > 0 ? tables : undefined)
    set(ATTR_AWS_DYNAMODB_INDEX_NAME, textOf(input, 'IndexName'))
    set(ATTR_AWS_DYNAMODB_CONSISTENT_READ, flagOf(input, 'ConsistentRead'))
    set(ATTR_AWS_DYNAMODB_LIMIT, numberOf(input, 'Limit'))
    set(ATTR_AWS_DYNAMODB_PROJECTION, textOf(input, 'ProjectionExpression'))
    set(ATTR_AWS_DYNAMODB_SCAN_FORWARD, flagOf(input, 'ScanIndexForward'))
    set(ATTR_AWS_DYNAMODB_SEGMENT, numberOf(input, 'Segment'))
    set(ATTR_AWS_DYNAMODB_TOTAL_SEGMENTS, numberOf(input, 'TotalSegments'))
    set(ATTR_AWS_DYNAMODB_SELECT, textOf(input, 'Select'))
  },

  describeAnswer({ operation = '', input }, output, set) {
    set(ATTR_AWS_DYNAMODB_COUNT, numberOf(output, 'Count'))
    set(ATTR_AWS_DYNAMODB_SCANNED_COUNT, numberOf(output, 'ScannedCount'))
    set(ATTR_AWS_DYNAMODB_CONSUMED_CAPACITY, capacityOf(output))
    set(ATTR_POINTER, WRITES.includes(operation) ? pointersOf(input) : undefined)
  },
}

function tablesOf(input: Fields): readonly string[] {
  const single = tableName(textOf(input, 'TableName'))
  if (single !== undefined) return [single]
  const batch = Object.keys(childOf(input, 'RequestItems'))
  const transaction = (listOf(input, 'TransactItems') ?? []).slice(0, MAX_ITEMS).map(each => {
    const [action] = Object.values(fieldsOf(each))
    return textOf(fieldsOf(action), 'TableName')
  })
  const names = [...batch, ...transaction].map(tableName).filter(name => name !== undefined)
  return [...new Set(names)]
}

const WRITES = ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']

/**
 * Of the items that are named by their keys. The key of an item that is put stands among its other attributes, and which they
 * are only the table's schema says.
 */
function pointersOf(input: Fields): string | readonly string[] | undefined {
  const single = pointerOf(textOf(input, 'TableName'), input)
  if (single !== undefined) return single
  const batch = Object.entries(childOf(input, 'RequestItems')).flatMap(([table, requests]) =>
    (Array.isArray(requests) ? requests : []).map(each =>
      pointerOf(table, childOf(fieldsOf(each), 'DeleteRequest')),
    ),
  )
  const transaction = (listOf(input, 'TransactItems') ?? []).map(each => {
    const { Update, Delete } = fieldsOf(each)
    const write = fieldsOf(Update ?? Delete)
    return pointerOf(textOf(write, 'TableName'), write)
  })
  const pointers = [...batch, ...transaction].filter(each => each !== undefined)
  return pointers.length === 0 ? undefined : pointers.slice(0, MAX_BATCH_POINTERS)
}

function pointerOf(table: string | undefined, write: Fields): string | undefined {
  const name = tableName(table)
  const key = marshalKey(childOf(write, 'Key'))
  return name === undefined || key === undefined ? undefined : dynamoPointer(name, key)
}

/** A table may be named by its ARN. */
const tableName = (name: string | undefined): string | undefined =>
  name?.startsWith('arn:') ? lastPart(name) : name

function itemsOf(input: Fields): number {
  const lists = Object.values(childOf(input, 'RequestItems')).map(each =>
    Array.isArray(each) ? each.length : (listOf(fieldsOf(each), 'Keys')?.length ?? 0),
  )
  return lists.reduce((sum, each) => sum + each, listOf(input, 'TransactItems')?.length ?? 0)
}

function capacityOf(output: Fields): readonly string[] | undefined {
  const value = output.ConsumedCapacity
  if (typeof value !== 'object' || value === null) return undefined
  return (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : [value]).map(each =>
    JSON.stringify(each),
  )
}

/** A key as the API has it; the document client's commands hold plain values. A key is a text, a number or bytes. */
function marshalKey(key: Fields): Fields | undefined {
  const entries = Object.entries(key).map(([name, value]) => [name, marshal(value)])
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function marshal(value: unknown): unknown {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number' || typeof value === 'bigint') return { N: String(value) }
  const bytes = value instanceof Uint8Array ? value : fieldsOf(value).B
  return bytes instanceof Uint8Array ? { B: Buffer.from(bytes).toString('base64') } : value
}
