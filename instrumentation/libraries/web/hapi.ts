// hapi 21: the route as soon as it is looked up, and a span for each function of the lifecycle, which its toolkit calls.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { closeCall, type TracedCall } from '../traced-call.ts'
import { openStep, setRoute } from './steps.ts'

interface HapiRequest {
  readonly route?: { readonly path?: string; readonly settings?: { readonly handler?: unknown } }
  /** Present where the route is one of the function's own. */
  readonly _route?: { readonly _special?: boolean }
}

const templateOf = ({ route, _route }: HapiRequest): string | undefined =>
  _route?._special ? undefined : route?.path

/** Hooks `Request`: the route is known before authentication and the like may refuse the request. */
export function wrapHapiRequest(tools: LibraryTools, { exports }: LoadedModule): void {
  if (typeof exports !== 'function') return
  wrapMethod(
    exports.prototype,
    '_lifecycle',
    original =>
      function (this: HapiRequest, ...args: unknown[]): unknown {
        tools.guard.run('a route of hapi', () => setRoute(tools, templateOf(this)))
        return Reflect.apply(original, this, args)
      },
  )
}

/** Hooks the toolkit, by which handlers, prerequisites and extensions are called. */
export function wrapHapiToolkit(tools: LibraryTools, { exports }: LoadedModule): void {
  const Manager: unknown = Reflect.get(Object(exports), 'Manager')
  if (typeof Manager !== 'function') return
  wrapMethod(
    Manager.prototype,
    'execute',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const [method, request] = args
        const call = tools.guard.run('a step of hapi', () =>
          openHapiStep(tools, method as AnyFunction, request as HapiRequest),
        )
        if (call === undefined) return Reflect.apply(original, this, args)
        // It always answers with a promise, of failures too: those are objects of Boom.
        const result = tools.tracer.run(call.inner, () => Reflect.apply(original, this, args))
        return (result as Promise<unknown>).then(response => {
          closeCall(tools, call, response instanceof Error ? response : undefined)
          return response
        })
      },
  )
}

function openHapiStep(
  tools: LibraryTools,
  method: AnyFunction,
  request: HapiRequest,
): TracedCall | undefined {
  const isHandler = request.route?.settings?.handler === method
  const route = isHandler ? templateOf(request) : undefined
  // What answers where there is no route is hapi's own.
  if (isHandler && route === undefined) return undefined
  const kind = isHandler ? 'handler' : 'middleware'
  return openStep(tools, { kind, functionName: method.name, route })
}
