// What the environment says of single libraries. Their code reads it itself, when it is loaded; here it is checked, so that a
// malformed value is told of.
import { type Option, telemetry } from './option.ts'
import { flag, oneOf } from './values.ts'

export interface LibraryConfig {
  /** What of the text of what stores are asked stands on their spans. */
  readonly dbQueryText: 'sanitized' | 'raw' | 'off'
  /** Spans of the middleware of web frameworks. */
  readonly middlewareSpans: boolean
  /** The document, without its literals, on the spans of GraphQL. */
  readonly graphqlDocument: boolean
}

export const LIBRARY_OPTIONS: { readonly [K in keyof LibraryConfig]: Option<LibraryConfig[K]> } = {
  dbQueryText: telemetry('BATON_DB_QUERY_TEXT', oneOf(['sanitized', 'raw', 'off']), 'sanitized'),
  middlewareSpans: telemetry('BATON_MIDDLEWARE_SPANS', flag, true),
  graphqlDocument: telemetry('BATON_GRAPHQL_DOCUMENT', flag, false),
}
