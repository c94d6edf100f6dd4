#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

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

// Reads a Content-Type (RFC 9110 section 8.3.1). Nothing when it is not exactly one media type
// with well-formed parameters, each at most once.
std::optional<MediaType> parse_media_type(std::string_view text);

// Which of `offers` ("type/subtype", the server's favourite first) an Accept field likes best
// (RFC 9110 section 12.5.1): the most specific range that matches an offer gives its quality, the
// highest quality wins, the earlier offer wins a tie. Nothing when none is acceptable. Malformed
// members are passed over; an absent or empty field takes the first offer. A charset parameter
// other than utf-8 makes a range match nothing; other parameters are not looked at.
std::optional<std::size_t> best_offer(std::optional<std::string_view> accept,
                                      std::initializer_list<std::string_view> offers);

enum class ContentCoding { kIdentity, kGzip, kZstd };

std::string_view coding_name(ContentCoding coding);

// The coding to answer an Accept-Encoding with: the one of higher quality, zstd at a tie, identity
// when neither is wanted more than identity or the field is absent.
ContentCoding best_coding(std::optional<std::string_view> accept_encoding);

// Whether gzip is acceptable and no less wanted than identity: for bytes that are there in gzip and
// no other coding.
bool accepts_gzip(std::optional<std::string_view> accept_encoding);

}  // namespace matricula::http
