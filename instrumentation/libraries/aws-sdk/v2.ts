// AWS SDK v2: every call is an AWS.Request, which runs through its states when it is sent by callback, by promise, as a
// stream or by event listeners; all of them come by `runTo`. It copies the user's parameters before it takes them.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { childOf, type Fields, fieldsOf, numberOf, textOf } from '../fields.ts'
import { type AwsTools, type CallEnd, closeCall, type OpenCall, openCall } from './call.ts'
import { injectHeaders, injectInput, mayInject } from './injection.ts'

/** The part of AWS.Request that is used. */
interface Request {
  params: Fields
  readonly operation: string
  readonly service: Fields
  readonly httpRequest: { readonly headers: Fields }
  on(event: string, listener: (response: Response) => void, toHead?: boolean): void
}

interface Response {
  readonly error?: unknown
  readonly data?: unknown
  readonly requestId?: unknown
  readonly extendedRequestId?: unknown
  readonly retryCount?: unknown
  readonly httpResponse?: unknown
}

export function wrapV2(tools: AwsTools, loaded: LoadedModule): void {
  const { Request } = fieldsOf(loaded.exports)
  if (typeof Request !== 'function') return
  const calls = new WeakMap<object, OpenCall>()
  wrapMethod(Request.prototype, 'runTo', runTo => createRunTo(tools, runTo, calls))
  wrapMethod(Request.prototype, 'send', send => createSend(tools, send))
}

function createRunTo(
  tools: AwsTools,
  runTo: AnyFunction,
  calls: WeakMap<object, OpenCall>,
): AnyFunction {
  return function tracedRunTo(this: Request, ...args: unknown[]): unknown {
    // A state is named where the request is only built or signed (a presigned URL) and not sent.
    const isSent = args[0] === undefined
    const open = tools.guard.run('an AWS call', () =>
      isSent && !calls.has(this) ? openRequest(tools, this) : undefined,
    )
    if (open === undefined) return Reflect.apply(runTo, this, args)
    calls.set(this, open)
    return tools.tracer.run(open.inner, () => Reflect.apply(runTo, this, args))
  }
}

/** The user's callback goes on where the user called: what it starts is no part of this call. */
function createSend({ tracer }: AwsTools, send: AnyFunction): AnyFunction {
  return function tracedSend(this: unknown, ...args: unknown[]): unknown {
    const [callback] = args
    const outer = tracer.active()
    if (typeof callback === 'function' && outer !== undefined) {
      args[0] = function back(this: unknown, ...results: unknown[]): unknown {
        return tracer.run(outer, () => Reflect.apply(callback, this, results))
      }
    }
    return Reflect.apply(send, this, args)
  }
}

function openRequest(tools: AwsTools, request: Request): OpenCall | undefined {
  const { service } = request
  const api = fieldsOf(service.api)
  const operation = textOf(childOf(childOf(api, 'operations'), request.operation), 'name')
  const open = openCall(tools, serviceIdOf(api), {
    operation: operation ?? request.operation,
    region: textOf(fieldsOf(service.config), 'region'),
    input: fieldsOf(request.params),
  })
  if (open === undefined) return undefined
  if (mayInject(tools, open)) {
    const params = injectInput(tools, open, request.params)
    if (params !== undefined) request.params = open.service?.toV2?.(params) ?? params
    request.on('afterBuild', () => {
      tools.guard.run('putting context into an AWS call', () =>
        injectHeaders(tools, open, request.httpRequest.headers),
      )
    })
  }
  // First of the listeners, so that the span has ended when the user's code goes on.
  request.on(
    'complete',
    response => void tools.guard.run('an AWS call', () => closeCall(tools, open, endOf(response))),
    true,
  )
  return open
}

/** `serviceId` is defined on the API's own object or, lazily, on its prototype. */
function serviceIdOf(api: Fields): string {
  const { serviceId, abbreviation, endpointPrefix } = api
  const found = [serviceId, abbreviation, endpointPrefix].find(each => typeof each === 'string')
  return typeof found === 'string' ? found : 'AWS'
}

function endOf(response: Response): CallEnd {
  const fields = response as Fields
  const { requestId, extendedRequestId, error } = fields
  return {
    error: error === null ? undefined : error,
    output: response.data,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    extendedRequestId: typeof extendedRequestId === 'string' ? extendedRequestId : undefined,
    statusCode: numberOf(fieldsOf(response.httpResponse), 'statusCode') || undefined,
    resends: numberOf(fields, 'retryCount'),
  }
}
