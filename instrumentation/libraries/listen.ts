// Listens to libraries that publish. A library's code is loaded with its first message, which it is told as well.
import { channel } from 'node:diagnostics_channel'
import type { ChannelListener, ChannelRow, LibraryChunk, LibraryTools } from './contract.ts'

export interface ListenOptions {
  readonly rows: readonly ChannelRow[]
  readonly tools: LibraryTools
  readonly loadChunk: (name: string) => LibraryChunk
}

/** Answers what ends the listening to one channel: a library that is hooked need not publish for us. */
export function listen({ rows, tools, loadChunk }: ListenOptions): (channel: string) => void {
  const ends = new Map<string, () => void>()
  for (const row of rows) {
    let listener: ChannelListener | undefined
    const tell: ChannelListener = message => {
      listener ??= loadChunk(row.chunk).createListeners?.(tools)[row.channel]?.()
      return listener?.(message)
    }
    const end = row.isPlain
      ? tools.subscribe(row.channel, message => void tell(message as object))
      : tools.tracer.bind(channel(`tracing:${row.channel}:start`), message =>
          tools.guard.run(row.channel, () => tell(message)),
        )
    ends.set(row.channel, end)
  }
  return name => ends.get(name)?.()
}
