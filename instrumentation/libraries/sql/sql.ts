// SQL libraries as one chunk: they share most of their code.
import type { Wrap } from '../../hooks/module-hooks.ts'
import type { LibraryTools } from '../contract.ts'
import { createPgWraps } from './pg.ts'
import { toSqlTools } from './sql-call.ts'

/** What the table of hooked files names. */
export function createWraps(tools: LibraryTools): Readonly<Record<string, Wrap>> {
  const sqlTools = toSqlTools(tools)
  return { ...createPgWraps(sqlTools) }
}
