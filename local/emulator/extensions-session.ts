// What Lambda keeps about the internal extensions of one process: who registered, for what, and who is ready. No I/O, as
// in runtime-session.ts. External extensions are processes of their own, and nothing here starts any.
//
// States of an extension, under the names of Lambda's own messages:
//   Registered   its identifier was given out                     -> Ready, InitError, ExitError
//   Ready        its `event/next` is pending                      -> Running (when an event is handed over), ExitError
//   Running      it has an event                                  -> Ready, ExitError
//   InitError, ExitError   it gave up                             -> nothing
import { randomUUID } from 'node:crypto'
import { ACCEPTED, type Reply, refuse } from './reply.ts'
import { EVENT_HEADERS, EXTENSION_HEADERS } from './wire.ts'

/** Lambda's limit for a function, external ones included. */
const MAX_EXTENSIONS = 10

export interface FunctionFacts {
  readonly name: string
  readonly version: string
  readonly handler: string
}

/** The event that a runtime gets, as far as extensions are told of it. */
export interface InvokedEvent {
  readonly invocation: {
    readonly requestId: string
    readonly headers: Readonly<Record<string, string>>
  }
  readonly deadlineMs: number
}

type State = 'Registered' | 'Ready' | 'Running' | 'InitError' | 'ExitError'
type Deliver = (reply: Reply) => void

interface Extension {
  readonly id: string
  readonly name: string
  readonly wantsInvoke: boolean
  state: State
  deliver: Deliver | undefined
}

const MOVES: Readonly<Record<State, readonly State[]>> = {
  Registered: ['Ready', 'InitError', 'ExitError'],
  Ready: ['Running', 'ExitError'],
  Running: ['Ready', 'ExitError'],
  InitError: ['InitError'],
  ExitError: ['ExitError'],
}

export class ExtensionsSession {
  readonly #facts: FunctionFacts
  readonly #onReady: () => void
  readonly #extensions = new Map<string, Extension>()
  #isOpen = true

  /** `onReady` is called when an extension becomes ready. */
  constructor(facts: FunctionFacts, onReady: () => void) {
    this.#facts = facts
    this.#onReady = onReady
  }

  /** True when one is registered: then Lambda warns the process before it kills it. */
  get hasAny(): boolean {
    return this.#extensions.size > 0
  }

  /** True when nothing waits for an extension: init, or an invocation, is over for all of them. */
  get areReady(): boolean {
    for (const { state, wantsInvoke } of this.#extensions.values()) {
      if (state === 'Registered' || (state === 'Running' && wantsInvoke)) return false
    }
    return true
  }

  /** The runtime has asked for its first event: nobody may register any more. */
  closeRegistration(): void {
    this.#isOpen = false
  }

  /** `POST extension/register`. */
  register(name: string | undefined, text: string): Reply {
    if (!name) return refuseExtension('InvalidExtensionName', 'Empty extension name')
    const events = readEvents(text)
    if (events === undefined) {
      return refuse(403, 'InvalidRequestFormat', 'expected a JSON object with a list of events')
    }
    const wrong = events.find(event => event !== 'INVOKE')
    if (wrong !== undefined) {
      const reason =
        wrong === 'SHUTDOWN'
          ? 'ShutdownEventNotSupportedForInternalExtension'
          : 'ErrorInvalidEventType'
      return refuseExtension('InvalidEventType', `${wrong}: ${reason}`)
    }
    const refusal = this.#refuseNewcomer(name)
    if (refusal !== undefined) return refusal
    const id = randomUUID()
    const wantsInvoke = events.length > 0
    this.#extensions.set(id, { id, name, wantsInvoke, state: 'Registered', deliver: undefined })
    return this.#welcome(id)
  }

  /** `GET extension/event/next`. The event comes through `deliver`; a refusal is returned. */
  next(id: string | undefined, deliver: Deliver): Reply | undefined {
    const extension = this.#extensions.get(id ?? '')
    if (extension === undefined) {
      return (
        refuseIdentifier(id) ??
        refuseExtension('UnknownExtensionIdentifier', `Unknown extension ${id}`)
      )
    }
    const refusal = move(extension, 'Ready')
    if (refusal !== undefined) return refusal
    extension.deliver = deliver
    this.#onReady()
    return undefined
  }

  /** `POST extension/init/error` and `extension/exit/error`. */
  fail(id: string | undefined, state: 'InitError' | 'ExitError', errorType?: string): Reply {
    const refusal = refuseIdentifier(id)
    if (refusal !== undefined) return refusal
    if (!errorType) {
      return refuseExtension('MissingHeader', 'Lambda-Extension-Function-Error-Type not found')
    }
    const extension = this.#extensions.get(id ?? '')
    if (extension === undefined) {
      const message = 'Unknown Lambda-Extension-Identifier'
      return refuseExtension('UnknownExtensionIdentifier', message)
    }
    return move(extension, state) ?? ACCEPTED
  }

  /** Tells those that asked for it of an event that the runtime gets. */
  handOver({ invocation, deadlineMs }: InvokedEvent): void {
    const { requestId, headers } = invocation
    const traceId = headers[EVENT_HEADERS.traceId]
    const body = JSON.stringify({
      eventType: 'INVOKE',
      deadlineMs,
      requestId,
      invokedFunctionArn: headers[EVENT_HEADERS.functionArn],
      ...(traceId !== undefined && { tracing: { type: 'X-Amzn-Trace-Id', value: traceId } }),
    })
    for (const extension of this.#extensions.values()) {
      if (!extension.wantsInvoke || move(extension, 'Running') !== undefined) continue
      const eventId = { [EXTENSION_HEADERS.eventIdentifier]: randomUUID() }
      extension.deliver?.({
        statusCode: 200,
        contentType: 'application/json',
        body,
        headers: eventId,
      })
      extension.deliver = undefined
    }
  }

  #refuseNewcomer(name: string): Reply | undefined {
    if (!this.#isOpen) {
      return refuseExtension('RegistrationClosed', 'Extension registration closed already')
    }
    if (this.#extensions.size >= MAX_EXTENSIONS) {
      return refuseExtension('TooManyExtensions', `Extension limit (${MAX_EXTENSIONS}) reached`)
    }
    for (const extension of this.#extensions.values()) {
      if (extension.name !== name) continue
      return refuseExtension('InvalidExtensionState', 'Extension with this name already registered')
    }
    return undefined
  }

  #welcome(id: string): Reply {
    const { name, version, handler } = this.#facts
    const body = JSON.stringify({ functionName: name, functionVersion: version, handler })
    const headers = { [EXTENSION_HEADERS.identifier]: id }
    return { statusCode: 200, contentType: 'application/json', body, headers }
  }
}

function refuseIdentifier(id: string | undefined): Reply | undefined {
  if (!id) {
    return refuseExtension(
      'MissingExtensionIdentifier',
      'Missing Lambda-Extension-Identifier header',
    )
  }
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
    ? undefined
    : refuseExtension('InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier')
}

function move(extension: Extension, to: State): Reply | undefined {
  const from = extension.state
  if (MOVES[from].includes(to)) {
    extension.state = to
    return undefined
  }
  return refuseExtension(
    'InvalidExtensionState',
    `State transition from ${from} to ${to} failed for extension ${extension.id}. Error: State transition is not allowed`,
  )
}

function refuseExtension(errorType: string, errorMessage: string): Reply {
  return refuse(403, `Extension.${errorType}`, errorMessage)
}

/** `undefined` for what is no such request. */
function readEvents(text: string): string[] | undefined {
  try {
    const { events = [] } = JSON.parse(text) as { events?: unknown }
    return Array.isArray(events) ? events.map(String) : undefined
  } catch {
    return undefined
  }
}
