// NATS: what is published and requested, and what the callbacks of subscriptions are handed.
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../semconv.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../fields.ts'
import { runCall, type TracedCall } from '../traced-call.ts'
import { type Around, aroundFunction, aroundMethod, runWithin } from './around.ts'
import {
  beginConsumer,
  entriesFor,
  entriesInto,
  type MessageStart,
  openMessageCall,
  openProcess,
} from './message-call.ts'

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

/** Of one copy of the library. */
interface NatsState {
  /** What a message's headers are made by. */
  readonly makeHeaders: MakeHeaders | undefined
  /** A request publishes and subscribes by the same methods. */
  sending: { hasPublished: boolean } | undefined
}

/** Hooks a copy's `headers.js`, and then its `nats.js`, which asks for the other before it has run. */
export function createNatsWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  let makeHeaders: MakeHeaders | undefined
  return {
    wrapNatsHeaders({ exports }) {
      makeHeaders = (exports as { readonly headers?: MakeHeaders }).headers
    },
    wrapNats({ exports }) {
      const { NatsConnectionImpl } = exports as { NatsConnectionImpl?: { prototype: unknown } }
      const prototype = NatsConnectionImpl?.prototype
      const state: NatsState = { makeHeaders, sending: undefined }
      aroundMethod(prototype, 'publish', createSend(tools, state, 'publish'))
      aroundMethod(prototype, 'request', createSend(tools, state, 'request'))
      aroundMethod(prototype, 'subscribe', (connection, args, work) => {
        // A request subscribes for its answer.
        if (state.sending === undefined)
          tools.guard.run('a consumer', () => followSubscription(tools, connection, args))
        return work()
      })
    },
  }
}

const createSend =
  (tools: LibraryTools, state: NatsState, operation: 'publish' | 'request'): Around =>
  (connection, args, work) => {
    if (state.sending !== undefined) {
      state.sending.hasPublished = true
      return work()
    }
    const call = tools.guard.run('a message', () =>
      openMessageCall(tools, describe(connection, operation, 'send', args[0])),
    )
    if (call === undefined) return work()
    const options = tools.guard.run('a message', () =>
      withContext(tools, state, call, connection, args),
    )
    if (options !== undefined) args[2] = options
    // The library does all of it before it returns.
    const sending = { hasPublished: false }
    state.sending = sending
    try {
      let answer: unknown
      const followed = runCall(tools, call, () => {
        answer = work()
        return answer
      })
      if (!(followed instanceof Promise)) return followed
      // Its promises have methods of their own, and it sees to the failures of one subscription for all answers itself.
      if (!sending.hasPublished || fieldsOf(args[2]).noMux) return Object.assign(followed, answer)
      followed.catch(() => {})
      return answer
    } finally {
      state.sending = undefined
    }
  }

function followSubscription(tools: LibraryTools, connection: unknown, args: unknown[]): void {
  const [subject, options] = args
  const { callback } = fieldsOf(options)
  const consumer = beginConsumer(tools)
  if (consumer === undefined || typeof callback !== 'function') return
  // Answers, and what JetStream asks for, come that way: they are no messages of the function's.
  if (isInbox(connection, subject)) return
  const traced = aroundFunction(callback, (_, [error, message], work) => {
    if (error || !message) return work()
    const open = (): TracedCall => {
      const start = describe(connection, 'process', 'process', fieldsOf(message).subject)
      const named = { ...start, shortName: String(subject) }
      return openProcess(tools, consumer, named, [headersOf(message)])
    }
    return runWithin(tools, open, work)
  })
  args[1] = { ...fieldsOf(options), callback: traced }
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
  const added = entriesInto(entriesFor(tools, call), name => Boolean(headers?.get(name)))
  if (added.length === 0) return undefined
  const copy = makeHeaders(headers?.code, headers?.description)
  for (const [name, values] of headers ?? []) for (const value of values) copy.append(name, value)
  for (const [name, value] of added) copy.append(name, value)
  return { ...fieldsOf(options), headers: copy }
}

function headersOf(message: unknown): Carrier {
  const { headers } = message as { readonly headers?: Headers }
  return name => headers?.get(name) || undefined
}
