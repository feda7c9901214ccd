// What the runner has built for the image tests, by how it was built.
import { join } from 'node:path'
import { CACHE } from './cache.ts'

/** Where `npm run test:image` builds; new for each run. */
export const BUILDS: string = join(CACHE, 'builds')

export type BuildName =
  | 'default'
  | `x64-${22 | 24 | 26}-al2`
  | 'x64-22'
  | 'x64-26'
  | 'arm64-22'
  | 'arm64-26'
  | `arm64-${22 | 24 | 26}-al2`

const layer = (arch: string, node: string, ...others: string[]): readonly string[] => [
  ...['--arch', arch, '--node', node, ...others],
]

/** The builds, and the arguments they are made with. `default` is `npm run build`. */
export const ARGUMENTS: Readonly<Record<BuildName, readonly string[]>> = {
  default: [],
  'x64-22-al2': layer('x64', '22.23.3', '--os', 'al2', '--no-zip'),
  'x64-24-al2': layer('x64', '24.21.0', '--os', 'al2', '--no-zip'),
  'x64-26-al2': layer('x64', '26.10.0', '--os', 'al2'),
  'x64-22': layer('x64', '22.23.3', '--no-zip'),
  'x64-26': layer('x64', '26.10.0', '--no-zip'),
  'arm64-22-al2': layer('arm64', '22.23.3', '--os', 'al2', '--no-zip'),
  'arm64-24-al2': layer('arm64', '24.21.0', '--os', 'al2', '--no-zip'),
  'arm64-26-al2': layer('arm64', '26.10.0', '--os', 'al2', '--no-zip'),
  'arm64-22': layer('arm64', '22.23.3', '--no-zip'),
  'arm64-26': layer('arm64', '26.10.0', '--no-zip'),
}

/** A path in one of them. */
export function built(name: BuildName, path: string): string {
  return join(BUILDS, name, path)
}
