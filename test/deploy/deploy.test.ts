import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { findJob } from '../../src/jobs/find-jobs.ts'
import { noticeKinds } from '../../src/notify/index.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** What a tool says of files; the tools of tools/deploy-linters.sh come before those of the machine. */
function ask(tool: string, ...words: readonly string[]): { code: number | null; said: string } {
  const env = { ...process.env, PATH: `${root}.tools/bin:${process.env['PATH'] ?? ''}` }
  const { status, stdout, stderr } = spawnSync(tool, words, { cwd: root, env, encoding: 'utf8' })
  return { code: status, said: `${stdout}${stderr}`.trim() }
}

const isThere = (tool: string, ...words: readonly string[]) => ask(tool, ...words).code === 0

describe('the tools that know these files find nothing to say', () => {
  test.skipIf(!isThere('actionlint', '--version'))('actionlint of the GitHub workflow', () => {
    expect(ask('actionlint', 'deploy/github-actions/focal-nightly.yml')).toEqual({ code: 0, said: '' })
  })

  test.skipIf(!isThere('cfn-lint', '--version'))('cfn-lint of the CloudFormation template', () => {
    expect(ask('cfn-lint', 'deploy/aws/focal.yaml')).toEqual({ code: 0, said: '' })
  })

  test.skipIf(!isThere('hadolint', '--version'))('hadolint of the Dockerfile', () => {
    expect(ask('hadolint', 'deploy/Dockerfile')).toEqual({ code: 0, said: '' })
  })

  test.skipIf(!isThere('docker', 'info'))('Docker of the Dockerfile', () => {
    expect(ask('docker', 'build', '--check', '--file', 'deploy/Dockerfile', '.').code).toBe(0)
  })

  const schemas = path.join(root, '.tools/kubernetes')
  test.skipIf(!existsSync(schemas) || !isThere('kubeconform', '-v'))('kubeconform of the Kubernetes manifest', () => {
    const location = `${schemas}/{{.ResourceKind}}.json`
    const words = ['-strict', '-summary', '-schema-location', location, 'deploy/kubernetes/focal.yaml']
    expect(ask('kubeconform', ...words)).toEqual({
      code: 0,
      said: 'Summary: 3 resources found in 1 file - Valid: 3, Invalid: 0, Errors: 0, Skipped: 0',
    })
  })

  test.skipIf(!isThere('systemd-analyze', '--version'))('systemd of its units, which leave little open', () => {
    const folder = temporaryFolder()
    // The program has to be there; what is installed on this machine is not the matter.
    const unit = text('deploy/systemd/focal.service').replace('/usr/local/bin/focal', process.execPath)
    const [service, timer] = [path.join(folder, 'focal.service'), path.join(folder, 'focal.timer')]
    writeFileSync(service, unit)
    writeFileSync(timer, text('deploy/systemd/focal.timer'))
    expect(ask('systemd-analyze', 'verify', service, timer)).toEqual({ code: 0, said: '' })
    // In tenths; systemd itself calls up to 2.0 fine.
    expect(ask('systemd-analyze', 'security', '--offline=yes', '--threshold=20', service).code).toBe(0)
  })
})

interface Pod {
  readonly securityContext: object
  readonly containers: readonly {
    readonly args: readonly string[]
    readonly resources: { readonly limits: Readonly<Record<string, string>> }
    readonly securityContext: object
  }[]
}

interface Manifest {
  readonly kind: string
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly schedule: string
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: Pod } } }
  }
}

const manifests = parseAllDocuments(text('deploy/kubernetes/focal.yaml')).map((document) => document.toJS() as Manifest)
const cronJob = manifests.find(({ kind }) => kind === 'CronJob')?.spec
const pod = cronJob?.jobTemplate.spec.template.spec

interface TaskDefinition {
  readonly ContainerDefinitions: readonly { readonly Command: readonly unknown[] }[]
}

/** The tags of CloudFormation's functions are of no interest here. */
const template = parse(text('deploy/aws/focal.yaml'), { logLevel: 'error' }) as {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string }>>
  readonly Resources: { readonly TaskDefinition: { readonly Properties: TaskDefinition } }
}

describe('what runs has few rights', () => {
  test('on Kubernetes: not root, nothing of its own written, limits', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          resources: { limits: { memory: '5Gi', 'ephemeral-storage': '20Gi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    })
  })

  test('on AWS too, and its policies name no wildcard action', () => {
    expect(template.Resources.TaskDefinition.Properties.ContainerDefinitions).toMatchObject([
      { User: '1000:1000', ReadonlyRootFilesystem: true, LinuxParameters: { Capabilities: { Drop: ['ALL'] } } },
    ])
    expect(text('deploy/aws/focal.yaml')).not.toMatch(/Action:.*\*|Resource: '?\*/)
  })

  test('on AWS what docs/permissions.md says, and nothing else', () => {
    const actions = (page: string) => [...new Set(page.match(/\bs3:[A-Z]\w+/g))].toSorted()
    const [amazon = ''] = /## Amazon S3[\s\S]*?(?=\n## )/.exec(text('docs/permissions.md')) ?? []
    expect(actions(text('deploy/aws/focal.yaml'))).toEqual(
      actions([...amazon.matchAll(/```json[\s\S]*?```/g)].join('\n')),
    )
  })

  test('in a container: a user that Kubernetes can tell is not root', () => {
    expect(text('deploy/Dockerfile')).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
  })

  test('on GitHub: no right but reading the repository and asking for a token', () => {
    const workflow = parse(text('deploy/github-actions/focal-nightly.yml')) as Record<string, unknown>
    expect(workflow).toMatchObject({
      permissions: {},
      jobs: { nightly: { permissions: { contents: 'read', 'id-token': 'write' } } },
    })
    expect(JSON.stringify(workflow)).not.toMatch(/access[-_]key|client[-_]secret|credentials_json/i)
  })
})

describe('deployments and the program agree', () => {
  test('on when a night is', async () => {
    const folders = { baseDirectory: temporaryFolder(), env: {}, noticeKinds }
    const { schedule, timeZone } = await findJob('nightly', folders)
    expect([schedule, timeZone]).toEqual(['0 5 * * *', 'UTC'])
    expect(cronJob?.schedule).toBe(schedule)
    expect(text('deploy/github-actions/focal-nightly.yml')).toContain(`cron: '${schedule}'`)
    expect(text('deploy/systemd/focal.timer')).toContain('OnCalendar=*-*-* 05:00:00 UTC')
    expect(template.Parameters['Schedule']?.Default).toBe('cron(0 5 * * ? *)')
  })

  test('on the words of the command line', () => {
    expect(pod?.containers[0]?.args.slice(0, 2)).toEqual(['job', 'nightly'])
    expect(text('deploy/systemd/focal.service')).toMatch(/^ExecStart=\S+ job nightly --config /m)
    expect(text('deploy/github-actions/focal-nightly.yml')).toContain('focal job nightly --config')
    expect(template.Resources.TaskDefinition.Properties.ContainerDefinitions[0]?.Command[0]).toBe('job')
  })

  test("on the configuration: the ConfigMap's is a valid one", async () => {
    const folder = temporaryFolder()
    const file = path.join(folder, 'focal.yaml')
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['focal.yaml'] ?? '')
    const config = await loadConfig(file, { SLACK_WEBHOOK: 'https://hooks.example.com/x' })
    expect({ lake: config.lake, work: config.workDirectory, memory: config.engine.memoryLimit }).toEqual({
      lake: 's3://acme-finops/lake',
      work: '/work',
      memory: '4GB',
    })
  })

  test('on what the package holds: the image has all of it', () => {
    const { files } = JSON.parse(text('package.json')) as { files: string[] }
    const dockerfile = text('deploy/Dockerfile')
    const needed = files.filter((file) => !/README|CHANGELOG/.test(file))
    expect(needed.filter((file) => !new RegExp(`^COPY .*\\b${file}\\b`, 'm').test(dockerfile))).toEqual([])
    const context = text('deploy/Dockerfile.dockerignore')
    const missing = needed.filter((file) => file !== 'dist' && !context.includes(`!${file}\n`))
    expect(missing).toEqual([])
  })
})
