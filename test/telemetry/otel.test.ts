import { expect, test } from 'vitest'
import { focal } from '../cli/focal.ts'
import { twoMonths } from '../cli/two-months.ts'
import { collector } from './collector.ts'

const stages = ['fetch', 'stage', 'normalise', 'check', 'publish']

test('a run is one trace: its units and their stages, and what failed; its figures are metrics', async () => {
  const [made, otlp] = [twoMonths(), await collector()]
  made.spoilSeptember()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=finops',
    OTEL_SERVICE_NAME: 'billing',
  }
  expect((await focal(made.folder, ['run'], { env })).code).toBe(3)
  const spans = otlp.spans()
  expect(spans.map(({ name, within, failed }) => [name, within, failed])).toEqual([
    // The stages that September came through before its amount was read.
    ['fetch', 'unit', false],
    ['unit', 'focal run', true],
    ...stages.map((stage) => [stage, 'unit', false]),
    ['unit', 'focal run', false],
    ['focal run', undefined, true],
  ])
  const [failed, published] = spans.filter(({ name }) => name === 'unit').map(({ attributes }) => attributes)
  expect(failed).toMatchObject({ source: 'tiny', period: '2026-09', result: 'failed' })
  expect(published).toMatchObject({ source: 'tiny', period: '2026-10', result: 'published', rows: 2, version: 1 })
  expect(spans.at(-1)?.attributes).toMatchObject({ 'run.outcome': 'some failed' })
  expect(otlp.received[0]?.headers['x-team']).toBe('finops')
  expect(otlp.received[0]?.body).toContain('"service.name","value":{"stringValue":"billing"}')

  const points = otlp.points()
  const of = (metric: string) =>
    points.flatMap((point) => (point.metric === metric ? [[point.attributes, point.value]] : []))
  expect(of('focal.units')).toEqual([
    [{ source: 'tiny', result: 'failed' }, 1],
    [{ source: 'tiny', result: 'published' }, 1],
  ])
  expect(of('focal.rows')).toEqual([[{ source: 'tiny' }, 2]])
  expect(of('focal.run.duration')).toEqual([[{ 'run.outcome': 'some failed' }, 1]])
  expect(of('focal.stage.duration')).toEqual(
    stages.map((stage) => [{ source: 'tiny', stage }, stage === 'fetch' ? 2 : 1]),
  )
  expect(of('focal.source.data.limit')).toEqual([[{ source: 'tiny' }, 72 * 3600]])
  expect(of('focal.checks.failed')).toEqual([[{ source: 'tiny' }, 0]])
  const measured = new Map(points.map(({ metric, value }) => [metric, value]))
  expect(measured.get('focal.bytes')).toBeGreaterThan(0)
  // The newest usage is that of the first of October, and today is a later month.
  expect(measured.get('focal.source.data.age')).toBeGreaterThan(31 * 86_400)
})

test('a collector that is down is one line, and changes nothing of the run', async () => {
  const [made, otlp] = [twoMonths(), await collector()]
  const down = { status: 400, body: 'no' }
  otlp.answer(down, down)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.endpoint }
  const { code, err } = await focal(made.folder, ['run'], { env })
  expect(code).toBe(0)
  expect(err.split('\n').filter((line) => line.includes('observers'))).toEqual([
    expect.stringMatching(/^the run could not be told to its observers: ./),
  ])
})

test('nothing is sent when nobody asks for it, or telemetry is switched off', async () => {
  const [made, otlp] = [twoMonths(), await collector()]
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.endpoint, OTEL_SDK_DISABLED: 'true' }
  expect((await focal(made.folder, ['run'], { env })).code).toBe(0)
  expect(otlp.received).toEqual([])
})
