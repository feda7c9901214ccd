// Size budgets: exceeding one fails the build.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildError } from './errors.ts'

/** Bytes of all files below `folder`. */
export async function sizeOfFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  const sizes = await Promise.all(files.map(file => stat(join(file.parentPath, file.name))))
  return sizes.reduce((total, each) => total + each.size, 0)
}

/** Throws when `bytes` is above the budget. */
export function checkBudget(what: string, bytes: number, budgetBytes: number): void {
  if (bytes > budgetBytes) {
    throw new BuildError(
      `${what}: expected at most ${formatBytes(budgetBytes)}, got ${formatBytes(bytes)}`,
    )
  }
}

/** `1.2 MB` or `34.5 kB`, decimal. */
export function formatBytes(bytes: number): string {
  return bytes >= 1_000_000
    ? `${(bytes / 1_000_000).toFixed(1)} MB`
    : `${(bytes / 1000).toFixed(1)} kB`
}
