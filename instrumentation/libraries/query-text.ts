// Whether the text of what a database is asked stands on its span, and what of it.

/** `sanitized` has a `?` for each value; `raw` has what the library sends. */
export type QueryTextMode = 'sanitized' | 'raw' | 'off'

/** `BATON_DB_QUERY_TEXT`; what is none of the three is the default, of which a warning tells at the start. */
export function queryTextMode(env: Readonly<Record<string, string | undefined>>): QueryTextMode {
  const value = env.BATON_DB_QUERY_TEXT?.trim()
  return value === 'raw' || value === 'off' ? value : 'sanitized'
}
