SELECT operation.*, first.body AS first_body, last.body AS last_body
  FROM operation
  LEFT JOIN entry_body AS first ON first.sequence = operation.sequence
  LEFT JOIN entry_body AS last  ON last.sequence  = operation.last_sequence
