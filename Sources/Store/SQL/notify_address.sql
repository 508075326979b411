-- Where somebody is reached: at the target's own address, or where the order p is about says; null: nowhere. No statement: it is put in the place of {address} in others
CASE p.audience
  WHEN 'ops' THEN p.address
  WHEN 'customer' THEN nullif(o.fields ->> CASE c.adapter WHEN 'telegram' THEN 'telegram' WHEN 'smsc' THEN 'phone' ELSE 'email' END, '')
END
