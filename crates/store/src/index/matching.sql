SELECT search_text.rowid
  FROM search_text CROSS JOIN document ON document.sequence = search_text.rowid
 WHERE search_text MATCH ?1 AND search_text.rowid > ?2 AND search_text.rowid < ?3
   AND (?4 IS NULL OR document.team_id IN (SELECT value FROM json_each(?4)))
   AND (?5 IS NULL OR document.at >= ?5)
   AND (?6 IS NULL OR document.at < ?6)
