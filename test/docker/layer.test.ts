// The layer as it is deployed: alone, wherever it was unpacked.
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LAYER, startFunction } from '../helpers/function.ts'

/** A copy of the layer and nothing else, in a folder of its own. */
async function copyLayer(t: Test, name = 'alone'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-layer-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const copy = join(folder, name)
  await cp(LAYER, copy, { recursive: true })
  return copy
}

const files = { 'index.mjs': 'export const handler = async () => process.execPath' }

t.test('copied elsewhere it runs a function with its own Node', async t => {
  const copy = await copyLayer(t)
  await using fn = await startFunction({
    files,
    events: [{}],
    bootstrap: join(copy, 'bootstrap'),
    env: { PATH: '/nowhere' },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, JSON.stringify(join(copy, 'baton', 'bin', 'node')))
  t.equal(fn.stdout() + fn.stderr(), '')
})

t.test('a path with blanks and quotes is a path', async t => {
  const copy = await copyLayer(t, `a 'b" $c`)
  await using fn = await startFunction({ files, events: [{}], bootstrap: join(copy, 'bootstrap') })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, JSON.stringify(join(copy, 'baton', 'bin', 'node')))
})

t.test('without a Node of its own it takes the one on the PATH', async t => {
  const copy = await copyLayer(t)
  const bin = join(copy, 'elsewhere')
  await cp(join(copy, 'baton', 'bin'), bin, { recursive: true })
  await rm(join(copy, 'baton', 'bin'), { recursive: true })
  await using fn = await startFunction({
    files,
    events: [{}],
    bootstrap: join(copy, 'bootstrap'),
    env: { PATH: bin },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, JSON.stringify(join(bin, 'node')))
})

t.test('without its code cache, or with a broken one, it does the same', async t => {
  const copy = await copyLayer(t)
  const cache = join(copy, 'baton', 'runtime.cache')
  const bytes = await readFile(cache)
  t.ok(bytes.length > 10_000, 'there is one')
  await rm(cache)
  for (const target of [undefined, '/etc/hostname'] as const) {
    if (target !== undefined) await symlink(target, cache)
    await using fn = await startFunction({
      files,
      events: [{}],
      bootstrap: join(copy, 'bootstrap'),
    })
    await fn.answered(1)
    t.match(fn.api.posts[0], { operation: 'response' })
    t.equal(fn.stdout() + fn.stderr(), '')
  }
})

t.test('the code cache is accepted by the Node of the layer', async t => {
  const { execFile } = await import('node:child_process')
  const { promisify } = await import('node:util')
  const script = `
    const { readFileSync } = require('node:fs')
    const { Script } = require('node:vm')
    const cachedData = readFileSync('runtime.cache')
    process.stdout.write(String(new Script(readFileSync('runtime.js', 'latin1'), { cachedData }).cachedDataRejected))`
  const { stdout } = await promisify(execFile)(
    join(LAYER, 'baton', 'bin', 'node'),
    ['-e', script],
    {
      cwd: join(LAYER, 'baton'),
    },
  )
  t.equal(stdout, 'false')
})
