// Kafka by kafkajs: what producers and their transactions send, and what consumers are handed, one by one or in batches.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import {
  ATTR_MESSAGING_CONSUMER_GROUP_NAME,
  ATTR_MESSAGING_DESTINATION_PARTITION_ID,
  ATTR_MESSAGING_KAFKA_OFFSET,
} from '../../semconv.ts'
import type { ActiveContext } from '../../trace/tracer.ts'
import { childOf, type Fields, fieldsOf, listOf, onlyOne, textOf } from '../aws-sdk/fields.ts'
import type { LibraryTools } from '../contract.ts'
import { runCall, type TracedCall } from '../traced-call.ts'
import {
  contextFor,
  type MessageStart,
  openBatch,
  openMessageCall,
  openProcess,
} from './message-call.ts'

const SYSTEM = 'kafka'
/** `message.max.bytes` of brokers is 1 MiB and a little by default: what is near it gets nothing added. */
const MAX_BATCH_BYTES = 1_000_000
/** More than a span may have. */
const MAX_LINKS = 129
/** Of all that is added to a message, without baggage. */
const CONTEXT_BYTES = 256

type Factory = (...args: unknown[]) => Record<string, unknown>

/** Hooks `producer/messageProducer.js`, which makes the senders of producers and of transactions. */
export function wrapKafkaProducer(tools: LibraryTools, loaded: LoadedModule): void {
  replaceFactory(loaded, sender => {
    wrapMethod(sender, 'send', send => createSend(tools, send, input => [input]))
    wrapMethod(sender, 'sendBatch', send =>
      createSend(tools, send, input => (listOf(input, 'topicMessages') ?? []).map(fieldsOf)),
    )
  })
}

/** Hooks `consumer/index.js`. */
export function wrapKafkaConsumer(tools: LibraryTools, loaded: LoadedModule): void {
  replaceFactory(loaded, (consumer, [options]) => {
    const groupId = textOf(fieldsOf(options), 'groupId')
    wrapMethod(consumer, 'run', run => createRun(tools, run, groupId))
  })
}

function replaceFactory(
  loaded: LoadedModule,
  wrap: (made: Record<string, unknown>, args: readonly unknown[]) => void,
): void {
  const { exports: create } = loaded
  if (typeof create !== 'function') return
  loaded.exports = ((...args) => {
    const made = (create as Factory)(...args)
    wrap(made, args)
    return made
  }) satisfies Factory
}

function createSend(
  tools: LibraryTools,
  send: AnyFunction,
  topicsOf: (input: Fields) => readonly Fields[],
): AnyFunction {
  return function tracedSend(this: unknown, ...args: unknown[]): unknown {
    const input = fieldsOf(args[0])
    const call = tools.guard.run('sending to Kafka', () => openSend(tools, topicsOf(input)))
    const work = (): unknown => Reflect.apply(send, this, args)
    if (call === undefined) return work()
    const topics = tools.guard.run('sending to Kafka', () =>
      addContext(tools, call, topicsOf(input)),
    )
    if (topics !== undefined) {
      args[0] = 'topicMessages' in input ? { ...input, topicMessages: topics } : topics[0]
    }
    return runCall(tools, call, work, answer => {
      if (countOf(topicsOf(input)) === 1) describeAnswer(call, answer)
    })
  }
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
  const bytes = topics.flatMap(messagesOf).reduce<number>((sum, each) => sum + bytesOf(each), 0)
  if (bytes > MAX_BATCH_BYTES) return undefined
  return topics.map(topic =>
    Array.isArray(topic.messages)
      ? { ...topic, messages: topic.messages.map(each => withContext(tools, call, each)) }
      : topic,
  )
}

function withContext(tools: LibraryTools, call: TracedCall, message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message
  const headers = childOf(message as Fields, 'headers')
  const added = contextFor(tools, call, name => headers[name] !== undefined)
  return added === undefined ? message : { ...message, headers: { ...headers, ...added } }
}

function bytesOf(message: unknown): number {
  const { key, value } = fieldsOf(message)
  return lengthOf(key) + lengthOf(value) + CONTEXT_BYTES
}

const lengthOf = (value: unknown): number =>
  typeof value === 'string' || value instanceof Uint8Array ? Buffer.byteLength(value) : 0

/** Of one message it is known where it went. */
function describeAnswer({ span }: TracedCall, answer: unknown): void {
  const { partition, baseOffset } = fieldsOf(Array.isArray(answer) ? answer[0] : undefined)
  if (partition === undefined) return
  span.setAttribute(ATTR_MESSAGING_DESTINATION_PARTITION_ID, String(partition))
  if (baseOffset !== undefined) span.setAttribute(ATTR_MESSAGING_KAFKA_OFFSET, Number(baseOffset))
}

function createRun(
  tools: LibraryTools,
  run: AnyFunction,
  groupId: string | undefined,
): AnyFunction {
  return function tracedRun(this: unknown, ...args: unknown[]): unknown {
    const outer = tools.tracer.active()
    const config = fieldsOf(args[0])
    const { eachMessage, eachBatch } = config
    if (outer !== undefined) {
      const follow = (work: unknown, open: (payload: Fields) => TracedCall): unknown =>
        typeof work === 'function' ? createWorker(tools, work, open) : work
      args[0] = {
        ...config,
        eachMessage: follow(eachMessage, payload => openMessage(tools, outer, payload, groupId)),
        eachBatch: follow(eachBatch, payload => openMessages(tools, outer, payload, groupId)),
      }
    }
    return Reflect.apply(run, this, args)
  }
}

const createWorker = (
  tools: LibraryTools,
  work: AnyFunction,
  open: (payload: Fields) => TracedCall,
): AnyFunction =>
  function tracedWorker(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a message of Kafka', () => open(fieldsOf(args[0])))
    const run = (): unknown => Reflect.apply(work, this, args)
    return call === undefined ? run() : runCall(tools, call, run)
  }

function openMessage(
  tools: LibraryTools,
  outer: ActiveContext,
  { topic, partition, message }: Fields,
  groupId: string | undefined,
): TracedCall {
  const start = received(topic, partition, groupId)
  const offset = Number(fieldsOf(message).offset)
  const attributes = { ...start.attributes, [ATTR_MESSAGING_KAFKA_OFFSET]: offset }
  return openProcess(tools, outer, { ...start, attributes }, headersOf(message))
}

function openMessages(
  tools: LibraryTools,
  outer: ActiveContext,
  { batch }: Fields,
  groupId: string | undefined,
): TracedCall {
  const { topic, partition, messages } = fieldsOf(batch)
  const list = Array.isArray(messages) ? messages : []
  const start = { ...received(topic, partition, groupId), batchSize: list.length }
  return openBatch(tools, outer, start, list.slice(0, MAX_LINKS).map(headersOf))
}

const received = (
  topic: unknown,
  partition: unknown,
  groupId: string | undefined,
): MessageStart => ({
  system: SYSTEM,
  operation: 'process',
  type: 'process',
  destination: String(topic),
  attributes: {
    [ATTR_MESSAGING_DESTINATION_PARTITION_ID]: String(partition),
    [ATTR_MESSAGING_CONSUMER_GROUP_NAME]: groupId,
  },
})

/** Values are bytes; of a header that came more than once there is a list. */
function headersOf(message: unknown): Carrier {
  const headers = childOf(fieldsOf(message), 'headers')
  return name => {
    const value = [headers[name]].flat()[0]
    return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined
  }
}
