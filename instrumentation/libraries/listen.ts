// Listens to libraries that publish. A library's code is loaded with its first message, which it is told as well.
import { channel } from 'node:diagnostics_channel'
import type { ChannelListener, ChannelRow, LibraryChunk, LibraryTools } from './contract.ts'

export interface ListenOptions {
  readonly rows: readonly ChannelRow[]
  readonly tools: LibraryTools
  readonly loadChunk: (name: string) => LibraryChunk
}

export function listen({ rows, tools, loadChunk }: ListenOptions): void {
  for (const row of rows) {
    let listener: ChannelListener | undefined
    const tell: ChannelListener = message => {
      listener ??= loadChunk(row.chunk).createListeners?.(tools)[row.channel]?.()
      return listener?.(message)
    }
    if (row.isPlain) tools.subscribe(row.channel, message => void tell(message as object))
    else {
      tools.tracer.bind(channel(`tracing:${row.channel}:start`), message =>
        tools.guard.run(row.channel, () => tell(message)),
      )
    }
  }
}
