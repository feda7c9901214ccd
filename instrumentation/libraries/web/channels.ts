// The channels of web frameworks. All of it is read at each cold start: names only.
import type { ChannelRow } from '../contract.ts'

const WEB = 'web'

export const WEB_CHANNELS: readonly ChannelRow[] = [
  { library: 'express', chunk: WEB, channel: 'express.router.request' },
  { library: 'fastify', chunk: WEB, channel: 'fastify.request.handler' },
  { library: 'h3', chunk: WEB, channel: 'h3.request' },
  { library: 'srvx', chunk: WEB, channel: 'srvx.middleware' },
]
