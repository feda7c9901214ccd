// Debian's packages for a layer: only those that are pinned, whatever a mirror has.
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { fetchLibc } from '../../docker/libc/debian.ts'
import { LICENSE_PACKAGES, libcPackages } from '../../docker/libc/packages.ts'
import { serveLoopback } from '../../local/http/loopback-server.ts'

async function serveMirror(t: Test, status: number, asked: string[]): Promise<string> {
  const server = await serveLoopback(
    createServer((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(status).end('!<arch>\nanother package')
    }),
  )
  t.teardown(() => server.close())
  return `${server.url}/debian/`
}

t.test('a package of another hash stops the build', async t => {
  const asked: string[] = []
  const mirror = await serveMirror(t, 200, asked)
  await t.rejects(fetchLibc('arm64', t.testdir({}), mirror), {
    code: 'BUILD',
    message: /_arm64\.deb: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
  })
  for (const path of asked) t.match(path, /^\/debian\/pool\/main\/\w\/[^/]+\/[^/]+_arm64\.deb$/)
})

t.test(
  'a mirror that has forgotten a package: it is said where there is one that has not',
  async t => {
    const mirror = await serveMirror(t, 404, [])
    await t.rejects(fetchLibc('x64', t.testdir({}), mirror), {
      code: 'BUILD',
      message: /_amd64\.deb: expected status 200, got 404; .*BATON_DEBIAN_MIRROR=/,
    })
  },
)

t.test('what is pinned is a version and a hash for each architecture', async t => {
  for (const architecture of ['x64', 'arm64'] as const) {
    const packages = [...libcPackages(architecture), ...LICENSE_PACKAGES]
    for (const { path, version, sha256 } of packages) {
      t.ok(path.endsWith(`_${version}`), path)
      t.match(sha256[architecture], /^[0-9a-f]{64}$/)
    }
    const hashes = packages.map(each => each.sha256[architecture])
    t.equal(new Set(hashes).size, hashes.length)
  }
})
