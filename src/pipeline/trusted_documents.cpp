#include "pipeline/trusted_documents.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sodium.h>

#include "base/files.h"
#include "base/text.h"

namespace matricula::pipeline {
namespace {

constexpr std::string_view kHashPrefix = "sha256:";

std::string hash_id(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return fmt::format("{}{}", kHashPrefix,
                     to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()}));
}

tl::unexpected<Error> wrong(const std::string& file, std::string_view what) {
  return fail(ErrorCode::kCorrupt, fmt::format("{}: {}", file, what));
}

// The first diagnostic of a document at an endpoint; empty where it is valid.
std::string first_diagnostic(const std::string& text, const Endpoint& endpoint,
                             const DocumentChecks& checks) {
  const auto parsed = graphql::parse(text, checks.parse);
  std::vector<graphql::Diagnostic> diagnostics;
  if (!parsed) {
    diagnostics.push_back(parsed.error());
  } else if (const auto valid = graphql::validate(endpoint.schema, *parsed, checks.validation);
             !valid) {
    diagnostics = valid.error();
  }
  if (diagnostics.empty()) {
    return {};
  }
  const graphql::Diagnostic& first = diagnostics.front();
  const graphql::Location at = first.locations.empty() ? graphql::Location{} : first.locations[0];
  return fmt::format("{}:{}: {}", at.line, at.column, first.message);
}

}  // namespace

Result<void> TrustedDocuments::add(const std::string& id, const Document& document) {
  const auto [entry, is_new] = by_id_.emplace(id, document);
  if (!is_new && entry->second.text != document.text) {
    return wrong(document.file, fmt::format("the id \"{}\" names another document in {}.", id,
                                            entry->second.file));
  }
  return {};
}

Result<TrustedDocuments::Document> TrustedDocuments::read_document(const std::string& file,
                                                                   const std::string& id,
                                                                   const json::Value& member,
                                                                   const DocumentChecks& checks) {
  const auto* text = std::get_if<std::string>(&member.data);
  if (text == nullptr || id.empty()) {
    return wrong(file, fmt::format("the document \"{}\" must be a text under an id.", id));
  }
  Document document{.hash_id = hash_id(*text), .text = *text, .file = file, .is_valid_at = {}};
  if (id.starts_with(kHashPrefix) && id != document.hash_id) {
    return wrong(file, fmt::format("the id \"{}\" is not the hash of its document, which is "
                                   "\"{}\".",
                                   id, document.hash_id));
  }
  std::string diagnostics;
  for (const auto& endpoint : checks.endpoints) {
    const std::string found = first_diagnostic(*text, *endpoint, checks);
    document.is_valid_at.push_back(found.empty());
    diagnostics += fmt::format("\n  {}: {}", endpoint->name, found);
  }
  if (std::ranges::find(document.is_valid_at, true) == document.is_valid_at.end()) {
    return wrong(file,
                 fmt::format("the document \"{}\" is valid at no endpoint:{}", id, diagnostics));
  }
  return document;
}

Result<TrustedDocuments> TrustedDocuments::load(const std::vector<std::string>& files, bool only,
                                                const DocumentChecks& checks) {
  TrustedDocuments documents;
  documents.only_ = only;
  for (const std::string& file : files) {
    MATRICULA_TRY(const std::string json, read_file(file, kTrustedDocumentsBytesMax));
    const auto value = json::read(json);
    if (!value) {
      return wrong(file, "is not JSON: " + value.error().message);
    }
    if (value->object() == nullptr) {
      return wrong(file, "must be a JSON object from ids to GraphQL documents.");
    }
    for (const auto& [id, member] : *value->object()) {
      MATRICULA_TRY(const Document document, read_document(file, id, member, checks));
      MATRICULA_CHECK(documents.add(id, document));
      MATRICULA_CHECK(documents.add(document.hash_id, document));
    }
  }
  return documents;
}

Result<std::string_view> TrustedDocuments::text_of(const Endpoint& endpoint,
                                                   const GraphqlRequest& request) const {
  if (!request.document_id) {
    if (only_) {
      return fail(
          ErrorCode::kBadUserInput,
          "This server runs trusted documents only: send the \"documentId\" of one in place "
          "of \"query\".");
    }
    return std::string_view(request.query);
  }
  const auto found = by_id_.find(*request.document_id);
  if (found == by_id_.end() || !found->second.is_valid_at[endpoint.index]) {
    return fail(ErrorCode::kNotFound,
                "There is no document of this \"documentId\" at this endpoint.");
  }
  return std::string_view(found->second.text);
}

Result<void> check_trusted_documents(const std::vector<std::string>& files,
                                     const graphql::ParseLimits& limits,
                                     const graphql::ValidationOptions& options) {
  if (files.empty()) {
    return {};
  }
  MATRICULA_TRY(const Endpoints endpoints, make_endpoints());
  MATRICULA_CHECK(TrustedDocuments::load(
      files, false, {.endpoints = endpoints, .parse = limits, .validation = options}));
  return {};
}

}  // namespace matricula::pipeline
