SELECT team.*, 'log' AS "table",
       (SELECT sequence FROM operation
         WHERE team_id = team.id AND target_type = 'team' AND target_id = team.id AND outcome = 'succeeded'
           AND action IN ('team.create', 'team.update', 'team.policy', 'team.token.set', 'team.token.replace', 'team.token.withdraw',
                          'team.retire')
         ORDER BY sequence DESC LIMIT 1) AS newest,
       'team_token' AS "table", team_token.*, 'log' AS "table",
       (SELECT sequence FROM operation
         WHERE team_id = team.id AND target_type = 'team' AND target_id = team.id AND outcome = 'succeeded'
           AND action IN ('team.token.set', 'team.token.replace', 'team.token.refuse', 'team.token.accept',
                          'team.token.withdraw', 'team.retire')
         ORDER BY sequence DESC LIMIT 1) AS newest
  FROM team LEFT JOIN team_token ON team_token.team_id = team.id
