// The build's command line: what is accepted last and refused first.
import t from 'tap'
import { parseBuildArguments } from '../../docker/build-options.ts'

const parse = (line: string) => parseBuildArguments(line.split(' ').filter(each => each !== ''))
const refused = { code: 'USAGE' }
const SRI = `sha512-${'A'.repeat(86)}==`

t.test('without options it is everything, for both architectures, on the pinned Node', async t => {
  const { layers, wrappers, hasCli, hasZips, out } = parse('')
  t.same([hasCli, hasZips, out], [true, true, undefined])
  t.same(wrappers, [
    { architecture: 'x64', versions: [] },
    { architecture: 'arm64', versions: [] },
  ])
  t.match(layers, [{ architecture: 'x64' }, { architecture: 'arm64' }])
  const plain = { system: 'al2023', version: undefined, from: undefined, hasCodeCache: true }
  t.match(layers, [plain, plain])
  t.match(parse('--out elsewhere'), { layers, hasCli: true, out: 'elsewhere' })
})

t.test('without zips it is what tests run on', async t => {
  t.match(parse('--no-zip'), { hasZips: false, hasCli: true })
  t.same(parse('--no-zip').wrappers, [{ architecture: 'x64', versions: [] }])
  t.match(parse('--no-zip').layers, [{ architecture: 'x64' }])
  t.equal(parse('--no-zip').layers.length, 1)
})

t.test('a layer that is shaped is all that is built', async t => {
  const line = `--node v22.23.3 --arch arm64 --os al2 --libc debs --integrity ${SRI} --out there --no-code-cache`
  t.same(parse(line), {
    layers: [
      {
        architecture: 'arm64',
        version: '22.23.3',
        system: 'al2',
        from: undefined,
        integrity: SRI,
        libc: 'debs',
        hasCodeCache: false,
      },
    ],
    wrappers: [],
    hasCli: false,
    hasZips: true,
    out: 'there',
  })
  for (const [shape, count] of [
    ['--node 24.0.0', 2],
    ['--arch x64', 1],
    ['--os al2', 2],
    ['--from https://example.com/dist', 2],
    ['--from node.tgz --arch x64', 1],
    ['--no-code-cache', 2],
  ] as const) {
    t.match(parse(shape), { hasCli: false, wrappers: [] }, shape)
    t.equal(parse(shape).layers.length, count, shape)
  }
})

t.test('the wrapper takes any number of versions and nothing of a layer', async t => {
  t.match(parse('--wrapper'), { layers: [], hasCli: false })
  t.same(parse('--wrapper').wrappers, parse('').wrappers)
  t.same(parse('--wrapper --arch arm64 --node 24.1.0 --node 24.2.0').wrappers, [
    { architecture: 'arm64', versions: ['24.1.0', '24.2.0'] },
  ])
  for (const other of ['--os al2', '--from x', '--libc x', `--integrity ${SRI}`])
    t.throws(() => parse(`--wrapper ${other}`), refused, other)
})

t.test('what cannot be followed is refused', async t => {
  for (const line of [
    '--node 21.9.9',
    '--node 24',
    '--node 24.1',
    '--node latest',
    '--node 24.1.0-rc.1',
    '--node 24.1.0 --node 24.2.0',
    '--arch x86',
    '--os al1',
    '--libc debs',
    '--os al2023 --libc debs',
    '--from node.tgz',
    `--integrity ${SRI}`,
    '--arch x64 --integrity sha512-short',
    `--arch x64 --integrity sha256-${'A'.repeat(86)}==`,
    '--colour',
    'extra',
  ])
    t.throws(() => parse(line), refused, line)
  t.equal(parse('--node 22.0.0').layers[0]?.version, '22.0.0')
})
