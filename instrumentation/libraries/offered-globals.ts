// Globals by which libraries tell of what they do. Each is made when its library asks for it.
import type { GlobalRow, LibraryChunk, LibraryTools } from './contract.ts'

export const GLOBALS: readonly GlobalRow[] = [
  { library: 'prisma', chunk: 'sql', name: 'PRISMA_INSTRUMENTATION' },
]

export interface OfferOptions {
  readonly rows: readonly GlobalRow[]
  readonly tools: LibraryTools
  readonly loadChunk: (name: string) => LibraryChunk
}

/** Not enumerable: code that walks over the global object does not meet them. Whoever sets one takes its place. */
export function offerGlobals({ rows, tools, loadChunk }: OfferOptions): void {
  for (const { chunk, name } of rows) {
    const set = (value: unknown): void => {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true })
    }
    Object.defineProperty(globalThis, name, {
      get() {
        const made = tools.guard.run(name, () => loadChunk(chunk).createGlobals?.(tools)[name]?.())
        set(made)
        return made
      },
      set,
      configurable: true,
    })
  }
}
