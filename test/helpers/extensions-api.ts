// The Extensions API beside the scripted Runtime API: registers whoever asks, and never has an event. Faults are scripted.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

/** A request to the Extensions API. */
export interface ExtensionCall {
  readonly operation: 'register' | 'event/next'
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `performance.now()` when it was wholly read. */
  readonly atMs: number
  /** How many requests for an event the Runtime API had seen by then. */
  readonly nexts: number
  /** Whether its connection has been closed since. */
  readonly isClosed: () => boolean
}

export type ExtensionFault =
  | { readonly status: number }
  | { readonly reset: true }
  /** Takes the request and answers as it should, but not before this resolves. */
  | { readonly after: Promise<unknown> }

/** Asked for each call; `undefined` is the answer that Lambda gives. */
export type ExtensionFaultOf = (call: ExtensionCall) => ExtensionFault | undefined

export const EXTENSION_ID = '8b8c2a2e-7a0e-4b0c-9d2c-0c3f2f1d6a55'

const PATH = /^\/2020-01-01\/extension\/(register|event\/next)$/

export class ExtensionsApi {
  readonly calls: ExtensionCall[] = []
  readonly #faultOf: ExtensionFaultOf | undefined

  constructor(faultOf: ExtensionFaultOf | undefined) {
    this.#faultOf = faultOf
  }

  /** Takes the request if it is one of this API; resolves then once it is recorded, and maybe answered. */
  take(
    request: IncomingMessage,
    response: ServerResponse,
    nexts: () => number,
  ): Promise<void> | undefined {
    const operation = PATH.exec(request.url ?? '')?.[1]
    if (operation !== 'register' && operation !== 'event/next') return undefined
    return text(request).then(body => {
      const call: ExtensionCall = {
        operation,
        headers: request.headers,
        body,
        atMs: performance.now(),
        nexts: nexts(),
        isClosed: () => request.socket.destroyed,
      }
      this.calls.push(call)
      answer(operation, response, this.#faultOf?.(call))
    })
  }
}

function answer(
  operation: ExtensionCall['operation'],
  response: ServerResponse,
  fault: ExtensionFault | undefined,
): void {
  if (fault !== undefined) {
    if ('reset' in fault) response.socket?.resetAndDestroy()
    else if ('status' in fault) response.writeHead(fault.status).end('{"errorType":"Scripted"}')
    else void fault.after.then(() => answer(operation, response, undefined))
  } else if (operation === 'register') {
    response.writeHead(200, { 'Lambda-Extension-Identifier': EXTENSION_ID })
    response.end('{"functionName":"fn","functionVersion":"$LATEST","handler":"index.handler"}')
  }
}
