// What tells whether a function's code has changed: asked before an event, and not watched. So the event after a saved
// file always meets the new code, and folders whose changes the system does not announce (mounts of a virtual machine)
// are no exception.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Above this the rest of a folder is not looked at: so many take 0.3 s on an idle machine. */
const MAX_FILES = 20_000
/** npm rewrites it with every installation: it stands for all of node_modules. */
const INSTALLED = join('node_modules', '.package-lock.json')

/** A text that another content, name or time of any file changes. Hidden files and packages are not looked at. */
export async function stampFolder(folder: string): Promise<string> {
  const files = [INSTALLED]
  await listFiles(folder, '', files)
  const stamps = await Promise.all(files.map(file => stampFile(folder, file)))
  return stamps.join('\n')
}

async function listFiles(folder: string, below: string, files: string[]): Promise<void> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (files.length >= MAX_FILES) return
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = join(below, entry.name)
    if (entry.isDirectory()) await listFiles(folder, path, files)
    else files.push(path)
  }
}

/** A link is followed: what stands behind it is the code. */
async function stampFile(folder: string, file: string): Promise<string> {
  const found = await stat(join(folder, file)).catch(() => undefined)
  return found === undefined ? `${file} is gone` : `${file} ${found.mtimeMs} ${found.size}`
}
