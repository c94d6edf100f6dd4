#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "dataapi/changes_page.h"
#include "dataapi/changes_request.h"
#include "dataapi/file_state.h"
#include "graphql/language/diagnostic.h"
#include "http/message.h"
#include "records/change_reader.h"

namespace matricula::dataapi {

// {"errors":[{"message","extensions":{"code"}}]} with a status that no ErrorCode has.
http::Response refusal(int status, std::string_view code, std::string_view message);

// The response to an error: an internal one is masked; one that may be over soon has Retry-After.
http::Response error_response(const Error& error);

// 400 with all that is wrong with a filter.
http::Response filter_reply(std::span<const graphql::Diagnostic> diagnostics);

// 405 where the method is neither GET nor HEAD.
std::optional<http::Response> check_method(const http::Request& request);
// 406 where Accept excludes all of `offers`.
std::optional<http::Response> check_accept(const http::Request& request,
                                           std::initializer_list<std::string_view> offers);

// 410, with the number from which on deletes are kept.
http::Response lost_reply(const LostPosition& lost, const records::SequenceState& state);

// The lines of a page, which are moved out of it, with the headers by which a reader continues.
http::Response changes_reply(ChangesPage page, const ChangesRequest& request,
                             const records::SequenceState& state);

// Matricula-Sequence and Matricula-Epoch.
void add_state(http::Response& response, const FileState& state);

// The cache headers of a company's data: not shared between callers, and to be revalidated.
void add_cache_fields(http::Response& response);

}  // namespace matricula::dataapi
