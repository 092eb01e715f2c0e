-- migrate:up

-- filled: it says so much that what happens further goes into the next one.
ALTER TABLE delivery ADD COLUMN filled boolean NOT NULL DEFAULT false;
DROP INDEX delivery_gathering_key;
CREATE UNIQUE INDEX delivery_gathering_key ON delivery (receiver_id, route_id) WHERE state = 'waiting' AND attempts = 0 AND kind = 'alarms' AND NOT filled;

-- migrate:down

DROP INDEX delivery_gathering_key;
UPDATE delivery SET attempts = 1 WHERE state = 'waiting' AND attempts = 0 AND kind = 'alarms' AND filled;
CREATE UNIQUE INDEX delivery_gathering_key ON delivery (receiver_id, route_id) WHERE state = 'waiting' AND attempts = 0 AND kind = 'alarms';
ALTER TABLE delivery DROP COLUMN filled;
