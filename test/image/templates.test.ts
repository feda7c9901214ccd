// Every example of examples/deploy under the tool that it is for: what the tool makes of it has the layer, the runtime and
// the variables.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { pythonTool } from './helpers/counterparts.ts'
import { workOnExamples } from './helpers/deploy-tools.ts'
import { ROOT } from './helpers/images.ts'
import { type Ended, run, tryRun } from './helpers/run.ts'
import { installSst } from './helpers/sst.ts'
import {
  checkTerraform,
  installProvider,
  parseTerraform,
  type TerraformFile,
  typeCheck,
} from './helpers/terraform.ts'

const examples = await workOnExamples()
const deploy = join(examples, 'deploy')
await installProvider(examples)
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

  t.test(`Terraform, ${variant}: has nothing that the provider does not have`, async t => {
    const file = await parseTerraform(examples, join(deploy, 'terraform', variant, 'main.tf'))
    t.strictSame(checkTerraform(examples, file), [])
    t.match(await checkTerraformTypes(variant, file), { code: 0, stdout: '' })
    const orders = file.resources.find(each => each.name === 'orders')?.body ?? {}
    const [environment] = (orders.environment ?? []) as { variables: unknown }[]
    checkFunction(t, variant, {
      Runtime: orders.runtime,
      Layers: orders.layers,
      Environment: environment && { Variables: environment.variables },
    })
  })

  t.test(`SST, ${variant}: has the types that SST itself writes`, async t => {
    const folder = join(deploy, 'sst', variant)
    await installSst(join(examples, '..', '..'), folder)
    t.strictSame(await checkSst(variant), [])
    const file = join(folder, 'sst.config.ts')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace("'nodejs24.x'", "'nodejs24'"))
    t.match(await checkSst(variant), [/"nodejs24"/], 'a wrong runtime would be seen')
    await writeFile(file, text.replace('handler:', 'handle:'))
    t.match(await checkSst(variant), [/'?handler?'?/], 'a wrong name would be seen')
    await writeFile(file, text)
  })
}

async function checkTerraformTypes(name: string, file: TerraformFile): Promise<Ended> {
  await writeFile(join(deploy, `terraform-${name}.ts`), typeCheck(examples, file))
  return checkTypes([`terraform-${name}.ts`])
}

t.test('Terraform: what the provider does not have is refused', async t => {
  const file = join(deploy, 'terraform', 'layer', 'main.tf')
  const text = await readFile(file, 'utf8')
  const wrong = join(deploy, 'wrong.tf')
  for (const [from, to, complaint] of [
    ['function_name', 'name', /aws_lambda_function\.orders: name is none of the provider's/],
    ['environment {', 'environment = {', /environment is a block/],
    ['baton.arn', 'baton.url', /baton\.url}: there is no such/],
    ['var.role_arn', 'var.role', /var\.role}: there is no such/],
  ] as const) {
    await writeFile(wrong, text.replace(from, to))
    t.match(checkTerraform(examples, await parseTerraform(examples, wrong)), [complaint])
  }
  for (const [from, to, complaint] of [
    [/ +role .*/, '', /'role' is missing/],
    ['"provided.al2023"', '["provided.al2023"]', /is not assignable to type 'string'/],
  ] as const) {
    await writeFile(wrong, text.replace(from, to))
    const parsed = await parseTerraform(examples, wrong)
    t.match(await checkTerraformTypes('wrong', parsed), { code: /[12]/, stdout: complaint })
  }
  await writeFile(wrong, text.replace('layers        =', 'layers'))
  await t.rejects(parseTerraform(examples, wrong))
})

t.test('CDK: the types of what is written', async t => {
  const written = await checkTypes(['cdk/**/*.ts', 'customer-managed-runtime/*.ts'])
  t.match(written, { code: 0, stdout: '' })
})

/** What is wrong in a configuration of SST. Its own sources are left out: not all that they import is installed. */
async function checkSst(variant: string): Promise<readonly string[]> {
  const options = { module: 'esnext', moduleResolution: 'bundler', types: ['node'] }
  const { stdout } = await checkTypes([`sst/${variant}/sst.config.ts`], options)
  return stdout.split('\n').filter(line => line.startsWith(`sst/${variant}/sst.config.ts`))
}

async function checkTypes(include: readonly string[], special: object = {}): Promise<Ended> {
  const options = {
    ...{ target: 'es2024', module: 'nodenext', noEmit: true, strict: true, skipLibCheck: true },
    ...{ erasableSyntaxOnly: true, allowImportingTsExtensions: true, types: ['node'] },
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    ...special,
  }
  const project = join(deploy, 'tsconfig.json')
  await writeFile(project, JSON.stringify({ compilerOptions: options, include }))
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
  return tryRun([tsc, '--pretty', 'false', '--project', project], {
    cwd: deploy,
    env: { PATH: NODE_PATH },
  })
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
