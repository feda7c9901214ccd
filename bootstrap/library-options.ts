// What the environment says of single libraries.
import type { LibrarySettings } from '../instrumentation/libraries/contract.ts'
import { type Option, telemetry } from './option.ts'
import { flag, oneOf } from './values.ts'

export const LIBRARY_OPTIONS: {
  readonly [K in keyof LibrarySettings]: Option<LibrarySettings[K]>
} = {
  dbQueryText: telemetry('BATON_DB_QUERY_TEXT', oneOf(['sanitized', 'raw', 'off']), 'sanitized'),
  middlewareSpans: telemetry('BATON_MIDDLEWARE_SPANS', flag, true),
  graphqlDocument: telemetry('BATON_GRAPHQL_DOCUMENT', flag, false),
  capturesMessages: telemetry('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', flag, false),
}
