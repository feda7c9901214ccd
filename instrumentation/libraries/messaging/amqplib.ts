// RabbitMQ by amqplib: what is published, confirmed or not, and what consumers are handed, in both of its APIs.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import {
  ATTR_MESSAGING_MESSAGE_CONVERSATION_ID,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../aws-sdk/fields.ts'
import type { LibraryTools } from '../contract.ts'
import { closeCall, closingCallback, runCall, type TracedCall } from '../traced-call.ts'
import {
  contextFor,
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

/** Hooks `channel_model.js` and `callback_model.js`, whose classes are called alike. */
export function wrapAmqplib(tools: LibraryTools, { exports }: LoadedModule): void {
  const { Channel, ConfirmChannel } = fieldsOf(exports) as Record<string, { prototype?: unknown }>
  // A channel with confirms publishes by the other's method.
  const state = { isPublishing: false }
  wrapMethod(ConfirmChannel?.prototype, 'publish', publish =>
    createPublish(tools, publish, state, true),
  )
  wrapMethod(Channel?.prototype, 'publish', publish => createPublish(tools, publish, state, false))
  wrapMethod(Channel?.prototype, 'consume', consume => createConsume(tools, consume))
  wrapMethod(Channel?.prototype, 'get', get => createGet(tools, get))
}

function createPublish(
  tools: LibraryTools,
  publish: AnyFunction,
  state: { isPublishing: boolean },
  isConfirmed: boolean,
): AnyFunction {
  return function tracedPublish(this: unknown, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(publish, this, args)
    if (state.isPublishing) return work()
    const call = tools.guard.run('publishing', () => openPublish(tools, this, args))
    if (call === undefined) return work()
    state.isPublishing = true
    try {
      if (!isConfirmed) return runCall(tools, call, work)
      // The broker's word ends it.
      const callback = args[4]
      args[4] = closingCallback(
        tools,
        call,
        typeof callback === 'function' ? (callback as Callback) : () => {},
      )
      return tools.tracer.run(call.inner, work)
    } catch (error) {
      closeCall(tools, call, error)
      throw error
    } finally {
      state.isPublishing = false
    }
  }
}

function openPublish(
  tools: LibraryTools,
  channel: unknown,
  args: unknown[],
): TracedCall | undefined {
  const [exchange, key] = args
  const options = fieldsOf(args[3])
  const call = openMessageCall(tools, {
    ...describe(channel, 'publish', 'send', exchange, key),
    shortName: String(exchange || key),
    isTemporary: !exchange && TEMPORARY.test(String(key)),
  })
  if (call === undefined) return undefined
  call.span.setAttributes(messageAttributes(options))
  const headers = fieldsOf(options.headers)
  const added = contextFor(tools, call, name => headers[name] !== undefined)
  if (added !== undefined) {
    // What the library reads of it may be inherited.
    args[3] = Object.create(options, { headers: { value: { ...headers, ...added } } })
  }
  return call
}

function createConsume(tools: LibraryTools, consume: AnyFunction): AnyFunction {
  return function tracedConsume(this: unknown, ...args: unknown[]): unknown {
    const outer = tools.tracer.active()
    const [queue, callback] = args
    if (outer === undefined || typeof callback !== 'function') {
      return Reflect.apply(consume, this, args)
    }
    const channel: unknown = this
    args[1] = function tracedConsumer(this: unknown, ...given: unknown[]): unknown {
      const work = (): unknown => Reflect.apply(callback, this, given)
      const [message] = given
      // Of a consumer that the broker ended there is none.
      if (typeof message !== 'object' || message === null) return work()
      const call = tools.guard.run('a message', () => {
        const { fields, properties } = message as Record<string, Fields>
        const start = received(channel, 'process', fields, queue)
        const attributes = { ...start.attributes, ...messageAttributes(fieldsOf(properties)) }
        return openProcess(tools, outer, { ...start, attributes }, headersOf(message))
      })
      return call === undefined ? work() : runCall(tools, call, work)
    }
    return Reflect.apply(consume, this, args)
  }
}

function createGet(tools: LibraryTools, get: AnyFunction): AnyFunction {
  return function tracedGet(this: unknown, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(get, this, args)
    const [queue, , callback] = args
    const call = tools.guard.run('a message', () =>
      openMessageCall(tools, received(this, 'get', undefined, queue)),
    )
    if (call === undefined) return work()
    const onMessage = (message: unknown): void => {
      if (typeof message !== 'object' || message === null) return
      call.span.setAttributes(messageAttributes(childOf(fieldsOf(message), 'properties')))
      linkSender(tools, call, headersOf(message))
    }
    if (typeof callback !== 'function') return runCall(tools, call, work, onMessage)
    args[2] = closingCallback(tools, call, callback as Callback, (_error, message) =>
      onMessage(message),
    )
    return tools.tracer.run(call.inner, work)
  }
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

const headersOf = (message: object): Carrier =>
  textCarrier(childOf(childOf(fieldsOf(message), 'properties'), 'headers'))
