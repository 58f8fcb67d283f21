"""Deploy the stack to AWS: `make deploy`.

With a terminal it asks for the stack's name, the region and the parameters; Enter accepts the
default of each question. Without one it asks nothing and takes everything from the environment:

| variable | default | meaning |
|---|---|---|
| `STACK` | `callvault` | the stack's name |
| `PARAMETERS` | | parameters of the template: `"AlarmTopicArn=arn:… LogRetentionDays=90"` |
| `AWS_REGION` | that of the profile | the region |
| `AWS_PROFILE` | | the credentials, as for every AWS tool |
| `ARTIFACT_BUCKET` | one that SAM creates | the bucket that the code is uploaded to |
| `SAM` | `sam` | the command of the SAM CLI |

An existing stack keeps the values of the parameters that are not given.
"""
