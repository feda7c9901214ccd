// Every example of examples/deploy under the tool that it is for: what the tool makes of it has the layer, the runtime and
// the variables.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { pythonTool } from './helpers/counterparts.ts'
import { workOnExamples } from './helpers/deploy-tools.ts'
import { ROOT } from './helpers/images.ts'
import { type Ended, run, tryRun } from './helpers/run.ts'

const examples = await workOnExamples()
const deploy = join(examples, 'deploy')
const NODE_PATH = `${process.execPath.replace(/\/node$/, '')}:/usr/bin:/bin`
const ENDPOINT = 'https://collector.example.com:4318'
const LAYER_ARN = 'arn:aws:lambda:us-east-1:123456789012:layer:baton:1'

/** How the three variants end, whatever the tool. */
const EXPECTED = {
  before: { Runtime: 'nodejs24.x', Environment: undefined },
  layer: {
    Runtime: 'provided.al2023',
    Environment: { Variables: { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT } },
  },
  wrapper: {
    Runtime: 'nodejs24.x',
    Environment: {
      Variables: {
        AWS_LAMBDA_EXEC_WRAPPER: '/opt/baton-wrapper',
        OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
      },
    },
  },
}
const VARIANTS = ['before', 'layer', 'wrapper'] as const

interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
}

async function lint(file: string, ...options: string[]): Promise<Ended> {
  const schemas = join(ROOT, 'test', 'image', 'fixtures', 'schemas')
  // W3005: CDK itself writes a dependency twice.
  const what = ['--regions', 'us-east-1', '--ignore-checks', 'W3005', '--registry-schemas', schemas]
  return tryRun([await pythonTool('cfn-lint'), ...what, ...options, '--', file])
}

/** The one function of a template in JSON. */
async function functionOf(file: string): Promise<Resource['Properties']> {
  const { Resources } = JSON.parse(await readFile(file, 'utf8'))
  const all = Object.values(Resources as Record<string, Resource>)
  const [found, another] = all.filter(each => each.Type === 'AWS::Lambda::Function')
  if (found === undefined || another !== undefined) throw new Error('expected one function')
  return found.Properties
}

function checkFunction(
  t: Test,
  variant: (typeof VARIANTS)[number],
  properties: Resource['Properties'],
) {
  const { Runtime, Environment, Layers } = properties
  t.strictSame({ Runtime, Environment }, EXPECTED[variant])
  t.equal((Layers as unknown[] | undefined)?.length ?? 0, variant === 'before' ? 0 : 1)
}

for (const variant of VARIANTS) {
  t.test(`AWS SAM, ${variant}: cfn-lint has nothing to say`, async t => {
    t.match(await lint(join(deploy, 'sam', variant, 'template.yaml')), { code: 0, stdout: '' })
  })

  t.test(`CDK, ${variant}: synthesizes`, async t => {
    const cwd = join(deploy, 'cdk', variant)
    await run([process.execPath, 'app.ts'], { cwd, env: { CDK_OUTDIR: join(cwd, 'out') } })
    const template = join(cwd, 'out', 'Shop.template.json')
    checkFunction(t, variant, await functionOf(template))
    t.match(await lint(template), { code: 0, stdout: '' })
  })

  t.test(`Serverless Framework, ${variant}: packages`, async t => {
    const cwd = join(deploy, 'serverless', variant)
    for (const name of ['index.js', 'order.js'])
      await cp(join(examples, 'orders', name), join(cwd, name))
    const command = join(examples, '..', '..', 'node_modules', '.bin', 'serverless')
    const quiet = { SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off', HOME: cwd }
    await run([command, 'package'], {
      cwd,
      env: { PATH: NODE_PATH, BATON_LAYER_ARN: LAYER_ARN, ...quiet },
    })
    const template = join(cwd, '.serverless', 'cloudformation-template-update-stack.json')
    checkFunction(t, variant, await functionOf(template))
    t.match(await lint(template), { code: 0, stdout: '' })
  })

  t.test(`Terraform, ${variant}: parses, and every argument is one of the provider's`, async t => {
    const file = join(deploy, 'terraform', variant, 'main.tf')
    const { resource } = await parseTerraform(file)
    for (const [type, byName] of Object.entries(resource))
      for (const [body] of Object.values(byName))
        for (const name of Object.keys(body ?? {})) t.ok(ARGUMENTS[type]?.includes(name), name)
    const [orders] = resource.aws_lambda_function?.orders ?? []
    const [environment] = (orders?.environment ?? []) as { variables: unknown }[]
    checkFunction(t, variant, {
      Runtime: orders?.runtime,
      Layers: orders?.layers,
      Environment: environment && { Variables: environment.variables },
    })
  })
}

/** Of https://registry.terraform.io/providers/hashicorp/aws, as far as a function like this takes them. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  aws_lambda_function: [
    ...['function_name', 'role', 'filename', 'handler', 'runtime', 'layers', 'environment'],
    ...['architectures', 'memory_size', 'timeout', 'source_code_hash'],
  ],
  aws_lambda_layer_version: [
    ...['layer_name', 'filename', 'compatible_runtimes', 'compatible_architectures'],
    'source_code_hash',
  ],
}

interface Terraform {
  readonly resource: Record<string, Record<string, Record<string, unknown>[]>>
}

async function parseTerraform(file: string): Promise<Terraform> {
  const load = createRequire(join(examples, 'any.js'))
  const { parse } = load('@cdktf/hcl2json') as {
    parse(name: string, text: string): Promise<unknown>
  }
  return (await parse(file, await readFile(file, 'utf8'))) as Terraform
}

t.test('CDK and SST: the types of what is written', async t => {
  for (const variant of VARIANTS) {
    const platform = join(deploy, 'sst', variant, '.sst', 'platform')
    await mkdir(platform, { recursive: true })
    await cp(join(ROOT, 'test', 'image', 'fixtures', 'sst.d.ts'), join(platform, 'config.d.ts'))
  }
  const check = (include: string[]) => checkTypes(include)
  t.match(await check(['cdk/**/*.ts', 'customer-managed-runtime/*.ts']), { code: 0, stdout: '' })
  for (const variant of VARIANTS)
    t.match(await check([`sst/${variant}/sst.config.ts`]), { code: 0, stdout: '' })
  const wrong = join(deploy, 'sst', 'before', 'sst.config.ts')
  await writeFile(wrong, (await readFile(wrong, 'utf8')).replace('nodejs24.x', 'nodejs24'))
  t.match(await check(['sst/before/sst.config.ts']), { code: /[12]/, stdout: /nodejs24/ })
})

async function checkTypes(include: readonly string[]): Promise<Ended> {
  const options = {
    ...{ target: 'es2024', module: 'nodenext', noEmit: true, strict: true, skipLibCheck: true },
    ...{ erasableSyntaxOnly: true, allowImportingTsExtensions: true, types: ['node'] },
    typeRoots: [join(ROOT, 'node_modules', '@types')],
  }
  const project = join(deploy, 'tsconfig.json')
  await writeFile(project, JSON.stringify({ compilerOptions: options, include }))
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
  return tryRun([tsc, '--project', project], { env: { PATH: NODE_PATH } })
}

const FIXTURES = join(ROOT, 'test', 'image', 'fixtures')

async function checkSchemas(template: string): Promise<Ended> {
  const python = await pythonTool('python')
  const script = join(FIXTURES, 'check_schemas.py')
  return tryRun([python, script, join(FIXTURES, 'schemas'), template])
}

const RUNTIME_ARN = /^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:runtime\/.+$/

t.test(
  "a customer-managed runtime: the publisher's template follows the resources' schemas",
  async t => {
    const file = join(deploy, 'customer-managed-runtime', 'runtime.yaml')
    t.match(await lint(file), { code: 0, stdout: '' })
    t.match(await checkSchemas(file), { code: 0, stdout: '4 checked\n' })
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text.replace('ReleaseNotes:', 'Notes:').replace('Name: canary', 'Name: -a'),
    )
    const { code, stdout } = await checkSchemas(file)
    t.equal(code, 1, 'what the schemas do not have is refused')
    t.match(stdout, /^Version: .*'Notes' was unexpected/m)
    t.match(stdout, /^Canary: '-a' does not match/m)
  },
)

t.test(
  'a customer-managed runtime: functions, but for what cfn-lint does not know yet',
  async t => {
    const lines = async (name: string) => {
      const { stdout } = await lint(join(deploy, 'customer-managed-runtime', name))
      return (stdout.match(/^[EWI]\d{4}.*/gm) ?? []).map(line =>
        line.replace(/ is not one of .*/, ''),
      )
    }
    const unexpected =
      "E3002 Additional properties are not allowed ('RuntimeConfig' was unexpected)"
    t.strictSame(await lines('function.yaml'), ["E3030 'custom'", unexpected])
    t.strictSame(await lines('sam.yaml'), [unexpected])
  },
)

t.test('a customer-managed runtime: what CDK makes of it', async t => {
  const cwd = join(deploy, 'customer-managed-runtime')
  await mkdir(join(cwd, 'function'))
  await writeFile(join(cwd, 'function', 'index.js'), '')
  await run([process.execPath, 'cdk.ts'], { cwd, env: { CDK_OUTDIR: join(cwd, 'out') } })
  const template = join(cwd, 'out', 'Orders.template.json')
  const { Runtime, RuntimeConfig } = await functionOf(template)
  t.equal(Runtime, 'custom')
  t.strictSame(Object.keys(RuntimeConfig as object).sort(), ['RuntimeAlias', 'RuntimeArn'])
  const [, [...parts]] = (RuntimeConfig as { RuntimeArn: { 'Fn::Join': [string, unknown[]] } })
    .RuntimeArn['Fn::Join']
  const values: Record<string, string> = { 'AWS::Partition': 'aws', 'AWS::Region': 'eu-west-1' }
  const arn = parts.map(part =>
    typeof part === 'string' ? part : (values[(part as { Ref: string }).Ref] ?? '111122223333'),
  )
  t.match(arn.join(''), RUNTIME_ARN)
  t.match(await checkSchemas(template), { code: 0, stdout: '3 checked\n' })
  const linted = await lint(template)
  t.strictSame((linted.stdout.match(/^E\d{4}/gm) ?? []).sort(), ['E3002', 'E3030'], 'nothing else')
})
