// `baton/vite`: builds for the server (`build.ssr`), of which Vite leaves packages out unless `ssr.noExternal` says otherwise.
import type { BatonOptions } from './instrument-file.ts'
import { type BatonPlugin, baton as rollup } from './rollup.ts'

/** Instruments the libraries that a bundle holds. */
export function baton(options?: BatonOptions): BatonPlugin & { readonly enforce: 'pre' } {
  return { ...rollup(options), enforce: 'pre' }
}
