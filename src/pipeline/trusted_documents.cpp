#include "pipeline/trusted_documents.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sodium.h>

#include "json/value.h"

namespace matricula::pipeline {
namespace {

constexpr std::string_view kHashPrefix = "sha256:";

std::string hash_id(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, 2 * hash.size() + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  return fmt::format("{}{}", kHashPrefix, hex.data());
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    return fail(ErrorCode::kIo, fmt::format("The trusted documents {} cannot be read: {}.", path,
                                            std::strerror(errno)));
  }
  return text;
}

tl::unexpected<Error> wrong(const std::string& file, std::string_view what) {
  return fail(ErrorCode::kCorrupt, fmt::format("{}: {}", file, what));
}

// The first thing wrong with a document at an endpoint; empty when it is valid.
std::string complaint(const std::string& text, const Endpoint& endpoint,
                      const graphql::ParseLimits& limits,
                      const graphql::ValidationOptions& options) {
  const auto parsed = graphql::parse(text, limits);
  std::vector<graphql::Diagnostic> diagnostics;
  if (!parsed) {
    diagnostics.push_back(parsed.error());
  } else if (const auto valid = graphql::validate(endpoint.schema, *parsed, options); !valid) {
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
    return wrong(document.file, fmt::format("the id \"{}\" stands for another document in {}.", id,
                                            entry->second.file));
  }
  return {};
}

Result<TrustedDocuments> TrustedDocuments::load(const std::vector<std::string>& files, bool only,
                                                const Endpoints& endpoints,
                                                const graphql::ParseLimits& limits,
                                                const graphql::ValidationOptions& options) {
  TrustedDocuments documents;
  documents.only_ = only;
  for (const std::string& file : files) {
    MATRICULA_TRY(const std::string json, read_file(file));
    const auto value = json::read(json);
    if (!value) {
      return wrong(file, "is not JSON: " + value.error().message);
    }
    if (value->object() == nullptr) {
      return wrong(file, "must be a JSON object from ids to GraphQL documents.");
    }
    for (const auto& [id, member] : *value->object()) {
      const auto* text = std::get_if<std::string>(&member.data);
      if (text == nullptr || id.empty()) {
        return wrong(file, fmt::format("the document \"{}\" must be a text under an id.", id));
      }
      const std::string hash = hash_id(*text);
      if (id.starts_with(kHashPrefix) && id != hash) {
        return wrong(file, fmt::format("the id \"{}\" is not the hash of its document, which is "
                                       "\"{}\".",
                                       id, hash));
      }
      Document document{.text = *text, .file = file, .is_valid_at = {}};
      std::string complaints;
      bool is_valid = false;
      for (const auto& endpoint : endpoints) {
        const std::string found = complaint(*text, *endpoint, limits, options);
        document.is_valid_at.push_back(found.empty());
        is_valid = is_valid || found.empty();
        complaints += fmt::format("\n  {}: {}", endpoint->name, found);
      }
      if (!is_valid) {
        return wrong(file,
                     fmt::format("the document \"{}\" is valid at no endpoint:{}", id, complaints));
      }
      MATRICULA_CHECK(documents.add(id, document));
      MATRICULA_CHECK(documents.add(hash, document));
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
  MATRICULA_CHECK(TrustedDocuments::load(files, false, endpoints, limits, options));
  return {};
}

}  // namespace matricula::pipeline
