// Web frameworks as one chunk.
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { listenToExpress, wrapExpressLayer } from './express.ts'

/** What the table of hooked files names. */
export function createWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    wrapExpressLayer: loaded => wrapExpressLayer(tools, loaded),
  }
}

/** What the table of channels names. */
export function createListeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  return {
    'express.router.request': () => listenToExpress(tools),
  }
}
