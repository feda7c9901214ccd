// The channels of web frameworks and of GraphQL. All of it is read at each cold start: names only.
import type { ChannelRow } from '../contract.ts'

const WEB = 'web'
const GRAPHQL = 'graphql'

/** A server of the function's own listens. */
export const LISTENING = 'tracing:net.server.listen:asyncEnd'

export const WEB_CHANNELS: readonly ChannelRow[] = [
  { library: 'http', chunk: WEB, channel: LISTENING, isPlain: true },
  { library: 'express', chunk: WEB, channel: 'express.router.request' },
  { library: 'fastify', chunk: WEB, channel: 'fastify.request.handler' },
  { library: 'h3', chunk: WEB, channel: 'h3.request' },
  { library: 'srvx', chunk: WEB, channel: 'srvx.middleware' },
  { library: 'graphql', chunk: GRAPHQL, channel: 'graphql:parse' },
  { library: 'graphql', chunk: GRAPHQL, channel: 'graphql:validate' },
  { library: 'graphql', chunk: GRAPHQL, channel: 'graphql:execute' },
]
