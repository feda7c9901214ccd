// The part of dynalite that the demo uses; the package has no types.
declare module 'dynalite' {
  import type { Server } from 'node:http'

  const dynalite: (options: { readonly createTableMs?: number }) => Server
  export = dynalite
}
