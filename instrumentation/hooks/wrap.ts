// How a library's functions are replaced: what they look like from outside stays, and what cannot be replaced is left
// alone, so that the library works either way.
import type { LoadedModule } from './loaded-modules.ts'

// biome-ignore lint/complexity/noBannedTypes: what a library exports is called as it was, whatever it takes and gives
export type AnyFunction = Function

/** Functions made here, so that nothing is wrapped twice: two entries of one library may lead to the same prototype. */
const made = new WeakSet<AnyFunction>()

/**
 * Replaces the method of a class or object, whether it is its own or inherited. False when there is no such function,
 * when it was wrapped before, or when the object refuses.
 */
export function wrapMethod(
  target: unknown,
  name: string,
  wrap: (original: AnyFunction) => AnyFunction,
): boolean {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return false
  const original: unknown = Reflect.get(target, name)
  if (typeof original !== 'function' || made.has(original)) return false
  const value = disguise(original, wrap(original))
  const own = Reflect.getOwnPropertyDescriptor(target, name)
  return Reflect.defineProperty(target, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  })
}

/** As the original calls itself, for stack traces and for code that looks at how many arguments are declared. */
function disguise(original: AnyFunction, replacement: AnyFunction): AnyFunction {
  made.add(replacement)
  for (const key of ['name', 'length']) {
    Object.defineProperty(replacement, key, {
      value: Reflect.get(original, key),
      configurable: true,
    })
  }
  return replacement
}

/**
 * Replaces what a module exports under a name. Frozen exports, and getters that bundlers make, are not changed in place: the
 * module gets an object like its exports but for this name. Of an ES module only names that its row of the table lists
 * under `rebind` can be replaced.
 */
export function replaceExport(
  loaded: LoadedModule,
  name: string,
  replace: (original: unknown) => unknown,
): boolean {
  const { exports } = loaded
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) {
    return false
  }
  const original: unknown = Reflect.get(exports, name)
  if (original === undefined) return false
  const value = replace(original)
  if (loaded.rebind !== undefined) {
    loaded.rebind[name]?.(value)
    return Reflect.get(exports, name) === value
  }
  const own = Reflect.getOwnPropertyDescriptor(exports, name)
  const property = {
    value,
    writable: true,
    configurable: true,
    enumerable: own?.enumerable ?? true,
  }
  if (Reflect.defineProperty(exports, name, property)) return true
  if (typeof exports === 'function') return false
  loaded.exports = Object.create(Object.getPrototypeOf(exports), {
    ...Object.getOwnPropertyDescriptors(exports),
    [name]: property,
  })
  return true
}
