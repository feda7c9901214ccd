// Zips with fixed times, modes, order and compression: the same files give the same bytes, on any machine. Written by
// hand, since no library takes data that is compressed already.
// Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7 (local header), 4.3.12 (central
// header) and 4.3.16 (end).
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { crc32 } from 'node:zlib'
import { deflate } from './deflate.ts'

const EXECUTABLE = 0o100755
const REGULAR = 0o100644
/** 1980-01-01 00:00, where the times of a zip begin; they are local times, so it is the same in every zone. */
const DOS_TIME = 0x0021_0000
const DEFLATED = 8
/** Deflate; made by a Unix; names in UTF-8. */
const VERSION_NEEDED = 20
const MADE_BY_UNIX = (3 << 8) | VERSION_NEEDED
const UTF8_NAMES = 1 << 11

interface Entry {
  readonly name: Buffer
  readonly mode: number
  readonly crc: number
  readonly bytes: number
  readonly data: Uint8Array
}

/** Writes every file below `folder` into `target`; answers its size in bytes. */
export async function zipFolder(folder: string, target: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = files.filter(file => file.isFile()).map(file => join(file.parentPath, file.name))
  await using zip = await open(target, 'w')
  const headers: Buffer[] = []
  let offset = 0
  for (const path of paths.sort()) {
    const entry = await readEntry(folder, path)
    const header = localHeader(entry)
    await zip.writeFile(header)
    await zip.writeFile(entry.data)
    headers.push(centralHeader(entry, offset))
    offset += header.length + entry.data.length
  }
  const directory = Buffer.concat(headers)
  await zip.writeFile(directory)
  await zip.writeFile(endRecord(headers.length, directory.length, offset))
  return (await zip.stat()).size
}

async function readEntry(folder: string, path: string): Promise<Entry> {
  const content = await readFile(path)
  const { mode } = await stat(path)
  return {
    name: Buffer.from(relative(folder, path)),
    mode: mode & 0o100 ? EXECUTABLE : REGULAR,
    crc: crc32(content),
    bytes: content.length,
    data: await deflate(content),
  }
}

/** What both headers have in common, from the version on: 26 bytes. */
function commonFields({ name, crc, bytes, data }: Entry): Buffer {
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(VERSION_NEEDED, 0)
  fields.writeUInt16LE(UTF8_NAMES, 2)
  fields.writeUInt16LE(DEFLATED, 4)
  fields.writeUInt32LE(DOS_TIME, 6)
  fields.writeUInt32LE(crc, 10)
  fields.writeUInt32LE(data.length, 14)
  fields.writeUInt32LE(bytes, 18)
  fields.writeUInt16LE(name.length, 22)
  return fields
}

function localHeader(entry: Entry): Buffer {
  return Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), commonFields(entry), entry.name])
}

function centralHeader(entry: Entry, offset: number): Buffer {
  const head = Buffer.from('PK\x01\x02\0\0', 'latin1')
  head.writeUInt16LE(MADE_BY_UNIX, 4)
  // Comment length, disk, internal attributes (2 bytes each), external attributes and offset (4 bytes each).
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE((entry.mode << 16) >>> 0, 6)
  tail.writeUInt32LE(offset, 10)
  return Buffer.concat([head, commonFields(entry), tail, entry.name])
}

function endRecord(count: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(22)
  record.write('PK\x05\x06', 'latin1')
  record.writeUInt16LE(count, 8)
  record.writeUInt16LE(count, 10)
  record.writeUInt32LE(bytes, 12)
  record.writeUInt32LE(offset, 16)
  return record
}
