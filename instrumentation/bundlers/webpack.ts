// `baton/webpack`: a rule whose loader sees listed files before any other does.
import { fileURLToPath } from 'node:url'
import type { Compiler } from 'webpack'
import { type BatonOptions, createFileInstrumenter } from './instrument-file.ts'

/** Beside this file, once both are built. */
const LOADER = fileURLToPath(new URL('./webpack-loader.cjs', import.meta.url))

/** What webpack calls. */
export interface BatonWebpackPlugin {
  apply(compiler: Compiler): void
}

/** Instruments the libraries that a bundle holds. */
export function baton(options: BatonOptions = {}): BatonWebpackPlugin {
  const { filter } = createFileInstrumenter(options)
  return {
    apply({ options: { module } }) {
      module.rules.push({
        test: filter,
        enforce: 'pre',
        use: [{ loader: LOADER, options }],
      })
    },
  }
}
