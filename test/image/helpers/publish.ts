// docker/publish-runtime.ts as a publisher runs it, with a server in the place of Lambda's new service.
import type { Test } from 'tap'
import { awsEnvironment, type StandIn, startStandIn } from './aws.ts'
import { dockerCommand } from './engine.ts'
import { makeContext } from './images.ts'
import { type Ended, tryRun } from './run.ts'

/** Answers `states` one after the other, and refuses the version named in `taken`. */
export function startLambdaCore(states: readonly string[], taken = ''): Promise<StandIn> {
  const left = [...states]
  return startStandIn(({ body }, request, response) => {
    if (request.method !== 'POST' || body.Name !== taken)
      return { State: request.method === 'GET' ? left.shift() : undefined }
    response.statusCode = 409
    response.setHeader('X-Amzn-ErrorType', 'ResourceConflictException')
    return { Message: 'PENDING_DELETION' }
  })
}

/** The command, where `aws` knows the new operations from a model made of the API reference. */
export async function publish(t: Test, core: StandIn, args: readonly string[]): Promise<Ended> {
  const [, host = ''] = dockerCommand()
  const env = { ...(await awsEnvironment(t, core.url)), DOCKER_HOST: host.replace(/^.*?=/, '') }
  await using context = await makeContext()
  const script = 'docker/publish-runtime.ts'
  const quick = ['--poll-ms', '1', '--base', 'scratch']
  return await tryRun(['node', script, ...args, ...quick], { env, cwd: context.folder })
}
