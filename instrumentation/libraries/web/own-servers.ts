// HTTP servers that the function listens with itself, for adapters and handlers that pass a request on to them. What such a
// server does belongs to the invocation whose request it serves: no header need name it, since both ends are in this process.
//
// A request that passes the invocation's own on is no call to anyone, and has no span. Any other to a server in this process
// is a call as ever, and what the server does stands below it.
//
// Limitations: requests by HTTP/2 are calls to another service here too.
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { Span } from '../../trace/span.ts'
import type { ActiveContext } from '../../trace/tracer.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { DEFAULT_PORTS, type FindOwnServer, type HttpTarget } from '../http-span.ts'

interface Server {
  address(): { readonly port: number } | string | null
  once(event: 'close', listener: () => void): unknown
}

interface Request {
  readonly method?: string
  readonly url?: string
  readonly headers: Readonly<Record<string, unknown>>
}

interface ServedMessage {
  readonly server: Server
  readonly request: Request
  readonly response: object
}

/** Events of a server that hand a request over. */
const REQUEST_EVENTS: readonly unknown[] = ['request', 'checkContinue', 'checkExpectation']
/** Requests that were sent and have not come to their server. */
const MAX_EXPECTED = 1000

export function listenToOwnServers(tools: LibraryTools): ChannelListener {
  /** Ports, and paths of sockets. */
  const addresses = new Set<string>()
  const expected = new Expected()
  tools.findOwnServer(createFind(addresses, expected))
  tools.subscribe('http.server.request.start', createServe(tools, expected))
  return message => {
    const { server } = message as { readonly server: Server }
    const address = server.address()
    // Others than HTTP's know no such limit.
    if (address === null || !('requestTimeout' in server)) return undefined
    const known = typeof address === 'string' ? address : String(address.port)
    addresses.add(known)
    server.once('close', () => addresses.delete(known))
    return undefined
  }
}

function createFind(addresses: ReadonlySet<string>, expected: Expected): FindOwnServer {
  return (target, active) => {
    if (!isOwn(target, addresses)) return undefined
    const isPassedOn = passesOn(target, active)
    if (target.isPortKnown === false && !isPassedOn) return undefined
    return {
      isPassedOn,
      expect(traceparent, span) {
        const context = span === undefined ? active : below(active, span)
        expected.add(keyOf(target.method, target.path, traceparent), context)
      },
    }
  }
}

const LOOPBACK = /^(?:localhost|127\.[0-9.]+|::1|0\.0\.0\.0|::)$/

function isOwn(
  { protocol, host, port = DEFAULT_PORTS[protocol], socketPath, isPortKnown }: HttpTarget,
  addresses: ReadonlySet<string>,
): boolean {
  if (socketPath !== undefined) return addresses.has(socketPath)
  if (!LOOPBACK.test(host)) return false
  return isPortKnown === false ? addresses.size > 0 : addresses.has(String(port))
}

/**
 * The same request, before any framework has met it. Of the path either side may have left out what is in front: the stage of
 * an API, a base path.
 */
function passesOn({ path }: HttpTarget, { served }: ActiveContext): boolean {
  if (served?.path === undefined || served.route !== undefined) return false
  const [wanted = ''] = path.split('?', 1)
  const [given, sent] = [decode(served.path), decode(wanted)]
  return given.endsWith(sent) || sent.endsWith(given)
}

function decode(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** Within a call to itself: a route that is matched there is not the invocation's. */
const below = (active: ActiveContext, span: Span): ActiveContext => ({
  ...active,
  spanContext: span.context,
  span,
  call: undefined,
  served: { route: undefined, steps: 0, path: undefined },
})

const keyOf = (method: unknown, path: unknown, traceparent: unknown): string =>
  `${method} ${path} ${traceparent}`

/** Contexts of requests on their way, the oldest first. */
class Expected {
  readonly #contexts = new Map<string, ActiveContext[]>()

  add(key: string, context: ActiveContext): void {
    for (const [old, [first]] of this.#contexts) {
      // It never came, and whoever sent it is done.
      if (this.#contexts.size < MAX_EXPECTED && first?.span?.isEnded !== true) break
      this.#contexts.delete(old)
    }
    this.#contexts.set(key, [...(this.#contexts.get(key) ?? []), context])
  }

  /** Of the request that comes now. Where several invocations sent the same, nobody can say whose it is. */
  take(key: string): ActiveContext | undefined {
    const [context, ...others] = this.#contexts.get(key) ?? []
    const isClear = others.every(({ openSpans }) => openSpans === context?.openSpans)
    if (isClear && others.length > 0) this.#contexts.set(key, others)
    else this.#contexts.delete(key)
    return isClear ? context : undefined
  }
}

function createServe(tools: LibraryTools, expected: Expected): (message: unknown) => void {
  const contexts = new WeakMap<object, ActiveContext>()
  const runEmit = (emit: AnyFunction): AnyFunction =>
    function (this: unknown, ...args: unknown[]): unknown {
      const [event, request] = args
      const isRequest = REQUEST_EVENTS.includes(event) && typeof request === 'object'
      const context = isRequest ? contexts.get(request as object) : undefined
      const run = (): unknown => Reflect.apply(emit, this, args)
      return context === undefined ? run() : tools.tracer.run(context, run)
    }
  return message => {
    const { server, request, response } = message as ServedMessage
    const { method, url, headers } = request
    const context = expected.take(keyOf(method, url, headers.traceparent))
    if (context === undefined) return
    contexts.set(request, context)
    wrapMethod(server, 'emit', runEmit)
    // A body comes, and an answer leaves, in the context of the connection.
    for (const emitter of [request, response])
      wrapMethod(
        emitter,
        'emit',
        emit =>
          function (this: unknown, ...args: unknown[]): unknown {
            const run = (): unknown => Reflect.apply(emit, this, args)
            const isInside = tools.tracer.active()?.openSpans === context.openSpans
            return isInside ? run() : tools.tracer.run(context, run)
          },
      )
  }
}
