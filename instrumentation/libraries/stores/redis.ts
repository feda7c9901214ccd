// Clients of Redis as one chunk.
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { createIoredisListeners, createIoredisWraps } from './ioredis.ts'
import { createNodeRedisListeners, createNodeRedisWraps } from './node-redis.ts'

/** What the table of hooked files names. */
export const createWraps = (tools: LibraryTools): Readonly<Record<string, Wrap>> => ({
  ...createIoredisWraps(tools),
  ...createNodeRedisWraps(tools),
})

/** What the table of channels names. */
export const createListeners = (
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> => ({
  ...createIoredisListeners(tools),
  ...createNodeRedisListeners(tools),
})
