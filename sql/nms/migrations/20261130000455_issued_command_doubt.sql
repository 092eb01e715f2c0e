-- migrate:up

-- A queued command of which an attempt got no answer may be under way: what would end it makes it unknown.
CREATE OR REPLACE FUNCTION issued_command_goes(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN after = ANY (CASE before
    WHEN 'awaiting_approval' THEN '{queued,rejected,expired,cancelled}'
    WHEN 'queued' THEN '{sending,expired,cancelled,failed,unknown}'
    WHEN 'sending' THEN '{queued,accepted,failed,unknown}'
    WHEN 'accepted' THEN '{verifying,succeeded}'
    WHEN 'verifying' THEN '{succeeded,failed,unverified}'
    WHEN 'unknown' THEN '{succeeded,failed}'
    ELSE '{}' END::text[]);

-- migrate:down

CREATE OR REPLACE FUNCTION issued_command_goes(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN after = ANY (CASE before
    WHEN 'awaiting_approval' THEN '{queued,rejected,expired,cancelled}'
    WHEN 'queued' THEN '{sending,expired,cancelled,failed}'
    WHEN 'sending' THEN '{queued,accepted,failed,unknown}'
    WHEN 'accepted' THEN '{verifying,succeeded}'
    WHEN 'verifying' THEN '{succeeded,failed,unverified}'
    WHEN 'unknown' THEN '{succeeded,failed}'
    ELSE '{}' END::text[]);
