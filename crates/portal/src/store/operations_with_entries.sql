SELECT operation.*, first.body AS first_body, last.body AS last_body,
       coalesce((SELECT slug FROM team WHERE team.id = operation.team_id), operation.team_slug) AS team_slug_now
  FROM operation
  LEFT JOIN entry_body AS first ON first.sequence = operation.sequence
  LEFT JOIN entry_body AS last  ON last.sequence  = operation.last_sequence
