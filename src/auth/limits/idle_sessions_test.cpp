#include "auth/limits/idle_sessions.h"

#include <new>

#include "auth/testing.h"

namespace matricula::auth {
namespace {

using IdleSessionsTest = AuthFixture;

TEST_F(IdleSessionsTest, CallersAtOnceHaveSessionsOfTheirOwn) {
  IdleSessions sessions(store.database());
  const auto one = good(sessions.take());
  const auto other = good(sessions.take());
  EXPECT_NE(one.get(), other.get());
}

TEST_F(IdleSessionsTest, ASessionIsTakenAgainHoweverItsUseEnded) {
  IdleSessions sessions(store.database());
  const storage::Session* session = nullptr;
  const auto fails = [&] {
    const auto lease = good(sessions.take());
    session = lease.get();
    throw std::bad_alloc();
  };
  EXPECT_THROW(fails(), std::bad_alloc);
  EXPECT_EQ(good(sessions.take()).get(), session);
  EXPECT_EQ(good(sessions.take()).get(), session);
}

}  // namespace
}  // namespace matricula::auth
