// The channels of libraries that publish, one array a family. All of it is read at each cold start: names only.
import type { ChannelRow } from './contract.ts'

export const CHANNELS: readonly ChannelRow[] = []
