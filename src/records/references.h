#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/text_hash.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// A record that another one refers to, as far as checks need it.
struct Reference {
  bool exists = false;
  std::string company;  // where the record belongs to one
  std::string copied;   // what referring records keep a copy of: email_key, title_key
};

// Looks up records by key and caches them, kReferencesMax for each entity. For one file's
// transaction: no file changes the records that it refers to. One thread at a time.
class References {
 public:
  // The record with this key, borrowed until the next call. Precondition: something refers to the
  // entity, and `key` is text, or bytes for users.
  Result<const Reference*> find(storage::Session& session, EntityId entity,
                                const storage::Bind& key);
  // Looks up many keys with few statements, so that find() knows them; no more than kReferencesMax.
  Result<void> fetch(storage::Session& session, EntityId entity,
                     std::span<const storage::Bind> keys);

 private:
  using Known = std::unordered_map<std::string, Reference, TextHash, std::equal_to<>>;
  std::array<Known, kEntityCount> known_;
};

// Finds records that refer to a record, and so keep it from being deleted or from moving to another
// company.
class Referrers {
 public:
  // Which kinds of records count: all, or those that must belong to the company of the record.
  enum class Kinds { kAll, kOfItsCompany };
  explicit Referrers(EntityId entity);
  // Names one kind of records that refer to this key, such as "contracts"; "" where there are
  // none.
  Result<std::string_view> find(storage::Session& session, const storage::Bind& key,
                                Kinds kinds) const;

 private:
  struct Kind {
    std::string_view noun;
    bool in_company;
    storage::Statement statement;
  };
  std::vector<Kind> kinds_;
};

// One kind of access data that keeps records from being deleted.
struct AccessReferrers {
  std::string_view noun;
  std::string sql;  // gives a key of the list ?1 that is referred to, if there is one
};
// Empty for records to which no access data refers.
std::vector<AccessReferrers> access_referrers(EntityId entity, sql::Dialect dialect);

}  // namespace matricula::records
