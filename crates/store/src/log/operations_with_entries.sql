SELECT operation.*, first.body AS first_body, last.body AS last_body,
       review.standing AS review_standing, said.body AS review_body, review.last_sequence AS review_sequence,
       first_entry.leaf_hash AS first_leaf, last_entry.leaf_hash AS last_leaf, said_entry.leaf_hash AS review_leaf,
       coalesce((SELECT slug FROM team WHERE team.id = operation.team_id), operation.team_slug) AS team_slug_now
  FROM operation
  LEFT JOIN entry_body AS first ON first.sequence = operation.sequence
  LEFT JOIN entry_body AS last  ON last.sequence  = operation.last_sequence
  LEFT JOIN review              ON review.operation_sequence = operation.sequence
  LEFT JOIN entry_body AS said  ON said.sequence  = review.last_sequence
  LEFT JOIN entry AS first_entry ON first_entry.sequence = first.sequence
  LEFT JOIN entry AS last_entry  ON last_entry.sequence  = last.sequence
  LEFT JOIN entry AS said_entry  ON said_entry.sequence  = said.sequence
