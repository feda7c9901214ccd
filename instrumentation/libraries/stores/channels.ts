// The channels of stores. All of it is read at each cold start: names only.
import type { ChannelRow } from '../contract.ts'

const rows = (library: string, channels: readonly string[]): ChannelRow[] =>
  channels.map(channel => ({ library, chunk: 'stores', channel }))

export const STORE_CHANNELS: readonly ChannelRow[] = [
  ...rows('ioredis', ['ioredis:command', 'ioredis:batch', 'ioredis:connect']),
  ...rows('redis', ['node-redis:command', 'node-redis:batch', 'node-redis:connect']),
  ...rows('mongoose', [
    'mongoose:query',
    'mongoose:aggregate',
    'mongoose:model:save',
    'mongoose:model:insertMany',
    'mongoose:model:bulkWrite',
  ]),
]
