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
        // Anew for each file: when a process builds again, packages may have changed.
        test: path => filter.test(path) && createFileInstrumenter(options).isListed(path),
        enforce: 'pre',
        // The line reads names that a version of the library may lack, which webpack takes for a mistake.
        parser: { exportsPresence: false, importExportsPresence: false },
        use: [{ loader: LOADER, options }],
      })
    },
  }
}
