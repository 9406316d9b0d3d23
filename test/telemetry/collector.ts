import { receiver, type Receiver } from '../notify/receiver.ts'

/** What a collector keeps of a span; names of attributes without `focal.`. */
export interface Span {
  readonly name: string
  /** The name of the span around it. */
  readonly within: string | undefined
  readonly failed: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Point {
  readonly metric: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly value: number | undefined
}

/** A collector that speaks OTLP over HTTP with JSON, on loopback. */
export interface Collector extends Receiver {
  readonly endpoint: string
  spans(): Span[]
  points(): Point[]
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface WireSpan {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly status: { readonly code: number }
  readonly attributes: readonly Attribute[]
}

interface WirePoint {
  readonly attributes: readonly Attribute[]
  readonly asDouble?: number
  readonly asInt?: number
  readonly count?: number
}

interface WireMetric {
  readonly name: string
  readonly gauge?: { readonly dataPoints: readonly WirePoint[] }
  readonly sum?: { readonly dataPoints: readonly WirePoint[] }
  readonly histogram?: { readonly dataPoints: readonly WirePoint[] }
}

export async function collector(): Promise<Collector> {
  const made = await receiver()
  const bodies = <Body>(path: string) =>
    made.received.filter((request) => request.path === path).map(({ body }) => JSON.parse(body) as Body)
  return {
    ...made,
    endpoint: new URL(made.url).origin,
    spans() {
      const sent = bodies<{ resourceSpans: { scopeSpans: { spans: WireSpan[] }[] }[] }>('/v1/traces')
      const all = sent.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      )
      return all.map(({ name, parentSpanId, status, attributes }) => ({
        name,
        within: all.find(({ spanId }) => spanId === parentSpanId)?.name,
        failed: status.code === 2,
        attributes: named(attributes),
      }))
    },
    points() {
      const sent = bodies<{ resourceMetrics: { scopeMetrics: { metrics: WireMetric[] }[] }[] }>('/v1/metrics')
      return sent.flatMap(({ resourceMetrics }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap(({ metrics }) =>
            metrics.flatMap(({ name, gauge, sum, histogram }) =>
              (gauge ?? sum ?? histogram ?? { dataPoints: [] }).dataPoints.map((point) => ({
                metric: name,
                attributes: named(point.attributes),
                value: point.asDouble ?? point.asInt ?? point.count,
              })),
            ),
          ),
        ),
      )
    },
  }
}

function named(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key.replace('focal.', ''), Object.values(value)[0]]))
}
