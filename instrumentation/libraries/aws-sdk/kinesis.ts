// Kinesis data streams and Firehose: records have no place for a context but their data, which is the user's. It goes in only on
// request (`BATON_INJECT=payloads`), and only into JSON objects.
import { ATTR_POINTER, kinesisPointer } from '../../propagation/pointer.ts'
import {
  ATTR_AWS_KINESIS_STREAM_NAME,
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '../../semconv.ts'
import { childOf, type Fields, fieldsOf, lastPart, listOf, textOf } from '../fields.ts'
import type { SetAttribute } from '../http-span.ts'
import { bytesOf, type MessageCarrier, withMembers } from './message-carrier.ts'
import { type AwsService, MAX_BATCH_POINTERS } from './service.ts'

const SENDS = ['PutRecord', 'PutRecords', 'PutRecordBatch']
/** Bytes of one record's data, and of all records of a call. */
interface Limits {
  readonly record: number
  readonly call: number
}

/**
 * 1 MiB with the partition key, which has at most 256 characters; streams may be set to more, and calls with them.
 * https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 */
const STREAM: Limits = { record: 1_048_576 - 1024, call: 5 * 1_048_576 }
/** https://docs.aws.amazon.com/firehose/latest/dev/limits.html */
const FIREHOSE: Limits = { record: 1_024_000, call: 4 * 1_048_576 }

export const kinesis: AwsService = {
  id: 'Kinesis',
  sends: SENDS,

  describe({ operation = '', input }, set) {
    const stream = streamOf(input)
    set(ATTR_MESSAGING_SYSTEM, 'aws.kinesis')
    set(ATTR_MESSAGING_DESTINATION_NAME, stream)
    set(ATTR_AWS_KINESIS_STREAM_NAME, stream)
    describeOperation(operation, input, set)
  },

  describeAnswer({ operation = '', input }, output, set) {
    const stream = streamOf(input)
    if (stream === undefined || !SENDS.includes(operation)) return
    const records = [output, ...(listOf(output, 'Records') ?? []).slice(0, MAX_BATCH_POINTERS)]
    const pointers = records
      .map(record => textOf(fieldsOf(record), 'SequenceNumber'))
      .filter(sequence => sequence !== undefined)
      .map(sequence => kinesisPointer(stream, sequence))
    set(ATTR_POINTER, pointers.length > 1 ? pointers : pointers[0])
  },

  inject: ({ operation, input }, carrier) => injectRecords(operation, input, carrier, STREAM),
}

export const firehose: AwsService = {
  id: 'Firehose',
  sends: SENDS,

  describe: ({ operation = '', input }, set) => {
    set(ATTR_MESSAGING_SYSTEM, 'aws.firehose')
    set(ATTR_MESSAGING_DESTINATION_NAME, textOf(input, 'DeliveryStreamName'))
    describeOperation(operation, input, set)
  },

  inject: ({ operation, input }, carrier) => injectRecords(operation, input, carrier, FIREHOSE),
}

const streamOf = (input: Fields): string | undefined =>
  textOf(input, 'StreamName') ?? lastPart(textOf(input, 'StreamARN'))

const describeOperation = (operation: string, input: Fields, set: SetAttribute): void => {
  set(ATTR_MESSAGING_OPERATION_NAME, operation || undefined)
  set(ATTR_MESSAGING_OPERATION_TYPE, SENDS.includes(operation) ? 'send' : undefined)
  set(ATTR_MESSAGING_BATCH_MESSAGE_COUNT, listOf(input, 'Records')?.length)
}

function injectRecords(
  operation = '',
  input: Fields,
  carrier: MessageCarrier,
  limits: Limits,
): Fields | undefined {
  if (carrier.injection !== 'payloads' || !SENDS.includes(operation)) return undefined
  const records = listOf(input, 'Records')
  if (records !== undefined) return injectList(input, records, carrier, limits)
  // One record: itself the input, or in a field of it (Firehose).
  if (input.Data !== undefined) return injectData(input, carrier, limits.record)
  const record = injectData(childOf(input, 'Record'), carrier, limits.record)
  return record && { ...input, Record: record }
}

function injectList(
  input: Fields,
  records: readonly unknown[],
  carrier: MessageCarrier,
  limits: Limits,
): Fields | undefined {
  const sizes = records.map(each => bytesOf(fieldsOf(each).Data))
  const keys = records.reduce<number>((sum, each) => sum + bytesOf(fieldsOf(each).PartitionKey), 0)
  let room = limits.call - sizes.reduce((sum, size) => sum + size, keys)
  const injected = records.map((each, at) => {
    const size = sizes[at] ?? 0
    const record = injectData(fieldsOf(each), carrier, Math.min(limits.record, size + room))
    if (record === undefined) return each
    room -= bytesOf(record.Data) - size
    return record
  })
  const isChanged = injected.some((each, at) => each !== records[at])
  return isChanged ? { ...input, Records: injected } : undefined
}

/** A text's bytes are its UTF-8, as v2 of the SDK sends it. */
function injectData(record: Fields, carrier: MessageCarrier, maxBytes: number): Fields | undefined {
  const { Data: data } = record
  if (bytesOf(data) > maxBytes) return undefined
  if (typeof data === 'string') {
    const text = withMembers(data, carrier, maxBytes)
    return text === undefined ? undefined : { ...record, Data: text }
  }
  if (!(data instanceof Uint8Array)) return undefined
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()
  const injected = withMembers(text, carrier, maxBytes)
  return injected === undefined ? undefined : { ...record, Data: Buffer.from(injected) }
}
