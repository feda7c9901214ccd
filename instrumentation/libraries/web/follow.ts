// A function that is followed, where it is handed over as a value and not found on an object.

const followed = new WeakSet<object>()

/**
 * The function with something done around each of its calls: in all else it stays what it was, its name, its length and what
 * hangs on it included. Of a function that is followed already nothing more is made.
 */
export function follow<F>(
  original: F,
  call: (run: () => unknown, self: unknown, args: unknown[]) => unknown,
): F {
  if (typeof original !== 'function' || followed.has(original)) return original
  const proxy = new Proxy(original, {
    apply: (target, self, args) => call(() => Reflect.apply(target, self, args), self, args),
  })
  followed.add(proxy)
  return proxy
}
