// Which files of SQL libraries are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

type Row = readonly [library: string, versions: string, file: string, wrap: string, module?: string]

const ROWS: readonly Row[] = [
  ['pg', '>=8.0.0 <9', 'lib/client.js', 'wrapPgClient'],
  ['pg', '>=3.0.0 <4', 'index.js', 'wrapPgPool', 'pg-pool'],
]

export const SQL_FILES: readonly HookedFile[] = ROWS.map(
  ([library, versions, file, wrap, module = library]) => ({
    library,
    chunk: 'sql',
    package: module,
    versions,
    file,
    wrap,
  }),
)
