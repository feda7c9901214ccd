// The real `sst`, as far as it goes without Pulumi and an account: it writes the types of a project's configuration, which refer
// to its own sources and to Pulumi's AWS provider.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'

/**
 * What SST 4.17.1 looks for before it does anything, and would download: it asks both for their versions, and the second one to
 * install packages, which are there already.
 */
const TOOLS = { pulumi: 'v3.215.0', bun: '1.2.1' }

/** Writes `.sst/platform` into the folder of an sst.config.ts. `tools` has the npm package sst-linux-x64. */
export async function installSst(tools: string, folder: string): Promise<void> {
  const home = join(folder, '.home')
  const bin = join(home, '.config', 'sst', 'bin')
  await mkdir(bin, { recursive: true })
  for (const [name, version] of Object.entries(TOOLS))
    await writeFile(join(bin, name), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
  await writeFile(join(folder, 'package.json'), '{}')
  const sst = join(tools, 'node_modules', 'sst-linux-x64', 'bin', 'sst')
  const quiet = { DO_NOT_TRACK: '1', SST_TELEMETRY_DISABLED: '1', HOME: home }
  await run([sst, 'install', '--stage', 'test'], { cwd: folder, env: quiet })
}
