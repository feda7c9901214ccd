// Starts a Node binary on this machine: as it is, or one for arm64 by qemu's user emulation. The build needs it for the
// code cache only.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Architecture } from '../elf/image.ts'

const run = promisify(execFile)

/** Where Debian's packages libc6-arm64-cross and libstdc++6-arm64-cross put the libraries that it needs. */
const ARM64_ROOT = '/usr/aarch64-linux-gnu'
const EMULATOR = ['qemu-aarch64-static', '-L', ARM64_ROOT] as const

/** What starts `node`, to be followed by Node's arguments; `undefined` when this machine cannot. */
export async function findCommand(
  node: string,
  architecture: Architecture,
): Promise<readonly string[] | undefined> {
  const emulated = architecture === 'arm64' ? [[...EMULATOR, node]] : []
  for (const command of [[node], ...emulated])
    if ((await askVersion(command)) !== undefined) return command
  return undefined
}

/** The version that a command says it has, without `v`; `undefined` when it cannot be started. */
export async function askVersion(command: readonly string[]): Promise<string | undefined> {
  const [program = '', ...options] = command
  try {
    const { stdout } = await run(program, [...options, '--version'], { env: {} })
    return /^v(\S+)\s*$/.exec(stdout)?.[1]
  } catch {
    return undefined
  }
}
