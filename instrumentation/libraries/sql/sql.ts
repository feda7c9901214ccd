// SQL libraries as one chunk: they share most of their code.
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { createBetterSqlite3Wraps } from './better-sqlite3.ts'
import { createMapperWraps } from './mappers.ts'
import { createMssqlListeners } from './mssql.ts'
import { createMysql2Listeners, createMysql2Wraps } from './mysql2.ts'
import { createPgWraps } from './pg.ts'
import { createPostgresWraps } from './postgres.ts'
import { createPrismaGlobal } from './prisma.ts'
import { createTediousWraps } from './tedious.ts'

/** What the table of hooked files names. */
export function createWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  return {
    ...createPgWraps(tools),
    ...createPostgresWraps(tools),
    ...createMysql2Wraps(tools),
    ...createBetterSqlite3Wraps(tools),
    ...createMapperWraps(tools),
    ...createTediousWraps(tools),
  }
}

/** What the table of channels names. */
export const createListeners = (
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> => ({
  ...createMysql2Listeners(tools),
  ...createMssqlListeners(tools),
})

/** What the table of globals names. */
export const createGlobals = (tools: LibraryTools): Readonly<Record<string, () => unknown>> => ({
  PRISMA_INSTRUMENTATION: () => createPrismaGlobal(tools),
})
