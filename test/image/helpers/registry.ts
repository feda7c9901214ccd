// A registry of this machine's own, to push to.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { serveLoopback } from '../../../local/http/loopback-server.ts'
import { docker } from './engine.ts'

/** Debian's registry, on a port that the system chose just before. */
export async function startRegistry(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-registry-'))
  const { port, close } = await serveLoopback(createServer())
  await close()
  const config = { version: 0.1, storage: { filesystem: { rootdirectory: folder } } }
  const http = { addr: `127.0.0.1:${port}` }
  await writeFile(join(folder, 'config.yml'), JSON.stringify({ ...config, http }))
  const registry = spawn(
    '/usr/bin/env',
    ['-i', 'docker-registry', 'serve', join(folder, 'config.yml')],
    {
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin' },
    },
  )
  t.teardown(async () => {
    const pushed = await docker(['images', '--format={{.Repository}}:{{.Tag}}'])
    const tags = pushed.split('\n').filter(tag => tag.startsWith(http.addr))
    if (tags.length > 0) await docker(['rmi', ...tags])
    registry.kill()
    await once(registry, 'close')
    await rm(folder, { recursive: true, force: true })
  })
  for (;;) {
    const answered = await fetch(`http://${http.addr}/v2/`).catch(() => undefined)
    if (answered?.ok) return http.addr
    if (registry.exitCode !== null) throw new Error('the registry did not start')
  }
}
