-- What the committed-use metadata says of each commitment, once. It has a snapshot of every day: the one that ends last
-- has what was prolonged, and of two that end together the name that sorts last is as good as the other.
CREATE TABLE commitment_names AS
SELECT
  text_of(subscription.instance_id) AS named_commitment_id,
  arg_max(text_of(subscription.display_name), {'end_time': coalesce(text_of(end_time), ''), 'name': text_of(subscription.display_name)}) AS commitment_name,
  arg_max(text_of(term), {'end_time': coalesce(text_of(end_time), ''), 'term': text_of(term)}) AS commitment_term
FROM commitment_metadata
WHERE text_of(subscription.instance_id) IS NOT NULL
GROUP BY named_commitment_id;
