// Frameworks that publish their steps themselves: Fastify 5 always, h3 2 and srvx where their tracing plugin is registered.
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { closeCall, listenToCalls, type TracedCall } from '../traced-call.ts'
import { openStep } from './steps.ts'

const FASTIFY = 'fastify.request.handler'

interface FastifyMessage {
  readonly route: { readonly url?: string; readonly handler?: unknown }
  readonly request: { readonly routeOptions?: { readonly handler?: unknown } }
  readonly reply: {
    readonly sent: boolean
    readonly raw: { once(event: string, listener: () => void): unknown }
  }
  /** The handler answered with a promise. */
  readonly async: boolean
  readonly error?: unknown
}

export function listenToFastify(tools: LibraryTools): ChannelListener {
  const calls = new WeakMap<object, TracedCall>()
  const close = (message: object): void => {
    const call = calls.get(message)
    if (call !== undefined) closeCall(tools, call, (message as FastifyMessage).error)
  }
  const on = (event: string, act: (message: FastifyMessage) => void): void =>
    void tools.subscribe(`tracing:${FASTIFY}:${event}`, message => act(message as FastifyMessage))
  on('asyncEnd', close)
  on('end', message => {
    const { async, reply } = message
    if (async) return
    if (reply.sent || 'error' in message) close(message)
    // A handler that calls `reply.send` later.
    else for (const event of ['finish', 'close']) reply.raw.once(event, () => close(message))
  })
  return message => {
    const { route, request } = message as FastifyMessage
    const call = openStep(tools, {
      kind: 'handler',
      functionName: nameOf(request.routeOptions?.handler),
      route: route.url,
    })
    if (call !== undefined) calls.set(message, call)
    return call?.inner
  }
}

interface H3Message {
  readonly event: { readonly context?: { readonly matchedRoute?: { readonly route?: string } } }
  readonly type: 'middleware' | 'route'
}

export const listenToH3 = (tools: LibraryTools): ChannelListener =>
  listenToCalls<H3Message>(tools, {
    channel: 'h3.request',
    open: ({ event, type }) =>
      type === 'middleware'
        ? openStep(tools, { kind: type, functionName: undefined, label: 'h3' })
        : openStep(tools, {
            kind: 'handler',
            functionName: undefined,
            route: event.context?.matchedRoute?.route,
          }),
  })

interface SrvxMessage {
  readonly middleware: { readonly index: number; readonly handler: unknown }
}

export const listenToSrvx = (tools: LibraryTools): ChannelListener =>
  listenToCalls<SrvxMessage>(tools, {
    channel: 'srvx.middleware',
    open: ({ middleware: { handler } }) =>
      openStep(tools, { kind: 'middleware', functionName: nameOf(handler) }),
  })

const nameOf = (handler: unknown): string | undefined =>
  typeof handler === 'function' ? handler.name : undefined
