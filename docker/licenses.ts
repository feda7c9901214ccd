// What an artefact really contains: Baton, Node, and the npm packages that the bundler took in. From this come the licence
// texts that go with it and its bill of materials.
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Component {
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly license: string
  /** The licence as it is distributed; `undefined` when none came with it. */
  readonly text: string | undefined
  readonly purl: string | undefined
  /** SHA-256 of the file it came from, in hex; `undefined` when it is not one file. */
  readonly sha256: string | undefined
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/** An npm package by its folder. */
export async function npmComponent(folder: string): Promise<Component> {
  const manifest = await readManifest(folder)
  const { name, version, license = 'NOASSERTION' } = manifest
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return { name, version, license, text: await readLicense(folder), purl, sha256: undefined }
}

/** Baton, by the repository's folder: it is published nowhere, so it has no package URL. */
export async function ourComponent(root: string): Promise<Component> {
  return { ...(await npmComponent(root)), purl: undefined }
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export async function writeLicenses(components: readonly Component[], file: string): Promise<void> {
  const texts = components.map(({ name, version, license, text }) => {
    const heading = `${name} ${version} (${license})`
    const body = text?.trim() ?? 'Its distribution holds no licence text.'
    return `${heading}\n${'='.repeat(heading.length)}\n\n${body}\n`
  })
  await writeFile(file, texts.join('\n\n'))
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
}

async function readLicense(folder: string): Promise<string | undefined> {
  const name = (await readdir(folder)).find(each => /^licen[cs]e(\.\w+)?$/i.test(each))
  return name === undefined ? undefined : readFile(join(folder, name), 'utf8')
}
