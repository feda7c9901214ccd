// The channels of web frameworks and of GraphQL. All of it is read at each cold start: names only.
import type { ChannelRow } from '../contract.ts'

const rowOf =
  (chunk: string) =>
  ([library, channel]: readonly [string, string]): ChannelRow => ({ library, chunk, channel })

export const WEB_CHANNELS: readonly ChannelRow[] = (
  [['express', 'express.router.request']] as const
).map(rowOf('web'))
