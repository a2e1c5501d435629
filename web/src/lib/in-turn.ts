/** Does the work on all items, so many at a time, and says in their order what became of each. */
export async function inTurn<T, R>(items: T[], atOnce: number, work: (item: T) => Promise<R>) {
  const results: PromiseSettledResult<R>[] = []
  const waiting = items.entries()
  const worker = async () => {
    for (const [index, item] of waiting) {
      results[index] = await work(item).then(
        (value) => ({ status: 'fulfilled', value }) as const,
        (reason: unknown) => ({ status: 'rejected', reason }) as const,
      )
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}
