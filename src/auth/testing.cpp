#include "auth/testing.h"

#include <algorithm>

#include "auth/authentication/roles.h"
#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kAddCompany("INSERT INTO companies(id, slug, name) VALUES (?1, ?1, ?1)");

}  // namespace

AuthFixture::AuthFixture() : store(migrations::all(), clock) {}

void AuthFixture::SetUp() {
  good(store.database().write([&](storage::Session& session) -> Result<void> {
    for (const std::string_view id : {"11", "12", "13"}) {
      MATRICULA_CHECK(run(session, kAddCompany, {id}));
    }
    return {};
  }));
  staff = person(true, {});
  reader = good(store.database().open_reader());
  authenticator = good(Authenticator::open(store.database(), secrets, clock));
}

Principal AuthFixture::person(bool is_staff, std::vector<std::string> admin_of) {
  const Uuid id = new_uuid();
  good(store.database().write([&](storage::Session& session) {
    return write_roles(session, id, {.is_staff = is_staff, .admin_of = admin_of});
  }));
  return {.kind = PrincipalKind::kUser,
          .user_id = id,
          .is_staff = is_staff,
          .admin_of = std::move(admin_of)};
}

void AuthFixture::flush(UseCounter& counter) {
  UseCounter* const counters[] = {&counter};
  good(UseCounter::flush_all(counters, store.database()));
}

std::vector<std::string> AuthFixture::trail() {
  good(refusals.flush_all(store.database()));
  std::vector<std::string> lines;
  for (const AuditRow& row : good(read_audit(*reader, {}))) {
    lines.push_back(row.actor_kind + " " + row.action + (row.refused ? " refused" : ""));
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace matricula::auth
