#pragma once

#include <string_view>

namespace matricula::auth {

// The end of an INSERT INTO request_windows AS w of as many equal times as requests are counted:
// adds them to the window of the identity, or none where they would pass the limit, `most`; the
// window's length is ?5. Of two concurrent statements with one identity, the second reads the times
// that the first one wrote; where the newest of them is later than its own time, it counts its
// requests at that.
inline constexpr std::string_view kAddToWindow =
    " ON CONFLICT (identity) DO UPDATE SET"
    " times = w.times[width_bucket(excluded.times[1] - ?5, w.times) + 1 :]"
    "  || array_fill(greatest(excluded.times[1], w.times[cardinality(w.times)]),"
    "                ARRAY[cardinality(excluded.times)]),"
    " ends_at = greatest(excluded.times[1], w.times[cardinality(w.times)]) + ?5,"
    " most = excluded.most"
    " WHERE cardinality(w.times) - width_bucket(excluded.times[1] - ?5, w.times)"
    "  + cardinality(excluded.times) <= excluded.most";

}  // namespace matricula::auth
