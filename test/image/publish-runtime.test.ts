// How a customer-managed runtime is published: T7. Its templates are in templates.test.ts.
import t from 'tap'
import { docker } from './helpers/engine.ts'
import { publish, startLambdaCore } from './helpers/publish.ts'
import { startRegistry } from './helpers/registry.ts'

t.test(
  'the first publication makes the runtime, a version of both architectures, and the alias',
  async t => {
    const registry = await startRegistry(t)
    const image = `${registry}/team/baton`
    await using core = await startLambdaCore(['CREATING', 'CREATING', 'ACTIVE'])
    const named = ['--name', 'baton', '--alias', 'canary', '--label', 'a=b c']
    const ended = await publish(t, core, ['--image', image, '--first', ...named])
    t.equal(ended.code, 0, ended.stderr)
    const [digest = ''] = /sha256:[0-9a-f]{64}/.exec(ended.stdout) ?? []
    const version = { Name: 'v0.1.0', ImageUri: `${image}@${digest}` }
    t.match(core.calls, [
      { call: 'POST /2026-10-01/runtimes', body: { Name: 'baton' } },
      { call: 'POST /2026-10-01/runtimes/baton/versions', body: { ...version, DryRun: true } },
      { call: 'POST /2026-10-01/runtimes/baton/versions', body: version },
      { call: 'GET /2026-10-01/runtimes/baton/versions/v0.1.0' },
      { call: 'GET /2026-10-01/runtimes/baton/versions/v0.1.0' },
      { call: 'GET /2026-10-01/runtimes/baton/versions/v0.1.0' },
      {
        call: 'POST /2026-10-01/runtimes/baton/aliases',
        body: { Name: 'canary', RuntimeVersion: 'v0.1.0' },
      },
    ])
    t.notOk('DryRun' in (core.calls[2]?.body ?? {}))
    t.match(core.calls[2]?.body.ReleaseNotes, /^Baton 0\.1\.0\n- Trace a function/)

    const type = 'application/vnd.docker.distribution.manifest.list.v2+json'
    const stored = await fetch(`http://${registry}/v2/team/baton/manifests/${digest}`, {
      headers: { Accept: type },
    })
    const { mediaType, manifests } = (await stored.json()) as {
      mediaType: string
      manifests: { platform: unknown }[]
    }
    t.equal(mediaType, type)
    t.strictSame(
      manifests.map(each => each.platform),
      [
        { architecture: 'amd64', os: 'linux' },
        { architecture: 'arm64', os: 'linux' },
      ],
      'exactly two platforms',
    )
    const labels = await docker([
      'image',
      'inspect',
      '--format={{json .Config.Labels}}',
      `${image}:v0.1.0-arm64`,
    ])
    t.match(JSON.parse(labels), { a: 'b c' })
  },
)

t.test('a later one moves the alias', async t => {
  const image = `${await startRegistry(t)}/baton`
  await using core = await startLambdaCore(['ACTIVE'])
  const args = ['--name', 'baton', '--alias', 'prod', '--version', 'v0.1.0']
  t.equal((await publish(t, core, ['--image', image, ...args])).code, 0)
  t.match(core.calls.at(-1), {
    call: 'PUT /2026-10-01/runtimes/baton/aliases/prod',
    body: { RuntimeVersion: 'v0.1.0' },
  })
  t.notOk(core.calls.some(({ call }) => call === 'POST /2026-10-01/runtimes'))
})

t.test('a version that fails, or whose name is taken, moves no alias', async t => {
  const image = `${await startRegistry(t)}/baton`
  const args = ['--name', 'baton', '--alias', 'prod', '--image', image]
  await using failing = await startLambdaCore(['CREATING', 'FAILED'])
  const failed = await publish(t, failing, args)
  t.match(failed, { code: 1, stderr: /expected state ACTIVE, got FAILED/ })
  await using refusing = await startLambdaCore([], 'v0.1.0')
  const refused = await publish(t, refusing, args)
  t.match(refused, { code: 1, stderr: /ResourceConflictException.*PENDING_DELETION/s })
  for (const { calls } of [failing, refusing])
    t.notOk(calls.some(({ call }) => call.includes('/aliases')))
})

t.test('what no name can be is refused before anything is done', async t => {
  await using core = await startLambdaCore([])
  const right = { name: 'baton', alias: 'prod', image: 'a.example/baton' }
  for (const [option, wrong] of [
    ['name', 'B'],
    ['name', '--help'],
    ['alias', '-a'],
    ['image', 'a.example/baton:tag'],
    ['image', '$(id)/baton'],
  ] as const) {
    const args = Object.entries({ ...right, [option]: wrong }).map(
      ([key, value]) => `--${key}=${value}`,
    )
    const ended = await publish(t, core, args)
    t.match(ended, { code: 2, stderr: new RegExp(`^publish-runtime: --${option}: expected`) })
  }
  t.strictSame(core.calls, [])
})
