#!/var/lang/bin/node
// /var/runtime/bootstrap of images without a shell: does what bootstrap/bootstrap does, and with --entrypoint what
// lambda-entrypoint.sh does. V8 takes the size of its heap from the command line only, so Node replaces itself by a Node
// with the right one. Needs process.execve: Node 22.15 or 24.
'use strict'
const { accessSync, constants, readFileSync } = require('node:fs')
const { join } = require('node:path')

const RUNTIME = '/var/runtime'
const NODE = join(RUNTIME, 'baton', 'bin', 'node')
const BOOTSTRAP = join(RUNTIME, 'bootstrap')

/** Why a program cannot be started, as the shell says it; `undefined` when it can. */
function refusal(path) {
  try {
    accessSync(path, constants.X_OK)
    return undefined
  } catch ({ code }) {
    return code === 'ENOENT' ? ['does not exist', 127] : ['is not an executable', 126]
  }
}

function startRuntime(env) {
  const major = Number(readFileSync(join(RUNTIME, 'baton', 'bin', 'node-major'), 'utf8'))
  env.LAMBDA_TASK_ROOT ||= '/var/task'
  env.LAMBDA_RUNTIME_DIR ||= RUNTIME
  env.LD_LIBRARY_PATH ||= '/var/task/lib:/opt/lib'
  env.TZ ||= ':UTC'
  env.NODE_PATH ||= `/opt/nodejs/node${major}/node_modules:/opt/nodejs/node_modules:${env.LAMBDA_RUNTIME_DIR}/node_modules:${env.LAMBDA_TASK_ROOT}`
  const path = env.PATH || '/usr/local/bin:/usr/bin:/bin'
  env.PATH = path.split(':').includes('/var/lang/bin') ? path : `/var/lang/bin:${path}:/opt/bin`
  const memory = /^\d+$/.test(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '')
    ? Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE)
    : 0
  const given = env.NODE_OPTIONS ?? ''
  const heap = []
  if (major >= 24 && memory > 0 && !/old.space.size/.test(given))
    heap.push(`--max-old-space-size=${memory - Math.floor(memory / 10)}`)
  if (major >= 24 && !/semi.space.size/.test(given)) heap.push('--min-semi-space-size=2')
  const main = join(RUNTIME, 'baton', 'main.cjs')
  const command = [NODE, ...heap, '--max-http-header-size', '81920', main]
  const wrapper = env.AWS_LAMBDA_EXEC_WRAPPER
  if (wrapper && !env._BATON_IS_WRAPPED) {
    const [reason, status] = refusal(wrapper) ?? []
    if (reason !== undefined) {
      process.stdout.write(`${wrapper}: ${reason}\n`)
      process.exit(status)
    }
    env._BATON_IS_WRAPPED = '1'
    command.unshift(wrapper)
  }
  process.execve(command[0], command, env)
}

function startEmulated(handler, env) {
  const places = [...(env.PATH ?? '').split(':').filter(Boolean), '/usr/local/bin']
  const rie = places.map(each => join(each, 'aws-lambda-rie')).find(each => !refusal(each))
  if (rie !== undefined) process.execve(rie, [rie, BOOTSTRAP], env)
  const cli = join(RUNTIME, 'baton', 'cli', 'baton.mjs')
  const timeout = env.AWS_LAMBDA_FUNCTION_TIMEOUT || '300'
  const memory = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE || '3008'
  const options = `--listen 0.0.0.0:8080 --inherit --bootstrap ${BOOTSTRAP}`.split(' ')
  const limits = ['--timeout', timeout, '--memory', memory, '--handler', handler]
  const folder = env.LAMBDA_TASK_ROOT || '/var/task'
  process.execve(NODE, [NODE, cli, 'serve', ...options, ...limits, folder], env)
}

const env = { ...process.env }
// The platform's pipe for log records: execve closes every descriptor above 2. Log lines go to stdout then.
delete env._LAMBDA_TELEMETRY_LOG_FD
if (process.argv[2] !== '--entrypoint') {
  startRuntime(env)
} else if (process.argv.length !== 4) {
  process.stderr.write('entrypoint requires the handler name to be the first argument\n')
  process.exit(142)
} else {
  env._HANDLER = process.argv[3]
  if (env.AWS_LAMBDA_RUNTIME_API) startRuntime(env)
  else startEmulated(env._HANDLER, env)
}
