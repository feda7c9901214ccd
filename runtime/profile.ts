// AWS ships two Node runtimes that disagree in what code can observe: one up to Node 22, one from Node 24 on. A profile
// says which of them Baton follows where following both is impossible.

export const PROFILE_NAMES: readonly ProfileName[] = ['baton', 'nodejs22.x', 'nodejs24.x']

/**
 * `baton` follows the running Node's own runtime and, from Node 24 on, still runs callback handlers; the other two
 * follow AWS's runtime of that name on any Node, refusals included.
 */
export type ProfileName = 'baton' | 'nodejs22.x' | 'nodejs24.x'

export interface Profile {
  /**
   * Which handlers may answer by callback: all of them (any that return nothing are waited for), those that declare a
   * third parameter, or none (declaring one is an init error).
   */
  readonly callbacks: 'all' | 'declared' | 'refused'
  /** A handler that declares a callback is told once that this goes away. */
  readonly warnsOfCallbacks: boolean
  /** Exit code when the function cannot be loaded. */
  readonly initErrorExitCode: number
}

const NODE_22: Profile = { callbacks: 'all', warnsOfCallbacks: true, initErrorExitCode: 129 }
const NODE_24: Profile = { callbacks: 'refused', warnsOfCallbacks: false, initErrorExitCode: 1 }

/** First Node whose AWS runtime has no callbacks. */
const FIRST_WITHOUT_CALLBACKS = 24

/** `nodeVersion` as in `process.versions.node`. */
export function selectProfile(name: ProfileName, nodeVersion: string): Profile {
  if (name === 'nodejs22.x') return NODE_22
  if (name === 'nodejs24.x') return NODE_24
  return Number.parseInt(nodeVersion, 10) < FIRST_WITHOUT_CALLBACKS
    ? NODE_22
    : { ...NODE_24, callbacks: 'declared' }
}
