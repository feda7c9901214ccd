// Channels of SQL libraries.
import type { ChannelRow } from '../contract.ts'

export const SQL_CHANNELS: readonly ChannelRow[] = [
  'query',
  'execute',
  'connect',
  'pool:connect',
].map(name => ({ library: 'mysql2', chunk: 'sql', channel: `mysql2:${name}` }))
