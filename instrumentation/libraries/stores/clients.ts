// What a function calls by clients that do not publish, as one chunk.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { LibraryTools } from '../contract.ts'
import { wrapDataLoader } from './dataloader.ts'
import { wrapElastic } from './elasticsearch.ts'
import { wrapGrpcClient } from './grpc.ts'
import { wrapMemcached } from './memcached.ts'
import { wrapNodemailer } from './nodemailer.ts'

const WRAPS: Readonly<Record<string, (tools: LibraryTools, loaded: LoadedModule) => void>> = {
  wrapDataLoader,
  wrapElastic,
  wrapGrpcClient,
  wrapMemcached,
  wrapNodemailer,
}

/** What the table of hooked files names. */
export const createWraps = (tools: LibraryTools): Readonly<Record<string, Wrap>> =>
  Object.fromEntries(
    Object.entries(WRAPS).map(([name, wrap]) => [name, loaded => wrap(tools, loaded)]),
  )
