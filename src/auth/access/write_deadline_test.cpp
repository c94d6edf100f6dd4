#include <future>
#include <thread>

#include "auth/access/login_service.h"
#include "auth/access/user_service.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

// A store that another thread is writing as long as this lives.
class BusyStore {
 public:
  explicit BusyStore(storage::Database& database)
      : writer_([this, &database] { write(database); }) {
    holds_.get_future().wait();
  }
  BusyStore(const BusyStore&) = delete;
  BusyStore& operator=(const BusyStore&) = delete;
  ~BusyStore() {
    ends_.set_value();
    writer_.join();
  }

 private:
  void write(storage::Database& database) {
    good(database.write([this](storage::Session&) -> Result<void> {
      holds_.set_value();
      ends_.get_future().wait();
      return {};
    }));
  }

  std::promise<void> holds_;
  std::promise<void> ends_;
  std::thread writer_;  // last: it uses the others
};

struct WriteDeadlineTest : AuthFixture {
  PasswordHasher hasher;
  UserService users{store.database(), hasher, refusals, clock};
  LoginService logins{store.database(), secrets, hasher, refusals, clock};
};

TEST_F(WriteDeadlineTest, NothingThatAServerWritesForARequestWaitsBeyondItsDeadline) {
  constexpr auto kBusy = "UNAVAILABLE The store is busy with another change. Try again later.";
  const AddUser ada{.email = "ada@example.org", .admin_of = {"11"}, .password = "correct horse"};
  good(users.add(ada, as(oper)));
  const NewToken token = good(tokens.create({.description = ""}, as(staff)));
  const auto made = good(credentials.create({.company_ids = {"11", "12"}}, as(staff)));
  Principal person = admin({"11"});
  person.session_id = new_uuid();
  Caller late = as(staff);
  late.write_until = clock.monotonic();
  const std::string& token_id = token.token.id;
  const std::string& id = made.credential.id;
  const BusyStore busy(store.database());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(
      outcome(tokens.generate(
          *reader,
          {.client_id = made.client_id, .client_secret = made.client_secret, .company_id = "11"},
          late)),
      kBusy);
  EXPECT_EQ(outcome(tokens.create({.description = ""}, late)), kBusy);
  EXPECT_EQ(outcome(tokens.revoke(token_id, late)), kBusy);
  EXPECT_EQ(outcome(tokens.add_scope(token_id, ScopeType::kCompany, "12", late)), kBusy);
  EXPECT_EQ(outcome(tokens.remove_scope(token_id, token_id, late)), kBusy);
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"11"}}, late)), kBusy);
  EXPECT_EQ(outcome(credentials.rotate(id, 0, late)), kBusy);
  EXPECT_EQ(outcome(credentials.revoke(id, late)), kBusy);
  EXPECT_EQ(outcome(credentials.withdraw(id, "11", late)), kBusy);
  EXPECT_EQ(outcome(credentials.restrict(id, {}, late)), kBusy);
  EXPECT_EQ(outcome(logins.login(*reader, ada.email, ada.password, "192.0.2.1", late.write_until)),
            kBusy);
  EXPECT_EQ(outcome(logins.logout(
                {.principal = person, .address = "192.0.2.1", .write_until = late.write_until})),
            kBusy);
  // Each of them would else wait for 10 s.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(9));
}

}  // namespace
}  // namespace matricula::auth
