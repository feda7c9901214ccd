// Services that watch over and change an account: alarms, rules, pipelines, stacks, transfers. Nothing of them carries
// a context. What they hand over besides (tokens, signed addresses, passwords) is not read.

import { ATTR_POINTER, s3Pointer } from '../../propagation/pointer.ts'
import { fieldsOf, MAX_TEXT_LENGTH, nameOf, textOf } from '../fields.ts'
import type { Trigger, TriggerSource } from '../trigger.ts'
import { service } from './service.ts'

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
export const cloudWatchAlarm: TriggerSource = service({
  name: 'cloudwatch-alarm',
  detect: event => typeof event.alarmArn === 'string' && typeof event.alarmData === 'object',
  kindOf: event => fieldsOf(fieldsOf(event.alarmData).state).value,
})

/** https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html */
export const config: TriggerSource = service({
  name: 'config',
  detect: event =>
    typeof event.invokingEvent === 'string' && typeof event.configRuleName === 'string',
  kindOf: event => messageType(event.invokingEvent),
})

/** It stands at the end of a JSON text of many kilobytes, which are not worth their parsing. */
function messageType(invokingEvent: unknown): string | undefined {
  const text = typeof invokingEvent === 'string' ? invokingEvent.slice(-MAX_TEXT_LENGTH) : ''
  const mark = '"messageType":"'
  const at = text.indexOf(mark)
  return at === -1 ? undefined : text.slice(at + mark.length, text.indexOf('"', at + mark.length))
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html */
export const codePipeline: TriggerSource = service({
  name: 'codepipeline',
  detect: event => {
    const job = event['CodePipeline.job']
    return typeof job === 'object' && job !== null
  },
})

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export const cloudFormation: TriggerSource = service({
  name: 'cloudformation',
  detect: event => typeof event.RequestType === 'string' && typeof event.ResponseURL === 'string',
  kindOf: event => event.RequestType,
})

/** A step of a workflow, https://docs.aws.amazon.com/transfer/latest/userguide/custom-step-details.html */
const transferStep = service({
  name: 'transfer',
  detect: event => {
    const { executionDetails } = fieldsOf(event.serviceMetadata)
    return typeof executionDetails === 'object' && executionDetails !== null
  },
  kindOf: () => 'workflow step',
})

export const transfer: TriggerSource = {
  ...transferStep,
  describe: (event, given): Trigger => {
    const { bucket, key, eTag } = fieldsOf(event.fileLocation)
    const [name, path] = [nameOf(bucket), textOf(key, MAX_TEXT_LENGTH)]
    const trigger = transferStep.describe(event, given)
    if (name === undefined || path === undefined || typeof eTag !== 'string') return trigger
    const describeLate = () => ({ attributes: { [ATTR_POINTER]: [s3Pointer(name, path, eTag)] } })
    return { ...trigger, describeLate }
  },
}

/** Asks whether a user may sign in, https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html */
export const transferIdentity: TriggerSource = service({
  name: 'transfer-identity',
  detect: event =>
    typeof event.serverId === 'string' &&
    typeof event.username === 'string' &&
    typeof event.protocol === 'string',
  kindOf: event => event.protocol,
})

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
export const secretRotation: TriggerSource = service({
  name: 'secret-rotation',
  detect: event =>
    typeof event.SecretId === 'string' &&
    typeof event.ClientRequestToken === 'string' &&
    typeof event.Step === 'string',
  kindOf: event => event.Step,
})
