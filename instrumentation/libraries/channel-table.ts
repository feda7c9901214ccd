// The channels of libraries that publish, one array a family. All of it is read at each cold start: names only.
import { AI_CHANNELS } from './ai/channels.ts'
import type { ChannelRow } from './contract.ts'
import { SQL_CHANNELS } from './sql/channels.ts'
import { STORE_CHANNELS } from './stores/channels.ts'
import { WEB_CHANNELS } from './web/channels.ts'

export const CHANNELS: readonly ChannelRow[] = [
  ...STORE_CHANNELS,
  ...WEB_CHANNELS,
  ...SQL_CHANNELS,
  ...AI_CHANNELS,
]
