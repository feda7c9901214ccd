// Web frameworks as one chunk.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { LISTENING } from './channels.ts'
import { listenToExpress, wrapExpressBuiltIn, wrapExpressLayer } from './express.ts'
import { wrapHapiRequest, wrapHapiToolkit } from './hapi.ts'
import { wrapHonoRouter } from './hono.ts'
import { wrapKoa, wrapKoaRouter } from './koa.ts'
import { wrapMiddy } from './middy.ts'
import { wrapNestMethods, wrapNestRoutes } from './nest.ts'
import { listenToOwnServers } from './own-servers.ts'
import { listenToFastify, listenToH3, listenToSrvx } from './publishers.ts'

const WRAPS: Readonly<Record<string, (tools: LibraryTools, loaded: LoadedModule) => void>> = {
  wrapExpressBuiltIn,
  wrapExpressLayer,
  wrapHapiRequest,
  wrapHapiToolkit,
  wrapHonoRouter,
  wrapKoa,
  wrapKoaRouter,
  wrapMiddy,
  wrapNestMethods,
  wrapNestRoutes,
}

/** What the table of hooked files names. */
export function createWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  const wraps = Object.entries(WRAPS)
  return Object.fromEntries(wraps.map(([name, wrap]) => [name, loaded => wrap(tools, loaded)]))
}

/** What the table of channels names. */
export function createListeners(
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> {
  return {
    [LISTENING]: () => listenToOwnServers(tools),
    'express.router.request': () => listenToExpress(tools),
    'fastify.request.handler': () => listenToFastify(tools),
    'h3.request': () => listenToH3(tools),
    'srvx.middleware': () => listenToSrvx(tools),
  }
}
