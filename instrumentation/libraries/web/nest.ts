// NestJS 10 and 11, above Express or Fastify: a span for the controller with all that stands in front of its method (guards,
// interceptors, pipes), and one for the method itself. The route is the one that Express or Fastify matched.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { follow } from './follow.ts'
import { runStep } from './steps.ts'

/** Hooks what makes a route's function out of a controller and one of its methods. */
export function wrapNestRoutes(tools: LibraryTools, { exports }: LoadedModule): void {
  const Context: unknown = Reflect.get(Object(exports), 'RouterExecutionContext')
  if (typeof Context !== 'function') return
  wrapMethod(
    Context.prototype,
    'create',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const made: unknown = Reflect.apply(original, this, args)
        const [instance, callback] = args
        const label = `${classOf(instance)}.${args[2] ?? (callback as AnyFunction).name}`
        return follow(made, run =>
          runStep(tools, () => ({ kind: 'handler', functionName: label, label }), run),
        )
      },
  )
}

/** Hooks what calls a method behind its interceptors: there may be none. */
export function wrapNestMethods(tools: LibraryTools, { exports }: LoadedModule): void {
  const Consumer: unknown = Reflect.get(Object(exports), 'InterceptorsConsumer')
  if (typeof Consumer !== 'function') return
  wrapMethod(
    Consumer.prototype,
    'intercept',
    original =>
      function (this: unknown, ...args: unknown[]): unknown {
        const [, , instance, callback, next, type] = args
        // Resolvers of GraphQL and listeners of messages come here too.
        if (type === 'http' && typeof next === 'function') {
          const { name } = callback as AnyFunction
          const functionName = `${classOf(instance)}.${name}`
          args[4] = follow(next, run =>
            runStep(tools, () => ({ kind: 'handler', functionName, label: name }), run),
          )
        }
        return Reflect.apply(original, this, args)
      },
  )
}

const classOf = (instance: unknown): string => (instance as object).constructor.name
