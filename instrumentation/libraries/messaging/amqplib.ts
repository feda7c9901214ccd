// RabbitMQ by amqplib: what is published, confirmed or not, and what consumers are handed, in both of its APIs.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import {
  ATTR_ERROR_TYPE,
  ATTR_MESSAGING_MESSAGE_CONVERSATION_ID,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../fields.ts'
import { closeCall, closingCallback, runCall, type TracedCall } from '../traced-call.ts'
import { type Around, aroundFunction, aroundMethod, runWithin } from './around.ts'
import {
  beginConsumer,
  entriesFor,
  entriesInto,
  linkSender,
  type MessageStart,
  openMessageCall,
  openProcess,
  textCarrier,
} from './message-call.ts'

type Callback = (...args: readonly unknown[]) => unknown

const SYSTEM = 'rabbitmq'
/** Names that the broker makes up. */
const TEMPORARY = /^amq\.(?:gen|rabbitmq\.reply-to)/
/** What the library makes a message's properties in; a frame of the broker's may be smaller. */
const MAX_PROPERTIES_BYTES = 65_536
/** The properties that are no headers: texts of 255 bytes at most. */
const OTHER_PROPERTIES_BYTES = 3_072

/** Hooks `channel_model.js` and `callback_model.js`, whose classes are called alike. */
export function wrapAmqplib(tools: LibraryTools, { exports }: LoadedModule): void {
  const { Channel, ConfirmChannel } = fieldsOf(exports) as Record<string, { prototype?: unknown }>
  const channel = Channel?.prototype
  // A channel with confirms publishes by the other's method.
  const publish = createPublish(tools)
  aroundMethod(ConfirmChannel?.prototype, 'publish', publish)
  aroundMethod(channel, 'publish', publish)
  aroundMethod(channel, 'get', createGet(tools))
  const worked = new WeakMap<object, TracedCall>()
  aroundMethod(channel, 'consume', (self, args, work) => {
    tools.guard.run('a consumer', () => followConsumer(tools, worked, self, args))
    return work()
  })
  for (const name of ['nack', 'reject'])
    aroundMethod(channel, name, (_, [message], work) => {
      // Who refuses a message while it is worked on has failed to.
      const span = worked.get(Object(message))?.span
      span?.setAttribute(ATTR_ERROR_TYPE, name)
      span?.setError('')
      return work()
    })
}

function createPublish(tools: LibraryTools): Around {
  let isPublishing = false
  return (channel, args, work) => {
    const call = isPublishing
      ? undefined
      : tools.guard.run('publishing', () => openPublish(tools, channel, args))
    if (call === undefined) return work()
    tools.guard.run('publishing', () => addContext(tools, call, channel, args))
    isPublishing = true
    try {
      const callback = args[4]
      if (typeof callback !== 'function') return runCall(tools, call, work)
      // The broker's word ends it.
      args[4] = closingCallback(tools, call, callback as Callback)
      return tools.tracer.run(call.inner, work)
    } catch (error) {
      closeCall(tools, call, error)
      throw error
    } finally {
      isPublishing = false
    }
  }
}

function openPublish(
  tools: LibraryTools,
  channel: unknown,
  [exchange, key, , options]: readonly unknown[],
): TracedCall | undefined {
  const call = openMessageCall(tools, {
    ...describe(channel, 'publish', 'send', exchange, key),
    shortName: String(exchange || key),
    isTemporary: !exchange && TEMPORARY.test(String(key)),
  })
  call?.span.setAttributes(messageAttributes(fieldsOf(options)))
  return call
}

/** A frame that is too large would end the connection. */
function addContext(
  tools: LibraryTools,
  call: TracedCall,
  channel: unknown,
  args: unknown[],
): void {
  const options = fieldsOf(args[3])
  const headers = fieldsOf(options.headers)
  const { frameMax } = childOf(fieldsOf(channel), 'connection')
  const bytes = Math.min(Number(frameMax) || 0, MAX_PROPERTIES_BYTES) - OTHER_PROPERTIES_BYTES
  const room = bytes - JSON.stringify([headers, options.CC, options.BCC], asNumber).length
  const added = entriesInto(entriesFor(tools, call), name => headers[name] !== undefined, room)
  if (added.length === 0) return
  // The library sends what is inherited too.
  const all: Record<string, unknown> = {}
  for (const name in headers) all[name] = headers[name]
  for (const [name, value] of added) all[name] = value
  // A copy costs a third of an heir.
  args[3] =
    Object.getPrototypeOf(options) === Object.prototype
      ? { ...options, headers: all }
      : Object.create(options, { headers: { value: all } })
}

const asNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value

function followConsumer(
  tools: LibraryTools,
  worked: WeakMap<object, TracedCall>,
  channel: unknown,
  args: unknown[],
): void {
  const consumer = beginConsumer(tools)
  const [queue, callback] = args
  if (consumer === undefined || typeof callback !== 'function') return
  args[1] = aroundFunction(callback, (_, [message], work) => {
    const { fields, properties } = fieldsOf(message) as Record<string, Fields>
    // Of a consumer that the broker ended there is no message.
    if (fields === undefined) return work()
    const open = (): TracedCall => {
      const start = received(channel, 'process', fields, queue)
      const attributes = { ...start.attributes, ...messageAttributes(fieldsOf(properties)) }
      const call = openProcess(tools, consumer, { ...start, attributes }, [headersOf(message)])
      worked.set(Object(message), call)
      return call
    }
    return runWithin(tools, open, work)
  })
}

const createGet =
  (tools: LibraryTools): Around =>
  (channel, args, work) => {
    const [queue, , callback] = args
    const call = tools.guard.run('a message', () =>
      openMessageCall(tools, received(channel, 'get', undefined, queue)),
    )
    if (call === undefined) return work()
    const onMessage = (message: unknown): void => {
      call.span.setAttributes(messageAttributes(childOf(fieldsOf(message), 'properties')))
      linkSender(tools, call, headersOf(message))
    }
    if (typeof callback !== 'function') return runCall(tools, call, work, onMessage)
    args[2] = closingCallback(tools, call, callback as Callback, (_error, message) =>
      onMessage(message),
    )
    return tools.tracer.run(call.inner, work)
  }

function received(
  channel: unknown,
  operation: 'get' | 'process',
  fields: Fields | undefined,
  queue: unknown,
): MessageStart {
  const { exchange, routingKey } = fields ?? {}
  return {
    ...describe(
      channel,
      operation,
      operation === 'get' ? 'receive' : operation,
      exchange,
      routingKey,
      queue,
    ),
    shortName: String(queue),
    isTemporary: TEMPORARY.test(String(queue)),
  }
}

/** The destination is `{exchange}:{routing key}:{queue}`, without what is empty and what is there already. */
function describe(
  channel: unknown,
  operation: string,
  type: MessageStart['type'],
  ...[exchange, key, queue]: unknown[]
): MessageStart {
  const parts = [exchange, key, queue].filter(part => typeof part === 'string' && part !== '')
  const stream = childOf(childOf(fieldsOf(channel), 'connection'), 'stream')
  return {
    system: SYSTEM,
    operation,
    type,
    destination: [...new Set(parts)].join(':'),
    attributes: {
      [ATTR_MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY]: key ? String(key) : undefined,
      [ATTR_SERVER_ADDRESS]: stream.remoteAddress as string | undefined,
      [ATTR_SERVER_PORT]: stream.remotePort as number | undefined,
    },
  }
}

const messageAttributes = (properties: Fields): Attributes => ({
  [ATTR_MESSAGING_MESSAGE_ID]: textOf(properties, 'messageId'),
  [ATTR_MESSAGING_MESSAGE_CONVERSATION_ID]: textOf(properties, 'correlationId'),
})

const headersOf = (message: unknown): Carrier =>
  textCarrier(childOf(childOf(fieldsOf(message), 'properties'), 'headers'))
