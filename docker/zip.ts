// Zips with fixed times, modes and order: the same files give the same bytes.
import { createWriteStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

const EXECUTABLE = 0o100755
const REGULAR = 0o100644

/** Writes every file below `folder` into `target`; answers its size in bytes. */
export async function zipFolder(folder: string, target: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
  // A zip keeps local time without a zone, from 1980 on: this is the same moment of it in every zone.
  const mtime = new Date(1980, 1, 1)
  const zip = new ZipFile()
  for (const path of paths.sort()) {
    const { mode } = await stat(path)
    zip.addFile(path, relative(folder, path), {
      mtime,
      forceDosTimestamp: true,
      mode: mode & 0o100 ? EXECUTABLE : REGULAR,
      compressionLevel: 9,
    })
  }
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(target))
  return (await stat(target)).size
}
