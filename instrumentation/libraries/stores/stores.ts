// Stores, and what else a function calls by clients of its own, as one chunk: they share most of their code.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { wrapDataLoader } from './dataloader.ts'
import { wrapElastic } from './elasticsearch.ts'
import { wrapGrpcClient } from './grpc.ts'
import { createIoredisListeners, createIoredisWraps } from './ioredis.ts'
import { wrapMemcached } from './memcached.ts'
import { createMongodbWraps } from './mongodb.ts'
import { createMongooseListeners } from './mongoose.ts'
import { createNodeRedisListeners, createNodeRedisWraps } from './node-redis.ts'
import { wrapNodemailer } from './nodemailer.ts'

const WRAPS: Readonly<Record<string, (tools: LibraryTools, loaded: LoadedModule) => void>> = {
  wrapDataLoader,
  wrapElastic,
  wrapGrpcClient,
  wrapMemcached,
  wrapNodemailer,
}

/** What the table of hooked files names. */
export function createWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  const wraps = Object.entries(WRAPS)
  return {
    ...Object.fromEntries(wraps.map(([name, wrap]) => [name, loaded => wrap(tools, loaded)])),
    ...createIoredisWraps(tools),
    ...createMongodbWraps(tools),
    ...createNodeRedisWraps(tools),
  }
}

/** What the table of channels names. */
export const createListeners = (
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> => ({
  ...createIoredisListeners(tools),
  ...createMongooseListeners(tools),
  ...createNodeRedisListeners(tools),
})
