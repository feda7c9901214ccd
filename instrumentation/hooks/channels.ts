// The one door to diagnostics channels: subscriptions that cannot throw into the library that publishes.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Guard } from '../guard.ts'

/** Answers the function that ends the subscription. */
export type Subscribe = (channel: string, listener: (message: unknown) => void) => () => void

/** A channel costs nothing until its library publishes, and is there in bundled code as well. */
export function createSubscribe(guard: Guard): Subscribe {
  return (channel, listener) => {
    const guarded = (message: unknown): void => {
      guard.run(channel, () => listener(message))
    }
    subscribe(channel, guarded)
    return () => void unsubscribe(channel, guarded)
  }
}
