import { App, Aspects, Stack } from 'aws-cdk-lib'
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda'
import { BatonWrapper } from '../baton.ts'

const stack = new Stack(new App(), 'Shop')
const endpoint = 'https://collector.example.com:4318'
Aspects.of(stack).add(
  new BatonWrapper(stack, { zip: '../../../../dist/baton-wrapper.zip', endpoint }),
)

new Function(stack, 'Orders', {
  code: Code.fromAsset('../../../orders'),
  handler: 'index.handler',
  runtime: Runtime.NODEJS_24_X,
})
