// The loader of `baton/webpack`, which webpack asks for by its path. It has no default export and is read as CommonJS: webpack
// takes a module that is a function.
import type { LoaderContext } from 'webpack'
import {
  type BatonOptions,
  createFileInstrumenter,
  type FileInstrumenter,
} from './instrument-file.ts'

const instrumenters = new Map<string, FileInstrumenter>()

/** What is to be `module.exports`. */
export function batonLoader(
  this: LoaderContext<BatonOptions>,
  source: string,
  map?: Parameters<LoaderContext<BatonOptions>['callback']>[2],
): void {
  const options = this.getOptions()
  const key = JSON.stringify(options)
  const instrumenter = instrumenters.get(key) ?? createFileInstrumenter(options)
  instrumenters.set(key, instrumenter)
  const line = instrumenter.lineFor(this.resourcePath, source)
  this.callback(null, line === undefined ? source : source + line, map)
}
