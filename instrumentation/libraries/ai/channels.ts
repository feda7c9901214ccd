// The channels of libraries for AI. All of it is read at each cold start: names only.
import type { ChannelRow } from '../contract.ts'

export const AI_CHANNELS: readonly ChannelRow[] = [
  { library: 'ai', chunk: 'ai', channel: 'ai:telemetry' },
]
