#!/bin/sh
set -eu
aws lambda create-function --function-name orders --role "$ROLE_ARN" --zip-file fileb://orders.zip \
  --handler index.handler --runtime nodejs24.x
