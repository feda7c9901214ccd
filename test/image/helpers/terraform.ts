// Terraform's language by HashiCorp's own parser, and the arguments of resources by the schema of the real AWS provider: what
// CDK for Terraform has generated of it. Of its 390 MB only two resources are kept.
import { cp, mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { checkIntegrity } from '../../../docker/node/integrity.ts'
import { cached } from './cache.ts'
import { installerEnv } from './counterparts.ts'
import { run } from './run.ts'

const PROVIDER = '@cdktf/provider-aws@21.22.1'
const INTEGRITY =
  'sha512-BuSHeaQFUL9l33pBzIMRT7cTQ69AM2mLtijjteCPhVQRmvuhuj9Lvfymf7knAMhYqAT6+Lrls9jiGVW/Us3zrQ=='
/** Terraform's name, the folder in the provider, its class. */
const RESOURCES: Readonly<Record<string, readonly [folder: string, name: string]>> = {
  aws_lambda_function: ['lambda-function', 'LambdaFunction'],
  aws_lambda_layer_version: ['lambda-layer-version', 'LambdaLayerVersion'],
}

export type Body = Readonly<Record<string, unknown>>

export interface Resource {
  readonly type: string
  readonly name: string
  readonly body: Body
}

export interface TerraformFile {
  readonly resources: readonly Resource[]
  readonly variables: readonly string[]
}

/** Puts the provider beside the copy of the examples, where it finds its own dependencies. */
export async function installProvider(examples: string): Promise<void> {
  const folder = await cached(PROVIDER.replaceAll('/', '-'), async target => {
    const pack = ['npm', 'pack', '--silent', '--pack-destination', target, PROVIDER]
    const tarball = join(target, (await run(pack, { cwd: target, env: installerEnv() })).trim())
    checkIntegrity(PROVIDER, await readFile(tarball), INTEGRITY)
    const kept = Object.values(RESOURCES).map(([each]) => `package/lib/${each}`)
    await run(['tar', '-xzf', tarball, '-C', target, 'package/package.json', ...kept])
    await run(['rm', tarball])
  })
  await mkdir(providerFolder(examples), { recursive: true })
  await cp(join(folder, 'package'), providerFolder(examples), { recursive: true })
}

const providerFolder = (examples: string): string => join(examples, '..', 'provider')

/** Parses it. Throws with the parser's words. */
export async function parseTerraform(examples: string, file: string): Promise<TerraformFile> {
  const load = createRequire(join(examples, 'any.js'))
  const { parse } = load('@cdktf/hcl2json') as {
    parse(
      name: string,
      text: string,
    ): Promise<{
      resource: Record<string, Record<string, Body[]>>
      variable?: Body
    }>
  }
  const { resource, variable = {} } = await parse(file, await readFile(file, 'utf8'))
  const resources = Object.entries(resource).flatMap(([type, byName]) =>
    Object.entries(byName).flatMap(([name, bodies]) => bodies.map(body => ({ type, name, body }))),
  )
  return { resources, variables: Object.keys(variable) }
}

/** A resource as CDK for Terraform has it. */
interface Made {
  readonly resource: Resource
  readonly made: Readonly<Record<string, unknown>> & {
    synthesizeHclAttributes(): Readonly<Record<string, { readonly isBlock: boolean }>>
  }
}

/**
 * Complaints about what the provider does not have: unknown resources and arguments, blocks that are written as arguments,
 * references to nothing. What an argument's value has to be is left to the types, by `typeCheck`.
 */
export function checkTerraform(examples: string, file: TerraformFile): string[] {
  const load = createRequire(join(providerFolder(examples), 'any.js'))
  const { App, TerraformStack } = load('cdktf')
  const stack = new TerraformStack(new App(), 'check')
  const all = file.resources.map((resource): Made => {
    const [folder, className] = classOf(resource)
    const { name, body } = resource
    return { resource, made: new (load(`./lib/${folder}`)[className])(stack, name, toConfig(body)) }
  })
  return all.flatMap(each => [
    ...checkArguments(each),
    ...checkReferences(JSON.stringify(each.resource.body), file, all),
  ])
}

function classOf({ type }: Resource): readonly [folder: string, name: string] {
  const found = RESOURCES[type]
  if (found === undefined) throw new Error(`${type}: expected one of ${Object.keys(RESOURCES)}`)
  return found
}

function checkArguments({ resource, made }: Made): string[] {
  const known = made.synthesizeHclAttributes()
  return Object.entries(resource.body).flatMap(([argument, value]) => {
    const found = known[argument]
    const what = `${resource.type}.${resource.name}: ${argument}`
    if (found === undefined) return [`${what} is none of the provider's`]
    return found.isBlock === isBlock(value)
      ? []
      : [`${what} is ${isBlock(value) ? 'no' : 'a'} block`]
  })
}

/** `${aws_lambda_layer_version.baton.arn}`, `${var.role_arn}`. */
const REFERENCE = /\$\{(\w+)\.(\w+)(?:\.(\w+))?\}/g

function checkReferences(text: string, file: TerraformFile, all: readonly Made[]): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([whole, type, name = '', attribute = '']) => {
    if (type === 'var') return file.variables.includes(name) ? [] : [`${whole}: there is no such`]
    const found = all.find(({ resource }) => resource.type === type && resource.name === name)
    return found !== undefined && camelCase(attribute) in found.made
      ? []
      : [`${whole}: there is no such`]
  })
}

/** A program that is right when every argument has the type that the provider wants, and none is missing. */
export function typeCheck(examples: string, { resources }: TerraformFile): string {
  const lines = resources.flatMap((resource, index) => {
    const [folder, name] = classOf(resource)
    const from = JSON.stringify(join(providerFolder(examples), 'lib', folder, 'index.d.ts'))
    const value = JSON.stringify(toConfig(resource.body))
    return [
      `import type { ${name}Config as Config${index} } from ${from}`,
      `export const resource${index}: Config${index} = ${value}`,
    ]
  })
  return `${lines.join('\n')}\n`
}

/** The parser gives a block as a list of bodies, and an argument as it is. */
function isBlock(value: unknown): boolean {
  return Array.isArray(value) && value.some(each => typeof each === 'object')
}

function toConfig(body: Body): Body {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      camelCase(name),
      isBlock(value) ? toConfig((value as Body[])[0] ?? {}) : value,
    ]),
  )
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
