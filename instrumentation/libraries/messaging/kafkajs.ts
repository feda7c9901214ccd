// Kafka by kafkajs: what producers and their transactions send, and what consumers are handed, one by one or in batches.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import {
  ATTR_MESSAGING_CONSUMER_GROUP_NAME,
  ATTR_MESSAGING_DESTINATION_PARTITION_ID,
  ATTR_MESSAGING_KAFKA_OFFSET,
} from '../../semconv.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, listOf, onlyOne, textOf } from '../fields.ts'
import { runCall, type TracedCall } from '../traced-call.ts'
import { type Around, aroundFunction, aroundMethod, runWithin } from './around.ts'
import {
  beginConsumer,
  type Consumer,
  type Entries,
  entriesFor,
  entriesInto,
  openMessageCall,
  openProcess,
} from './message-call.ts'

const SYSTEM = 'kafka'
/** `message.max.bytes` of brokers is 1 MiB and a little by default. */
const MAX_BATCH_BYTES = 1_000_000
/** Of a message, beside its key and value. */
const MESSAGE_BYTES = 128
/** More than a span may have. */
const MAX_LINKS = 129

/** Hooks `producer/messageProducer.js`, which makes the senders of producers and of transactions. */
export function wrapKafkaProducer(tools: LibraryTools, loaded: LoadedModule): void {
  replaceFactory(loaded, sender => {
    aroundMethod(
      sender,
      'send',
      createSend(tools, input => [input]),
    )
    aroundMethod(
      sender,
      'sendBatch',
      createSend(tools, input => (listOf(input, 'topicMessages') ?? []).map(fieldsOf)),
    )
  })
}

/** Hooks `consumer/index.js`. */
export function wrapKafkaConsumer(tools: LibraryTools, loaded: LoadedModule): void {
  replaceFactory(loaded, (consumer, [options]) => {
    const groupId = textOf(fieldsOf(options), 'groupId')
    aroundMethod(consumer, 'run', (_, args, work) => {
      tools.guard.run('a consumer', () => followConsumer(tools, groupId, args))
      return work()
    })
  })
}

function replaceFactory(
  loaded: LoadedModule,
  wrap: (made: unknown, args: readonly unknown[]) => void,
): void {
  const { exports: create } = loaded
  if (typeof create !== 'function') return
  loaded.exports = aroundFunction(create, (_, args, work) => {
    const made = work()
    wrap(made, args)
    return made
  })
}

const createSend =
  (tools: LibraryTools, topicsOf: (input: Fields) => readonly Fields[]): Around =>
  (_, args, work) => {
    const input = fieldsOf(args[0])
    const topics = topicsOf(input)
    const call = tools.guard.run('a message', () => openSend(tools, topics))
    if (call === undefined) return work()
    const added = tools.guard.run('a message', () => addContext(tools, call, topics))
    if (added !== undefined)
      args[0] = 'topicMessages' in input ? { ...input, topicMessages: added } : added[0]
    return runCall(tools, call, work, answer => {
      if (countOf(topics) === 1) describeAnswer(call, answer)
    })
  }

const messagesOf = (topic: Fields): readonly unknown[] => listOf(topic, 'messages') ?? []
const countOf = (topics: readonly Fields[]): number =>
  topics.reduce((sum, topic) => sum + messagesOf(topic).length, 0)

const openSend = (tools: LibraryTools, topics: readonly Fields[]): TracedCall | undefined =>
  openMessageCall(tools, {
    system: SYSTEM,
    operation: 'send',
    type: 'send',
    destination: onlyOne(topics.map(topic => textOf(topic, 'topic'))),
    batchSize: countOf(topics),
  })

/** The topics with copies of the messages; `undefined` where nothing is added. */
function addContext(
  tools: LibraryTools,
  call: TracedCall,
  topics: readonly Fields[],
): readonly Fields[] | undefined {
  const all = topics.flatMap(messagesOf).map(fieldsOf)
  // The library refuses it, and quotes it.
  if (all.length === 0 || all.some(({ value }) => value === undefined)) return undefined
  const entries = entriesFor(tools, call)
  const room = (MAX_BATCH_BYTES - all.reduce((sum, each) => sum + bytesOf(each), 0)) / all.length
  return topics.map(topic =>
    Array.isArray(topic.messages)
      ? { ...topic, messages: topic.messages.map(each => withContext(each, entries, room)) }
      : topic,
  )
}

function withContext(message: object, entries: Entries, roomBytes: number): object {
  const headers = childOf(message as Fields, 'headers')
  const added = entriesInto(entries, name => headers[name] !== undefined, roomBytes)
  if (added.length === 0) return message
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, {
    headers: { ...headers, ...Object.fromEntries(added) },
  })
}

const bytesOf = ({ key, value }: Fields): number => lengthOf(key) + lengthOf(value) + MESSAGE_BYTES

const lengthOf = (value: unknown): number =>
  typeof value === 'string' || value instanceof Uint8Array ? Buffer.byteLength(value) : 0

/** Of one message it is known where it went. */
function describeAnswer({ span }: TracedCall, answer: unknown): void {
  const { partition, baseOffset } = fieldsOf(Array.isArray(answer) ? answer[0] : undefined)
  if (partition === undefined) return
  span.setAttribute(ATTR_MESSAGING_DESTINATION_PARTITION_ID, String(partition))
  if (baseOffset !== undefined) span.setAttribute(ATTR_MESSAGING_KAFKA_OFFSET, Number(baseOffset))
}

function followConsumer(tools: LibraryTools, groupId: string | undefined, args: unknown[]): void {
  const consumer = beginConsumer(tools)
  if (consumer === undefined) return
  const config = fieldsOf(args[0])
  const follow = (worker: unknown, receivedIn: (payload: Fields) => Received): unknown =>
    typeof worker === 'function'
      ? aroundFunction(worker, (_, [payload], work) =>
          runWithin(
            tools,
            () => openReceived(tools, consumer, groupId, receivedIn(fieldsOf(payload))),
            work,
          ),
        )
      : worker
  args[0] = {
    ...config,
    eachMessage: follow(config.eachMessage, payload => ({
      ...payload,
      messages: [payload.message],
      offset: Number(fieldsOf(payload.message).offset),
    })),
    eachBatch: follow(config.eachBatch, ({ batch }) => batch as Received),
  }
}

/** A batch as the library hands it over, or one message. */
interface Received {
  readonly topic?: unknown
  readonly partition?: unknown
  readonly messages?: readonly unknown[]
  readonly offset?: number
}

const openReceived = (
  tools: LibraryTools,
  consumer: Consumer,
  groupId: string | undefined,
  { topic, partition, messages = [], offset }: Received,
): TracedCall =>
  openProcess(
    tools,
    consumer,
    {
      system: SYSTEM,
      operation: 'process',
      type: 'process',
      destination: String(topic),
      batchSize: messages.length,
      attributes: {
        [ATTR_MESSAGING_DESTINATION_PARTITION_ID]: String(partition),
        [ATTR_MESSAGING_CONSUMER_GROUP_NAME]: groupId,
        [ATTR_MESSAGING_KAFKA_OFFSET]: offset,
      },
    },
    messages.slice(0, MAX_LINKS).map(headersOf),
  )

/** Values are bytes; of a header that came more than once there is a list. */
function headersOf(message: unknown): Carrier {
  const headers = childOf(fieldsOf(message), 'headers')
  return name => {
    const value = [headers[name]].flat()[0]
    return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined
  }
}
