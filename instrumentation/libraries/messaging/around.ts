// How the functions of libraries, and those that they are handed, are followed.
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { runCall, type TracedCall } from '../traced-call.ts'

/** Given what the function is called on, its arguments, which may be changed, and what calls the original with them. */
export type Around = (self: unknown, args: unknown[], work: () => unknown) => unknown

export const aroundFunction = (original: AnyFunction, act: Around): AnyFunction =>
  function (this: unknown, ...args: unknown[]): unknown {
    return act(this, args, () => Reflect.apply(original, this, args))
  }

export const aroundMethod = (target: unknown, name: string, act: Around): boolean =>
  wrapMethod(target, name, original => aroundFunction(original, act))

/** The work within the call that is opened for it, if one is. */
export function runWithin(
  tools: LibraryTools,
  open: () => TracedCall | undefined,
  work: () => unknown,
  onAnswer?: (answer: unknown, call: TracedCall) => void,
): unknown {
  const call = tools.guard.run('a message', open)
  if (call === undefined) return work()
  return runCall(tools, call, work, answer => onAnswer?.(answer, call))
}
