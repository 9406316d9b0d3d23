/**
 * Arrow record batches as BigQuery sends them, uncompressed, to one Parquet file in memory. Decimals, zones and
 * nested lists come through as they are. Needs about three times the batches' bytes while it works.
 */
export async function arrowToParquet(schema: Uint8Array, batches: readonly Uint8Array[]): Promise<Uint8Array> {
  const { Compression, Table, WriterPropertiesBuilder, writeParquet } = await import('parquet-wasm')
  const table = Table.fromIPCStream(Buffer.concat([schema, ...batches]))
  // Both are handed over to the writer, which frees them.
  return writeParquet(table, new WriterPropertiesBuilder().setCompression(Compression.SNAPPY).build())
}
