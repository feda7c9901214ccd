// MongoDB's driver and mongoose as one chunk.
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { STORE_CHANNELS } from './channels.ts'
import { createMongooseListener } from './mongoose.ts'

export { createMongodbWraps as createWraps } from './mongodb.ts'

/** What the table of channels names. */
export function createListeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  const channels = STORE_CHANNELS.filter(({ library }) => library === 'mongoose')
  return Object.fromEntries(
    channels.map(({ channel }) => [channel, () => createMongooseListener(tools, channel)]),
  )
}
