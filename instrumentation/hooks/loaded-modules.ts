// Where the lines that hooks and bundlers add to a module hand over what it exports.

/** What a module gave, when it has run. Setting `exports` replaces them, in CommonJS only. */
export interface LoadedModule {
  exports: unknown
  /** An ES module's bindings: each answers its value, and takes another one. Absent in CommonJS. */
  readonly rebind?: Readonly<Record<string, (value?: unknown) => unknown>>
}

/** Told of a module: its library, which of the library's functions gets it, and what it exports. */
export type Receive = (library: string, wrap: string, loaded: LoadedModule) => void

/** What the added lines call. Not enumerable: code that walks over the global object does not meet it. */
export function receiveModules(receive: Receive): void {
  Object.defineProperty(globalThis, Symbol.for('baton:loaded'), {
    value: receive,
    configurable: true,
    writable: true,
  })
}
