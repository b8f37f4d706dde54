SELECT operation.sequence
  FROM search_text CROSS JOIN operation ON operation.sequence = search_text.rowid
 WHERE search_text MATCH ?1 AND search_text.rowid > ?2 AND search_text.rowid < ?3
   AND (?4 IS NULL OR operation.team_id IN (SELECT value FROM json_each(?4)))
   AND (?5 IS NULL OR operation.at >= ?5)
   AND (?6 IS NULL OR operation.at < ?6)
