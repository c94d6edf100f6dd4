#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace matricula::http {

// Most members that are read of a list in Accept or Accept-Encoding; the rest is not looked at.
inline constexpr std::size_t kListMembersMax = 64;

// One media type with its charset, all in lower case; other parameters are left out.
struct MediaType {
  std::string type;     // such as application
  std::string subtype;  // such as json
  std::string charset;  // empty when none is given

  bool is(std::string_view full_name) const;  // "application/json"

  bool operator==(const MediaType&) const = default;
};

// Reads a Content-Type (RFC 9110 section 8.3.1). nullopt when it is not exactly one media type, or
// names two charsets. Parameters that cannot be read are ignored.
std::optional<MediaType> parse_media_type(std::string_view text);

// Whether the media type is application/json in UTF-8: with no charset (RFC 8259 knows none) or
// with a name of UTF-8 or of its subset ASCII.
bool is_utf8_json(const std::optional<MediaType>& media);

// The 415 for a request whose body is not sent as is_utf8_json(); nullopt where it is.
std::optional<Response> refuse_body_type(const Request& request);

// All fields of that name as one list (RFC 9110 section 5.3); nullopt when there is none.
std::optional<std::string> list_field(const Request& request, std::string_view name);

// Which of `offers` ("type/subtype", the server's favourite first) an Accept field likes best
// (RFC 9110 section 12.5.1): the most specific range that matches an offer gives its quality, the
// highest quality wins; of equal qualities the range named first wins, then the earlier offer.
// A field that is absent or names nothing takes the first offer; "*" means "*/*". A member with a
// weight or parameters that cannot be read has weight 1. A range with a charset other than UTF-8 is
// used only when no other range matches, one with UTF-16 or UTF-32 never. Nothing when none is
// acceptable.
std::optional<std::size_t> best_offer(std::optional<std::string_view> accept,
                                      std::initializer_list<std::string_view> offers);

enum class ContentCoding { kIdentity, kGzip, kZstd };

std::string_view coding_name(ContentCoding coding);

// The coding to answer an Accept-Encoding with: the one of highest quality, of equal qualities the
// one named first. "*" means gzip and, behind it, identity, where they are not named. zstd is used
// only by name: many clients that send "*" cannot read it. Identity when the field is absent.
ContentCoding best_coding(std::optional<std::string_view> accept_encoding);

// Whether best_coding() would choose gzip if the server had no zstd: for bytes that exist in gzip
// and no other coding.
bool accepts_gzip(std::optional<std::string_view> accept_encoding);

}  // namespace matricula::http
