#!/bin/sh
set -eu
layer=$(aws lambda publish-layer-version --layer-name baton --zip-file fileb://dist/baton-wrapper.zip \
  --query LayerVersionArn --output text)
aws lambda create-function --function-name orders --role "$ROLE_ARN" --zip-file fileb://orders.zip \
  --handler index.handler --runtime nodejs24.x --layers "$layer" \
  --environment 'Variables={AWS_LAMBDA_EXEC_WRAPPER=/opt/baton-wrapper,OTEL_EXPORTER_OTLP_ENDPOINT=https://collector.example.com:4318}'
