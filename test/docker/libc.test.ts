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
  await t.rejects(fetchLibc('arm64', t.testdir({}), [mirror]), {
    code: 'BUILD',
    message: /_arm64\.deb: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
  })
  for (const path of asked) t.match(path, /^\/debian\/pool\/main\/\w\/[^/]+\/[^/]+_arm64\.deb$/)
})

t.test('a mirror that has forgotten a package is passed over', async t => {
  const [first, second]: [string[], string[]] = [[], []]
  const mirrors = [await serveMirror(t, 404, first), await serveMirror(t, 200, second)]
  await t.rejects(fetchLibc('x64', t.testdir({}), mirrors), {
    message: `${mirrors[1]}pool/main/g/glibc/libc6_`,
  })
  t.strictSame(second.sort(), first.sort(), 'every package')
})

t.test('where no mirror has it, it is said what is missing and how else it can come', async t => {
  const mirrors = [await serveMirror(t, 404, []), 'http://127.0.0.1:1/debian']
  const [libc6] = libcPackages('x64')
  const name = `libc6_${libc6?.version}_amd64.deb (SHA-256 ${libc6?.sha256.x64})`
  const error = await fetchLibc('x64', t.testdir({}), mirrors).catch(each => each)
  t.match(error, {
    code: 'BUILD',
    message: /expected status 200, got 404; .*could not be fetched; /,
  })
  t.match(error.message, `expected ${name} in a folder of yours, named by --libc`)
})

t.test('a folder: all that is missing is named at once, what is wrong is refused', async t => {
  const packages = [...libcPackages('arm64'), ...LICENSE_PACKAGES]
  const names = packages.map(({ path }) => `${path.replace(/.*\//, '')}_arm64.deb`)
  const [there = '', ...missing] = names
  const folder = t.testdir({ debs: { [there]: 'x' }, scratch: {} })
  const some = await fetchLibc('arm64', `${folder}/scratch`, `${folder}/debs`).catch(each => each)
  t.match(some, { code: 'BUILD', message: /^--libc: expected / })
  t.notMatch(some.message, there)
  for (const name of missing) t.match(some.message, `${name} (SHA-256 `)
})

t.test('a folder with another package under a name', async t => {
  const packages = [...libcPackages('arm64'), ...LICENSE_PACKAGES]
  const files = packages.map(({ path }) => [`${path.replace(/.*\//, '')}_arm64.deb`, 'x'])
  const folder = t.testdir({ debs: Object.fromEntries(files), scratch: {} })
  await t.rejects(fetchLibc('arm64', `${folder}/scratch`, `${folder}/debs`), {
    code: 'BUILD',
    message: /_arm64\.deb: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
  })
})

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
