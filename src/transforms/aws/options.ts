/** What the configuration of an AWS source may say about how its rows are written. */
export interface AwsOptions {
  /** Tag keys as users wrote them, to restore what Parquet and CUR 2.0 write in lower case with underscores. */
  readonly tagKeys?: readonly string[] | undefined
  /** FOCUS asks for a readable display value; AWS has more than one name for the payer. */
  readonly billingAccountType?: string | undefined
  readonly subAccountType?: string | undefined
}
