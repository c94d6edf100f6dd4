#include "auth/trail/refusal_groups.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ratelimit/identity.h"

namespace matricula::auth {
namespace {

constexpr std::chrono::nanoseconds kFirstPause = std::chrono::seconds(2);

std::string family_of(const AuditRow& row) {
  const auto address = ratelimit::address_identity(row.address).digest;
  std::string family(address.begin(), address.end());
  for (const std::string* part : {&row.actor_kind, &row.actor_id, &row.action}) {
    family.append(1, '\n').append(*part);
  }
  return family;
}

std::string key_of(const std::string& family, const AuditRow& row) {
  std::string key = family + "\n" + row.target;
  for (const std::string& company : row.companies) {
    key.append(1, '\n').append(company);
  }
  return key;
}

}  // namespace

void RefusalGroups::add(AuditRow row, Nanoseconds now) {
  Group& group = group_of(row, now);
  ++attempts_;
  if (group.row.attempts == 0) {
    group.number = attempts_;
  }
  merge(row, group.row);
}

// Into a row without attempts, or one of the same group.
void RefusalGroups::merge(const AuditRow& more, AuditRow& row) {
  if (row.attempts == 0) {
    row = more;
    return;
  }
  const Timestamp last = std::max(row.last_at.value_or(row.at), more.last_at.value_or(more.at));
  row.at = std::min(row.at, more.at);
  row.last_at = last;
  row.attempts += more.attempts;
}

RefusalGroups::Group* RefusalGroups::find(const std::string& key) {
  const auto found = groups_.find(key);
  return found == groups_.end() ? nullptr : &found->second;
}

// The group of the row, from which it removes what the group does not keep.
RefusalGroups::Group& RefusalGroups::group_of(AuditRow& row, Nanoseconds now) {
  const bool is_known = !row.actor_id.empty();
  std::string family = family_of(row);
  std::string key = key_of(family, row);
  if (Group* group = find(key)) {
    return *group;
  }
  const auto targets = targets_.find(family);
  if (targets != targets_.end() && targets->second >= kRefusalTargetsMax) {
    row.target = {};
    row.companies = {};
    row.detail = "several targets";
    key = family + "\n*";
    if (Group* group = find(key)) {
      return *group;
    }
  }
  if ((is_known ? known_ : groups_.size() - known_) >= kRefusalGroupsMax) {
    // One group for each action is left: actions are texts of ours and few.
    row.actor_id = {};
    row.address = {};
    row.target = {};
    row.companies = {};
    row.detail = is_known ? "several callers" : "several addresses";
    family = row.actor_kind + "\n" + row.action;
    key = family + "\n*";
    if (Group* group = find(key)) {
      return *group;
    }
  }
  ++targets_[family];
  known_ += is_known ? 1 : 0;
  Group& group = groups_[key];
  group.family = std::move(family);
  group.is_known = is_known;
  group.row.attempts = 0;
  group.due = now;
  group.pause = kFirstPause;
  return group;
}

std::vector<RefusalGroups::Line> RefusalGroups::take(Nanoseconds now, bool all) {
  std::vector<Line> lines;
  for (auto group = groups_.begin(); group != groups_.end();) {
    auto& [key, state] = *group;
    const bool is_due = all || now >= state.due;
    if (is_due && state.row.attempts == 0) {
      const auto targets = targets_.find(state.family);
      if (--targets->second == 0) {
        targets_.erase(targets);
      }
      known_ -= state.is_known ? 1 : 0;
      group = groups_.erase(group);
      continue;
    }
    if (is_due) {
      lines.push_back({.key = key, .number = state.number, .row = state.row});
      state.row.attempts = 0;
      state.due = now + state.pause;
      state.pause = std::min<Nanoseconds>(state.pause * 2, kRefusalPauseMax);
    }
    ++group;
  }
  std::sort(lines.begin(), lines.end(),
            [](const Line& a, const Line& b) { return a.number < b.number; });
  return lines;
}

void RefusalGroups::put_back(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    // The group is still there: only take() drops groups, and not those that it has just taken.
    Group& group = groups_[line.key];
    merge(line.row, group.row);
    group.number = line.number;
    group.due = Nanoseconds(0);
  }
}

}  // namespace matricula::auth
