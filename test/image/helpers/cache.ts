// What image tests need and takes long to make: kept outside the repository, under BATON_IMAGE_CACHE or the user's cache.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Absolute path of the folder; it exists. */
export const CACHE: string = makeCache()

function makeCache(): string {
  const folder = process.env.BATON_IMAGE_CACHE ?? join(homedir(), '.cache', 'baton', 'image-tests')
  mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * The folder `name`, made by `make` if it is not there. It is made aside and renamed, so what an interrupted run leaves
 * behind is never taken for the whole. What it is made of belongs into its name: nothing else makes it anew.
 */
export async function cached(
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(CACHE, name)
  if (existsSync(folder)) return folder
  const aside = await mkdtemp(`${folder}.`)
  try {
    await make(aside)
    renameSync(aside, folder)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return folder
}
