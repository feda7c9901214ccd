// Queries of libraries that publish them: the span ends, and the callback goes on where the function called, when the channel
// says that the answer is there.
import { channel } from 'node:diagnostics_channel'
import type { ActiveContext } from '../../trace/tracer.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import type { ChannelOutcome, TracedCall } from '../traced-call.ts'
import { closeQuery } from './sql-call.ts'

/** Listens to a tracing channel; where `open` answers nothing, what waits there still goes on in its own context. */
export function listenToQueries<M extends object>(
  tools: LibraryTools,
  name: string,
  open: (message: M) => TracedCall | undefined,
): ChannelListener {
  const outers = new WeakMap<object, ActiveContext>()
  const calls = new WeakMap<object, TracedCall>()
  const close = (message: object): void => {
    const call = calls.get(message)
    if (call !== undefined) closeQuery(tools, call, (message as ChannelOutcome).error)
  }
  const answered = `tracing:${name}:asyncStart`
  tools.subscribe(answered, message => close(message as object))
  tools.tracer.bind(channel(answered), message => outers.get(message))
  // One that throws before it is sent has no answer.
  tools.subscribe(`tracing:${name}:end`, message => {
    if ((message as ChannelOutcome).error !== undefined) close(message as object)
  })
  return message => {
    const outer = tools.tracer.active()
    if (outer === undefined) return undefined
    outers.set(message, outer)
    const call = open(message as M)
    if (call !== undefined) calls.set(message, call)
    return call?.inner
  }
}
