import { App, Stack } from 'aws-cdk-lib'
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda'
import { BatonLayer } from '../baton.ts'

const stack = new Stack(new App(), 'Shop')

new Function(stack, 'Orders', {
  code: Code.fromAsset('../../../orders'),
  handler: 'index.handler',
  runtime: Runtime.PROVIDED_AL2023,
  layers: [new BatonLayer(stack, 'Baton', { zip: '../../../../dist/baton-x64.zip' })],
  environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com:4318' },
})
