// Koa 2 and 3, and the two names of its router. Middleware is followed as it is added; where it waits for what is below it,
// its span does too.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { follow } from './follow.ts'
import { runStep, type Step } from './steps.ts'

interface Context {
  /** The routers' own: the template that matched, with all prefixes. */
  readonly _matchedRoute?: unknown
  readonly routerPath?: unknown
}

/** Hooks `use` of an application. */
export function wrapKoa(tools: LibraryTools, loaded: LoadedModule): void {
  const Application = loaded.exports
  if (typeof Application !== 'function') return
  wrapMethod(
    Application.prototype,
    'use',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const [middleware] = args
        // A router's middleware only leads to what it has; generators Koa converts by itself.
        if (isFunction(middleware) && !('router' in middleware) && !isGenerator(middleware))
          args[0] = follow(middleware, run =>
            runStep(tools, () => ({ kind: 'middleware', functionName: middleware.name }), run),
          )
        return Reflect.apply(original, this, args)
      },
  )
}

/** Hooks `register` of a router: all of its verbs and its `use` come to it. */
export function wrapKoaRouter(tools: LibraryTools, { exports }: LoadedModule): void {
  const Router = isFunction(exports) ? exports : Reflect.get(Object(exports), 'default')
  if (typeof Router !== 'function') return
  wrapMethod(
    Router.prototype,
    'register',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const [, methods, middleware] = args
        const kind = Array.isArray(methods) && methods.length > 0 ? 'handler' : 'middleware'
        const trace = (each: unknown): unknown =>
          isFunction(each) ? followInRouter(tools, each, kind) : each
        args[2] = Array.isArray(middleware) ? middleware.map(trace) : trace(middleware)
        return Reflect.apply(original, this, args)
      },
  )
}

function followInRouter(tools: LibraryTools, each: AnyFunction, kind: Step['kind']): AnyFunction {
  return follow(each, (run, _, [context]) =>
    runStep(tools, () => describe(each, kind, context as Context), run),
  )
}

function describe({ name }: AnyFunction, kind: Step['kind'], context: Context): Step {
  if (kind === 'middleware') return { kind, functionName: name }
  const path = context._matchedRoute ?? context.routerPath
  return { kind, functionName: name, route: path === undefined ? undefined : String(path) }
}

const isFunction = (value: unknown): value is AnyFunction => typeof value === 'function'

const isGenerator = ({ constructor: { name } }: AnyFunction): boolean =>
  name === 'GeneratorFunction'
