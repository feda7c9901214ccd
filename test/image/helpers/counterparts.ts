// Programs of others that image tests hold ours against, from their registries, pinned and kept in the cache.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CACHE, cached } from './cache.ts'
import { run } from './run.ts'

export const MIRROR: string = process.env.BATON_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian'
const EMULATOR = 'github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie'
const EMULATOR_VERSION = 'v0.0.0-20261030222936-bef5c4ba774d'

/** Path of AWS's Runtime Interface Emulator, built from its Go module. */
export async function realEmulator(): Promise<string> {
  const folder = await cached(`aws-lambda-rie-${EMULATOR_VERSION}`, async target => {
    const own = { GOPATH: join(target, 'go'), GOFLAGS: '-modcacherw', GOBIN: target }
    const settings = { ...installerEnv(), ...own, CGO_ENABLED: '0', GOTOOLCHAIN: 'local' }
    await run(['go', 'install', `${EMULATOR}@${EMULATOR_VERSION}`], { env: settings })
    await run(['rm', '-rf', join(target, 'go')])
  })
  return join(folder, 'aws-lambda-rie')
}

/** The developer's own, which says where registries are and whom to trust; without what the test runner adds. */
export function installerEnv(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name]) => name !== 'NODE_OPTIONS' && !name.startsWith('TAP') && !name.startsWith('_TAPJS'),
  )
  return Object.fromEntries(own.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

const COMPOSE_VERSION = '2.26.1-4'

/** Path of docker-compose 2, as Debian 13 has it: Debian 12's is the one in Python, which nobody has any more. */
export async function composeCommand(): Promise<string> {
  const folder = await cached(`docker-compose-${COMPOSE_VERSION}`, async target => {
    const file = join(target, 'package.deb')
    const path = `pool/main/d/docker-compose/docker-compose_${COMPOSE_VERSION}_amd64.deb`
    const response = await fetch(`${MIRROR}/${path}`)
    if (!response.ok)
      throw new Error(`${MIRROR}/${path}: expected status 200, got ${response.status}`)
    await writeFile(file, Buffer.from(await response.arrayBuffer()))
    await run(['dpkg-deb', '--extract', file, target])
  })
  return join(folder, 'usr', 'libexec', 'docker', 'cli-plugins', 'docker-compose')
}

/** Pinned: what is new in Lambda is in none of them yet, and tests say which complaint is expected. */
const PYTHON_TOOLS = ['awscli==1.46.3', 'cfn-lint==1.58.0', 'spdx-tools==0.8.3']

/** Path of a command of theirs, from PyPI, or of the Python that can import them. */
export async function pythonTool(
  name: 'aws' | 'cfn-lint' | 'pyspdxtools' | 'python',
): Promise<string> {
  const folder = join(CACHE, `python-${PYTHON_TOOLS.join('-').replaceAll('==', '-')}`)
  // Made in its place: the scripts name their interpreter by its path.
  if (!existsSync(join(folder, 'made'))) {
    await run(['python3', '-m', 'venv', '--clear', folder], { env: installerEnv() })
    await run([join(folder, 'bin', 'pip'), 'install', '--quiet', ...PYTHON_TOOLS], {
      env: installerEnv(),
    })
    await writeFile(join(folder, 'made'), '')
  }
  return join(folder, 'bin', name)
}
