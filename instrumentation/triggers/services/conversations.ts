// Services that speak with people, and keep a map of texts beside: sign-in (Cognito), chat (Lex), calls (Connect).

import { mapCarriers } from '../../propagation/carrier.ts'
import { fieldsOf } from '../fields.ts'
import type { TriggerSource } from '../trigger.ts'
import { service } from './service.ts'

/** https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html */
export const cognito: TriggerSource = service({
  name: 'cognito',
  detect: event => typeof event.triggerSource === 'string' && typeof event.userPoolId === 'string',
  kindOf: event => event.triggerSource,
  carriersOf: event =>
    mapCarriers('cognito.clientMetadata', fieldsOf(event.request).clientMetadata),
})

/** https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html */
export const lex: TriggerSource = service({
  name: 'lex',
  detect: event =>
    typeof event.sessionState === 'object' &&
    event.sessionState !== null &&
    typeof event.bot === 'object',
  kindOf: event => event.invocationSource,
  carriersOf: event => [
    ...mapCarriers('lex.requestAttributes', event.requestAttributes),
    ...mapCarriers('lex.sessionAttributes', fieldsOf(event.sessionState).sessionAttributes),
  ],
})

/** https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html */
export const connect: TriggerSource = service({
  name: 'connect',
  detect: event => {
    const { ContactData } = fieldsOf(event.Details)
    return typeof ContactData === 'object' && ContactData !== null
  },
  kindOf: event => fieldsOf(fieldsOf(event.Details).ContactData).InitiationMethod,
  carriersOf: event => {
    const { ContactData, Parameters } = fieldsOf(event.Details)
    return [
      ...mapCarriers('connect.Parameters', Parameters),
      ...mapCarriers('connect.Attributes', fieldsOf(ContactData).Attributes),
    ]
  },
})
