SELECT operation.*, first.body AS first_body, last.body AS last_body,
       review.standing AS review_standing, said.body AS review_body,
       coalesce((SELECT slug FROM team WHERE team.id = operation.team_id), operation.team_slug) AS team_slug_now
  FROM operation
  LEFT JOIN entry_body AS first ON first.sequence = operation.sequence
  LEFT JOIN entry_body AS last  ON last.sequence  = operation.last_sequence
  LEFT JOIN review              ON review.operation_sequence = operation.sequence
  LEFT JOIN entry_body AS said  ON said.sequence  = review.last_sequence
