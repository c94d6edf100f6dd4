#include "migrations/steps.h"

namespace matricula::migrations {

const std::string_view kLimitTimePostgres = R"sql(
-- The furthest time of any node, and what the server's wall clock said when it was written. As
-- request_windows it is forgotten in a crash: the nodes bring it back.
CREATE UNLOGGED TABLE limit_clock(
  one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
  at BIGINT NOT NULL,
  wall BIGINT NOT NULL
) WITH (fillfactor = 50);

-- The time of the node that asks; for one that has none yet, what the others left, and what has
-- passed since, which the wall clock may tell for no more than two seconds: it may have been set.
CREATE FUNCTION limit_time(mine BIGINT) RETURNS BIGINT LANGUAGE sql AS $$
  SELECT coalesce(mine, (SELECT c.at + greatest(0, least(w.now - c.wall, 2000000))
                         FROM limit_clock c), w.now)
  FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT AS now) w
$$;

CREATE FUNCTION keep_limit_time(mine BIGINT) RETURNS BIGINT LANGUAGE sql AS $$
  INSERT INTO limit_clock AS c (one, at, wall)
    VALUES (1, limit_time(mine), (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT)
    ON CONFLICT (one) DO UPDATE SET at = greatest(c.at, excluded.at), wall = excluded.wall
    RETURNING at
$$;

-- As the one of four parameters, which nodes of the version before use, by the time of the node.
CREATE FUNCTION admit_request(who BYTEA, most BIGINT, span BIGINT, counts BOOLEAN, mine BIGINT,
                              OUT admitted BOOLEAN, OUT made BIGINT, OUT wait BIGINT)
LANGUAGE plpgsql AS $$
DECLARE
  kept BIGINT[];
  now_us BIGINT;
BEGIN
  SELECT times INTO kept FROM request_windows WHERE identity = who FOR UPDATE;
  IF NOT FOUND AND counts THEN
    INSERT INTO request_windows(identity, times, ends_at) VALUES (who, '{}', 0)
      ON CONFLICT DO NOTHING;
    SELECT times INTO kept FROM request_windows WHERE identity = who FOR UPDATE;
  END IF;
  kept := coalesce(kept, '{}');
  now_us := greatest(limit_time(mine), kept[cardinality(kept)]);
  kept := kept[width_bucket(now_us - span, kept) + 1 :];
  made := cardinality(kept);
  admitted := made < most;
  wait := CASE WHEN admitted THEN 0 ELSE kept[made - most + 1] + span - now_us END;
  IF admitted AND counts THEN
    made := made + 1;
    UPDATE request_windows SET times = kept || now_us, ends_at = now_us + span
      WHERE identity = who;
  END IF;
END
$$;
)sql";

}  // namespace matricula::migrations
