// The rows of docs/libraries.md that are SQL libraries'.
import type { Library } from '../table.ts'

export const SQL_LIBRARIES: readonly Library[] = [
  {
    name: 'pg',
    modules: '`pg`, `pg-pool`, `pg-cursor`, `pg-query-stream`',
    versions: '8',
    how: ['hook'],
    inBundles: 'nothing',
    spans: '`SELECT orders`, `pg.connect`',
  },
]
