// The channels of libraries that publish, one array a family. All of it is read at each cold start: names only.
import type { ChannelRow } from './contract.ts'
import { SQL_CHANNELS } from './sql/channels.ts'

export const CHANNELS: readonly ChannelRow[] = [...SQL_CHANNELS]
