#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "json/value.h"
#include "pipeline/endpoint.h"
#include "pipeline/graphql_request.h"

namespace matricula::pipeline {

using Endpoints = std::vector<std::unique_ptr<const Endpoint>>;

// Of one file of trusted documents.
inline constexpr std::size_t kTrustedDocumentsBytesMax = 64 * 1024 * 1024;

// What a document is checked against. Borrows all of it.
struct DocumentChecks {
  const Endpoints& endpoints;
  const graphql::ParseLimits& parse;
  const graphql::ValidationOptions& validation;
};

// Documents that an operator vouches for and clients name by id (GraphQL over HTTP, appendix
// "Persisted Documents"). Immutable after load(); any thread may read.
class TrustedDocuments {
 public:
  // Without documents: every id is unknown, every text is allowed.
  TrustedDocuments() = default;

  // Reads files that hold a JSON object each, from ids to documents, and checks every document: it
  // must be valid at one endpoint at least, and is known at those where it is. An id that starts
  // with "sha256:" must be the hash of its document; every document is also known by that id.
  // With `only`, a request that brings a text is refused. Errors name the file and the id: kIo
  // where a file cannot be read, else kCorrupt.
  static Result<TrustedDocuments> load(const std::vector<std::string>& files, bool only,
                                       const DocumentChecks& checks);

  // The text of the document that the request names or brings, borrowed from either. Errors are
  // kNotFound for an id, and kBadUserInput for a text where only ids are allowed.
  Result<std::string_view> text_of(const Endpoint& endpoint, const GraphqlRequest& request) const;

 private:
  struct Document {
    std::string hash_id;
    std::string text;
    std::string file;
    std::vector<bool> is_valid_at;  // by Endpoint::index
  };

  static Result<Document> read_document(const std::string& file, const std::string& id,
                                        const json::Value& member, const DocumentChecks& checks);
  Result<void> add(const std::string& id, const Document& document);

  std::map<std::string, Document, std::less<>> by_id_;
  bool only_ = false;
};

// Fails as load() would for the endpoints of this build. Needs no store.
Result<void> check_trusted_documents(const std::vector<std::string>& files,
                                     const graphql::ParseLimits& limits,
                                     const graphql::ValidationOptions& options);

// The documents in use, which a reload replaces. Safe to call from any thread.
class TrustedDocumentsSlot {
 public:
  // What one thread last read of the slot.
  struct View {
    std::shared_ptr<const TrustedDocuments> documents;
    std::uint64_t version = 0;
  };

  // The documents, kept in `view`, which is the calling thread's. Takes the lock only after a
  // reload. set() must have been called.
  const TrustedDocuments& get(View& view) const {
    if (view.version != version_.load(std::memory_order_acquire)) {
      const std::lock_guard lock(mutex_);
      view = {.documents = documents_, .version = version_.load(std::memory_order_relaxed)};
    }
    return *view.documents;
  }
  void set(std::shared_ptr<const TrustedDocuments> documents) {
    const std::lock_guard lock(mutex_);
    documents_ = std::move(documents);
    version_.fetch_add(1, std::memory_order_release);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TrustedDocuments> documents_;
  std::atomic<std::uint64_t> version_{0};  // how often they were set
};

}  // namespace matricula::pipeline
