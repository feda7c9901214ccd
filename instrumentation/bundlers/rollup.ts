// `baton/rollup`, and what Vite and Rolldown take as well.
import type { ObjectHook, Plugin, TransformHook } from 'rollup'
import { type BatonOptions, createFileInstrumenter } from './instrument-file.ts'

/** What Rollup and those like it call. */
export type BatonPlugin = Pick<Plugin, 'name'> & {
  readonly transform: ObjectHook<TransformHook, { filter: { id: RegExp } }>
}

/** Instruments the libraries that a bundle holds. */
export function baton(options?: BatonOptions): BatonPlugin {
  const { filter, instrument } = createFileInstrumenter(options)
  return {
    name: 'baton',
    transform: {
      // Before CommonJS becomes something else.
      order: 'pre',
      filter: { id: filter },
      handler(source, id) {
        const code = instrument(id, source)
        // Nothing before the line moves: the map that there is stays right.
        return code === undefined ? null : { code, map: null }
      },
    },
  }
}
