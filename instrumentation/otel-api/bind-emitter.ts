// Event emitters whose listeners run in the context that the emitter was bound to.
import type { EventEmitter } from 'node:events'

type Listener = (...args: unknown[]) => unknown
/** `once` adds a function of its own that knows the listener. */
type OnceListener = Listener & { readonly listener?: Listener }

const ADDING = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const
const REMOVING = ['off', 'removeListener'] as const

const bound = new WeakSet<EventEmitter>()

export function isEmitter(target: unknown): target is EventEmitter {
  if (typeof target !== 'object' || target === null) return false
  const { on, removeListener, emit } = target as Partial<EventEmitter>
  return [on, removeListener, emit].every(each => typeof each === 'function')
}

/** Of several contexts that an emitter is bound to, the first counts. */
export function bindEmitter<T extends EventEmitter>(
  emitter: T,
  bind: (listener: Listener) => Listener,
): T {
  if (bound.has(emitter)) return emitter
  bound.add(emitter)
  /** Of each listener the function that was added in its place: one for all events. */
  const inPlace = new WeakMap<Listener, Listener>()
  const made = new WeakSet<Listener>()

  const wrap = (listener: OnceListener): Listener => {
    if (made.has(listener)) return listener
    // What `once` adds runs a listener that was wrapped before.
    if (listener.listener !== undefined && made.has(listener.listener)) return listener
    let wrapped = inPlace.get(listener)
    if (wrapped === undefined) {
      wrapped = bind(listener)
      inPlace.set(listener, wrapped)
      made.add(wrapped)
    }
    return wrapped
  }

  const replace = (names: readonly string[], change: (listener: Listener) => Listener): void => {
    for (const name of names) {
      const original: unknown = Reflect.get(emitter, name)
      if (typeof original !== 'function') continue
      const value = (event: string | symbol, listener: Listener): unknown =>
        Reflect.apply(original, emitter, [
          event,
          typeof listener === 'function' ? change(listener) : listener,
        ])
      Object.defineProperty(emitter, name, { value, configurable: true, writable: true })
    }
  }
  replace(ADDING, wrap)
  replace(REMOVING, listener => inPlace.get(listener) ?? listener)
  return emitter
}
