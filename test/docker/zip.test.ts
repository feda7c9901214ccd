// The zip that becomes the layer, read back from its own bytes: same files, same bytes; modes kept.
import { chmod, readFile, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { zipFolder } from '../../docker/zip.ts'

const FILES = {
  bootstrap: '#!/bin/sh\nexec node\n',
  baton: { 'main.cjs': 'x'.repeat(100_000), bin: { node: 'binary' }, 'empty.txt': '' },
  'z é.txt': 'last',
}

interface Entry {
  readonly name: string
  /** Permissions and kind of file, as Unix has them. */
  readonly mode: number
  /** Date and time as MS-DOS has them. */
  readonly dosTime: number
  readonly content: string
}

const END_OF_CENTRAL_DIRECTORY = 0x06054b50
const CENTRAL_ENTRY = 0x02014b50

/** Reads the central directory: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.3.12. */
function readZip(zip: Buffer): Entry[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (zip.readUInt32LE(end) !== END_OF_CENTRAL_DIRECTORY) throw new Error('no central directory')
  const entries: Entry[] = []
  let at = zip.readUInt32LE(end + 16)
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    if (zip.readUInt32LE(at) !== CENTRAL_ENTRY) throw new Error(`no entry at ${at}`)
    const nameLength = zip.readUInt16LE(at + 28)
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      mode: zip.readUInt32LE(at + 38) >>> 16,
      dosTime: zip.readUInt32LE(at + 12),
      content: readContent(zip, at),
    })
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return entries
}

function readContent(zip: Buffer, entry: number): string {
  const isDeflated = zip.readUInt16LE(entry + 10) === 8
  const compressedSize = zip.readUInt32LE(entry + 20)
  const local = zip.readUInt32LE(entry + 42)
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  const bytes = zip.subarray(start, start + compressedSize)
  return (isDeflated ? inflateRawSync(bytes) : bytes).toString()
}

/** A folder with the files above, and where its zip goes. */
async function prepare(t: Test): Promise<{ folder: string; target: string }> {
  const root = t.testdir({ folder: FILES })
  const folder = join(root, 'folder')
  await chmod(join(folder, 'bootstrap'), 0o755)
  await chmod(join(folder, 'baton/bin/node'), 0o700)
  await chmod(join(folder, 'baton/main.cjs'), 0o640)
  return { folder, target: join(root, 'out.zip') }
}

t.test('every file is in it, by its path below the folder, in order, with its content', async t => {
  const { folder, target } = await prepare(t)
  await zipFolder(folder, target)
  const entries = readZip(await readFile(target))
  t.strictSame(
    entries.map(({ name, content }) => [name, content]),
    [
      ['baton/bin/node', 'binary'],
      ['baton/empty.txt', ''],
      ['baton/main.cjs', 'x'.repeat(100_000)],
      ['bootstrap', FILES.bootstrap],
      ['z é.txt', 'last'],
    ],
  )
})

t.test('what its owner may run is 0755, everything else 0644', async t => {
  const { folder, target } = await prepare(t)
  await zipFolder(folder, target)
  t.strictSame(
    readZip(await readFile(target)).map(({ name, mode }) => [name, mode.toString(8)]),
    [
      ['baton/bin/node', '100755'],
      ['baton/empty.txt', '100644'],
      ['baton/main.cjs', '100644'],
      ['bootstrap', '100755'],
      ['z é.txt', '100644'],
    ],
  )
})

t.test('it answers the size of the file it wrote, which is compressed', async t => {
  const { folder, target } = await prepare(t)
  const bytes = await zipFolder(folder, target)
  t.equal(bytes, (await stat(target)).size)
  t.ok(bytes < 10_000, `${bytes} bytes for 100,000 equal characters`)
})

t.test(
  'the same files give the same bytes: at another time, elsewhere, and over an old zip',
  async t => {
    const { folder, target } = await prepare(t)
    await zipFolder(folder, target)
    const first = await readFile(target)
    await utimes(join(folder, 'bootstrap'), 0, 1_000_000_000)
    await zipFolder(folder, target)
    t.ok(first.equals(await readFile(target)), 'touched since')

    await t.test('in another folder', async t => {
      const other = await prepare(t)
      await zipFolder(other.folder, other.target)
      t.ok(first.equals(await readFile(other.target)))
    })
  },
)

t.test('the same files give the same bytes in every time zone', async t => {
  const { folder, target } = await prepare(t)
  const before = process.env.TZ
  t.teardown(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })
  const zips: string[] = []
  for (const zone of ['UTC', 'America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Kiritimati']) {
    process.env.TZ = zone
    await zipFolder(folder, target)
    zips.push((await readFile(target)).toString('base64'))
  }
  t.equal(new Set(zips).size, 1)
})

t.test('another mode gives other bytes', async t => {
  const { folder, target } = await prepare(t)
  const zip = async () => {
    await zipFolder(folder, target)
    return (await readFile(target)).toString('base64')
  }
  const first = await zip()
  await chmod(join(folder, 'bootstrap'), 0o644)
  t.not(await zip(), first)
})

t.test('a folder that is missing is an error', async t => {
  const { folder, target } = await prepare(t)
  await t.rejects(zipFolder(join(folder, 'missing'), target), { code: 'ENOENT' })
})
