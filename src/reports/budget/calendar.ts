const milliseconds = 86_400_000

/** The day so many days later, in UTC; earlier when below 0. Days are ISO text. */
export function daysLater(day: string, days: number): string {
  return new Date(Date.parse(day) + days * milliseconds).toISOString().slice(0, 10)
}

/** From the first day up to, but not including, the last. */
export function daysUntil(from: string, to: string): string[] {
  const count = Math.max(0, (Date.parse(to) - Date.parse(from)) / milliseconds)
  return Array.from({ length: count }, (_, at) => daysLater(from, at))
}
