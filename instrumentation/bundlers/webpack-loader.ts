// The loader of `baton/webpack`, which webpack asks for by its path; the build makes it what the module exports. Few files come
// here, and what is known of their packages is read anew: a process may build again when they have changed.
import type { LoaderContext } from 'webpack'
import { type BatonOptions, createFileInstrumenter } from './instrument-file.ts'

type Callback = LoaderContext<BatonOptions>['callback']

export function batonLoader(
  this: LoaderContext<BatonOptions>,
  source: string,
  map?: Parameters<Callback>[2],
): void {
  const { instrument } = createFileInstrumenter(this.getOptions())
  this.callback(null, instrument(this.resourcePath, source) ?? source, map)
}
