// Channels of SQL libraries.
import type { ChannelRow } from '../contract.ts'

const rows = (library: string, prefix: string, channels: readonly string[]): ChannelRow[] =>
  channels.map(name => ({ library, chunk: 'sql', channel: `${prefix}:${name}` }))

export const SQL_CHANNELS: readonly ChannelRow[] = [
  ...rows('mysql2', 'mysql2', ['query', 'execute', 'connect', 'pool:connect']),
  ...rows('tedious', 'mssql', [
    'query',
    'batch',
    'execute',
    'bulk',
    'connect',
    'prepared-statement:execute',
  ]),
]
