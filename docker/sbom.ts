// The bill of materials of one build, in SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3): each artefact contains its
// components. The same artefacts give the same bytes: the time in it is SOURCE_DATE_EPOCH, or that of the zips' entries.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { type Component, sha256Of } from './licenses.ts'

export interface Artefact {
  /** `layer-x64`. */
  readonly name: string
  readonly components: readonly Component[]
  /** Path of its zip, and the zip's name; `undefined` when none was made. */
  readonly zip: { readonly path: string; readonly name: string } | undefined
}

export interface SpdxPackage {
  readonly SPDXID: string
  readonly name: string
  readonly versionInfo: string
  readonly downloadLocation: 'NOASSERTION'
  readonly filesAnalyzed: false
  readonly licenseConcluded: 'NOASSERTION'
  readonly licenseDeclared: string
  readonly copyrightText: 'NOASSERTION'
  readonly packageFileName?: string
  readonly checksums?: readonly { algorithm: 'SHA256'; checksumValue: string }[]
  readonly externalRefs?: readonly unknown[]
}

const DOCUMENT_ID = 'SPDXRef-DOCUMENT'
const ZIP_EPOCH_SECONDS = 315_532_800

/** Writes it for `version` of Baton to `file`. */
export async function writeSbom(
  version: string,
  artefacts: readonly Artefact[],
  file: string,
  epochSeconds: string | undefined,
): Promise<void> {
  const roots = await Promise.all(artefacts.map(each => artefactPackage(version, each)))
  const components = new Map(
    artefacts.flatMap(each => each.components).map(each => [idOf(each), componentPackage(each)]),
  )
  const packages = [...roots, ...components.values()]
  const relationships = artefacts.flatMap((each, index) => {
    const root = roots[index]?.SPDXID
    return [
      relate(DOCUMENT_ID, 'DESCRIBES', root),
      ...each.components.map(component => relate(root, 'CONTAINS', idOf(component))),
    ]
  })
  const digest = createHash('sha256').update(JSON.stringify([packages, relationships]))
  const created = new Date(1000 * Number(epochSeconds ?? ZIP_EPOCH_SECONDS))
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT_ID,
    name: `baton-${version}`,
    documentNamespace: `https://spdx.org/spdxdocs/baton-${version}-${digest.digest('hex')}`,
    creationInfo: {
      created: created.toISOString().replace('.000', ''),
      creators: ['Tool: baton-docker/build.ts'],
    },
    packages,
    relationships,
  }
  await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`)
}

function relate(from: string | undefined, relationshipType: string, to: string | undefined) {
  return { spdxElementId: from, relationshipType, relatedSpdxElement: to }
}

/** What SPDX lets an id consist of. */
function idOf({ name, version }: Component): string {
  return `SPDXRef-Package-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]+/g, '-')}`
}

async function artefactPackage(version: string, { name, zip }: Artefact): Promise<SpdxPackage> {
  const checksum = zip && sha256Of(await readFile(zip.path))
  return {
    ...describe(`SPDXRef-Artefact-${name}`, `baton-${name}`, version, 'NOASSERTION', checksum),
    ...(zip && { packageFileName: zip.name }),
  }
}

function componentPackage(component: Component): SpdxPackage {
  const { name, version, license, sha256, purl } = component
  return {
    ...describe(idOf(component), name, version, license, sha256),
    ...(purl !== undefined && {
      externalRefs: [
        { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
      ],
    }),
  }
}

function describe(
  SPDXID: string,
  name: string,
  versionInfo: string,
  licenseDeclared: string,
  sha256: string | undefined,
): SpdxPackage {
  return {
    SPDXID,
    name,
    versionInfo,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared,
    copyrightText: 'NOASSERTION',
    ...(sha256 !== undefined && {
      checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
    }),
  }
}
