// `baton/esbuild`. A file goes to the first plugin that takes it: this one is to stand before others that read JavaScript.
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'
import { type BatonOptions, createFileInstrumenter } from './instrument-file.ts'

/** Instruments the libraries that a bundle holds. */
export function baton(options?: BatonOptions): Plugin {
  const { filter, instrument } = createFileInstrumenter(options)
  return {
    name: 'baton',
    setup({ onLoad }) {
      onLoad({ filter, namespace: 'file' }, async ({ path }) => {
        const source = await readFile(path, 'utf8')
        const contents = instrument(path, source)
        return contents === undefined
          ? undefined
          : { contents, loader: 'default', watchFiles: [path] }
      })
    },
  }
}
