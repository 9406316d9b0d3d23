/**
 * Makes the schemas that kubeconform checks deploy/kubernetes against, from Kubernetes' own OpenAPI documents.
 * Arguments: the folder of the documents, and the folder to write to.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const [from = '', to = ''] = process.argv.slice(2)

/** By the name that kubeconform asks for. */
const kinds = {
  cronjob: ['apis__batch__v1', 'io.k8s.api.batch.v1.CronJob'],
  configmap: ['api__v1', 'io.k8s.api.core.v1.ConfigMap'],
  serviceaccount: ['api__v1', 'io.k8s.api.core.v1.ServiceAccount'],
} as const

mkdirSync(to, { recursive: true })
for (const [name, [document, schema]] of Object.entries(kinds)) {
  const { components } = JSON.parse(readFileSync(path.join(from, `${document}_openapi.json`), 'utf8')) as {
    components: { schemas: Record<string, Record<string, unknown>> }
  }
  const schemas = Object.fromEntries(Object.entries(components.schemas).map(([key, value]) => [key, strict(value)]))
  const whole = { $ref: `#/components/schemas/${schema}`, components: { schemas } }
  writeFileSync(path.join(to, `${name}.json`), JSON.stringify(whole))
}

/** A key that the API does not know is a mistake: the server would drop it silently. */
function strict(schema: Record<string, unknown>): Record<string, unknown> {
  return 'properties' in schema ? { ...schema, additionalProperties: false } : schema
}
