SELECT team.*, team_token.fingerprint, team_token.set_at
  FROM team LEFT JOIN team_token ON team_token.team_id = team.id
