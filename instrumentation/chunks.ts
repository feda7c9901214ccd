// The bundles that lie beside the runtime's: each is read, from its code cache, when what it has is first needed. What every
// cold start reads costs it 5 ns a byte.

import type { LibraryChunk } from './libraries/contract.ts'

/** What each of them exports; those of libraries, which tables name, are `LibraryChunk`s. */
export interface Chunks {
  readonly 'aws-sdk': typeof import('./libraries/aws-sdk/aws-sdk.ts')
  readonly 'hooked-modules': typeof import('./libraries/hooked-modules.ts')
  readonly 'http-clients': typeof import('./libraries/http-clients.ts')
  readonly 'load-tree': typeof import('./coldstart/load-tree.ts')
  readonly 'otel-api': typeof import('./otel-api/api-global.ts')
  readonly records: typeof import('./records/records.ts')
  readonly recover: typeof import('./export/journal/recover.ts')
  readonly triggers: typeof import('./triggers/detect.ts')
  readonly tracing: typeof import('./tracing.ts')
}

/** Once for each name: what a bundle keeps is shared by all who use it. */
export interface LoadChunk {
  <K extends keyof Chunks>(name: K): Chunks[K]
  (name: string): LibraryChunk
}
