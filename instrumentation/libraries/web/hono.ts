// Hono 4. Every router of its gets handlers and middleware by `add`, each with the route that it belongs to; applications
// within others have their routes copied, so that the template is the whole one.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { follow } from './follow.ts'
import { runStep, setRoute } from './steps.ts'

interface Route {
  readonly path: string
}

/** Where a handler stands that an application within another catches errors of. */
const COMPOSED = '__COMPOSED_HANDLER'

/** Hooks a router of its, whichever the module has. */
export function wrapHonoRouter(tools: LibraryTools, { exports }: LoadedModule): void {
  for (const [name, Router] of Object.entries(exports as object)) {
    if (!name.endsWith('Router') || typeof Router !== 'function') continue
    wrapMethod(
      Router.prototype,
      'add',
      original =>
        function (this: unknown, ...args: unknown[]): unknown {
          const [, , entry] = args
          if (Array.isArray(entry) && typeof entry[0] === 'function' && isRoute(entry[1]))
            args[2] = [trace(tools, entry[0], entry[1]), ...entry.slice(1)]
          return Reflect.apply(original, this, args)
        },
    )
  }
}

const isRoute = (value: unknown): value is Route =>
  typeof (value as Route | undefined)?.path === 'string'

function trace(tools: LibraryTools, handler: AnyFunction, { path }: Route): AnyFunction {
  const composed: unknown = Reflect.get(handler, COMPOSED)
  const own = typeof composed === 'function' ? composed : handler
  // As Hono's own list of routes tells them apart.
  const isHandler = own.length < 2
  return follow(handler, (run, self, args) =>
    runStep(
      tools,
      () =>
        isHandler
          ? { kind: 'handler', functionName: own.name, route: path }
          : { kind: 'middleware', functionName: own.name, label: own.name || path },
      isHandler ? run : () => answerOf(tools, { handler, self, args, path }),
    ),
  )
}

interface MiddlewareCall {
  readonly handler: AnyFunction
  readonly self: unknown
  readonly args: unknown[]
  readonly path: string
}

/** Middleware that goes no further is what answers: its route is the one that matched. */
function answerOf(tools: LibraryTools, { handler, self, args, path }: MiddlewareCall): unknown {
  const [context, next, ...others] = args
  let goesOn = false
  const watched = (): unknown => {
    goesOn = true
    return (next as AnyFunction)()
  }
  const answer: unknown = Reflect.apply(handler, self, [context, watched, ...others])
  const conclude = (): void => {
    if (!goesOn && path.replace(/^\/?\*$/, '') !== '') setRoute(tools, path)
  }
  if (!(answer instanceof Promise)) {
    conclude()
    return answer
  }
  return answer.then(value => {
    conclude()
    return value
  })
}
