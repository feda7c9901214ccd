// NATS: what is published and requested, and what the callbacks of subscriptions are handed.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../semconv.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../aws-sdk/fields.ts'
import type { LibraryTools } from '../contract.ts'
import { closeCall, runCall, type TracedCall } from '../traced-call.ts'
import { contextFor, type MessageStart, openMessageCall, openProcess } from './message-call.ts'

const SYSTEM = 'nats'
/** Where a message is so near the server's limit nothing is added to it. */
const CONTEXT_BYTES = 16_384

interface Headers extends Iterable<readonly [string, readonly string[]]> {
  readonly code: number
  readonly description: string
  get(name: string): string
  append(name: string, value: string): void
}
type MakeHeaders = (code?: number, description?: string) => Headers

export interface NatsState {
  /** What a message's headers are made by; handed over by a module of its own. */
  makeHeaders?: MakeHeaders
  /** A request publishes and subscribes by the same methods. */
  isRequesting?: boolean
}

export function wrapNatsHeaders(state: NatsState, { exports }: LoadedModule): void {
  const { headers } = exports as { readonly headers?: unknown }
  if (typeof headers === 'function') state.makeHeaders = headers as MakeHeaders
}

export function wrapNats(tools: LibraryTools, state: NatsState, { exports }: LoadedModule): void {
  const { NatsConnectionImpl } = exports as { NatsConnectionImpl?: { prototype: unknown } }
  const prototype = NatsConnectionImpl?.prototype
  wrapMethod(prototype, 'publish', publish => createSend(tools, state, publish, 'publish'))
  wrapMethod(prototype, 'request', request => createSend(tools, state, request, 'request'))
  wrapMethod(prototype, 'subscribe', subscribe => createSubscribe(tools, state, subscribe))
}

function createSend(
  tools: LibraryTools,
  state: NatsState,
  send: AnyFunction,
  operation: 'publish' | 'request',
): AnyFunction {
  return function tracedSend(this: unknown, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(send, this, args)
    if (state.isRequesting) return work()
    const call = tools.guard.run('sending by NATS', () =>
      openMessageCall(tools, describe(this, operation, 'send', args[0])),
    )
    if (call === undefined) return work()
    const options = tools.guard.run('sending by NATS', () =>
      withContext(tools, state, call, this, args),
    )
    if (options !== undefined) args[2] = options
    const { noMux } = fieldsOf(args[2])
    // What it answers is looked after by the library already, but for requests with a subscription of their own.
    if (operation === 'publish' || noMux)
      return whileRequesting(state, () => runCall(tools, call, work))
    const answer = whileRequesting(state, () =>
      tools.tracer.run(call.inner, work),
    ) as Promise<unknown>
    answer.then(
      () => closeCall(tools, call),
      error => closeCall(tools, call, error),
    )
    return answer
  }
}

/** The library does all of it before it returns. */
function whileRequesting<T>(state: NatsState, work: () => T): T {
  state.isRequesting = true
  try {
    return work()
  } finally {
    state.isRequesting = false
  }
}

function createSubscribe(
  tools: LibraryTools,
  state: NatsState,
  subscribe: AnyFunction,
): AnyFunction {
  return function tracedSubscribe(this: unknown, ...args: unknown[]): unknown {
    const [subject, options] = args
    const { callback } = fieldsOf(options)
    const outer = tools.tracer.active()
    if (outer === undefined || state.isRequesting || typeof callback !== 'function')
      return Reflect.apply(subscribe, this, args)
    const connection: unknown = this
    // Answers, and what JetStream asks for, come that way: they are no messages of the function's.
    if (isInbox(connection, subject)) return Reflect.apply(subscribe, this, args)
    args[1] = {
      ...fieldsOf(options),
      callback(this: unknown, ...given: unknown[]): unknown {
        const work = (): unknown => Reflect.apply(callback, this, given)
        const [error, message] = given
        if (error || typeof message !== 'object' || message === null) return work()
        const call = tools.guard.run('a message of NATS', () => {
          const start = describe(connection, 'process', 'process', fieldsOf(message).subject)
          return openProcess(
            tools,
            outer,
            { ...start, shortName: String(subject) },
            headersOf(message),
          )
        })
        return call === undefined ? work() : runCall(tools, call, work)
      },
    }
    return Reflect.apply(subscribe, this, args)
  }
}

function describe(
  connection: unknown,
  operation: string,
  type: MessageStart['type'],
  subject: unknown,
): MessageStart {
  const { protocol } = fieldsOf(connection)
  const server = childOf(fieldsOf(protocol), 'server')
  return {
    system: SYSTEM,
    operation,
    type,
    destination: String(subject),
    isTemporary: isInbox(connection, subject),
    attributes: {
      [ATTR_SERVER_ADDRESS]: server.hostname as string | undefined,
      [ATTR_SERVER_PORT]: server.port as number | undefined,
    },
  }
}

function isInbox(connection: unknown, subject: unknown): boolean {
  const prefix = textOf(childOf(fieldsOf(connection), 'options'), 'inboxPrefix') ?? '_INBOX'
  return String(subject).startsWith(`${prefix}.`)
}

/** Options with a copy of the headers; `undefined` where nothing is added. */
function withContext(
  tools: LibraryTools,
  { makeHeaders }: NatsState,
  call: TracedCall,
  connection: unknown,
  [, data, options]: readonly unknown[],
): Fields | undefined {
  const info = childOf(childOf(fieldsOf(connection), 'protocol'), 'info')
  if (info.headers !== true || makeHeaders === undefined) return undefined
  const bytes = typeof data === 'string' || data instanceof Uint8Array ? Buffer.byteLength(data) : 0
  if (bytes + CONTEXT_BYTES > Number(info.max_payload)) return undefined
  const { headers } = fieldsOf(options) as { readonly headers?: Headers }
  const added = contextFor(tools, call, name => Boolean(headers?.get(name)))
  if (added === undefined) return undefined
  const copy = makeHeaders(headers?.code, headers?.description)
  for (const [name, values] of headers ?? []) for (const value of values) copy.append(name, value)
  for (const [name, value] of Object.entries(added)) copy.append(name, value)
  return { ...fieldsOf(options), headers: copy }
}

function headersOf(message: object): Carrier {
  const { headers } = message as { readonly headers?: Headers }
  return name => headers?.get(name) || undefined
}
