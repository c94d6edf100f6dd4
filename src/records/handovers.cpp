#include "records/handovers.h"

#include <algorithm>
#include <deque>

#include "base/assert.h"
#include "records/limits.h"

namespace matricula::records {

using storage::Session;

bool Handovers::add(std::string_view key, WaitingRecord record) {
  if (count_ == kHandoversMax) {
    return false;
  }
  ++count_;
  const auto found = waiting_.try_emplace(std::string(key)).first;
  found->second.push_back(std::move(record));
  return true;
}

Result<void> Handovers::supersede(std::string_view key, const Settle& settle) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) {
    return {};
  }
  const std::vector<WaitingRecord> lines = std::move(found->second);
  waiting_.erase(found);
  count_ -= lines.size();
  for (const WaitingRecord& line : lines) {
    MATRICULA_CHECK(settle(line, true));
  }
  return {};
}

Result<void> Handovers::finish(Session& session, HandoverTable& table, const Settle& settle) {
  while (!waiting_.empty()) {
    MATRICULA_CHECK(put_free(session, table, settle));
    // The records that are left wait for each other, or for a record that keeps its value.
    for (const std::string& key : keys_by_tag()) {
      if (waiting_.contains(key)) {
        MATRICULA_CHECK(follow(session, table, settle, key));
      }
    }
  }
  return {};
}

std::vector<std::string> Handovers::keys_by_tag() const {
  std::vector<std::string> keys;
  for (const auto& [key, lines] : waiting_) {
    keys.push_back(key);
  }
  std::ranges::stable_sort(
      keys, {}, [this](const std::string& key) { return waiting_.find(key)->second.back().tag; });
  return keys;
}

// Puts records whose value is free; each may free the value that others wait for.
Result<void> Handovers::put_free(Session& session, HandoverTable& table, const Settle& settle) {
  std::map<std::string, std::vector<std::string>, std::less<>> waits_for;  // by the owner's key
  const std::vector<std::string> all = keys_by_tag();
  std::deque<std::string> ready(all.begin(), all.end());
  while (!ready.empty()) {
    const std::string key = std::move(ready.front());
    ready.pop_front();
    const auto found = waiting_.find(key);
    if (found == waiting_.end()) {
      continue;
    }
    MATRICULA_TRY(const std::optional<Error> conflict,
                  table.try_put(session, found->second.back()));
    if (conflict) {
      MATRICULA_TRY(const std::string owner, table.owner(session, found->second.back()));
      if (owner.empty() || owner == key) {
        return fail(*conflict);
      }
      waits_for[owner].push_back(key);
      continue;
    }
    MATRICULA_CHECK(supersede(key, settle));
    if (const auto freed = waits_for.find(key); freed != waits_for.end()) {
      ready.insert(ready.end(), freed->second.begin(), freed->second.end());
      waits_for.erase(freed);
    }
  }
  return {};
}

// Follows the chain of owners. A cycle exchanges its values; a record that waits for one that keeps
// its value is refused, and so are those that wait for it, up to one that has an earlier line: with
// that it may give its value up.
Result<void> Handovers::follow(Session& session, HandoverTable& table, const Settle& settle,
                               const std::string& start) {
  std::vector<std::string> path;
  std::map<std::string, std::size_t, std::less<>> places;
  std::string key = start;
  while (waiting_.contains(key) && !places.contains(key)) {
    places.emplace(key, path.size());
    path.push_back(key);
    MATRICULA_TRY(key, table.owner(session, waiting_.find(key)->second.back()));
  }
  if (key.empty()) {
    return {};  // has become free: the next put_free() puts it
  }
  if (const auto circle = places.find(key); circle != places.end()) {
    const auto begin = path.begin() + static_cast<std::ptrdiff_t>(circle->second);
    MATRICULA_CHECK(rotate(session, table, settle, {begin, path.end()}));
    path.erase(begin, path.end());
  }
  for (auto refused = path.rbegin(); refused != path.rend(); ++refused) {
    MATRICULA_CHECK(refuse(*refused, settle));
    if (waiting_.contains(*refused)) {
      break;
    }
  }
  return {};
}

// Each record of `circle` waits for the value of the next one, the last for that of the first.
Result<void> Handovers::rotate(Session& session, HandoverTable& table, const Settle& settle,
                               const std::vector<std::string>& circle) {
  MATRICULA_CHECK(table.release(session, circle.front()));
  for (auto key = circle.rbegin(); key != circle.rend(); ++key) {
    MATRICULA_TRY(const std::optional<Error> conflict,
                  table.try_put(session, waiting_.find(*key)->second.back()));
    if (conflict) {
      return fail(*conflict);
    }
    MATRICULA_CHECK(supersede(*key, settle));
  }
  return {};
}

Result<void> Handovers::refuse(const std::string& key, const Settle& settle) {
  const auto found = waiting_.find(key);
  const WaitingRecord record = std::move(found->second.back());
  found->second.pop_back();
  --count_;
  if (found->second.empty()) {
    waiting_.erase(found);
  }
  return settle(record, false);
}

}  // namespace matricula::records
